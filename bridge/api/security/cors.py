"""Pages of other origins: which may use the API, and how their browsers are told.

Source: the Fetch standard, CORS protocol; GWS v2, `crossOriginSettings` (methods, headers, exposed headers
and the time a preflight is good for). A page of an origin that is not allowed gets an answer without any of
these headers, which its browser then keeps from it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from bridge.api.security.headers import REQUESTED_METHOD, Header
from bridge.api.security.policy import ANY_ORIGIN, normalize_origin
from bridge.voice.model.errors import ApiError, StatusCode

_METHODS: Final = b"GET,POST,PUT,DELETE,OPTIONS"
_HEADERS: Final = (
    b"X-Requested-With,Content-Type,Accept,Origin,Cookie,Authorization,ssid,surl,ContactCenterId,X-CSRF-TOKEN"
)
_EXPOSED: Final = b"X-CSRF-HEADER,X-CSRF-TOKEN"
_PREFLIGHT_SECONDS: Final = b"120"

_VARY: Final = (b"vary", b"Origin")
_EXPOSE: Final = (b"access-control-expose-headers", _EXPOSED)
_CREDENTIALS: Final = (b"access-control-allow-credentials", b"true")
_PREFLIGHT: Final = (
    (b"access-control-allow-methods", _METHODS),
    (b"access-control-allow-headers", _HEADERS),
    (b"access-control-max-age", _PREFLIGHT_SECONDS),
)


class Cors:
    """The origins that a bridge trusts, and what is said to them.

    Args:
        allowed: the origins, as `bridge.api.security.policy.normalize_origin` writes them. `*` is for all
            others: they may read, but browsers send no cookies for them and hide answers to requests that
            carry any.
        own_url: the bridge's own address, as clients use it.

    Attributes:
        default_headers: what answers to requests say that name no origin: caches are to keep them apart from
            others.

    """

    def __init__(self, allowed: Iterable[str], own_url: str) -> None:
        named_origins = {name.encode() for name in allowed if name != ANY_ORIGIN}
        self._headers: dict[bytes, tuple[Header, ...]] = {
            name: _trusted_origin_headers(name) for name in named_origins
        }
        self.default_headers: tuple[Header, ...] = (_VARY,) if named_origins else ()
        self._any_origin_headers: tuple[Header, ...] = ()
        if ANY_ORIGIN in allowed:
            self._any_origin_headers = (_allow_origin_header(ANY_ORIGIN.encode()), _VARY, _EXPOSE)
        self._websocket_origins = named_origins | {_origin_of(own_url)}

    def headers(self, request_origin: bytes) -> tuple[Header, ...]:
        """Return what any answer to a page of the origin `request_origin` says, also one that refuses it."""
        return self._headers.get(request_origin) or self._any_origin_headers or self.default_headers

    def preflight_headers(self, request_origin: bytes) -> tuple[Header, ...] | None:
        """Return what the answer to a preflight says besides; None: its origin is not allowed."""
        return _PREFLIGHT if request_origin in self._headers or self._any_origin_headers else None

    def check_websocket(self, request_origin: bytes | None, host: bytes | None) -> None:
        """Let a web socket through that a page of the origin `request_origin` opens at `host`.

        Browsers send cookies with it, whatever the origin, so `*` does not count here. Programs that are no
        browsers name no origin.

        Raises:
            ApiError: it comes from a page of another origin.

        """
        if request_origin is None or request_origin in self._websocket_origins:
            return
        if request_origin.partition(b"://")[2] != host:
            raise ApiError(StatusCode.FORBIDDEN, "Pages of this origin may not open a web socket")


def is_preflight(method: str, request_headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a browser asks what the page of an origin may ask."""
    return method == "OPTIONS" and REQUESTED_METHOD in request_headers


def _trusted_origin_headers(name: bytes) -> tuple[Header, ...]:
    return _allow_origin_header(name), _CREDENTIALS, _VARY, _EXPOSE


def _allow_origin_header(name: bytes) -> Header:
    return b"access-control-allow-origin", name


def _origin_of(address: str) -> bytes:
    return normalize_origin("/".join(address.split("/")[:3])).encode()
