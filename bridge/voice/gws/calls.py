"""Renders calls as resources of the API, in the version that a site speaks.

Source: GWS v2, Call resource and its revisions.
"""

from bridge.runtime.features import RECORDING
from bridge.voice.gws import resources
from bridge.voice.gws.participants import participant
from bridge.voice.gws.versions import CURRENT_VERSION, ApiVersion
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import GSIP_RECORD, CallStatus
from bridge.voice.model.capabilities import possible_call_operations
from bridge.voice.model.device import Device
from bridge.voice.model.user_data import to_json


class CallRenderer:
    """Renders calls. `api` is the external address that ends in `/api/v2`."""

    def __init__(self, api: str, version: ApiVersion = CURRENT_VERSION) -> None:
        self._api = api
        self._version = version

    def render_call(self, device: Device, call: Call, now: float) -> resources.CallResource:
        """Render a call as it is at `now`, by the switch's clock."""
        version = self._version
        parties = tuple([participant(number, device.config.country) for number in call.others])
        parent, how = call.parent_id, call.supervisor_monitoring_state
        return resources.CallResource(
            id=call.id,
            state=call.state,
            call_uuid=call.uuid,
            conn_id=call.conn_id_text if version.has_conn_id else None,
            device_uri=f"{self._api}/devices/{device.id}",
            participants=call.others if version.participants_are_text else parties,
            participants_info=parties if version.participants_are_text else None,
            dnis=call.dnis,
            ani=call.ani,
            call_type=call.call_type,
            capabilities=()
            if call.state is CallStatus.RELEASED
            else possible_call_operations(device, call, clearable=version.has_clear_call),
            user_data=_user_data(device, call),
            duration=str(max(0, int(now - call.started))),
            mute="On" if call.muted else "Off",
            recording_state=call.recording if RECORDING in device.config.features else None,
            supervisor_listening_in=call.supervisor_listening_in,
            monitored_user_muted=call.monitored_user_muted,
            monitoring=call.monitoring if version.has_monitoring else None,
            supervisor_monitoring_state=None if how is None else resources.Monitoring(state=how),
            parent_call_uri=None if parent is None else f"{self._api}/me/calls/{parent}",
            parent_call_path=f"/calls/{parent}" if parent is not None and version.has_path else None,
            uri=f"{self._api}/me/calls/{call.id}",
            path=f"/calls/{call.id}" if version.has_path else None,
        )


def _user_data(device: Device, call: Call) -> dict[str, object] | None:
    """Render the user data, with the recording state of T-Servers that report it by other means."""
    data = to_json(call.user_data) if call.user_data else None
    if call.recording is None or RECORDING not in device.config.features or (data and "GSIP_RECORD" in data):
        return data
    return {**(data or {}), "GSIP_RECORD": GSIP_RECORD[call.recording]}
