"""How the door is set: sessions, cookies, CSRF, CORS and wrong passwords. The defaults suit a test centre.

Sources: GWS v2, CSRF Protection (off unless switched on); the Jetty and `crossOriginSettings` options of
Web Services for the rest, where they have a name there.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

SameSite = Literal["lax", "strict", "none"]

ANY_ORIGIN: Final = "*"

_ORIGIN: Final = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?")
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPolicy:
    """What is asked of those who come in.

    Attributes:
        session_idle: seconds after which an HTTP session ends that nobody used.
        session_max: seconds after which an HTTP session ends, however it was used.
        same_site: to whom browsers show the session's cookie; `none` needs https.
        csrf: whether requests that change something must carry the session's token.
        csrf_cometd: whether requests to CometD must, too.
        allowed_origins: the other origins whose pages may use the API, as `normalize_origin` writes them.
            `*` lets all others read, but without cookies.
        lockout_after: wrong passwords in a row after which a user name is locked; 0 is never.
        lockout_seconds: how long the first lock lasts; each further wrong password doubles it.
        attempts_per_address: wrong passwords a minute that one network address may send; 0 is any number.

    """

    session_idle: int = 1800
    session_max: int = 43200
    same_site: SameSite = "lax"
    csrf: bool = False
    csrf_cometd: bool = False
    allowed_origins: tuple[str, ...] = ()
    lockout_after: int = 5
    lockout_seconds: int = 30
    attempts_per_address: int = 30


def normalize_origin(text: str) -> str:
    """Write an origin as browsers do: in small letters, without the port that its scheme has anyway.

    Raises:
        ValueError: it is neither an origin nor `*`; the text says what was expected.

    """
    if text == ANY_ORIGIN:
        return text
    match = _ORIGIN.fullmatch(text.lower())
    if match is None:
        raise ValueError(f"{text!r} is no origin: expected http://HOST[:PORT] without a path, or *")
    scheme, host, port = match.groups()
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"
