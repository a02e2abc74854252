"""A Bayeux server to talk to in one line: messages are written short, answers are read as Python values."""

import itertools
import json
from typing import Any

from bridge.bayeux import Context, Listener, Options, Request, Server, Session, Transport, Verdict
from bridge.bayeux.core.messages import decode
from bridge.bayeux.core.session import Hold, Line

Message = dict[str, Any]

RETRY = {"reconnect": "retry", "interval": 0, "timeout": 30_000}
HANDSHAKE_AGAIN = {"reconnect": "handshake", "interval": 0, "timeout": 30_000}
STOP = {"reconnect": "none", "interval": 0, "timeout": 30_000}

HANDSHAKE: Message = {
    "channel": "/meta/handshake",
    "version": "1.0",
    "supportedConnectionTypes": ["websocket", "long-polling"],
}


class House:
    """A policy that keeps a list of what it refuses, and why."""

    def __init__(self, refused: dict[str, Verdict] | None = None) -> None:
        self.refused = refused or {}

    def can_handshake(self, context: Context, message: Request) -> Verdict:
        assert message.channel == "/meta/handshake"
        return self.refused.get(str(context.user), True)

    def can_subscribe(self, context: Context, session: Session, channel: str) -> Verdict:
        assert session.user == context.user
        return self.refused.get(f"{context.user} subscribes {channel}", True)

    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:
        assert session.user == context.user
        return self.refused.get(f"{context.user} publishes {channel}", True)


class Guests:
    """A listener that keeps a list of what it heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def session_added(self, session: Session, message: Request, context: Context) -> None:
        self.heard.append(("came", session.id, message.channel, context.user))

    def session_removed(self, session: Session, *, timed_out: bool) -> None:
        self.heard.append(("timed out" if timed_out else "left", session.id))

    def service(
        self, session: Session, channel: str, data: bytes, message: Request, context: Context
    ) -> None:
        assert bytes(message.data or b"") == bytes(data)
        self.heard.append(("said", session.id, channel, json.loads(bytes(data)), context.user))


def connect(session: str, **more: object) -> Message:
    return {"channel": "/meta/connect", "clientId": session, "connectionType": "long-polling", **more}


def subscribe(session: str, subscription: object, **more: object) -> Message:
    return {"channel": "/meta/subscribe", "clientId": session, "subscription": subscription, **more}


def unsubscribe(session: str, subscription: object) -> Message:
    return {"channel": "/meta/unsubscribe", "clientId": session, "subscription": subscription}


def disconnect(session: str) -> Message:
    return {"channel": "/meta/disconnect", "clientId": session}


def publish(session: str, channel: str, data: object, **more: object) -> Message:
    return {"channel": channel, "clientId": session, "data": data, **more}


def reply(channel: str, **more: object) -> Message:
    return {"channel": channel, "successful": "error" not in more, **more}


CONNECTED = reply("/meta/connect", advice=RETRY)
LOST = reply("/meta/connect", error="402::session_unknown", advice=HANDSHAKE_AGAIN)


class World:
    """A server, the time, and what its clients do. A held connect is the answer `HELD`.

    Clients are users by their names; others are a `Context`.
    """

    def __init__(
        self,
        options: Options | None = None,
        refused: dict[str, Verdict] | None = None,
        listener: Listener | None = None,
    ) -> None:
        numbers = itertools.count(1)
        self.now = 0.0
        self.server = Server(House(refused), lambda: f"s{next(numbers)}", options, listener, lambda: self.now)

    def send(self, client: str | Context, *messages: Message) -> list[Message] | Hold:
        context = Context(user=client) if isinstance(client, str) else client
        answer = self.server.receive(context, decode(json.dumps(messages)), self.now)
        return answer if isinstance(answer, Hold) else json.loads(answer)

    def says(self, client: str | Context, *messages: Message) -> list[Message]:
        answer = self.send(client, *messages)
        assert not isinstance(answer, Hold), "held"
        return answer

    def holds(self, client: str | Context, *messages: Message) -> Hold:
        answer = self.send(client, *messages)
        assert isinstance(answer, Hold), answer
        return answer

    def finish(self, hold: Hold) -> list[Message] | None:
        answer = self.server.finish(hold, self.now)
        return None if answer is None else json.loads(answer)

    def joins(self, client: str | Context, *subscriptions: str, **handshake: object) -> str:
        """Handshake, subscribe and connect once; the next connect is held."""
        session: str = self.says(client, HANDSHAKE | handshake)[0]["clientId"]
        for one in subscriptions:
            assert self.says(client, subscribe(session, one))[0]["successful"]
        assert self.says(client, connect(session))[0]["successful"]
        return session

    def deliver(self, user: str, channel: str, data: object) -> int:
        return self.server.deliver(user, channel, json.dumps(data).encode())

    def gets(self, client: str | Context, session: str) -> list[Message]:
        """What waits for a session, fetched by a connect that does not wait."""
        *events, last = self.says(client, connect(session, advice={"timeout": 0}))
        assert last == CONNECTED
        return events


class Wire:
    """A socket of a client. What the server wants to write is fetched by `reads`."""

    def __init__(self, world: World, user: str | None = "ann") -> None:
        self.world = world
        self.woken = 0
        self.is_writable = True
        self.read: list[Message] = []
        self.line = Line(self._wake, self._relieve)
        self.context = Context(Transport.WEBSOCKET, user=user, shares_connection=True)

    def _wake(self) -> None:
        self.woken += 1

    def _relieve(self) -> bool:
        if self.is_writable:
            self.read += map(json.loads, self.world.server.flush(self.line, self.world.now))
        return self.is_writable

    def reads(self) -> list[Message]:
        self._relieve()
        messages, self.read = self.read, []
        return messages

    def sends(self, *messages: Message) -> list[Hold]:
        requests = decode(json.dumps(messages))
        return self.world.server.converse(self.line, self.context, requests, self.world.now)

    def says(self, *messages: Message) -> list[Message]:
        assert self.sends(*messages) == []
        return self.reads()

    def holds(self, *messages: Message) -> Hold:
        (hold,) = self.sends(*messages)
        assert self.reads() == []
        return hold

    def joins(self, *subscriptions: str, **handshake: object) -> str:
        session: str = self.says(HANDSHAKE | handshake)[0]["clientId"]
        for one in subscriptions:
            assert self.says(subscribe(session, one))[0]["successful"]
        assert self.says(connect(session))[0]["successful"]
        return session

    def closes(self) -> list[Hold]:
        return self.world.server.hang_up(self.line, self.world.now)
