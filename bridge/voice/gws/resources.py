"""The resources and messages of the API, as they travel in JSON.

A field that is None is absent from the JSON, never null. Sources: GWS v2, Call resource, Device
resource, Services, CallStateChangeMessage, DeviceStateChangeMessage and Asynchronous Events.
"""

import msgspec


class _Resource(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    pass


class Country(_Resource, frozen=True, kw_only=True):
    """Where a number belongs; `code` is the ISO code, `calling_code` what is dialled after the plus."""

    name: str
    code: str
    calling_code: str


class Participant(_Resource, frozen=True, kw_only=True):
    """Another party of a call. A DN is written as it is; only numbers of the world have the last three."""

    e164_number: str
    formatted_phone_number: str
    phone_number: str
    digits: str
    local_phone_number: str | None = None
    country: Country | None = None
    location: str | None = None


class Monitoring(_Resource, frozen=True, kw_only=True):
    """How a call is listened in to: ListenIn, Coach or BargeIn."""

    state: str


class CallResource(_Resource, frozen=True, kw_only=True):
    """A call as one device sees it; always complete. `duration` is in seconds, as text.

    `participants` are numbers in early versions, which have the objects in `participants_info`.
    """

    id: str
    state: str
    call_uuid: str
    conn_id: str | None = None
    device_uri: str
    participants: tuple[Participant | str, ...]
    participants_info: tuple[Participant, ...] | None = None
    dnis: str | None = None
    ani: str | None = None
    call_type: str
    capabilities: tuple[str, ...]
    user_data: dict[str, object] | None = None
    duration: str
    mute: str
    recording_state: str | None = None
    supervisor_listening_in: bool
    monitored_user_muted: bool
    monitoring: bool | None = None
    supervisor_monitoring_state: Monitoring | None = None
    parent_call_uri: str | None = None
    parent_call_path: str | None = None
    uri: str
    path: str | None = None


class EventProcessing(_Resource, frozen=True, kw_only=True):
    """How long the server took (nanoseconds, milliseconds), and when it was done (ms since 1970)."""

    node_processing_time_nanos: int
    server_generation_timestamp: int
    server_processing_time_total_ms: int


class Metrics(_Resource, frozen=True, kw_only=True):
    """What the server tells of itself, where it does."""

    event_processing: EventProcessing


class UserState(_Resource, frozen=True, kw_only=True):
    """The state of the agent at a device. Only `state` is there while nothing more is known."""

    id: str | None = None
    display_name: str | None = None
    state: str
    work_mode: str | None = None
    reason: str | None = None


LOGGED_OUT = UserState(id="0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", display_name="Offline", state="LoggedOut")
"""Without a contact center session. The id is a published constant, mixed case included."""

LOGGED_IN = UserState(state="LoggedIn")
"""In a session, before an agent state is known."""


class SupervisorMonitoringState(_Resource, frozen=True, kw_only=True):
    """How a supervisor listens in; of a call only `state`."""

    state: str
    mode: str | None = None
    scope: str | None = None
    target_device_uri: str | None = None


class DeviceResource(_Resource, frozen=True, kw_only=True):
    """A device: a DN as its user sees it."""

    id: str
    description: str | None = None
    device_state: str
    user_state: UserState
    phone_number: str
    e164_number: str
    telephony_network: str
    do_not_disturb: str
    forward_to: str | None = None
    voice_environment_uri: str
    supervisor_monitoring_state: SupervisorMonitoringState | None = None
    capabilities: tuple[str, ...]
    channels: tuple[str, ...]
    uri: str
    path: str


class ChannelResource(_Resource, frozen=True, kw_only=True):
    """A medium that a user works on, and the state of the agent there."""

    channel: str
    user_state: UserState


class ServiceResource(_Resource, frozen=True, kw_only=True):
    """A server behind the bridge: of type `Voice`, the T-Server of a switch."""

    id: str
    name: str
    type: str
    state: str
    uri: str
    path: str


class CallStateChangeMessage(_Resource, frozen=True, kw_only=True):
    """Tells of a change of a call."""

    notification_type: str
    call: CallResource
    phone_number: str
    extensions: dict[str, object] | None = None
    metrics: Metrics | None = None
    message_type: str


class DeviceStateChangeMessage(_Resource, frozen=True, kw_only=True):
    """Tells of a change of devices."""

    devices: tuple[DeviceResource, ...]
    metrics: Metrics | None = None
    message_type: str


class ChannelStateChangeMessage(_Resource, frozen=True, kw_only=True):
    """Tells of a change of the agent's state on a medium; its `messageType` ends in `V2`."""

    channels: tuple[ChannelResource, ...]
    message_type: str


class ServiceStateChangeMessage(_Resource, frozen=True, kw_only=True):
    """Tells of the loss or the return of services.

    The pages name the channel and no `messageType`; this form is made after that of devices.
    """

    services: tuple[ServiceResource, ...]
    message_type: str


class ErrorMessage(_Resource, frozen=True, kw_only=True):
    """Tells that an accepted operation failed. `call` is the call as it is now, where there is one.

    The pages name no literal for `messageType` here; this form satisfies the clients in the field.
    """

    notification_type: str
    operation_name: str
    error_code: int
    error_message: str
    phone_number: str
    call: CallResource | None = None
    message_type: str
