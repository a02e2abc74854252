"""One device: its config, its session, and its calls as the T-Server reports them."""

from dataclasses import dataclass

from bridge.runtime.device_attributes import DeviceAttributes
from bridge.voice.model.agent_session import AgentSession
from bridge.voice.model.agent_state import Presence
from bridge.voice.model.call import Call
from bridge.voice.model.monitoring import SupervisorArrangement


@dataclass(frozen=True, slots=True)
class DeviceConfig(DeviceAttributes):
    """What is configured for a device. It is replaced whole when it changes.

    Attributes:
        owner_id: the user who has the device unless another one starts a session at its place; None if
            there is none.
        country: the ISO code of the country by whose rules numbers are written.
        features: the features of the contact center.

    """

    owner_id: str | None = None
    country: str = "US"
    features: frozenset[str] = frozenset()


class Device:
    """A DN of a user. Calls are held by ConnID until they are released."""

    def __init__(self, config: DeviceConfig) -> None:
        self.id = config.id
        self.number = config.number
        self.switch = config.switch
        self.config = config
        """A later config has the same id, number and switch: another DN is another device."""
        self.user_id = config.owner_id
        """The user who has the device now."""
        self.agent_session = AgentSession()
        self.monitoring = SupervisorArrangement()
        self.presence = Presence()
        self.calls: dict[int, Call] = {}
        self.queried: set[int] = set()
        """The ConnIDs of the calls that the T-Server was asked about and has not answered for yet."""

    def call(self, call_id: str) -> Call | None:
        """Return the call with this id, CallUUID or ConnID; None if there is none."""
        for call in self.calls.values():
            if call_id in (call.id, call.uuid, call.conn_id_text):
                return call
        return None

    def find_call_by_conn_id(self, conn_id: int) -> Call | None:
        """Return the call with this ConnID, now or before it moved; None if there is none."""
        call = self.calls.get(conn_id)
        if call is None:
            call = next((call for call in self.calls.values() if call.previous_conn_id == conn_id), None)
        return call

    @property
    def in_session(self) -> bool:
        """Whether the user has a session here."""
        return self.agent_session.state.in_session

    @property
    def registered(self) -> bool:
        """Whether the T-Server sends the events of the DN."""
        return self.agent_session.state.registered

    def end_session(self) -> None:
        """Forget all that a session had here. Its state is a matter of the table of agent sessions."""
        self.agent_session.login = None
        self.agent_session.waiting.clear()
        self.monitoring = SupervisorArrangement()
        self.presence = Presence()
        self.calls.clear()
        self.queried.clear()
