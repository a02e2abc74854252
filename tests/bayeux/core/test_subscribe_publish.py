"""The rules of subscribing, delivering and publishing, one by one, against the core alone."""

import pytest

from bridge.bayeux import Options
from bridge.bayeux.core.policy import Verdict
from tests.bayeux.core_driver import World, publish, reply, subscribe, unsubscribe

# Subscribe and unsubscribe


@pytest.mark.parametrize("subscription", ["/a", ["/a", "/b/*"], "/**", "/*"])
def test_a_subscription_is_echoed_in_the_form_it_came_in(subscription: object) -> None:
    world = World()
    session = world.open_session("ann")
    assert world.request("ann", subscribe(session, subscription), unsubscribe(session, subscription)) == [
        reply("/meta/subscribe", subscription=subscription),
        reply("/meta/unsubscribe", subscription=subscription),
    ]


@pytest.mark.parametrize(
    ("subscription", "error"),
    [
        (5, "403::subscription_invalid"),
        (None, "403::subscription_invalid"),
        ([], "403::subscription_invalid"),
        (["/a", 5], "403::subscription_invalid"),
        ("a", "403::subscription_invalid"),
        ("/", "403::subscription_invalid"),
        ("/meta/connect", "403::subscribe_denied"),
        ("/meta/**", "403::subscribe_denied"),
        ("/secret", "403::subscribe_denied"),
        ("/other", "403:not yours:subscribe_denied"),
    ],
)
def test_a_subscription_that_fails(subscription: object, error: str) -> None:
    world = World(refused={"ann subscribes /secret": False, "ann subscribes /other": "not yours"})
    session = world.open_session("ann")
    assert world.request("ann", subscribe(session, subscription, id=3)) == [
        reply("/meta/subscribe", id=3, subscription=subscription, error=error)
    ]


def test_a_subscription_without_a_channel() -> None:
    world = World()
    session = world.open_session("ann")
    for channel in ("/meta/subscribe", "/meta/unsubscribe"):
        assert world.request("ann", {"channel": channel, "clientId": session}) == [
            reply(channel, error="403::subscription_missing")
        ]


def test_an_array_is_obeyed_up_to_the_first_channel_that_fails() -> None:
    world = World(refused={"ann subscribes /b": False})
    session = world.open_session("ann")
    world.request("ann", subscribe(session, ["/a", "/b", "/c"]))
    assert [world.deliver("ann", channel, 1) for channel in ("/a", "/b", "/c")] == [1, 0, 0]


def test_a_session_may_have_so_many_subscriptions() -> None:
    world = World(Options(max_subscriptions=2))
    session = world.open_session("ann", "/a", "/b", "/a")
    (answer,) = world.request("ann", subscribe(session, "/c"))
    assert answer["error"] == "403:too_many_subscriptions:subscribe_denied"
    world.request("ann", unsubscribe(session, "/a"))
    assert world.request("ann", subscribe(session, "/c"))[0]["successful"]


def test_unsubscribing_ends_the_events_and_may_be_done_twice() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    for _ in range(2):
        assert world.request("ann", unsubscribe(session, "/a/"))[0]["successful"]
    assert world.deliver("ann", "/a", 1) == 0
    assert world.server.publish("/a", b"1") == 0


def test_subscribing_to_a_service_channel_succeeds_and_is_not_stored() -> None:
    world = World(Options(max_subscriptions=1))
    world.open_session("ann", "/service/a", "/service/**", "/b")
    assert world.deliver("ann", "/service/a", 1) == 0


# Deliver


def test_a_delivery_reaches_the_subscribed_sessions_of_one_user_each_once() -> None:
    world = World()
    desktop = world.open_session("ann", "/v2/me/calls", "/v2/me/*", "/**")
    phone = world.open_session("ann", "/v2/me/*")
    quiet = world.open_session("ann", "/v2/me/devices", "/v2/*", "/v2/me/calls/*", "/v2/me/calls/**")
    other = world.open_session("bob", "/**")
    assert world.deliver("ann", "/v2/me/calls", {"n": 1}) == 2
    event = {"channel": "/v2/me/calls", "data": {"n": 1}}
    assert [world.fetch_events("ann", one) for one in (desktop, phone, quiet)] == [[event], [event], []]
    assert world.fetch_events("bob", other) == []
    assert world.deliver("nobody", "/v2/me/calls", {}) == 0


def test_the_event_is_one_object_in_all_queues() -> None:
    world = World()
    for _ in range(2):
        world.open_session("ann", "/a")
    world.deliver("ann", "/a", 1)
    first, second = world.server._sessions.of_user("ann")
    assert first.queue[0] is second.queue[0]


# Publish


def test_a_publish_reaches_every_subscribed_session_without_naming_the_publisher() -> None:
    world = World()
    ann, bob = world.open_session("ann", "/chat/*", "/chat/1"), world.open_session("bob", "/**")
    message = publish(ann, "/chat/1", {"text": "hi"}, id="7", ext={"x": 1})
    event = {"channel": "/chat/1", "data": {"text": "hi"}, "ext": {"x": 1}}
    assert world.request("ann", message) == [event, reply("/chat/1", id="7")]
    assert world.fetch_events("ann", ann) == []
    assert world.fetch_events("bob", bob) == [event]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("", "400::channel_missing"),
        ("a", "405::channel_invalid"),
        ("/a/*", "405::channel_invalid"),
        ("/a/**", "405::channel_invalid"),
        ("/meta/other", "403::publish_denied"),
        ("/secret", "403::publish_denied"),
        ("/other", "403:read only:publish_denied"),
        ("/service/secret", "403::publish_denied"),
    ],
)
def test_a_publish_that_fails(channel: str, error: str) -> None:
    refused: dict[str, Verdict] = {
        "ann publishes /secret": False,
        "ann publishes /service/secret": False,
        "ann publishes /other": "read only",
    }
    world = World(refused=refused)
    ann = world.open_session("ann", "/**")
    assert world.request("ann", publish(ann, channel, 1)) == [reply(channel, error=error)]
    assert world.fetch_events("ann", ann) == []


def test_a_publish_without_data_fails() -> None:
    world = World()
    assert world.request("ann", {"channel": "/a", "clientId": world.open_session("ann")}) == [
        reply("/a", error="400::data_missing")
    ]


def test_a_publish_to_a_service_reaches_no_client() -> None:
    world = World()
    ann = world.open_session("ann", "/**")
    assert world.request("ann", publish(ann, "/service/echo", 1)) == [reply("/service/echo")]
    assert world.fetch_events("ann", ann) == []
