"""Protection against requests that a foreign page makes a browser send (CSRF).

Source: GWS v2, CSRF Protection. Every answer to a GET names a header and gives a token, which a foreign page
cannot read; a request that changes something must send it back. The token lives as long as the HTTP session.
"""

import hmac
from collections.abc import Mapping
from typing import Final

from bridge.api.http.paths import COMETD_PATH
from bridge.api.http.responses import Header
from bridge.api.security.http_sessions import HttpSession
from bridge.voice.model.errors import ApiError, StatusCode

CSRF_TOKEN: Final = b"x-csrf-token"
"""The header of the token, in answers and in requests."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing."""

_HEADER_NAME: Final = (b"x-csrf-header", b"X-CSRF-TOKEN")


class Csrf:
    """Checks the tokens of requests.

    Args:
        on_cometd: whether requests to CometD must carry the token, too. Callback-polling does not work then:
            its requests are GETs of a script, which can carry no header.

    """

    def __init__(self, *, on_cometd: bool) -> None:
        self._on_cometd = on_cometd

    def check(
        self, method: str, path: str, request_headers: Mapping[bytes, bytes], session: HttpSession | None
    ) -> None:
        """Check the token of a request.

        Args:
            method: the HTTP method.
            path: the path.
            request_headers: the headers that the gate looks at.
            session: the session that the request came with, not one that it opens.

        Raises:
            ApiError: the token is missing, or it is another session's.

        """
        if not (self._on_cometd if COMETD_PATH.match(path) else method not in SAFE_METHODS):
            return
        token = request_headers.get(CSRF_TOKEN, b"")
        if session is None or not hmac.compare_digest(token, session.csrf_token.encode()):
            raise ApiError(StatusCode.FORBIDDEN, "Missing or invalid Csrf token")

    def headers(self, method: str, session: HttpSession) -> tuple[Header, ...]:
        """Return the headers that give the token in the answer to a request."""
        return (_HEADER_NAME, (CSRF_TOKEN, session.csrf_token.encode())) if method == "GET" else ()
