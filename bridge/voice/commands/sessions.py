"""The way out for contact center sessions: their beginning and their end."""

from collections.abc import Callable

from bridge.tlib import messages as t
from bridge.voice.commands.seating import Seating, logins
from bridge.voice.events.agent_login import START, Unsent
from bridge.voice.gws.device_notifications import DeviceNotices
from bridge.voice.gws.devices import VOICE_CHANNEL
from bridge.voice.model.agent_session import Sitting, Stage
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.agents import Login, Staff
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Floor
from bridge.voice.model.errors import LinkDownError, Partial, RefusedError, StatusCode
from bridge.voice.model.pending import Cause, Send, Step
from bridge.voice.operations.session import EndContactCenterSession, StartContactCenterSession

END = EndContactCenterSession.__name__

OTHER_MEDIA = frozenset({"callback", "chat", "email", "facebook", "multimedia", "sms", "twitter", "workitem"})
"""Media that a GWS may serve and this one does not: their servers are not there."""


class SessionWork:
    """Begins and ends sessions.

    Args:
        floor: all devices.
        staff: who works there.
        notices: what users are told of devices.
        lose: tells that the calls of a device are out of sight.
        send: the way to the links.

    """

    def __init__(
        self,
        floor: Floor,
        staff: Staff,
        notices: DeviceNotices,
        lose: Callable[[Device], None],
        send: Send,
    ) -> None:
        self._floor = floor
        self._staff = staff
        self._seating = Seating(floor, staff)
        self._notices = notices
        self._lose = lose
        self._send = send

    # --- the beginning ----------------------------------------------------------------------------

    def start(self, user_id: str, body: StartContactCenterSession) -> Partial | None:
        """Begin to work on channels, or go on; some may fail.

        Raises:
            RefusedError: all failed; it says why voice did, or the first of the others.

        """
        refusals: dict[str, RefusedError] = {}
        channels = list(dict.fromkeys(body.channels))
        for channel in channels:
            try:
                self._start_channel(user_id, channel, body)
            except RefusedError as error:
                refusals[channel] = error
        if not refusals:
            return None
        if len(refusals) == len(channels):
            raise refusals.get(VOICE_CHANNEL) or refusals[channels[0]]
        succeeded = [{"statusCode": 0, "channel": each} for each in channels if each not in refusals]
        failed = [
            {"statusCode": int(error.code), "statusMessage": str(error), "channel": each}
            for each, error in refusals.items()
        ]
        return Partial(tuple(succeeded), tuple(failed))

    def _start_channel(self, user_id: str, channel: str, body: StartContactCenterSession) -> None:
        if channel == VOICE_CHANNEL:
            self._start_voice(user_id, body)
        elif channel in OTHER_MEDIA:
            raise LinkDownError(f"channels: {channel!r} is not served here, only {VOICE_CHANNEL!r}")
        else:
            text = f"channels: {channel!r} is no channel; {VOICE_CHANNEL!r} is served here"
            raise RefusedError(StatusCode.INVALID, text)

    def _start_voice(self, user_id: str, body: StartContactCenterSession) -> None:
        """Have DNs registered. Starting once more registers again, which does no harm."""
        devices, sits_down = self._seating.devices(user_id, body)
        refusals = []
        for device, login in zip(devices, logins(self._staff.agent(user_id), devices, body), strict=True):
            try:
                self._start_at(device, login)
            except LinkDownError as error:
                refusals.append((device, error))
        if len(refusals) == len(devices):
            raise refusals[0][1]
        for device, refusal in refusals:
            self._notices.failure(Cause(START, device), START, Unsent(str(refusal)))
        if sits_down:
            self._get_up(user_id, devices)
            self._floor.seat(user_id, devices[0])

    def _start_at(self, device: Device, login: Login | None) -> None:
        request = t.RequestRegisterAddress(this_dn=device.number)
        self._send(device.switch, request, Cause(START, device, step=Step.REGISTER))
        held = device.sitting.held if device.sitting is not None else []
        device.sitting = Sitting(login, held=held)

    def _get_up(self, user_id: str, but: list[Device]) -> None:
        """End a session at other devices than these."""
        for device in list(self._floor.of_user(user_id)):
            if device not in but:
                self.leave(device)

    # --- the end ----------------------------------------------------------------------------------

    def end(self, user_id: str) -> None:
        """End a user's session. Without one nothing is done."""
        for device in list(self._floor.of_user(user_id)):
            self.leave(device)

    def leave(self, device: Device) -> None:
        """End the session at a device: the agent is logged out, and calls there are out of sight."""
        sitting = device.sitting
        if sitting is None:
            return
        self._lose(device)
        requests: list[t.Request] = []
        if _may_be_in(device, sitting):
            requests.append(t.RequestAgentLogout(this_dn=device.number))
        requests.append(t.RequestUnregisterAddress(this_dn=device.number))
        cause = Cause(END, device, step=Step.LEAVE, asked_by=device.user_id)
        device.leave()
        try:
            for request in requests:
                self._send(device.switch, request, cause)
        except LinkDownError:  # the registration went down with the link
            device.registered = False
            self._notices.device(device)
        if device.user_id != device.owner_id:  # whose it is hears no more of it from now on
            device.registered = False
            self._notices.device(device)
        self._floor.unseat(device)


def _may_be_in(device: Device, sitting: Sitting) -> bool:
    """Tell whether the agent may be logged in: nothing was sent, or the T-Server says so, if not."""
    state = device.presence.agent_state
    if sitting.login is None or (state is AgentState.LOGGED_OUT and sitting.stage is not Stage.ASKED):
        return False
    return state is not None or sitting.stage is not Stage.WAITING
