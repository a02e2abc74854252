"""The transport of sockets, driven as an ASGI server drives it, with the clock held."""

import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message as ASGIMessage

from bridge.bayeux import Options, Transport
from bridge.bayeux.core.session import BayeuxConnection
from tests.bayeux.core_driver import (
    CONNECTED,
    HANDSHAKE,
    HANDSHAKE_AGAIN,
    LOST,
    Message,
    connect,
    disconnect,
    publish,
    reply,
    subscribe,
)
from tests.bayeux.endpoint_driver import EndpointDriver, on_a_loop

ALL: Any = {"transports": tuple(Transport)}
OPENED = {"type": "websocket.accept"}


class WebSocketClient:
    """One socket of a client."""

    def __init__(self, site: EndpointDriver, user: str | None = "ann") -> None:
        self._incoming: asyncio.Queue[ASGIMessage] = asyncio.Queue()
        self._outgoing: asyncio.Queue[ASGIMessage] = asyncio.Queue()
        self._writable = asyncio.Event()
        self._writable.set()
        self.is_lost = False
        self._incoming.put_nowait({"type": "websocket.connect"})
        scope: Any = {"type": "websocket", "user": user, "headers": []}
        self.task = asyncio.create_task(self._run(site, scope))

    async def _run(self, site: EndpointDriver, scope: Any) -> None:
        await site.app(scope, self._incoming.get, self._send)

    async def _send(self, message: ASGIMessage) -> None:
        await self._writable.wait()
        if self.is_lost:
            raise OSError("the client disconnected")
        self._outgoing.put_nowait(message)
        if message["type"] == "websocket.close":
            self._incoming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    def stops_reading(self) -> None:
        self._writable.clear()

    def reads_on(self) -> None:
        self._writable.set()

    def sends(self, *messages: Message) -> None:
        self.sends_text(json.dumps(messages))

    def sends_text(self, text: str | bytes) -> None:
        kind = "text" if isinstance(text, str) else "bytes"
        self._incoming.put_nowait({"type": "websocket.receive", kind: text})

    async def receive(self) -> ASGIMessage:
        return await self._outgoing.get()

    async def read_messages(self) -> Any:
        message = await self.receive()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def request(self, *messages: Message) -> Any:
        self.sends(*messages)
        return await self.read_messages()

    async def open_session(self, *subscriptions: str) -> str:
        assert await self.receive() == OPENED
        session: str = (await self.request(HANDSHAKE))[0]["clientId"]
        for one in subscriptions:
            await self.request(subscribe(session, one))
        assert await self.request(connect(session)) == [CONNECTED]
        return session

    async def closes(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self.task
        assert self._outgoing.empty()

    async def is_closed(self) -> int:
        message = await self.receive()
        assert message["type"] == "websocket.close", message
        await self.task
        assert self._outgoing.empty()
        code: int = message["code"]
        return code


async def run_ready_callbacks() -> None:
    """Run everything that is ready."""
    for _ in range(10):
        await asyncio.sleep(0)


@on_a_loop
async def test_a_life_over_a_socket() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    session = await client.open_session("/a")
    client.sends(connect(session, id="7"))
    assert await client.request(publish(session, "/a", 1)) == [reply("/a"), {"channel": "/a", "data": 1}]
    site.clock.advance(30.0)
    assert await client.read_messages() == [CONNECTED | {"id": "7"}]
    assert await client.request(disconnect(session)) == [reply("/meta/disconnect")]
    await client.closes()
    assert len(site.server) == 0


@on_a_loop
async def test_events_of_one_turn_share_a_frame_and_the_next_ones_have_another() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    session = await client.open_session("/a")
    for numbers in ((1, 2, 3), (4,)):
        for number in numbers:
            site.server.deliver("ann", "/a", b"%d" % number)
        assert await client.read_messages() == [{"channel": "/a", "data": number} for number in numbers]
    assert session
    await client.closes()


@on_a_loop
async def test_frames_stay_short_enough_for_every_client() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    await client.open_session("/a")
    data = json.dumps("x" * 20_000).encode()
    for _ in range(3):
        site.server.deliver("ann", "/a", data)
    assert [len(await client.read_messages()) for _ in range(3)] == [1, 1, 1]
    await client.closes()


@pytest.mark.parametrize("wrap", [str, str.encode])
@on_a_loop
async def test_a_frame_may_hold_a_lone_message_and_be_binary(wrap: Any) -> None:
    client = WebSocketClient(EndpointDriver(Options(**ALL)))
    await client.receive()
    client.sends_text(wrap(json.dumps(HANDSHAKE)))
    assert (await client.read_messages())[0]["successful"]
    await client.closes()


@pytest.mark.parametrize(
    ("text", "code"), [("[", 1011), ("[]", 1011), ("7", 1011), (b"\xff", 1011), ("x" * 201, 1009)]
)
@on_a_loop
async def test_what_is_not_made_of_messages_closes_the_socket_but_not_the_session(
    text: str | bytes, code: int
) -> None:
    site = EndpointDriver(Options(max_message_size=200, **ALL))
    client = WebSocketClient(site)
    session = await client.open_session()
    client.sends_text(text)
    assert await client.is_closed() == code
    other = WebSocketClient(site)
    assert await other.receive() == OPENED
    assert await other.request(connect(session, advice={"timeout": 0})) == [CONNECTED]
    await other.closes()


@on_a_loop
async def test_a_session_waits_for_another_socket_when_its_own_has_closed() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    session = await client.open_session("/a")
    client.sends(connect(session))
    await run_ready_callbacks()
    await client.closes()
    site.server.deliver("ann", "/a", b"1")
    other = WebSocketClient(site)
    assert await other.receive() == OPENED
    assert await other.request(connect(session)) == [{"channel": "/a", "data": 1}]
    await other.closes()
    site.clock.advance(12.0)
    assert len(site.server) == 0
    site.clock.advance(60.0)
    assert site.clock._timers == []


@on_a_loop
async def test_a_silent_socket_is_closed_in_the_end() -> None:
    site = EndpointDriver(Options(**ALL))
    silent, busy = WebSocketClient(site), WebSocketClient(site)
    await silent.receive()
    session = await busy.open_session()
    busy.sends(connect(session))
    await run_ready_callbacks()
    site.clock.advance(29.0)
    busy.sends(connect(session))
    await run_ready_callbacks()
    site.clock.advance(12.0)
    assert await silent.is_closed() == 1001
    await busy.closes()


@on_a_loop
async def test_a_client_that_does_not_read_gets_the_rest_when_it_does() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    session = await client.open_session("/a")
    client.stops_reading()
    for number in (1, 2, 3):
        site.server.deliver("ann", "/a", b"%d" % number)
        await run_ready_callbacks()
    client.sends(connect(session, advice={"timeout": 0}))
    await run_ready_callbacks()
    client.reads_on()
    assert await client.read_messages() == [{"channel": "/a", "data": 1}]
    assert await client.read_messages() == [
        {"channel": "/a", "data": 2},
        {"channel": "/a", "data": 3},
        CONNECTED,
    ]
    await client.closes()


@on_a_loop
async def test_nothing_more_is_obeyed_while_a_client_does_not_read_the_answers() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    session = await client.open_session()
    client.stops_reading()
    for channel in ("/a", "/b"):
        client.sends(subscribe(session, channel))
    await run_ready_callbacks()
    assert (site.server.publish("/a", b"1"), site.server.publish("/b", b"1")) == (1, 0)
    client.reads_on()
    assert (await client.read_messages())[0]["subscription"] == "/a"
    assert await client.read_messages() == [{"channel": "/a", "data": 1}]
    assert (await client.read_messages())[0]["subscription"] == "/b"
    await client.closes()


@on_a_loop
async def test_a_connect_that_was_answered_is_not_waited_for_any_more() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    session = await client.open_session()
    for number in range(3):
        client.sends(connect(session, id=number))
        await run_ready_callbacks()
    client.sends(disconnect(session))
    await client.read_messages()
    assert not site.app._connect_timeouts._in_order
    await client.closes()


@on_a_loop
async def test_a_client_that_never_reads_is_dropped_and_disturbs_no_other() -> None:
    site = EndpointDriver(Options(max_queue=3, **ALL))
    slow, quick = WebSocketClient(site), WebSocketClient(site)
    for one in (slow, quick):
        await one.open_session("/a")
    slow.stops_reading()
    for number in range(5):
        site.server.deliver("ann", "/a", b"%d" % number)
        await run_ready_callbacks()
        assert await quick.read_messages() == [{"channel": "/a", "data": number}]
    await slow.task
    assert len(site.server) == 1
    await quick.closes()


@on_a_loop
async def test_a_burst_longer_than_the_queue_reaches_a_client_that_reads() -> None:
    site = EndpointDriver(Options(max_queue=3, **ALL))
    client = WebSocketClient(site)
    await client.open_session("/a")
    for number in range(10):
        site.server.deliver("ann", "/a", b"%d" % number)
    received: list[Any] = []
    while len(received) < 10:
        received += await client.read_messages()
    assert received == [{"channel": "/a", "data": number} for number in range(10)]
    await client.closes()


@on_a_loop
async def test_a_write_to_a_disconnected_client_affects_no_other() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    session = await client.open_session("/a")
    client.is_lost = True
    site.server.deliver("ann", "/a", b"1")
    await run_ready_callbacks()
    site.server.deliver("ann", "/a", b"2")
    await client.closes()
    other = WebSocketClient(site)
    await other.receive()
    assert await other.request(connect(session)) == [{"channel": "/a", "data": 2}]
    await other.closes()


@on_a_loop
async def test_a_task_that_is_cancelled_from_outside_ends_as_such() -> None:
    site = EndpointDriver(Options(**ALL))
    client = WebSocketClient(site)
    await client.open_session()
    client.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.task


@on_a_loop
async def test_a_session_may_go_from_polls_to_a_socket_and_back() -> None:
    site = EndpointDriver(Options(**ALL))
    session = await site.open_session()
    poll = await site.request_held(session)
    client = WebSocketClient(site)
    await client.receive()
    client.sends(connect(session))
    assert (await poll.answer()).status == 500
    site.server.deliver("ann", "/a", b"1")
    assert await client.read_messages() == [{"channel": "/a", "data": 1}]
    poll = await site.request_held(session)
    site.server.deliver("ann", "/a", b"2")
    assert (await poll.answer()).json[0] == {"channel": "/a", "data": 2}
    await client.closes()


@on_a_loop
async def test_closing_answers_what_is_held_and_closes_every_socket() -> None:
    site = EndpointDriver(Options(**ALL))
    client, idle = WebSocketClient(site), WebSocketClient(site)
    session = await client.open_session()
    await idle.receive()
    client.sends(connect(session))
    await run_ready_callbacks()
    site.app.close(lambda: 700)
    assert await client.read_messages() == [LOST | {"advice": HANDSHAKE_AGAIN | {"interval": 700}}]
    assert [await one.is_closed() for one in (client, idle)] == [1001, 1001]
    late = WebSocketClient(site)
    assert (await late.receive())["type"] == "websocket.close"
    await late.task
    site.clock.advance(60.0)
    assert site.clock._timers == []


@on_a_loop
async def test_the_end_of_a_user_closes_his_sockets() -> None:
    site = EndpointDriver(Options(**ALL))
    ann, bob = WebSocketClient(site), WebSocketClient(site, "bob")
    session = await ann.open_session()
    await bob.open_session()
    ann.sends(connect(session))
    await run_ready_callbacks()
    site.server.end_user("ann")
    assert await ann.read_messages() == [LOST]
    assert await ann.is_closed() == 1008
    await bob.closes()


@on_a_loop
async def test_a_fault_in_the_output_of_one_socket_leaves_the_others_theirs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site = EndpointDriver(Options(**ALL))
    faulty, sound = WebSocketClient(site), WebSocketClient(site)
    session = await faulty.open_session("/a")
    await sound.open_session("/a")
    flush = site.server.flush

    def failing_flush(connection: BayeuxConnection, now: float) -> list[bytes]:
        if session in {each.id for each in connection.sessions}:
            raise RuntimeError("on purpose")
        return flush(connection, now)

    monkeypatch.setattr(site.server, "flush", failing_flush)
    assert site.server.publish("/a", b"1") == 2
    assert await sound.read_messages() == [{"channel": "/a", "data": 1}]
    assert await faulty.is_closed() == 1011
    assert "on purpose" in caplog.text
    await sound.closes()
