"""The server as an application uses it: functions, values, and no network."""

import asyncio
import json
import logging
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.types import Message

from bridge.bayeux import AllowAll, Application, Context, RemoteSession, Session, Verdict
from bridge.runtime.clock import HeldClock
from tests.bayeux.polling_client import HeldRequestWatcher, PollingClient, in_memory, on_a_loop


class ReadOnly(AllowAll):
    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:
        assert context.scope["path"].startswith("/cometd")
        assert session.subscriptions == {"/**"}
        return channel.startswith("/service/") or "read only"


async def a_turn_or_two() -> None:
    """Run the tasks that are ready, and the callbacks at their ends."""
    for _ in range(3):
        await asyncio.sleep(0)


def visitor(app: Application, path: str = "/cometd", **headers: str) -> PollingClient:
    http = in_memory(Starlette(routes=app.routes(path)))
    http.headers.update(headers)
    return PollingClient(http, path)


@on_a_loop
async def test_a_plain_listener_answers_the_publisher_alone() -> None:
    app = Application(clock=HeldClock())

    @app.service("/service/double")
    def double(session: RemoteSession, channel: str, data: Any) -> None:
        assert session.deliver(channel, {"result": data * 2})

    async with visitor(app) as ann, visitor(app) as bob:
        await ann.open_session()
        await bob.open_session("/**")
        assert (await ann.publishes("/service/double", 21))["successful"]
        assert await ann.fetch_events() == [("/service/double", {"result": 42})]
        assert await bob.fetch_events() == []


@on_a_loop
async def test_an_asynchronous_listener_takes_its_time() -> None:
    app, go = Application(clock=HeldClock()), asyncio.Event()

    @app.service("/service/slow")
    async def slow(session: RemoteSession, channel: str, data: Any) -> None:
        await go.wait()
        session.deliver("/slow", [channel, data])

    async with visitor(app) as ann:
        await ann.open_session()
        assert (await ann.publishes("/service/slow", "x"))["successful"]
        assert await ann.fetch_events() == []
        poll = asyncio.create_task(ann.connects())
        go.set()
        assert (await poll)["successful"]
        assert ann.events == [("/slow", ["/service/slow", "x"])]


@on_a_loop
async def test_a_listener_may_listen_to_a_pattern() -> None:
    app, received = Application(clock=HeldClock()), list[str]()

    @app.service("/service/orders/*")
    def order(_session: RemoteSession, channel: str, _data: Any) -> None:
        received.append(channel)

    async with visitor(app) as ann:
        await ann.open_session()
        for channel in ("/service/orders/new", "/service/orders", "/service/orders/a/b", "/orders/new"):
            assert (await ann.publishes(channel, 0))["successful"]
    assert received == ["/service/orders/new"]


@on_a_loop
async def test_a_listener_is_notified_of_sessions_with_the_request_of_each() -> None:
    clock = HeldClock()
    app, news = Application(clock=clock), list[tuple[object, ...]]()

    @app.session_added
    def came(session: RemoteSession, request: HTTPConnection) -> None:
        news.append(("came", session, request.headers["x-who"], request.url.path))

    @app.session_removed
    def went(session: RemoteSession, *, timed_out: bool) -> None:
        news.append(("went", session, timed_out))

    async with visitor(app, **{"X-Who": "ann"}) as ann, visitor(app, **{"X-Who": "bob"}) as bob:
        await ann.open_session()
        await bob.open_session()
        await ann.disconnect()
        clock.advance(15)
    first, second = news[0][1], news[1][1]
    assert first != second
    assert news == [
        ("came", first, "ann", "/cometd"),
        ("came", second, "bob", "/cometd"),
        ("went", first, False),
        ("went", second, True),
    ]
    assert len(app) == 0


@on_a_loop
async def test_a_session_can_be_ended_as_soon_as_it_is_seen() -> None:
    app, seen = Application(clock=HeldClock()), list[RemoteSession]()
    app.session_added(lambda session, _request: seen.append(session))
    async with visitor(app) as ann:
        await ann.open_session()
        (session,) = seen
        assert session.deliver("/last", "word")
        poll = ann.connects()
        session.disconnect()
        reply = await poll
        assert reply["advice"]["reconnect"] in ("none", "handshake")
        assert not session.deliver("/last", "word")
        session.disconnect()  # once more does no harm
    assert len(app) == 0


def test_a_session_does_not_show_its_id() -> None:
    shown = repr(RemoteSession("secret", "ann", Application(clock=HeldClock())._server))
    assert shown == "RemoteSession(user='ann')"


