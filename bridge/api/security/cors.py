"""Pages of other origins (CORS): which may use the API, and the headers that allow it.

Source: the Fetch standard, CORS protocol; GWS v2, `crossOriginSettings` (methods, headers, exposed headers
and the time a preflight is valid for). The answer to a page of an origin that is not allowed has none
of these headers; its browser then hides the answer from the page.
"""

from collections.abc import Iterable
from typing import Final

from bridge.api.http.responses import Header
from bridge.api.security.policy import ANY_ORIGIN, normalize_origin
from bridge.voice.model.errors import ApiError, StatusCode

ORIGIN: Final = b"origin"
REQUESTED_METHOD: Final = b"access-control-request-method"

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
    """The origins that the bridge allows, and the headers of answers to them.

    Args:
        allowed: the origins, as `bridge.api.security.policy.normalize_origin` writes them. `*` is for all
            others: they may read, but browsers send no cookies for them and hide answers to requests that
            carry any.
        own_url: the bridge's own address, as clients use it.

    Attributes:
        default_headers: the headers of answers to requests that name no origin: `Vary`, so that caches keep
            these answers apart from those to allowed origins.

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
        self._own_origin = _origin_of(own_url)

    def headers(self, request_origin: bytes) -> tuple[Header, ...]:
        """Return the headers of any answer to a page of an origin, also of one that refuses the request."""
        return self._headers.get(request_origin) or self._any_origin_headers or self.default_headers

    def preflight_headers(self, request_origin: bytes) -> tuple[Header, ...]:
        """Return the headers of the answer to a preflight, besides those of any answer.

        Raises:
            ApiError: the origin is not allowed.

        """
        if request_origin in self._headers or self._any_origin_headers:
            return _PREFLIGHT
        raise ApiError(StatusCode.FORBIDDEN, "Pages of this origin may not use the API")

    def check_change(self, request_origin: bytes, host: bytes | None) -> None:
        """Check the origin of a page that changes something; without a preflight it may send a plain POST.

        Args:
            request_origin: the origin.
            host: the Host header: the bridge's address as this browser knows it.

        Raises:
            ApiError: the origin is neither the bridge's own nor an allowed one.

        """
        if request_origin in self._headers or self._any_origin_headers or self._is_own(request_origin, host):
            return
        raise ApiError(StatusCode.FORBIDDEN, "Pages of this origin may not change anything")

    def _is_own(self, request_origin: bytes, host: bytes | None) -> bool:
        return request_origin == self._own_origin or request_origin.partition(b"://")[2] == host

    def check_websocket(self, request_origin: bytes | None, host: bytes | None) -> None:
        """Check the origin of a page that opens a web socket.

        Browsers send cookies with it, whatever the origin, so `*` does not count here.

        Args:
            request_origin: the origin; None: the client is no browser.
            host: the Host header.

        Raises:
            ApiError: the origin is neither the bridge's own nor an allowed one.

        """
        if request_origin is None or request_origin in self._headers or self._is_own(request_origin, host):
            return
        raise ApiError(StatusCode.FORBIDDEN, "Pages of this origin may not open a web socket")


def _trusted_origin_headers(name: bytes) -> tuple[Header, ...]:
    return _allow_origin_header(name), _CREDENTIALS, _VARY, _EXPOSE


def _allow_origin_header(name: bytes) -> Header:
    return b"access-control-allow-origin", name


def _origin_of(address: str) -> bytes:
    return normalize_origin("/".join(address.split("/")[:3])).encode()
