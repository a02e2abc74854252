"""Changes of staff and devices while people work: nobody is disturbed but those whom a change concerns."""

from bridge.voice.commands.sessions import SessionWork
from bridge.voice.gws.device_notifications import DeviceNotices
from bridge.voice.model.agents import Staff
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Floor


class Staffing:
    """Takes users and devices in, and lets them go."""

    def __init__(self, floor: Floor, staff: Staff, sessions: SessionWork, notices: DeviceNotices) -> None:
        self._floor = floor
        self._staff = staff
        self._sessions = sessions
        self._notices = notices

    def drop_agent(self, user_id: str) -> None:
        """Forget a user, whose session ends."""
        self._sessions.end(user_id)
        self._staff.drop_agent(user_id)

    def put_device(self, device: Device) -> None:
        """Take in a device, new or changed; a session there ends if the DN or its user is another one."""
        known = self._floor.device(device.id)
        if known is None:
            self._floor.add(device)
        elif (known.switch, known.number) != (device.switch, device.number):
            self.drop_device(device.id)
            self._floor.add(device)
        else:
            if known.owner_id != device.owner_id:
                if known.user_id == known.owner_id:
                    self._sessions.leave(known)
                self._floor.own(known, device.owner_id)
            known.contact_center = device.contact_center
            known.type = device.type
            known.country = device.country
            known.records = device.records
            known.description = device.description

    def drop_device(self, device_id: str) -> None:
        """Forget a device; a session there ends, and its calls are out of sight."""
        device = self._floor.device(device_id)
        if device is None:
            return
        if device.in_session:
            self._sessions.leave(device)
            device.registered = False
            self._notices.device(device)
        self._floor.remove(device)
