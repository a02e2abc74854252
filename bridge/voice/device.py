"""One device and the calls on it, as its T-Server tells of them."""

from bridge.tlib import messages as t
from bridge.tlib.ids import conn_id_text
from bridge.tlib.kv import KVList
from bridge.voice import resources
from bridge.voice.tables import CALL_TYPES, CAPABILITIES, Effect, State
from bridge.voice.userdata import to_json


class Call:
    """A call at one device."""

    __slots__ = ("ani", "call_type", "conn_id", "dnis", "id", "other_dn", "started", "state", "user_data")

    def __init__(self, event: t.CallEvent) -> None:
        self.id = event.call_uuid or conn_id_text(event.conn_id)
        self.conn_id = event.conn_id
        self.started = event.time
        self.state = State.ESTABLISHED
        self.other_dn: str | None = None
        self.apply(event, Effect(None, None))

    def apply(self, event: t.CallEvent, effect: Effect) -> None:
        """Take over what an event says. An event tells the whole of the call but for a known other party."""
        if effect.state is not None:
            self.state = effect.state
        self.other_dn = event.other_dn or self.other_dn
        self.call_type = CALL_TYPES.get(event.call_type, "Unknown")
        self.dnis = event.dnis
        self.ani = event.ani
        self.user_data: KVList | None = event.user_data

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
        self.calls: dict[int, Call] = {}

    def call(self, call_id: str) -> Call | None:
        """Find a call by its id."""
        for call in self.calls.values():
            if call.id == call_id:
                return call
        return None


class Renderer:
    """Writes devices and calls as resources. `api` is the external address that ends in `/api/v2`."""

    def __init__(self, api: str) -> None:
        self._api = api

    def device(self, device: Device) -> resources.DeviceResource:
        """Write a device as it is now."""
        return resources.DeviceResource(
            id=device.id,
            device_state="Active" if device.registered else "Inactive",
            user_state=resources.LOGGED_IN if device.in_session else resources.LOGGED_OUT,
            phone_number=device.number,
            e164_number="",
            telephony_network="Private",
            do_not_disturb="Off",
            capabilities=(),
            uri=f"{self._api}/devices/{device.id}",
            path=f"/devices/{device.id}",
        )

    def call(self, device: Device, call: Call, now: float) -> resources.CallResource:
        """Write a call as it is now, by the switch's clock."""
        return resources.CallResource(
            id=call.id,
            state=call.state,
            call_uuid=call.id,
            conn_id=conn_id_text(call.conn_id),
            device_uri=f"{self._api}/devices/{device.id}",
            participants=(self._participant(call.other_dn),) if call.other_dn else (),
            dnis=call.dnis,
            ani=call.ani,
            call_type=call.call_type,
            capabilities=call.capabilities,
            user_data=to_json(call.user_data) if call.user_data else None,
            duration=str(max(0, int(now - call.started))),
            mute="Off",
            supervisor_listening_in=False,
            monitored_user_muted=False,
            monitoring=False,
            uri=f"{self._api}/me/calls/{call.id}",
            path=f"/calls/{call.id}",
        )

    @staticmethod
    def _participant(number: str) -> resources.Participant:
        return resources.Participant(
            e164_number="", formatted_phone_number=number, phone_number=number, digits=number
        )
