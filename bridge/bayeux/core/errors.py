"""The texts of the `error` field: a code, arguments, a name (Bayeux 1.0, section on the error field).

Clients act on the advice, scripts look for `402::`; the names are CometD's where it has one.
"""

CHANNEL_MISSING = "400::channel_missing"
DATA_MISSING = "400::data_missing"
SESSION_UNKNOWN = "402::session_unknown"
SUBSCRIPTION_MISSING = "403::subscription_missing"
SUBSCRIPTION_INVALID = "403::subscription_invalid"
TOO_MANY_CLIENTS = "403::too_many_clients"  # ours: CometD gives no text here
CHANNEL_INVALID = "405::channel_invalid"
CONNECTION_TYPES = "301::connection_types_unsupported"  # the code is faye's; CometD does not check


def refused(action: str, reason: str) -> str:
    """Return the error of a refused `action` (handshake, subscribe, publish); `reason` may be empty."""
    return f"403:{reason}:{action}_denied"
