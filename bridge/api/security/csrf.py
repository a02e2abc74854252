"""Requests that a foreign page makes a browser send: told apart by a token that such a page cannot read.

Source: GWS v2, CSRF Protection. Every answer to a GET names the header and gives the token; whatever changes
something must send it back. The token lives as long as the HTTP session.
"""

import hmac
from collections.abc import Mapping
from typing import Final

from bridge.api.http.paths import is_cometd
from bridge.api.security.headers import CSRF_TOKEN, Header
from bridge.api.security.http_sessions import HttpSession
from bridge.voice.model.errors import ApiError, StatusCode

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADER_NAME: Final = (b"x-csrf-header", b"X-CSRF-TOKEN")


class Csrf:
    """The protection, switched on.

    Args:
        on_cometd: whether requests to CometD must carry the token, too. Callback-polling, whose requests are
            GETs and can carry none, is then out of use.

    """

    def __init__(self, *, on_cometd: bool) -> None:
        self._on_cometd = on_cometd

    def check(
        self, method: str, path: str, request_headers: Mapping[bytes, bytes], session: HttpSession | None
    ) -> None:
        """Let a request through; `session` is the one it came with, and not one that it opens.

        Raises:
            ApiError: the token is missing, or it is another session's.

        """
        if not (self._on_cometd if is_cometd(path) else method not in _SAFE_METHODS):
            return
        token = request_headers.get(CSRF_TOKEN, b"")
        if session is None or not hmac.compare_digest(token, session.csrf_token.encode()):
            raise ApiError(StatusCode.FORBIDDEN, "Missing or invalid Csrf token")

    def headers(self, method: str, session: HttpSession) -> tuple[Header, ...]:
        """Return what the answer to a request says besides."""
        return (_HEADER_NAME, (CSRF_TOKEN, session.csrf_token.encode())) if method == "GET" else ()
