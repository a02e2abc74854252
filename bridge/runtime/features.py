"""The features of the GWS v2 API: sets of functions that a contact center has or has not.

The constants name those that something here depends on; which operation needs which feature stands in the
rows of `bridge.voice.operations`. The ids are those seen in the public GWS v2 documentation and in answers of
real servers; a full list was never published. Names and descriptions but that of the Voice API are our own.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

VOICE: Final = "api-voice"
RECORDING: Final = "api-voice-recording"
MONITORING: Final = "api-supervisor-monitoring"
AGENT_CONTROL: Final = "api-supervisor-agent-control"
PROVISIONING_READ: Final = "api-provisioning-read"
PROVISIONING_WRITE: Final = "api-provisioning-write"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature, as ``GET /api/v2/features`` shows it.

    Attributes:
        id: What contact centers refer to.
        display_name: ``displayName``, for people.
        description: One line, for people.
        auto_assign: ``autoAssignOnContactCenterCreate``.

    """

    id: str
    display_name: str
    description: str
    auto_assign: bool = True


_TABLE: Final = (
    Feature(VOICE, "Voice API", "Calls, devices and agent states"),
    Feature(RECORDING, "Voice Recording API", "Control of call recording"),
    Feature("api-voice-outbound", "Voice Outbound API", "Calls of outbound campaigns"),
    Feature("api-voice-predictive-calls", "Predictive Calls API", "Calls dialled ahead for agents"),
    Feature("api-voice-instant-messaging", "Instant Messaging API", "Messages between users in a call"),
    Feature(MONITORING, "Supervisor Monitoring API", "Listen in, coach and barge in"),
    Feature(AGENT_CONTROL, "Supervisor Agent Control API", "Set the state of agents"),
    Feature("api-supervisor-recording", "Supervisor Recording API", "Recordings of other users"),
    Feature("api-devices-webrtc", "WebRTC Devices API", "Telephones in the browser"),
    Feature("api-multimedia", "Multimedia API", "Interactions other than calls"),
    Feature("api-multimedia-chat", "Multimedia Chat API", "Chat interactions"),
    Feature("api-multimedia-email", "Multimedia Email API", "Email interactions"),
    Feature("api-multimedia-workitem", "Multimedia Workitem API", "Work items"),
    Feature(PROVISIONING_READ, "Provisioning Read API", "Read users, devices and the like"),
    Feature(PROVISIONING_WRITE, "Provisioning Write API", "Change users, devices and the like"),
    Feature("api-platform-configuration-read", "Platform Configuration Read API", "Read the configuration"),
    Feature(
        "api-platform-configuration-write", "Platform Configuration Write API", "Change the configuration"
    ),
    Feature("api-user-account-management-email", "Account Management Email API", "Account messages by email"),
    Feature(
        "schema-elasticsearch-v2-call-recording",
        "Call Recording Schema",
        "Second version of the index of recordings",
        auto_assign=False,  # a kind of storage, not a set of functions
    ),
)
FEATURES: Final = MappingProxyType({feature.id: feature for feature in _TABLE})
"""Every known feature by its id."""
