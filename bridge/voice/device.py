"""One device and the calls on it, as its T-Server tells of them."""

from bridge.tlib import messages as t
from bridge.tlib.ids import conn_id_text
from bridge.tlib.kv import KVList
from bridge.voice.parties import others_after
from bridge.voice.presence import Presence
from bridge.voice.tables import CALL_TYPES, CAPABILITIES, Effect, Other, State


class Call:
    """A call at one device, of which nothing but its identity has been told yet."""

    __slots__ = (
        "ani",
        "call_type",
        "conn_id",
        "dnis",
        "id",
        "muted",
        "others",
        "previous_conn_id",
        "started",
        "state",
        "user_data",
        "uuid",
    )

    def __init__(self, first: t.TelephonyEvent) -> None:
        self.conn_id = first.conn_id
        self.uuid = first.call_uuid or conn_id_text(first.conn_id)
        self.id = self.uuid
        """The id of the API. It stays when the call moves to another ConnID and CallUUID."""
        self.previous_conn_id: int | None = None
        """The ConnID that the call had before it moved, if it did."""
        self.started = first.time
        self.state = State.RELEASED
        self.call_type = "Unknown"
        self.dnis: str | None = None
        self.ani: str | None = None
        self.others: tuple[str, ...] = ()
        """The other parties."""
        self.muted = False
        self.user_data: KVList | None = None

    def apply(self, event: t.TelephonyEvent, effect: Effect) -> bool:
        """Take over what an event says; tell whether it leaves no doubt who the other parties are."""
        if effect.state is not None:
            self.state = effect.state
        if effect.muted is not None:
            self.muted = effect.muted
        if effect.other is Other.NOBODY:
            return True
        self.uuid = event.call_uuid or self.uuid
        self.call_type = CALL_TYPES.get(event.call_type, "Unknown")
        self.dnis = event.dnis
        self.ani = event.ani
        self.user_data = event.user_data or None
        others = others_after(event, effect.other, self.others)
        if others is None:
            return False
        self.others = others
        return True

    def move(self, conn_id: int) -> None:
        """Go on under another ConnID."""
        self.previous_conn_id, self.conn_id = self.conn_id, conn_id

    @property
    def facts(self) -> tuple[object, ...]:
        """All that is shown of the call and may change."""
        return (
            self.conn_id,
            self.uuid,
            self.state,
            self.muted,
            self.call_type,
            self.dnis,
            self.ani,
            self.others,
            self.user_data,
        )

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The operations that are possible now."""
        return CAPABILITIES[self.state]


class Device:
    """A DN of a user. Calls are held by ConnID until they are released."""

    def __init__(self, device_id: str, number: str, switch: str, user_id: str) -> None:
        self.id = device_id
        self.number = number
        self.switch = switch
        self.user_id = user_id
        self.in_session = False
        """Whether the user has started a session, so that the DN is to be registered."""
        self.registered = False
        """Whether the T-Server sends us the events of the DN now."""
        self.presence = Presence()
        self.calls: dict[int, Call] = {}
        self.asked: set[int] = set()
        """The calls of which the T-Server has been asked and has not answered yet."""

    def call(self, call_id: str) -> Call | None:
        """Find a call by its id, or by the CallUUID it goes on under."""
        for call in self.calls.values():
            if call_id in (call.id, call.uuid):
                return call
        return None

    def call_at(self, conn_id: int) -> Call | None:
        """Find a call by its ConnID, or by the one it had before it moved."""
        call = self.calls.get(conn_id)
        if call is None:
            call = next((call for call in self.calls.values() if call.previous_conn_id == conn_id), None)
        return call

    def doubts(self, conn_id: int) -> bool:
        """Tell whether something may have been missed of a call, and is not made good yet."""
        return not self.registered or conn_id in self.asked

    def leave(self) -> None:
        """End the session: whatever the DN does from now on is nobody's business."""
        self.in_session = False
        self.presence = Presence()
        self.calls.clear()
        self.asked.clear()
