"""One device and the calls on it, as its T-Server tells of them."""

from bridge.tlib import messages as t
from bridge.tlib.enums import CallType
from bridge.tlib.ids import conn_id_text
from bridge.tlib.kv import KVList
from bridge.voice.model.agent_session import AgentSession
from bridge.voice.model.agent_state import Presence
from bridge.voice.model.call_tables import (
    CALL_TYPES,
    RECORDING_VALUES,
    CallStatus,
    EventEffect,
    PartyChange,
    RecordingState,
)
from bridge.voice.model.monitoring import MonitoringArrangement, MonitoringState
from bridge.voice.model.parties import parties_after_event


class Call:
    """A call at one device, of which nothing but its identity has been told yet."""

    __slots__ = (
        "ani",
        "call_type",
        "conn_id",
        "consulting",
        "dnis",
        "id",
        "monitored_user_muted",
        "monitoring",
        "muted",
        "others",
        "owned",
        "parent",
        "parent_id",
        "previous_conn_id",
        "recording",
        "started",
        "state",
        "supervisor_listening_in",
        "supervisor_monitoring_state",
        "user_data",
        "uuid",
    )

    def __init__(self, first: t.TelephonyEvent, *, by_conn_id: bool = False) -> None:
        self.conn_id = first.conn_id
        self.uuid = first.call_uuid or conn_id_text(first.conn_id)
        self.id = conn_id_text(first.conn_id) if by_conn_id else self.uuid
        """The id of the API. It stays when the call moves to another ConnID and CallUUID."""
        self.previous_conn_id: int | None = None
        """The ConnID that the call had before it moved, if it did."""
        self.started = first.time
        self.state = CallStatus.RELEASED
        self.call_type = "Unknown"
        self.dnis: str | None = None
        self.ani: str | None = None
        self.others: tuple[str, ...] = ()
        """The other parties."""
        self.muted = False
        self.user_data: KVList | None = None
        self.parent: int | None = None
        """The ConnID of the call that this one is a consultation about."""
        self.parent_id: str | None = None
        """The id of that call, if it was at this device; it stays when that call is over."""
        self.consulting = False
        """Whether a consultation about this call was asked for and has not begun yet."""
        self.owned = False
        """Whether this device has brought others into the conference."""
        self.recording: RecordingState | None = None
        """How the recording of the call is, once that was told."""
        self.monitoring = False
        """Whether this is a supervisor's leg, which listens in."""
        self.supervisor_listening_in = False
        """Whether a supervisor listens in to the user, as far as the user may know."""
        self.monitored_user_muted = False
        """Whether the supervisor has muted the user who is listened in to."""
        self.supervisor_monitoring_state: str | None = None
        """How the call is listened in to: ListenIn, Coach or BargeIn."""

    def apply(self, event: t.TelephonyEvent, effect: EventEffect) -> bool:
        """Take over what an event says; tell whether it leaves no doubt who the other parties are."""
        if effect.state is not None:
            self.state = effect.state
        if effect.muted is not None:
            self.muted = effect.muted
            if self.monitoring:
                self.supervisor_monitoring_state = (
                    MonitoringState.LISTEN_IN if effect.muted else MonitoringState.BARGE_IN
                )
        if effect.other is PartyChange.UNCHANGED:
            return True
        self.uuid = event.call_uuid or self.uuid
        self.call_type = CALL_TYPES.get(event.call_type, "Unknown")
        if self.parent is not None or event.call_type is CallType.Consult:
            self.update_parent(event, effect.other)
        self.dnis = event.dnis
        self.ani = event.ani
        data = event.user_data or None
        if data is not None and data != self.user_data:
            self.recording = RECORDING_VALUES.get(data.first("GSIP_RECORD"), self.recording)
        self.user_data = data
        if self.recording is not None and self.state is CallStatus.RELEASED:
            self.recording = RecordingState.STOPPED  # it ends with the call
        if effect.other is PartyChange.ADDED and event.third_party_dn == event.this_dn:
            self.owned = True
        others = parties_after_event(event, effect.other, self.others)
        if others is None:
            return False
        self.others = others
        return True

    def update_parent(self, event: t.TelephonyEvent, other: PartyChange) -> None:
        """Take note which call this one is a consultation about.

        PreviousConnID tells it, unless the event is one that tells there which ConnID the call itself had.
        """
        if event.call_type is not CallType.Consult:
            self.parent = self.parent_id = None
        elif other is not PartyChange.REPLACED and event.previous_conn_id not in (None, event.conn_id):
            self.parent = event.previous_conn_id

    def move(self, conn_id: int) -> None:
        """Go on under another ConnID."""
        self.previous_conn_id, self.conn_id = self.conn_id, conn_id

    @property
    def shown_state(self) -> tuple[object, ...]:
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
            self.recording,
            self.supervisor_listening_in,
            self.monitored_user_muted,
            self.supervisor_monitoring_state,
        )


class Device:
    """A DN of a user. Calls are held by ConnID until they are released.

    Args:
        device_id: its id in the API.
        number: the DN.
        switch: the name of its switch.
        user_id: whose it is; None if it is nobody's, and one who sits down at its place has it.
        contact_center: the id of the contact center it belongs to.
        type: what kind of DN it is, such as `Extension` or `ACDPosition`.
        country: the ISO code of the country by whose rules numbers are written.
        has_recording: whether calls can be recorded here, as the contact center has the feature.
        description: for people.

    """

    def __init__(  # noqa: PLR0913 (what a site says of a DN)
        self,
        device_id: str,
        number: str,
        switch: str,
        user_id: str | None,
        *,
        contact_center: str = "",
        type: str = "Extension",  # noqa: A002 (the API's name)
        country: str = "US",
        has_recording: bool = False,
        description: str = "",
    ) -> None:
        self.id = device_id
        self.number = number
        self.switch = switch
        self.user_id = user_id
        """Who has it now."""
        self.owner_id = user_id
        """Who has it when nobody has sat down at its place."""
        self.contact_center = contact_center
        self.type = type
        self.country = country
        self.has_recording = has_recording
        self.description = description
        self.agent_session: AgentSession | None = None
        """The user's session here, so that the DN is to be registered."""
        self.monitoring: MonitoringArrangement | None = None
        """What the user, a supervisor, has arranged to listen in to."""
        self.registered = False
        """Whether the T-Server sends us the events of the DN now."""
        self.presence = Presence()
        self.calls: dict[int, Call] = {}
        self.queried: set[int] = set()
        """The calls of which the T-Server has been asked and has not answered yet."""

    def call(self, call_id: str) -> Call | None:
        """Find a call by its id, or by the CallUUID or ConnID it goes on under."""
        for call in self.calls.values():
            if call_id in (call.id, call.uuid) or call_id == conn_id_text(call.conn_id):
                return call
        return None

    def find_call_by_conn_id(self, conn_id: int) -> Call | None:
        """Find a call by its ConnID, or by the one it had before it moved."""
        call = self.calls.get(conn_id)
        if call is None:
            call = next((call for call in self.calls.values() if call.previous_conn_id == conn_id), None)
        return call

    def is_stale(self, conn_id: int) -> bool:
        """Tell whether something may have been missed of a call, and is not made good yet."""
        return not self.registered or conn_id in self.queried

    @property
    def in_session(self) -> bool:
        """Whether the user has a session here."""
        return self.agent_session is not None

    def end_session(self) -> None:
        """End the session: whatever the DN does from now on is nobody's business."""
        self.agent_session = None
        self.monitoring = None
        self.presence = Presence()
        self.calls.clear()
        self.queried.clear()
