"""Tones, collected digits, muting and not listening, as ladders."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.ids import conn_id_text
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer


def talking(server: InMemoryServer) -> list[Client]:
    """15000 has called 15001, who has answered; 15002 is free."""
    a, b, c = server.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    return [a, b, c]


def test_tones_are_told_to_who_sends_them() -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestSendDTMF, dtmf_digits="12#a")
    assert server.ladder() == [
        "15000 <- DTMFSent c1 This=15000/Origination DNIS=15001 DTMFDigits=12#a Ref=2",
    ]


@pytest.mark.parametrize("tones", ["", "12x", "1 2", "1" * 129, "१"])
def test_what_is_no_tone_is_refused(tones: str) -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestSendDTMF, dtmf_digits=tones)
    assert server.ladder() == ["15000 <- Error 302 15000 c1 Ref=2"]


def test_nobody_sends_tones_while_it_rings() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    a.does(m.RequestSendDTMF, dtmf_digits="1")
    assert server.ladder() == ["15000 <- Error 1163 15000 c1 Ref=2"]


# --- collected digits ----------------------------------------------------------------------------------


def collecting(server: InMemoryServer, **attributes: Any) -> tuple[Client, Client]:
    """15001 waits for digits of 15000."""
    a, b, _ = talking(server)
    b.does(m.RequestCollectDigits, **{"number_of_digits": 4, **attributes})
    assert server.ladder() == []
    return a, b


def collected(server: InMemoryServer) -> list[str]:
    """Return the outcome of the collection of digits."""
    return [line for line in server.ladder() if "DTMFSent" not in line]


def test_digits_are_collected_until_there_are_enough() -> None:
    server = InMemoryServer()
    a, b = collecting(server)
    a.does(m.RequestSendDTMF, dtmf_digits="12")
    b.does(m.RequestSendDTMF, dtmf_digits="99")
    assert collected(server) == []
    a.does(m.RequestSendDTMF, dtmf_digits="345")
    assert server.ladder() == [
        "15000 <- DTMFSent c1 This=15000/Origination DNIS=15001 DTMFDigits=345 Ref=3",
        (
            "15001 <- DigitsCollected c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 "
            "CollectedDigits=1234 LastDigit=52 Ref=2"
        ),
    ]
    a.does(m.RequestSendDTMF, dtmf_digits="5678")
    assert collected(server) == []


def test_a_terminator_ends_the_wait() -> None:
    server = InMemoryServer()
    a, _ = collecting(server, terminate_digits="#*", timeout=10)
    a.does(m.RequestSendDTMF, dtmf_digits="7#8")
    assert collected(server) == [
        (
            "15001 <- DigitsCollected c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 "
            "CollectedDigits=7 LastDigit=35 Ref=2"
        ),
    ]
    server.clock.advance(11)
    assert collected(server) == []


@pytest.mark.parametrize(("sent", "delivered"), [("12", "=12 LastDigit=50"), (None, "=")])
def test_time_ends_the_wait(sent: str | None, delivered: str) -> None:
    server = InMemoryServer()
    a, _ = collecting(server, timeout=10)
    if sent:
        a.does(m.RequestSendDTMF, dtmf_digits=sent)
    server.delivered.clear()
    server.clock.advance(9)
    assert collected(server) == []
    server.clock.advance(1)
    (line,) = collected(server)
    assert line.endswith(f"CollectedDigits{delivered} Ref=2")


@pytest.mark.parametrize("who", [0, 1])
def test_the_end_of_the_call_ends_the_wait_with_an_error(who: int) -> None:
    server = InMemoryServer()
    parties = collecting(server, timeout=10)
    parties[who].releases()
    errors = [line for line in server.ladder() if "Error" in line]
    assert errors == ["15001 <- Error 237 15001 c1 Ref=2"]
    server.clock.advance(11)
    assert server.ladder() == []
    assert server.tserver.switch.state.timers == {}


def test_who_hears_nothing_collects_nothing() -> None:
    server = InMemoryServer()
    a, b = collecting(server, number_of_digits=1)
    b.does(m.RequestListenDisconnect, other_dn="15001")
    a.does(m.RequestSendDTMF, dtmf_digits="1")
    assert not any("DigitsCollected" in line for line in server.ladder())
    b.does(m.RequestListenReconnect, other_dn="15001")
    a.does(m.RequestSendDTMF, dtmf_digits="2")
    assert any("CollectedDigits=2" in line for line in server.ladder())


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        (53, {"number_of_digits": 0}),
        (53, {"number_of_digits": 129}),
        (53, {"number_of_digits": 1, "timeout": 86_401}),
        (302, {"number_of_digits": 1, "terminate_digits": "x"}),
        (56, {"number_of_digits": 1, "conn_id": 7}),
    ],
)
def test_a_wait_that_makes_no_sense_is_refused(code: int, attributes: dict[str, Any]) -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestCollectDigits, **attributes)
    (line,) = server.ladder()
    assert line.startswith(f"15000 <- Error {code} ")


def test_one_waits_for_one_thing_at_a_time() -> None:
    server = InMemoryServer()
    _, b = collecting(server)
    b.does(m.RequestCollectDigits, number_of_digits=1)
    assert server.ladder() == ["15001 <- Error 110 15001 c1 Ref=3"]


# --- muting --------------------------------------------------------------------------------------------


def test_mute_on_and_off() -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestSetMuteOn)
    assert server.ladder() == ["15000 <- MuteOn c1 This=15000/Origination DNIS=15001 Ref=2"]
    a.does(m.RequestSetMuteOn)
    assert server.ladder() == ["15000 <- Error 43 15000 c1 Ref=3"]
    a.does(m.RequestSetMuteOff)
    assert server.ladder() == ["15000 <- MuteOff c1 This=15000/Origination DNIS=15001 Ref=4"]
    a.does(m.RequestSetMuteOff)
    assert server.ladder() == ["15000 <- Error 43 15000 c1 Ref=5"]


def test_who_rings_cannot_be_muted() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    b.does(m.RequestSetMuteOn)
    assert server.ladder() == ["15001 <- Error 496 15001 c1 Ref=1"]


def test_a_party_is_made_deaf_by_another() -> None:
    server = InMemoryServer()
    _, b, _ = talking(server)
    b.does(m.RequestListenDisconnect, other_dn="15000")
    assert server.ladder() == [
        (
            "15000 <- ListenDisconnected c1 This=15000/Origination Other=15001/Destination CS=Deafened "
            "DNIS=15001"
        ),
        (
            "15001 <- ListenDisconnected c1 This=15001/Destination Other=15000/Origination CS=Ok "
            "DNIS=15001 Ref=2"
        ),
    ]
    b.does(m.RequestListenDisconnect, other_dn="15000")
    assert server.ladder() == ["15001 <- Error 43 15001 c1 Ref=3"]
    b.does(m.RequestListenReconnect, other_dn="15000")
    assert server.ladder() == [
        "15000 <- ListenReconnected c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
        (
            "15001 <- ListenReconnected c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 "
            "Ref=4"
        ),
    ]


def test_a_party_makes_itself_deaf() -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestListenDisconnect, other_dn="15000")
    a.does(m.RequestListenReconnect, other_dn="15000")
    assert server.ladder() == [
        "15000 <- ListenDisconnected c1 This=15000/Origination CS=Deafened DNIS=15001 Ref=2",
        "15000 <- ListenReconnected c1 This=15000/Origination CS=Ok DNIS=15001 Ref=3",
    ]


@pytest.mark.parametrize("kind", [m.RequestListenDisconnect, m.RequestListenReconnect])
def test_who_is_not_on_the_call_cannot_be_made_deaf(kind: type[m.DNRequest]) -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(kind, other_dn="15002")
    assert server.ladder() == ["15000 <- Error 470 15000 c1 Ref=2"]


def test_a_snapshot_tells_who_is_muted_and_deaf() -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestSetMuteOn)
    a.does(m.RequestListenDisconnect, other_dn="15000")
    watcher = server.client("watcher")
    watcher.asks(m.RequestRegisterAddress(this_dn="15000", reference_id=1))
    registered = watcher.events[-1]
    assert isinstance(registered, m.EventRegistered)
    assert registered.extensions is not None
    assert registered.extensions.first("conn-1") == conn_id_text(CONN_ID_BASE + 1)
    assert registered.extensions.first("ps-1") == 0x3C
