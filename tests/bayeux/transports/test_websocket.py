"""The transport of sockets, driven as an ASGI server drives it, with the clock held."""

import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message as ASGIMessage

from bridge.bayeux import Options, Transport
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
from tests.bayeux.endpoint_driver import Site, on_a_loop

ALL: Any = {"transports": tuple(Transport)}
OPENED = {"type": "websocket.accept"}


class Talk:
    """One socket of a client."""

    def __init__(self, site: Site, user: str | None = "ann") -> None:
        self._incoming: asyncio.Queue[ASGIMessage] = asyncio.Queue()
        self._outgoing: asyncio.Queue[ASGIMessage] = asyncio.Queue()
        self._writable = asyncio.Event()
        self._writable.set()
        self.is_lost = False
        self._incoming.put_nowait({"type": "websocket.connect"})
        scope: Any = {"type": "websocket", "user": user, "headers": []}
        self.task = asyncio.create_task(self._run(site, scope))

    async def _run(self, site: Site, scope: Any) -> None:
        await site.app(scope, self._incoming.get, self._send)

    async def _send(self, message: ASGIMessage) -> None:
        await self._writable.wait()
        if self.is_lost:
            raise OSError("the client has gone")
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

    async def hears(self) -> ASGIMessage:
        return await self._outgoing.get()

    async def reads(self) -> Any:
        message = await self.hears()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def says(self, *messages: Message) -> Any:
        self.sends(*messages)
        return await self.reads()

    async def joins(self, *subscriptions: str) -> str:
        assert await self.hears() == OPENED
        session: str = (await self.says(HANDSHAKE))[0]["clientId"]
        for one in subscriptions:
            await self.says(subscribe(session, one))
        assert await self.says(connect(session)) == [CONNECTED]
        return session

    async def closes(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self.task
        assert self._outgoing.empty()

    async def is_closed(self) -> int:
        message = await self.hears()
        assert message["type"] == "websocket.close", message
        await self.task
        assert self._outgoing.empty()
        code: int = message["code"]
        return code


async def turns() -> None:
    """Let everything that is ready run."""
    for _ in range(10):
        await asyncio.sleep(0)


@on_a_loop
async def test_a_life_over_a_socket() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    session = await talk.joins("/a")
    talk.sends(connect(session, id="7"))
    assert await talk.says(publish(session, "/a", 1)) == [reply("/a"), {"channel": "/a", "data": 1}]
    site.clock.advance(30.0)
    assert await talk.reads() == [CONNECTED | {"id": "7"}]
    assert await talk.says(disconnect(session)) == [reply("/meta/disconnect")]
    await talk.closes()
    assert len(site.server) == 0


@on_a_loop
async def test_events_of_one_turn_share_a_frame_and_the_next_ones_have_another() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    session = await talk.joins("/a")
    for numbers in ((1, 2, 3), (4,)):
        for number in numbers:
            site.server.deliver("ann", "/a", b"%d" % number)
        assert await talk.reads() == [{"channel": "/a", "data": number} for number in numbers]
    assert session
    await talk.closes()


@on_a_loop
async def test_frames_stay_short_enough_for_every_client() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    await talk.joins("/a")
    data = json.dumps("x" * 20_000).encode()
    for _ in range(3):
        site.server.deliver("ann", "/a", data)
    assert [len(await talk.reads()) for _ in range(3)] == [1, 1, 1]
    await talk.closes()


@pytest.mark.parametrize("wrap", [str, str.encode])
@on_a_loop
async def test_a_frame_may_hold_a_lone_message_and_be_binary(wrap: Any) -> None:
    talk = Talk(Site(Options(**ALL)))
    await talk.hears()
    talk.sends_text(wrap(json.dumps(HANDSHAKE)))
    assert (await talk.reads())[0]["successful"]
    await talk.closes()


@pytest.mark.parametrize(
    ("text", "code"), [("[", 1011), ("[]", 1011), ("7", 1011), (b"\xff", 1011), ("x" * 201, 1009)]
)
@on_a_loop
async def test_what_is_not_made_of_messages_closes_the_socket_but_not_the_session(
    text: str | bytes, code: int
) -> None:
    site = Site(Options(max_message_size=200, **ALL))
    talk = Talk(site)
    session = await talk.joins()
    talk.sends_text(text)
    assert await talk.is_closed() == code
    other = Talk(site)
    assert await other.hears() == OPENED
    assert await other.says(connect(session, advice={"timeout": 0})) == [CONNECTED]
    await other.closes()


@on_a_loop
async def test_a_session_waits_for_another_socket_when_its_own_has_closed() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    session = await talk.joins("/a")
    talk.sends(connect(session))
    await turns()
    await talk.closes()
    site.server.deliver("ann", "/a", b"1")
    other = Talk(site)
    assert await other.hears() == OPENED
    assert await other.says(connect(session)) == [{"channel": "/a", "data": 1}]
    await other.closes()
    site.clock.advance(12.0)
    assert len(site.server) == 0
    site.clock.advance(60.0)
    assert site.clock._timers == []


@on_a_loop
async def test_a_socket_over_which_nobody_speaks_is_closed_in_the_end() -> None:
    site = Site(Options(**ALL))
    silent, busy = Talk(site), Talk(site)
    await silent.hears()
    session = await busy.joins()
    busy.sends(connect(session))
    await turns()
    site.clock.advance(29.0)
    busy.sends(connect(session))
    await turns()
    site.clock.advance(12.0)
    assert await silent.is_closed() == 1001
    await busy.closes()


@on_a_loop
async def test_a_client_that_does_not_read_gets_the_rest_when_it_does() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    session = await talk.joins("/a")
    talk.stops_reading()
    for number in (1, 2, 3):
        site.server.deliver("ann", "/a", b"%d" % number)
        await turns()
    talk.sends(connect(session, advice={"timeout": 0}))
    await turns()
    talk.reads_on()
    assert await talk.reads() == [{"channel": "/a", "data": 1}]
    assert await talk.reads() == [{"channel": "/a", "data": 2}, {"channel": "/a", "data": 3}, CONNECTED]
    await talk.closes()


@on_a_loop
async def test_nothing_more_is_obeyed_while_a_client_does_not_read_the_answers() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    session = await talk.joins()
    talk.stops_reading()
    for channel in ("/a", "/b"):
        talk.sends(subscribe(session, channel))
    await turns()
    assert (site.server.publish("/a", b"1"), site.server.publish("/b", b"1")) == (1, 0)
    talk.reads_on()
    assert (await talk.reads())[0]["subscription"] == "/a"
    assert await talk.reads() == [{"channel": "/a", "data": 1}]
    assert (await talk.reads())[0]["subscription"] == "/b"
    await talk.closes()


@on_a_loop
async def test_a_connect_that_was_answered_is_not_waited_for_any_more() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    session = await talk.joins()
    for number in range(3):
        talk.sends(connect(session, id=number))
        await turns()
    talk.sends(disconnect(session))
    await talk.reads()
    assert not site.app._waits._in_order
    await talk.closes()


@on_a_loop
async def test_a_client_that_never_reads_is_dropped_and_disturbs_no_other() -> None:
    site = Site(Options(max_queue=3, **ALL))
    slow, quick = Talk(site), Talk(site)
    for one in (slow, quick):
        await one.joins("/a")
    slow.stops_reading()
    for number in range(5):
        site.server.deliver("ann", "/a", b"%d" % number)
        await turns()
        assert await quick.reads() == [{"channel": "/a", "data": number}]
    await slow.task
    assert len(site.server) == 1
    await quick.closes()


@on_a_loop
async def test_a_burst_longer_than_the_queue_reaches_a_client_that_reads() -> None:
    site = Site(Options(max_queue=3, **ALL))
    talk = Talk(site)
    await talk.joins("/a")
    for number in range(10):
        site.server.deliver("ann", "/a", b"%d" % number)
    heard: list[Any] = []
    while len(heard) < 10:
        heard += await talk.reads()
    assert heard == [{"channel": "/a", "data": number} for number in range(10)]
    await talk.closes()


@on_a_loop
async def test_writing_to_a_client_that_has_gone_hurts_nobody() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    session = await talk.joins("/a")
    talk.is_lost = True
    site.server.deliver("ann", "/a", b"1")
    await turns()
    site.server.deliver("ann", "/a", b"2")
    await talk.closes()
    other = Talk(site)
    await other.hears()
    assert await other.says(connect(session)) == [{"channel": "/a", "data": 2}]
    await other.closes()


@on_a_loop
async def test_a_task_that_is_cancelled_from_outside_ends_as_such() -> None:
    site = Site(Options(**ALL))
    talk = Talk(site)
    await talk.joins()
    talk.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await talk.task


@on_a_loop
async def test_a_session_may_go_from_polls_to_a_socket_and_back() -> None:
    site = Site(Options(**ALL))
    session = await site.joins()
    poll = await site.holds(session)
    talk = Talk(site)
    await talk.hears()
    talk.sends(connect(session))
    assert (await poll.answer()).status == 408
    site.server.deliver("ann", "/a", b"1")
    assert await talk.reads() == [{"channel": "/a", "data": 1}]
    poll = await site.holds(session)
    site.server.deliver("ann", "/a", b"2")
    assert (await poll.answer()).json[0] == {"channel": "/a", "data": 2}
    await talk.closes()


@on_a_loop
async def test_closing_answers_what_is_held_and_closes_every_socket() -> None:
    site = Site(Options(**ALL))
    talk, idle = Talk(site), Talk(site)
    session = await talk.joins()
    await idle.hears()
    talk.sends(connect(session))
    await turns()
    site.app.close(lambda: 700)
    assert await talk.reads() == [LOST | {"advice": HANDSHAKE_AGAIN | {"interval": 700}}]
    assert [await one.is_closed() for one in (talk, idle)] == [1001, 1001]
    late = Talk(site)
    assert (await late.hears())["type"] == "websocket.close"
    await late.task
    site.clock.advance(60.0)
    assert site.clock._timers == []


@on_a_loop
async def test_the_end_of_a_user_closes_his_sockets() -> None:
    site = Site(Options(**ALL))
    ann, bob = Talk(site), Talk(site, "bob")
    session = await ann.joins()
    await bob.joins()
    ann.sends(connect(session))
    await turns()
    site.server.end_user("ann")
    assert await ann.reads() == [LOST]
    assert await ann.is_closed() == 1008
    await bob.closes()
