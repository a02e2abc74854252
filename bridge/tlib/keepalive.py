"""Keep-alive with the meaning of ADDP (T-Library, addp-timeout and addp-remote-timeout).

After a time of silence this side polls; if nothing at all arrives within the same time again, the
connection counts as lost. Any byte counts as a sign of life.
"""

from bridge.tlib.kv import KVList

OWN_TIMEOUT = "addp-timeout"
"""Extensions key of RequestRegisterClient: after how many seconds of silence the client polls."""

REMOTE_TIMEOUT = "addp-remote-timeout"
"""Extensions key of RequestRegisterClient: after how many seconds of silence the server shall poll."""


class PeerSilentError(Exception):
    """Nothing arrived although the peer was polled."""


class KeepAlive:
    """Decides when to poll and when to give up. An interval of 0 seconds switches it off."""

    def __init__(self, interval: float, now: float) -> None:
        self.last_received = now
        """When bytes arrived last."""
        self.polled: float | None = None
        """When the peer was polled, if nothing has arrived since: any byte is an answer."""
        self._interval = interval

    @property
    def deadline(self) -> float | None:
        """When to call `tick` next, or None when it is switched off."""
        if not self._interval:
            return None
        return (self.last_received if self.polled is None else self.polled) + self._interval

    def tick(self, now: float) -> bool:
        """Return whether to poll now.

        Raises:
            PeerSilentError: the last poll went unanswered for a whole interval.

        """
        if self.deadline is None or now < self.deadline:
            return False
        if self.polled is not None:
            raise PeerSilentError(
                f"nothing heard for {now - self.last_received:.1f} s, and no answer to a poll"
            )
        self.polled = now
        return True


def keep_alive_extensions(own: int, remote: int) -> KVList | None:
    """Return both intervals, in seconds, as Extensions of RequestRegisterClient; None when both are 0."""
    pairs = KVList((key, value) for key, value in ((OWN_TIMEOUT, own), (REMOTE_TIMEOUT, remote)) if value)
    return pairs or None


def remote_interval(extensions: KVList | None) -> int:
    """Return the interval, in seconds, that a client asks the server to use; 0 when it asks none."""
    interval = extensions.first(REMOTE_TIMEOUT) if extensions else None
    return interval if isinstance(interval, int) and interval > 0 else 0
