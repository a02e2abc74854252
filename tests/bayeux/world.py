"""A Bayeux server to talk to in one line: messages are written short, answers are read as Python values."""

import itertools
import json
from typing import Any

from bridge.bayeux import Options, Server
from bridge.bayeux.messages import Request, decode
from bridge.bayeux.policy import Verdict
from bridge.bayeux.session import Hold

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

    def can_handshake(self, user: str, message: Request) -> Verdict:
        assert message.channel == "/meta/handshake"
        return self.refused.get(user, True)

    def can_subscribe(self, user: str, channel: str) -> Verdict:
        return self.refused.get(f"{user} subscribes {channel}", True)

    def can_publish(self, user: str, channel: str) -> Verdict:
        return self.refused.get(f"{user} publishes {channel}", True)


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
    """A server, the time, and what its clients do. A held connect is the answer `HELD`."""

    def __init__(self, options: Options | None = None, refused: dict[str, Verdict] | None = None) -> None:
        numbers = itertools.count(1)
        self.server = Server(House(refused), lambda: f"s{next(numbers)}", options)
        self.now = 0.0

    def send(self, user: str, *messages: Message) -> list[Message] | Hold:
        answer = self.server.receive(user, decode(json.dumps(messages).encode()), self.now)
        return answer if isinstance(answer, Hold) else json.loads(answer)

    def says(self, user: str, *messages: Message) -> list[Message]:
        answer = self.send(user, *messages)
        assert not isinstance(answer, Hold), "held"
        return answer

    def holds(self, user: str, *messages: Message) -> Hold:
        answer = self.send(user, *messages)
        assert isinstance(answer, Hold), answer
        return answer

    def finish(self, hold: Hold) -> list[Message] | None:
        answer = self.server.finish(hold, self.now)
        return None if answer is None else json.loads(answer)

    def joins(self, user: str, *subscriptions: str) -> str:
        """Handshake, subscribe and connect once; the next connect is held."""
        session: str = self.says(user, HANDSHAKE)[0]["clientId"]
        for one in subscriptions:
            assert self.says(user, subscribe(session, one))[0]["successful"]
        assert self.says(user, connect(session))[0]["successful"]
        return session

    def deliver(self, user: str, channel: str, data: object) -> int:
        return self.server.deliver(user, channel, json.dumps(data).encode())

    def gets(self, user: str, session: str) -> list[Message]:
        """What waits for a session, fetched by a connect that does not wait."""
        *events, last = self.says(user, connect(session, advice={"timeout": 0}))
        assert last == CONNECTED
        return events
