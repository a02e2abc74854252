"""Frames to clients that wait until the backup has confirmed the log entry that caused them.

So no client has received an event that would be unknown to the backup if the primary died now.
"""

from collections import deque

from tserver_sim.server.distribution.registrations import Client


class Outbox:
    """Frames to clients, delivered in order: at once, or while deferring, after the backup's confirmation.

    While deferring, a frame waits for the next entry of the log: the one being carried out when the frame is
    written. Entries are counted from the call of `start_deferring`.
    """

    def __init__(self) -> None:
        self._deferred: deque[tuple[int, Client, bytes]] = deque()
        self._is_deferring = False
        self._sent_entries = 0
        self.deferred_bytes = 0

    def deliver(self, client: Client, frame: bytes) -> None:
        """Write a frame to its client, now or after the confirmation of its log entry."""
        if not self._is_deferring and not self._deferred:
            client.deliver(frame)
            return
        self._deferred.append((self._sent_entries + self._is_deferring, client, frame))
        self.deferred_bytes += len(frame)

    def start_deferring(self) -> None:
        """Defer frames from now on, and count log entries from 0."""
        self.send_all_deferred()
        self._is_deferring = True
        self._sent_entries = 0

    def entry_sent(self) -> None:
        """Count an entry that was sent to the backup."""
        self._sent_entries += 1

    @property
    def is_entry_missing(self) -> bool:
        """Whether a frame waits for an entry that has not been sent."""
        return bool(self._deferred) and self._deferred[-1][0] > self._sent_entries

    def confirmed(self, entries: int) -> None:
        """Deliver the frames that wait for no more than this many entries."""
        while self._deferred and self._deferred[0][0] <= entries:
            _, client, frame = self._deferred.popleft()
            self.deferred_bytes -= len(frame)
            client.deliver(frame)

    def stop_deferring(self) -> None:
        """Defer no further frames for the backup, but keep the order: new frames wait for deferred ones."""
        self._is_deferring = False

    def send_all_deferred(self) -> None:
        """Stop deferring and deliver all deferred frames."""
        self._is_deferring = False
        self.confirmed(self._sent_entries + 1)
