"""What a site says of a device, defined once: the directory keeps it, the telephone domain uses it.

An attribute that is added here goes from the directory to the telephone domain by itself. A site file gives
it where `bridge.directory.site.DeviceEntry` has it, a database keeps it in a column of
`bridge.directory.schema`, and clients see it where `bridge.voice.gws.resources.DeviceResource` has it.
"""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class DeviceAttributes:
    """A telephone: a DN of a switch that a user can have.

    Attributes:
        id: A UUID in its usual form.
        number: The DN.
        switch: Name of its switch.
        type: What kind of DN it is: ``Extension`` or ``ACDPosition``.
        description: For people.
        contact_center: Id of the contact center that it belongs to.

    """

    id: str
    number: str
    switch: str
    type: str = "Extension"
    description: str = ""
    contact_center: str = ""


def device_attributes(device: DeviceAttributes) -> dict[str, Any]:
    """Return the attributes of a device by their names, without those that a subclass adds."""
    return {each.name: getattr(device, each.name) for each in fields(DeviceAttributes)}
