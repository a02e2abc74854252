"""How many connects each browser has held: its tabs share the few connections it opens to one host."""

from bridge.bayeux.core.session import HeldConnect


class BrowserConnects:
    """Counts held connects by browser cookie (CometD reference, `maxSessionsPerBrowser`).

    Args:
        limit: how many one browser may have; less than 0 is any number.

    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: dict[str, int] = {}

    def can_hold(self, browser: str | None) -> bool:
        """Say whether one more connect of this browser may be held; None is a client that does not count."""
        return browser is None or self._limit < 0 or self._held.get(browser, 0) < self._limit

    def add(self, held_connect: HeldConnect, browser: str | None) -> None:
        """Count a connect that is held from now on."""
        if browser is not None and self._limit >= 0:
            held_connect.browser = browser
            self._held[browser] = self._held.get(browser, 0) + 1

    def remove(self, held_connect: HeldConnect) -> None:
        """Give its place back; nothing happens the second time."""
        browser, held_connect.browser = held_connect.browser, None
        if browser is not None:
            self._held[browser] -= 1
            if not self._held[browser]:
                del self._held[browser]
