"""The differences between the versions of the API that servers in the field speak.

Source: GWS v2, Call resource in its revisions of 8.5.0 to 8.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """A version of the API.

    Attributes:
        id_is_conn_id: whether the id of a call is its ConnID; else it is the CallUUID.
        participants_are_text: whether `participants` are numbers, with objects in `participantsInfo`
            beside them; else they are the objects.
        has_conn_id: whether a call has `connId`.
        has_path: whether a call has `path`, and a consultation `parentCallPath`.
        has_monitoring: whether a call has `monitoring`.
        has_clear_call: whether there is ClearCall.
        metrics: whether notifications have `metrics`: how long the server took.

    """

    id_is_conn_id: bool = False
    participants_are_text: bool = False
    has_conn_id: bool = True
    has_path: bool = True
    has_monitoring: bool = True
    has_clear_call: bool = True
    metrics: bool = False


CURRENT_VERSION = ApiVersion()

API_VERSIONS: Mapping[str, ApiVersion] = MappingProxyType(
    {
        "8.5.2": CURRENT_VERSION,
        "8.5.2-early": ApiVersion(
            id_is_conn_id=True,
            participants_are_text=True,
            has_conn_id=False,
            has_path=False,
            has_monitoring=False,
            has_clear_call=False,
        ),
    }
)
"""The versions by their names in the site file. The first is that of 2016 and later, 8.6 included."""
