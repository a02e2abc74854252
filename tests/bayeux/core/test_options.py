"""Options by CometD's names."""

import pytest

from bridge.bayeux import Options, Transport


def test_the_defaults_are_cometds_where_it_has_them() -> None:
    options = Options()
    assert (options.timeout, options.interval, options.max_interval, options.sweep_period) == (
        30000,
        0,
        10000,
        997,
    )
    assert (options.max_sessions_per_browser, options.multi_session_interval) == (1, 2000)
    assert options.browser_cookie_name == "BAYEUX_BROWSER"
    assert options.broadcast_to_publisher
    assert not options.trust_client_session
    assert not options.only_connects_deliver(Transport.LONG_POLLING)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Options()),
        ({"timeout": 5000}, Options(timeout=5000)),
        ({"timeout": "5000", "maxInterval": "7"}, Options(timeout=5000, max_interval=7)),
        ({"maxSessionsPerBrowser": "-1"}, Options(max_sessions_per_browser=-1)),
        ({"trustClientSession": "true"}, Options(trust_client_session=True)),
        ({"broadcastToPublisher": False}, Options(broadcast_to_publisher=False)),
        ({"metaConnectDeliverOnly": "TRUE"}, Options(meta_connect_deliver_only=True)),
        ({"browserCookieSameSite": "lax"}, Options(browser_cookie_same_site="Lax")),
        ({"browserCookieDomain": None}, Options()),
        ({"browserCookieSameSite": None}, Options()),
        (
            {"transports": "websocket, long-polling"},
            Options(transports=(Transport.WEBSOCKET, Transport.LONG_POLLING)),
        ),
        ({"transports": ["long-polling"]}, Options(transports=(Transport.LONG_POLLING,))),
    ],
)
def test_options_are_read_by_their_names(given: dict[str, object], expected: Options) -> None:
    assert Options.from_mapping(given) == expected


@pytest.mark.parametrize(
    ("prefix", "transport"),
    [
        ("long-polling", Transport.LONG_POLLING),
        ("long-polling.json", Transport.LONG_POLLING),
        ("long-polling.jsonp", Transport.CALLBACK_POLLING),
        ("callback-polling", Transport.CALLBACK_POLLING),
        ("websocket", Transport.WEBSOCKET),
        ("ws", Transport.WEBSOCKET),
    ],
)
def test_one_option_may_differ_by_transport(prefix: str, transport: Transport) -> None:
    options = Options.from_mapping({f"{prefix}.metaConnectDeliverOnly": "true"})
    assert [one for one in Transport if options.only_connects_deliver(one)] == [transport]
    back = Options.from_mapping(
        {f"{prefix}.metaConnectDeliverOnly": False, "metaConnectDeliverOnly": True}, options
    )
    assert [one for one in Transport if not back.only_connects_deliver(one)] == [transport]


def test_options_build_on_others() -> None:
    base = Options(timeout=1, interval=2)
    assert Options.from_mapping({"interval": 3}, base) == Options(timeout=1, interval=3)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"timeouts": 1}, "there is no option 'timeouts'; there are allowMessageDeliveryDuringHandshake, "),
        ({"ws.timeout": 1}, "there is no option 'ws.timeout'"),
        ({"max_interval": 1}, "there is no option 'max_interval'"),
        ({"metaConnectDeliverOnlyOver": True}, "there is no option"),
        ({"timeout": -1}, "timeout must be at least 0, not -1"),
        ({"maxInterval": "0"}, "maxInterval must be at least 1, not 0"),
        ({"timeout": "soon"}, "timeout must be a whole number, not 'soon'"),
        ({"timeout": True}, "timeout must be a whole number, not True"),
        ({"timeout": 1.5}, "timeout must be a whole number, not 1.5"),
        ({"timeout": "1" * 30}, "timeout must be a whole number"),
        ({"maxQueue": -2}, "maxQueue must be at least -1, not -2"),
        ({"trustClientSession": 1}, "trustClientSession must be true or false, not 1"),
        ({"ws.metaConnectDeliverOnly": "ja"}, "ws.metaConnectDeliverOnly must be true or false, not 'ja'"),
        ({"browserCookieName": ""}, "browserCookieName cannot be ''"),
        ({"browserCookieName": "a b"}, "browserCookieName cannot be 'a b'"),
        ({"browserCookieName": 5}, "browserCookieName must be a text, not 5"),
        ({"browserCookiePath": "/;x"}, "browserCookiePath cannot be '/;x'"),
        ({"browserCookieDomain": "a\r\nb"}, "browserCookieDomain cannot be"),
        (
            {"browserCookieSameSite": "maybe"},
            "browserCookieSameSite must be Strict, Lax or None, not 'maybe'",
        ),
        ({"browserCookieSameSite": "None"}, "browserCookieSameSite None needs browserCookieSecure"),
        (
            {"transports": "carrier-pigeon"},
            "transports cannot be 'carrier-pigeon'; there are websocket, long-polling",
        ),
        ({"transports": []}, "transports must name at least one"),
        ({"transports": 5}, "transports must be names with commas between, not 5"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(given: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match="^" + complaint.replace("(", r"\(")):
        Options.from_mapping(given)
