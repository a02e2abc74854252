"""What clients are told waits here until the backup knows why.

So nobody has ever seen an event that the backup would not know if the primary died now.
"""

from collections import deque

from tserver_sim.server.distribution.registrations import Client


class Outbox:
    """Frames on their way to clients, in order.

    While it holds, a frame may leave when the backup has taken the log's next entry, the one that is being
    carried out as the frame is written. Entries are counted from the moment when holding began.
    """

    def __init__(self) -> None:
        self._deferred: deque[tuple[int, Client, bytes]] = deque()
        self._is_deferring = False
        self._sent_entries = 0
        self.deferred_bytes = 0

    def deliver(self, client: Client, frame: bytes) -> None:
        """Give a frame to its client, now or when it may leave."""
        if not self._is_deferring and not self._deferred:
            client.deliver(frame)
            return
        self._deferred.append((self._sent_entries + self._is_deferring, client, frame))
        self.deferred_bytes += len(frame)

    def start_deferring(self) -> None:
        """From now on frames wait for the backup."""
        self.send_all_deferred()
        self._is_deferring = True
        self._sent_entries = 0

    def entry_sent(self) -> None:
        """Take note that an entry was sent to the backup."""
        self._sent_entries += 1

    @property
    def is_entry_missing(self) -> bool:
        """Whether a frame waits for an entry that has not been sent."""
        return bool(self._deferred) and self._deferred[-1][0] > self._sent_entries

    def confirmed(self, entries: int) -> None:
        """Let go what waits for no more than this many entries."""
        while self._deferred and self._deferred[0][0] <= entries:
            _, client, frame = self._deferred.popleft()
            self.deferred_bytes -= len(frame)
            client.deliver(frame)

    def stop_deferring(self) -> None:
        """Hold nothing new, but keep the order: what comes waits for what is held."""
        self._is_deferring = False

    def send_all_deferred(self) -> None:
        """Hold nothing any more."""
        self._is_deferring = False
        self.confirmed(self._sent_entries + 1)
