"""The settings of notifications: which transports there are, and CometD's own options."""

import pytest

from bridge.bayeux import Options, Transport
from bridge.commands import BridgeSettings
from bridge.notifications import COMETD
from bridge.runtime.settings_loader import WrongFlagError
from tests.settings import settings

POLLING = (Transport.LONG_POLLING, Transport.CALLBACK_POLLING)


def options(*flags: str) -> Options:
    return settings(BridgeSettings, *flags).cometd_options


def test_desktops_poll_unless_more_is_asked_for_and_get_their_events_in_order() -> None:
    assert options() == COMETD
    assert options().transports == POLLING
    assert options().only_connects_deliver(Transport.LONG_POLLING)
    assert not options().only_connects_deliver(Transport.WEBSOCKET)


def test_websocket_comes_before_all_other_transports() -> None:
    assert options("--websocket").transports == (Transport.WEBSOCKET, *POLLING)
    chosen = ["--cometd", "transports=long-polling,websocket"]
    assert options(*chosen, "--websocket").transports == (Transport.WEBSOCKET, Transport.LONG_POLLING)


def test_options_have_cometds_names() -> None:
    given = options("--cometd", "timeout = 5000", "--cometd", "long-polling.metaConnectDeliverOnly=false")
    assert given.timeout == 5000
    assert not given.only_connects_deliver(Transport.LONG_POLLING)


def test_the_environment_has_them_in_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TSERVER_BRIDGE_COMETD", "timeout=5000,transports=websocket,long-polling,interval=7")
    given = options()
    assert (given.timeout, given.interval) == (5000, 7)
    assert given.transports == (Transport.WEBSOCKET, Transport.LONG_POLLING)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("timeout", "--cometd: expected NAME=VALUE, got 'timeout'"),
        ("timeout=soon", "--cometd: timeout must be a whole number, not 'soon'"),
        ("patience=5", "--cometd: there is no option 'patience'"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(given: str, complaint: str) -> None:
    with pytest.raises(WrongFlagError, match=complaint):
        options("--cometd", given)
