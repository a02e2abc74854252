"""CometD's little chat: rooms, who is in them, and a word to some only (CometD tutorials, chat service).

A client publishes `{user, room}` on `/service/members` to join the room `/chat/NAME`, and gets the names of
all who are there on `/members/NAME`. What it publishes on `/chat/NAME` everybody gets who subscribed to that.
`{room, user, chat, peer}` on `/service/privatechat` goes to the peers (with commas between) and back to who
said it, on `/chat/NAME`. A session that ends leaves its rooms.
"""

from typing import Annotated, TypeVar

import msgspec

from bridge.bayeux.application import Application
from bridge.bayeux.core.channels import is_pattern, normalise
from bridge.bayeux.remote_session import RemoteSession

_MOST_ROOMS = 100  # one session may be in; what a client makes the server keep has a bound

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
T = TypeVar("T")


class Membership(msgspec.Struct, frozen=True):
    """Who joins which room."""

    user: Name
    room: Name


class Whisper(msgspec.Struct, frozen=True):
    """What one says to some of a room; `peer` has commas between the names."""

    user: Name
    room: Name
    chat: Annotated[str, msgspec.Meta(max_length=10_000)]
    peer: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class Chat:
    """The rooms of one application.

    Args:
        cometd: where clients come from; the chat listens to its service channels and its sessions.

    """

    def __init__(self, cometd: Application) -> None:
        self._cometd = cometd
        self._rooms: dict[str, dict[str, RemoteSession]] = {}
        self._joined: dict[RemoteSession, dict[str, str]] = {}
        cometd.service("/service/members")(self._join)
        cometd.service("/service/privatechat")(self._whisper)
        cometd.session_removed(self._leave)

    def members(self, room: str) -> list[str]:
        """Return the names of those in a room, in the order they came."""
        return list(self._rooms.get(room, ()))

    def _join(self, session: RemoteSession, channel: str, data: object) -> None:
        wish = _read(session, channel, data, Membership)
        if wish is None:
            return
        room = _room(wish.room)
        names = self._joined.setdefault(session, {})
        if room is None or (room not in names and len(names) >= _MOST_ROOMS):
            session.deliver(channel, {"error": f"there is no room for you in {wish.room}"})
            return
        if room in names:  # under another name, perhaps; a session has one in each room
            self._strike(session, room, names[room])
        names[room] = wish.user
        self._rooms.setdefault(room, {})[wish.user] = session  # of two of one name the later has it
        self._tell(room)

    def _whisper(self, session: RemoteSession, channel: str, data: object) -> None:
        said = _read(session, channel, data, Whisper)
        if said is None:
            return
        room = _room(said.room) or ""
        members = self._rooms.get(room, {})
        peers = {members[name] for name in said.peer.split(",") if name in members}
        if not peers:
            session.deliver(channel, {"error": f"nobody in {said.room} is called {said.peer}"})
            return
        for one in peers | {session}:
            one.deliver(f"/chat/{room}", {"user": said.user, "chat": said.chat, "scope": "private"})

    def _leave(self, session: RemoteSession, *, timed_out: bool) -> None:  # noqa: ARG002 (why it ended is all one)
        for room, name in self._joined.pop(session, {}).items():
            self._strike(session, room, name)
            self._tell(room)

    def _strike(self, session: RemoteSession, room: str, name: str) -> None:
        """Take a name off a room's list, unless another session has it by now."""
        members = self._rooms.get(room, {})
        if members.get(name) == session:
            del members[name]
            if not members:
                del self._rooms[room]

    def _tell(self, room: str) -> None:
        self._cometd.publish(f"/members/{room}", self.members(room))


def _room(given: str) -> str | None:
    """Return the room's name without `/chat/`, which clients write and people forget."""
    channel = normalise(f"/chat/{given.removeprefix('/chat/')}")
    return None if channel is None or is_pattern(channel) else channel.removeprefix("/chat/")


def _read(session: RemoteSession, channel: str, data: object, shape: type[T]) -> T | None:
    """Take what was published; if it is something else, its publisher is told on the same channel."""
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        session.deliver(channel, {"error": str(error)})
        return None
