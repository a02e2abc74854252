"""One device and the calls on it, as its T-Server tells of them."""

from bridge.tlib.ids import conn_id_text
from bridge.voice.model.agent_session import AgentSession
from bridge.voice.model.agent_state import Presence
from bridge.voice.model.call import Call
from bridge.voice.model.monitoring import MonitoringArrangement


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
