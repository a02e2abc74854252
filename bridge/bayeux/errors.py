"""The texts of the `error` field: a code, arguments, a name (Bayeux 1.0, section on the error field).

Clients act on the advice, scripts look for `402::`; the names are CometD's where it has one.
"""

from bridge.bayeux.policy import Verdict

CHANNEL_MISSING = "400::channel_missing"
DATA_MISSING = "400::data_missing"
SESSION_UNKNOWN = "402::session_unknown"
SUBSCRIPTION_MISSING = "403::subscription_missing"
SUBSCRIPTION_INVALID = "403::subscription_invalid"
CHANNEL_INVALID = "405::channel_invalid"
CONNECTION_TYPES = "301::connection_types_unsupported"  # the code is faye's; CometD does not check


def refused(action: str, verdict: Verdict) -> str:
    """Say that `action` (handshake, subscribe, publish) was refused, and why if the verdict is a reason."""
    return f"403:{verdict if isinstance(verdict, str) else ''}:{action}_denied"
