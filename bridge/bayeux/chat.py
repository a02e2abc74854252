"""CometD's chat: rooms, their members, and private messages (CometD tutorials, chat service).

A client publishes `{user, room}` on `/service/members` to join the room `/chat/NAME`, and gets the names of
its members on `/members/NAME`. All who subscribed to `/chat/NAME` get what is published there.
`{room, user, chat, peer}` on `/service/privatechat` goes to the peers (with commas between) and to its
sender, on `/chat/NAME`. A session that ends leaves its rooms.
"""

from typing import Annotated, TypeVar

import msgspec

from bridge.bayeux.application import Application
from bridge.bayeux.core.channels import is_pattern, normalise
from bridge.bayeux.remote_session import RemoteSession

_MAX_ROOMS = 100  # one session may be in; what a client makes the server keep has a bound

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
T = TypeVar("T")


class Membership(msgspec.Struct, frozen=True):
    """A user who joins a room."""

    user: Name
    room: Name


class PrivateMessage(msgspec.Struct, frozen=True):
    """A message to some members of a room; `peer` has commas between the names."""

    user: Name
    room: Name
    chat: Annotated[str, msgspec.Meta(max_length=10_000)]
    peer: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class Chat:
    """The rooms of one application.

    Args:
        cometd: the application whose service channels and sessions the chat listens to.

    """

    def __init__(self, cometd: Application) -> None:
        self._cometd = cometd
        self._rooms: dict[str, dict[str, RemoteSession]] = {}
        self._joined: dict[RemoteSession, dict[str, str]] = {}
        cometd.service("/service/members")(self._join)
        cometd.service("/service/privatechat")(self._send_private)
        cometd.session_removed(self._leave_rooms)

    def members(self, room: str) -> list[str]:
        """Return the names of the members of a room, in the order they joined."""
        return list(self._rooms.get(room, ()))

    def _join(self, session: RemoteSession, channel: str, data: object) -> None:
        membership = _convert(session, channel, data, Membership)
        if membership is None:
            return
        room = _room(membership.room)
        names = self._joined.setdefault(session, {})
        if room is None or (room not in names and len(names) >= _MAX_ROOMS):
            session.deliver(channel, {"error": f"there is no room for you in {membership.room}"})
            return
        if room in names:  # under another name, perhaps; a session has one in each room
            self._remove_member(session, room, names[room])
        names[room] = membership.user
        self._rooms.setdefault(room, {})[membership.user] = session  # of two of one name the later has it
        self._publish_members(room)

    def _send_private(self, session: RemoteSession, channel: str, data: object) -> None:
        message = _convert(session, channel, data, PrivateMessage)
        if message is None:
            return
        room = _room(message.room) or ""
        members = self._rooms.get(room, {})
        peers = {members[name] for name in message.peer.split(",") if name in members}
        if not peers:
            session.deliver(channel, {"error": f"nobody in {message.room} is called {message.peer}"})
            return
        for one in peers | {session}:
            one.deliver(f"/chat/{room}", {"user": message.user, "chat": message.chat, "scope": "private"})

    def _leave_rooms(self, session: RemoteSession, *, timed_out: bool) -> None:  # noqa: ARG002 (why it ended is all one)
        for room, name in self._joined.pop(session, {}).items():
            self._remove_member(session, room, name)
            self._publish_members(room)

    def _remove_member(self, session: RemoteSession, room: str, name: str) -> None:
        """Remove a name from a room, unless another session has it by now."""
        members = self._rooms.get(room, {})
        if members.get(name) == session:
            del members[name]
            if not members:
                del self._rooms[room]

    def _publish_members(self, room: str) -> None:
        self._cometd.publish(f"/members/{room}", self.members(room))


def _room(given: str) -> str | None:
    """Return the room's name without `/chat/`, which clients may leave out."""
    channel = normalise(f"/chat/{given.removeprefix('/chat/')}")
    return None if channel is None or is_pattern(channel) else channel.removeprefix("/chat/")


def _convert(session: RemoteSession, channel: str, data: object, shape: type[T]) -> T | None:
    """Return the published data as `kind`; if it is something else, send its publisher an error."""
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        session.deliver(channel, {"error": str(error)})
        return None
