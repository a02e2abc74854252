"""Acknowledged delivery (CometD reference, acknowledge extension): events stay until the client has them.

Each answer to a connect names a batch; each connect names the last batch that the client has got.
"""

from collections import deque


class Acks:
    """Counts the events sent to one session, and the batch in which each was first sent.

    A batch holds all events that are not acknowledged, the older ones again. So a client that has got some
    batch has got every event that was sent for the first time in it or before.
    """

    __slots__ = ("_first_sent", "_sent", "batch")

    def __init__(self) -> None:
        self.batch = 0
        self._sent = 0
        self._first_sent: deque[tuple[int, int]] = deque()  # batch, how many events were new in it

    def send(self, count: int) -> None:
        """Record that all `count` queued events are sent now. Without any, the last batch stays."""
        if count:
            self.batch += 1
        if count > self._sent:
            self._first_sent.append((self.batch, count - self._sent))
            self._sent = count

    def acknowledge(self, batch: int) -> int:
        """Return how many events, from the oldest on, the client has got for good.

        A batch that is acknowledged again, or an older one, changes nothing.
        """
        count = 0
        while self._first_sent and self._first_sent[0][0] <= batch:
            count += self._first_sent.popleft()[1]
        self._sent -= count
        return count
