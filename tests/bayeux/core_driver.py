"""Drives a Bayeux server: messages are written short, answers are read as Python values."""

import itertools
import json
from typing import Any

from bridge.bayeux import ClientMessage, Context, Listener, Options, Server, Session, Transport, Verdict
from bridge.bayeux.core.messages import decode
from bridge.bayeux.core.session import BayeuxConnection, HeldConnect

Message = dict[str, Any]

RETRY = {"reconnect": "retry", "interval": 0, "timeout": 30_000}
HANDSHAKE_AGAIN = {"reconnect": "handshake", "interval": 0, "timeout": 30_000}
STOP = {"reconnect": "none", "interval": 0, "timeout": 30_000}

HANDSHAKE: Message = {
    "channel": "/meta/handshake",
    "version": "1.0",
    "supportedConnectionTypes": ["websocket", "long-polling"],
}


class RefusingPolicy:
    """A policy that keeps a list of what it refuses, and why."""

    def __init__(self, refused: dict[str, Verdict] | None = None) -> None:
        self.refused = refused or {}

    def can_handshake(self, context: Context, message: ClientMessage) -> Verdict:
        assert message.channel == "/meta/handshake"
        return self.refused.get(str(context.user), True)

    def can_subscribe(self, context: Context, session: Session, channel: str) -> Verdict:
        assert session.user == context.user
        return self.refused.get(f"{context.user} subscribes {channel}", True)

    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:
        assert session.user == context.user
        return self.refused.get(f"{context.user} publishes {channel}", True)


class RecordingListener:
    """A listener that records each of its calls."""

    def __init__(self) -> None:
        self.recorded: list[tuple[Any, ...]] = []

    def session_added(self, session: Session, message: ClientMessage, context: Context) -> None:
        self.recorded.append(("came", session.id, message.channel, context.user))

    def session_removed(self, session: Session, *, timed_out: bool) -> None:
        self.recorded.append(("timed out" if timed_out else "left", session.id))

    def service(
        self, session: Session, channel: str, data: bytes, message: ClientMessage, context: Context
    ) -> None:
        assert bytes(message.data or b"") == bytes(data)
        self.recorded.append(("service", session.id, channel, json.loads(bytes(data)), context.user))


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
        self.server = Server(
            RefusingPolicy(refused), lambda: f"s{next(numbers)}", options, listener, lambda: self.now
        )

    def send(self, client: str | Context, *messages: Message) -> list[Message] | HeldConnect:
        context = Context(user=client) if isinstance(client, str) else client
        answer = self.server.receive(context, decode(json.dumps(messages)), self.now)
        return answer if isinstance(answer, HeldConnect) else json.loads(answer)

    def request(self, client: str | Context, *messages: Message) -> list[Message]:
        answer = self.send(client, *messages)
        assert not isinstance(answer, HeldConnect), "held"
        return answer

    def request_held(self, client: str | Context, *messages: Message) -> HeldConnect:
        answer = self.send(client, *messages)
        assert isinstance(answer, HeldConnect), answer
        return answer

    def finish(self, held_connect: HeldConnect) -> list[Message] | None:
        answer = self.server.finish(held_connect, self.now)
        return None if answer is None else json.loads(answer)

    def open_session(self, client: str | Context, *subscriptions: str, **handshake: object) -> str:
        """Handshake, subscribe and connect once; the next connect is held."""
        session: str = self.request(client, HANDSHAKE | handshake)[0]["clientId"]
        for one in subscriptions:
            assert self.request(client, subscribe(session, one))[0]["successful"]
        assert self.request(client, connect(session))[0]["successful"]
        return session

    def deliver(self, user: str, channel: str, data: object) -> int:
        return self.server.deliver(user, channel, json.dumps(data).encode())

    def fetch_events(self, client: str | Context, session: str) -> list[Message]:
        """What waits for a session, fetched by a connect that does not wait."""
        *events, last = self.request(client, connect(session, advice={"timeout": 0}))
        assert last == CONNECTED
        return events


class SocketClient:
    """A socket of a client. What the server wants to write is fetched by `read_messages`."""

    def __init__(self, world: World, user: str | None = "ann") -> None:
        self.world = world
        self.woken = 0
        self.is_writable = True
        self.read: list[Message] = []
        self.connection = BayeuxConnection(self._wake, self._try_write)
        self.context = Context(Transport.WEBSOCKET, user=user, shares_connection=True)

    def _wake(self) -> None:
        self.woken += 1

    def _try_write(self) -> bool:
        if self.is_writable:
            self.read += map(json.loads, self.world.server.flush(self.connection, self.world.now))
        return self.is_writable

    def read_messages(self) -> list[Message]:
        self._try_write()
        messages, self.read = self.read, []
        return messages

    def sends(self, *messages: Message) -> list[HeldConnect]:
        requests = decode(json.dumps(messages))
        return self.world.server.receive_on_connection(
            self.connection, self.context, requests, self.world.now
        )

    def request(self, *messages: Message) -> list[Message]:
        assert self.sends(*messages) == []
        return self.read_messages()

    def request_held(self, *messages: Message) -> HeldConnect:
        (held_connect,) = self.sends(*messages)
        assert self.read_messages() == []
        return held_connect

    def open_session(self, *subscriptions: str, **handshake: object) -> str:
        session: str = self.request(HANDSHAKE | handshake)[0]["clientId"]
        for one in subscriptions:
            assert self.request(subscribe(session, one))[0]["successful"]
        assert self.request(connect(session))[0]["successful"]
        return session

    def closes(self) -> list[HeldConnect]:
        return self.world.server.connection_closed(self.connection, self.world.now)