@on_a_loop
async def test_the_server_publishes_to_all_and_delivers_to_the_sessions_of_a_user() -> None:
    app = Application(clock=HeldClock(), identify=lambda scope: dict(scope["headers"])[b"x-who"].decode())
    async with visitor(app, **{"X-Who": "ann"}) as ann, visitor(app, **{"X-Who": "bob"}) as bob:
        await ann.open_session("/news")
        await bob.open_session("/news")
        assert app.publish("/news", {"to": "all"}) == 2
        assert app.deliver("bob", "/news", {"to": "bob"}) == 1
        assert app.deliver("cy", "/news", {"to": "cy"}) == 0
        assert await ann.fetch_events() == [("/news", {"to": "all"})]
        assert await bob.fetch_events() == [("/news", {"to": "all"}), ("/news", {"to": "bob"})]


@on_a_loop
async def test_a_policy_refuses_with_a_reason() -> None:
    app = Application(policy=ReadOnly(), clock=HeldClock())
    async with visitor(app) as ann:
        await ann.open_session("/**")
        assert (await ann.publishes("/news", 1))["error"] == "403:read only:publish_denied"
        assert (await ann.publishes("/service/any", 1))["successful"]


@on_a_loop
async def test_two_servers_in_one_process_know_nothing_of_each_other() -> None:
    first, second = (Application(clock=HeldClock()) for _ in range(2))
    site = Starlette(routes=[*first.routes("/first"), *second.routes("/second")])
    http = in_memory(site)
    async with PollingClient(http, "/first") as ann:
        bob = PollingClient(http, "/second")
        await ann.open_session("/**")
        await bob.open_session("/**")
        assert (first.publish("/a", 1), second.publish("/a", 2)) == (1, 1)
        assert await ann.fetch_events() == [("/a", 1)]
        assert await bob.fetch_events() == [("/a", 2)]
        stranger = PollingClient(http, "/second")
        stranger.id = ann.id
        assert (await stranger.connects())["error"] == "402::session_unknown"


@on_a_loop
async def test_a_listener_that_fails_is_logged_and_affects_no_client(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Application(clock=HeldClock())

    @app.service("/service/plain")
    def plain(_session: RemoteSession, _channel: str, _data: Any) -> None:
        raise KeyError("plain")

    @app.service("/service/slow")
    async def slow(_session: RemoteSession, _channel: str, _data: Any) -> None:
        raise KeyError("slow")

    @app.service("/service/plain")
    def also(session: RemoteSession, channel: str, data: Any) -> None:
        session.deliver(channel, data)

    async with visitor(app) as ann:
        await ann.open_session()
        with caplog.at_level(logging.ERROR):
            assert (await ann.publishes("/service/plain", 1))["successful"]
            assert (await ann.publishes("/service/slow", 1))["successful"]
            assert await ann.fetch_events() == [("/service/plain", 1)]
            await a_turn_or_two()
    assert [str(each.exc_info[1]) for each in caplog.records if each.exc_info] == ["'plain'", "'slow'"]


@on_a_loop
async def test_a_message_that_is_no_python_value_is_dropped_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, received = Application(clock=HeldClock()), list[Any]()
    app.service("/service/**")(lambda _session, _channel, data: received.append(data))
    async with visitor(app) as ann:
        await ann.open_session()
        with caplog.at_level(logging.INFO):
            body = json.dumps([{"channel": "/service/a", "clientId": ann.id, "data": "$"}])
            for odd in ("1e999", "7"):
                await ann.http.post("/cometd", content=body.replace('"$"', odd))
    assert received == [7]
    assert "a message on /service/a is passed over: Number out of range" in caplog.messages


@on_a_loop
async def test_listeners_that_never_end_are_bounded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bridge.bayeux.listeners._MOST_TASKS", 2)
    app, go, begun = Application(clock=HeldClock()), asyncio.Event(), list[Any]()

    @app.service("/service/slow")
    async def slow(_session: RemoteSession, _channel: str, data: Any) -> None:
        begun.append(data)
        await go.wait()

    async with visitor(app) as ann:
        await ann.open_session()
        for number in range(4):
            await ann.publishes("/service/slow", number)
        await a_turn_or_two()
        assert begun == [0, 1]
        assert [one.message for one in caplog.records] == [
            "a listener is passed over, since 2 are at work"
        ] * 2
        go.set()
        await a_turn_or_two()
        await ann.publishes("/service/slow", 4)
        await a_turn_or_two()
        assert begun == [0, 1, 4]


@pytest.mark.parametrize("channel", ["news", "/news/*", "/meta/connect", "/", "/ä"])
def test_the_server_sends_on_channels_only(channel: str) -> None:
    app = Application(clock=HeldClock())
    for send in (lambda: app.publish(channel, 1), lambda: app.deliver("ann", channel, 1)):
        with pytest.raises(ValueError, match="is not a channel that events are sent on"):
            send()


def test_services_are_below_service() -> None:
    with pytest.raises(ValueError, match="'/news' is not a channel below /service"):
        Application(clock=HeldClock()).service("/news")(lambda *_: None)


def test_an_unknown_option_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="timeOut"):
        Application({"timeOut": 5})
    with pytest.raises(ValueError, match="timeout"):
        Application({"timeout": "soon"})


