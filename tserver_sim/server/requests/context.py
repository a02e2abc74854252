"""What the request handlers of a T-Server share: its switch, its clients, and the sending of events."""

from collections.abc import Callable, Iterator
from typing import Any

from bridge.runtime.clock import Clock
from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole
from bridge.tlib.enums.base import WireEnum
from bridge.tlib.errors import ErrorCode
from bridge.tlib.wire import Wire
from tserver_sim.server.distribution.call_monitoring import CallMonitoring
from tserver_sim.server.distribution.input_masks import InputMasks
from tserver_sim.server.distribution.location_monitoring import LocationMonitoring
from tserver_sim.server.distribution.registrations import Client, Registrations
from tserver_sim.server.requests.server_info import ServerInfo
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.state.switch_data import SwitchDN
from tserver_sim.switch.switch import Switch

SERVER_VERSION = "1.0.0"
"""ServerVersion of the simulated T-Server; raised when clients see a difference."""

MAX_DN_LENGTH = 255

_MICROSECONDS = 1_000_000


class ServerContext:
    """The T-Server as its request handlers see it.

    Args:
        server_info: name, role and start time of the T-Server.
        switch: the switch behind it.
        clock: the time of the switch.
        wire: encodes messages as frames.
        deliver: writes a frame to a client.
        numbers: the numbers that new clients get.

    """

    def __init__(
        self,
        server_info: ServerInfo,
        switch: Switch,
        clock: Clock,
        wire: Wire,
        deliver: Callable[[Client, bytes], None],
        numbers: Iterator[int],
    ) -> None:
        self.server_info = server_info
        self.switch = switch
        self.deliver = deliver
        self.clients: dict[Client, int] = {}
        """The clients that have sent RequestRegisterClient, and their numbers."""
        self.registrations = Registrations()
        self.masks = InputMasks()
        self.monitoring = CallMonitoring(switch.engine)
        self.locations = LocationMonitoring(switch.engine.config.other_locations, switch.state)
        self.link_is_up = True
        """Whether the link to the switch is up."""
        self.capabilities = b""
        """ServerCapabilityMask."""
        self._clock = clock
        self._wire = wire
        self._numbers = numbers

    # --- clients ---------------------------------------------------------------------------------

    def add_client(self, client: Client) -> None:
        """Add a client under the next number."""
        self.clients[client] = next(self._numbers)

    def remove_client(self, client: Client) -> None:
        """Remove a client with its registrations, mask and subscriptions."""
        self.clients.pop(client, None)
        self.registrations.remove_client(client)
        self.masks.remove_client(client)
        self.monitoring.unsubscribe(client)
        self.locations.remove_client(client)

    # --- checks ----------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The time of the switch, in seconds since 1970-01-01T00:00:00Z."""
        return self._clock.now()

    @property
    def is_linked(self) -> bool:
        """Whether the link to the switch is up and the state of the switch is known."""
        return self.link_is_up and self.server_info.is_informed

    def check_linked(self) -> None:
        """Check that the switch can be used.

        Raises:
            RefusedError: the link to the switch is down, or its state is not known.

        """
        if not self.is_linked:
            raise RefusedError(ErrorCode.SwitchNotConnected, "the T-Server has lost its switch")

    def device(self, dn: str) -> SwitchDN:
        """Return a DN of the switch.

        Raises:
            RefusedError: the switch has no such DN.

        """
        device = self.switch.state.devices.get(validated_dn(dn))
        if device is None:
            raise RefusedError(ErrorCode.DNNotConfigured, f"{dn} is not a DN of this switch")
        return device

    # --- sending ---------------------------------------------------------------------------------

    def reply(self, client: Client, request: m.Request, kind: type[m.Event], **attributes: Any) -> None:  # noqa: ANN401 (attributes of the event)
        """Send a client the reply to its request, with the ReferenceID."""
        self.send(client, kind(**self.stamp(), reference_id=request.reference_id, **attributes))

    def acknowledge(self, client: Client, request: m.Request) -> None:
        """Send EventACK, the reply to a request that has no event of its own."""
        self.reply(client, request, m.EventACK, user_event=request.number.value)

    def send(self, client: Client, event: m.Event) -> None:
        """Send an event to one client."""
        self.deliver(client, self.frame(event))

    def send_to_all(self, event: m.Event) -> None:
        """Send an event to all clients."""
        shared = self.frame(event)
        for client in self.clients:
            self.deliver(client, shared)

    def frame(self, event: m.Event) -> bytes:
        """Return an event as a frame of the link."""
        return self._wire.encode(event)

    def stamp(self) -> dict[str, Any]:
        """Return time and EventSequenceNumber for an event that the switch did not send.

        A backup sends it without a number: only the primary counts events.
        """
        if self.server_info.role is ServerRole.Backup:
            return self.stamp_without_number()
        self.switch.advance(self._clock.now())
        return self.switch.engine.stamp()

    def stamp_without_number(self) -> dict[str, Any]:
        """Return the time for an event without EventSequenceNumber."""
        seconds, microseconds = divmod(int(self._clock.now() * _MICROSECONDS), _MICROSECONDS)
        return {"time_in_secs": seconds, "time_in_usecs": microseconds}

    def server_info_attributes(self) -> dict[str, Any]:
        """Return the attributes of EventServerInfo."""
        return {
            "server_version": SERVER_VERSION,
            "server_role": self.server_info.role,
            "server_capability_mask": self.capabilities,
            "server_start_time": self.server_info.start_time,
            "application_name": self.server_info.application_name,
        }


def check_enum_value(name: str, value: WireEnum) -> None:
    """Check that a value is one of the enumeration's public list.

    Raises:
        RefusedError: it is not.

    """
    if not value.is_listed:
        raise RefusedError(ErrorCode.InvalidAttribute, f"{name}: {value.value} is not known")


def validated_dn(dn: str) -> str:
    """Return the DN of a request.

    Raises:
        RefusedError: it has more than MAX_DN_LENGTH characters.

    """
    if len(dn) > MAX_DN_LENGTH:
        raise RefusedError(ErrorCode.InvalidAttribute, f"ThisDN: longer than {MAX_DN_LENGTH} characters")
    return dn
