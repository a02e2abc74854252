"""Names of channels and the patterns that match them (Bayeux 1.0, channels and globbing)."""

import functools
import re

HANDSHAKE = "/meta/handshake"
CONNECT = "/meta/connect"
SUBSCRIBE = "/meta/subscribe"
UNSUBSCRIBE = "/meta/unsubscribe"
DISCONNECT = "/meta/disconnect"

# CometD lets more characters pass than Bayeux names, and templated and dotted names are in use.
_SEGMENT = r"[A-Za-z0-9\-_!~()$@ #+.{}*]+"
_NAME = re.compile(rf"(?:/{_SEGMENT})+")
_MAX_NAME_LENGTH = 1_000  # characters; a name is kept once per subscription, and must not become a store


def normalise(name: str) -> str | None:
    """Return `name` without a trailing slash, or None if it is not the name of a channel or pattern.

    To CometD's clients `/a/` and `/a` are the same channel.
    """
    name = name.removesuffix("/")
    return name if len(name) <= _MAX_NAME_LENGTH and _NAME.fullmatch(name) else None


def is_meta(name: str) -> bool:
    """Return whether the channel belongs to the protocol itself."""
    return name == "/meta" or name.startswith("/meta/")


def is_service(name: str) -> bool:
    """Return whether messages on the channel go to a handler on the server alone."""
    return name == "/service" or name.startswith("/service/")


def is_pattern(name: str) -> bool:
    """Return whether the name is a pattern: `*` matches one more segment, `**` one or more."""
    return name.endswith(("/*", "/**"))


@functools.lru_cache(maxsize=1_000)  # what is delivered is delivered on a few channels, over and over
def matching_subscriptions(name: str) -> tuple[str, ...]:
    """Return the subscriptions that match channel `name`: the name itself and all patterns.

    A name of n segments has n + 2 of them: itself, its parent's `*`, and `**` of every ancestor. So the
    number of look-ups does not depend on how many patterns are in use.
    """
    cut = name.rfind("/")
    found = [name, f"{name[:cut]}/*"]
    while cut >= 0:
        found.append(f"{name[:cut]}/**")
        cut = name.rfind("/", 0, cut)
    return tuple(found)