@on_a_loop
async def test_options_have_the_names_of_cometd() -> None:
    app = Application({"timeout": 7_000, "interval": 50}, clock=HeldClock())
    async with visitor(app) as ann:
        hello = await ann.open_session()
    assert hello["advice"] == {"reconnect": "retry", "interval": 50, "timeout": 7_000}


PAGE = {"Origin": "https://desk.example"}
PREFLIGHT = {
    **PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,x-key",
}


@pytest.mark.parametrize("allowed", [["*"], ["https://desk.example"]])
@on_a_loop
async def test_pages_of_allowed_origins_connect_with_cookies(allowed: list[str]) -> None:
    app = Application(allowed_origins=allowed, clock=HeldClock())
    async with visitor(app) as ann:
        preflight = await ann.http.options("/cometd/handshake", headers=PREFLIGHT)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-headers"] == "content-type,x-key"
        ann.http.headers.update(PAGE)
        answer = await ann.http.post("/cometd", json=[])
        for each in (preflight, answer):
            assert each.headers["access-control-allow-origin"] == "https://desk.example"
            assert each.headers["access-control-allow-credentials"] == "true"
            assert "origin" in each.headers["vary"].lower()


@pytest.mark.parametrize("allowed", [[], ["https://other.example"]])
@on_a_loop
async def test_pages_of_other_origins_get_nothing_they_could_read(allowed: list[str]) -> None:
    app = Application(allowed_origins=allowed, clock=HeldClock())
    async with visitor(app) as ann:
        preflight = await ann.http.options("/cometd", headers=PREFLIGHT)
        assert preflight.status_code == 400
        answer = await ann.http.post("/cometd", json=[], headers=PAGE)
        for each in (preflight, answer):
            assert "access-control-allow-origin" not in each.headers


@pytest.mark.parametrize("origin", [None, "http://chat.example", "https://desk.example"])
@on_a_loop
async def test_pages_of_its_own_host_and_of_allowed_origins_open_sockets(origin: str | None) -> None:
    app = Application({"transports": "websocket"}, allowed_origins=["https://desk.example"])
    assert (await opening(app, origin))["type"] == "websocket.accept"


@pytest.mark.parametrize("origin", ["https://other.example", "null", "http://chat.example:8080", "http://"])
@on_a_loop
async def test_other_pages_do_not(origin: str) -> None:
    app = Application({"transports": "websocket"}, allowed_origins=["https://desk.example"])
    assert (await opening(app, origin))["type"] == "websocket.close"


async def opening(app: Application, origin: str | None) -> Message:
    """Ask for a socket and go away; return the answer."""
    asked: list[Message] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}]
    headers = [(b"host", b"chat.example")] + ([] if origin is None else [(b"origin", origin.encode())])
    sent: list[Message] = []

    async def receive() -> Message:
        return asked.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "websocket", "path": "/cometd", "headers": headers}, receive, send)
    return sent[0]


@pytest.mark.parametrize(
    ("allowed", "site", "status"),
    [
        ([], "cross-site", 403),
        (["https://desk.example"], "cross-site", 403),
        (["*"], "cross-site", 200),
        ([], "same-origin", 200),
    ],
)
@on_a_loop
async def test_scripts_are_for_pages_of_the_same_site_unless_all_are_allowed(
    allowed: list[str], site: str, status: int
) -> None:
    app = Application(allowed_origins=allowed, clock=HeldClock())
    hello = {"channel": "/meta/handshake", "supportedConnectionTypes": ["callback-polling"]}
    async with visitor(app, **{"Sec-Fetch-Site": site}) as ann:
        query = {"jsonp": "say", "message": json.dumps([hello])}
        assert (await ann.http.get("/cometd", params=query)).status_code == status


@pytest.mark.parametrize(("spread", "longest"), [({}, 5_000), ({"spread": 0}, 0)])
@on_a_loop
async def test_closing_answers_what_is_held(spread: dict[str, int], longest: int) -> None:
    app = Application(clock=HeldClock())
    watched = HeldRequestWatcher(Starlette(routes=app.routes()))
    async with PollingClient(in_memory(watched)) as ann:
        await ann.open_session()
        poll = asyncio.create_task(ann.connects())
        await watched.held.wait()
        app.close(**spread)
        advice = (await poll)["advice"]
        assert advice["reconnect"] == "handshake"
        assert 0 <= advice["interval"] <= longest
        late = {"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]}
        assert (await ann.http.post("/cometd", json=late)).status_code == 503
