"""Writes devices, calls and services as the resources of the API."""

from urllib.parse import quote

from bridge.tlib.ids import conn_id_text
from bridge.voice import resources
from bridge.voice.device import Call, Device
from bridge.voice.presence import AgentState
from bridge.voice.userdata import to_json

USER_STATES: dict[AgentState, resources.UserState] = {
    AgentState.LOGGED_OUT: resources.LOGGED_OUT,
    AgentState.LOGGED_IN: resources.LOGGED_IN,
    AgentState.NOT_READY: resources.UserState(
        id="900D55CC-2BB0-431F-8BF9-D3525B383BE6", display_name="Not Ready", state="NotReady"
    ),
    AgentState.READY: resources.UserState(
        id="9430250E-0A1B-421F-B372-F29E69366DED", display_name="Ready", state="Ready"
    ),
    AgentState.AFTER_CALL_WORK: resources.UserState(
        id="D3663509-3D82-4DD3-A82E-2EA8EFA02AEF",
        display_name="AfterCallWork",
        state="NotReady",
        work_mode="AfterCallWork",
    ),
    AgentState.AUX_WORK: resources.UserState(
        id="2B36138D-C564-4562-A8CB-3C32D564F296",
        display_name="AuxWork",
        state="NotReady",
        work_mode="AuxWork",
    ),
}
"""`userState` of each agent state. The ids are published constants (GWS v2, agent states)."""


class Renderer:
    """Writes resources. `api` is the external address that ends in `/api/v2`."""

    def __init__(self, api: str) -> None:
        self._api = api

    def device(self, device: Device) -> resources.DeviceResource:
        """Write a device as it is now."""
        presence = device.presence
        return resources.DeviceResource(
            id=device.id,
            device_state="Active" if device.registered and presence.in_service else "Inactive",
            user_state=self._user_state(device),
            phone_number=device.number,
            e164_number="",
            telephony_network="Private",
            do_not_disturb="On" if presence.do_not_disturb else "Off",
            forward_to=presence.forward_to,
            capabilities=(),
            uri=f"{self._api}/devices/{device.id}",
            path=f"/devices/{device.id}",
        )

    def call(self, device: Device, call: Call, now: float) -> resources.CallResource:
        """Write a call as it is now, by the switch's clock."""
        return resources.CallResource(
            id=call.id,
            state=call.state,
            call_uuid=call.uuid,
            conn_id=conn_id_text(call.conn_id),
            device_uri=f"{self._api}/devices/{device.id}",
            participants=tuple(map(self._participant, call.others)),
            dnis=call.dnis,
            ani=call.ani,
            call_type=call.call_type,
            capabilities=call.capabilities,
            user_data=to_json(call.user_data) if call.user_data else None,
            duration=str(max(0, int(now - call.started))),
            mute="On" if call.muted else "Off",
            supervisor_listening_in=False,
            monitored_user_muted=False,
            monitoring=False,
            uri=f"{self._api}/me/calls/{call.id}",
            path=f"/calls/{call.id}",
        )

    def service(self, switch: str, application: str, *, up: bool) -> resources.ServiceResource:
        """Write the T-Server of a switch as a service."""
        name = quote(switch, safe="")
        return resources.ServiceResource(
            id=switch,
            name=application,
            type="Voice",
            state="Active" if up else "Inactive",
            uri=f"{self._api}/services/{name}",
            path=f"/services/{name}",
        )

    @staticmethod
    def _user_state(device: Device) -> resources.UserState:
        if not device.in_session:
            return resources.LOGGED_OUT
        presence = device.presence
        if presence.agent_state is None:
            return resources.LOGGED_IN
        state = USER_STATES[presence.agent_state]
        if presence.reason is None:
            return state
        return resources.UserState(
            id=state.id,
            display_name=state.display_name,
            state=state.state,
            work_mode=state.work_mode,
            reason=presence.reason,
        )

    @staticmethod
    def _participant(number: str) -> resources.Participant:
        return resources.Participant(
            e164_number="", formatted_phone_number=number, phone_number=number, digits=number
        )
