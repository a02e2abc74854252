"""One call at one device, as the T-Server reports it."""

from bridge.tlib import messages as t
from bridge.tlib.enums import CallType
from bridge.tlib.ids import conn_id_text
from bridge.tlib.kv import KVList
from bridge.voice.model.call_tables import (
    CALL_TYPES,
    RECORDING_VALUES,
    CallStatus,
    EventEffect,
    PartyChange,
    RecordingState,
)
from bridge.voice.model.monitoring import MonitoringState
from bridge.voice.model.parties import parties_after_event


class Call:
    """A call at one device. A new one has nothing but its identity; `apply` adds the rest."""

    __slots__ = (
        "ani",
        "call_type",
        "conn_id",
        "conn_id_text",
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
        self.conn_id_text = conn_id_text(first.conn_id)
        self.uuid = first.call_uuid or self.conn_id_text
        self.id = self.conn_id_text if by_conn_id else self.uuid
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
        """The state of the recording; None until the T-Server reports one."""
        self.monitoring = False
        """Whether this is the leg of a supervisor, who monitors another user."""
        self.supervisor_listening_in = False
        """Whether a supervisor of this bridge listens in to the user silently."""
        self.monitored_user_muted = False
        """Whether the supervisor has muted the monitored user."""
        self.supervisor_monitoring_state: str | None = None
        """How the call is monitored: ListenIn, Coach or BargeIn; None for not at all."""

    def apply(
        self, event: t.TelephonyEvent, effect: EventEffect, *, begins_consultation: bool = False
    ) -> bool:
        """Apply an event of the call.

        Args:
            event: what the T-Server reports.
            effect: what this kind of event does to a call.
            begins_consultation: whether the event is the outcome of an operation that begins a consultation.

        Returns:
            Whether the other parties are known for certain after it.

        """
        if effect.state is not None:
            self.state = effect.state
            self.consulting = effect.state is CallStatus.HELD and begins_consultation
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
        """Record which call this one is a consultation about: that of PreviousConnID.

        In an event that replaces a party, PreviousConnID is the one that the call itself had.
        """
        if event.call_type is not CallType.Consult:
            self.parent = self.parent_id = None
        elif other is not PartyChange.REPLACED and event.previous_conn_id not in (None, event.conn_id):
            self.parent = event.previous_conn_id

    def move(self, conn_id: int) -> None:
        """Continue under another ConnID."""
        self.previous_conn_id, self.conn_id = self.conn_id, conn_id
        self.conn_id_text = conn_id_text(conn_id)

    @property
    def shown_state(self) -> tuple[object, ...]:
        """All that clients see of the call and that may change."""
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
