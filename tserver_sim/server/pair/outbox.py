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
        self._held: deque[tuple[int, Client, bytes]] = deque()
        self._is_holding = False
        self._written = 0
        self.held_bytes = 0

    def deliver(self, client: Client, frame: bytes) -> None:
        """Give a frame to its client, now or when it may leave."""
        if not self._is_holding and not self._held:
            client.deliver(frame)
            return
        self._held.append((self._written + self._is_holding, client, frame))
        self.held_bytes += len(frame)

    def hold(self) -> None:
        """From now on frames wait for the backup."""
        self.release()
        self._is_holding = True
        self._written = 0

    def wrote(self) -> None:
        """Take note that an entry was sent to the backup."""
        self._written += 1

    @property
    def is_owing(self) -> bool:
        """Whether a frame waits for an entry that has not been sent."""
        return bool(self._held) and self._held[-1][0] > self._written

    def taken(self, entries: int) -> None:
        """Let go what waits for no more than this many entries."""
        while self._held and self._held[0][0] <= entries:
            _, client, frame = self._held.popleft()
            self.held_bytes -= len(frame)
            client.deliver(frame)

    def finish(self) -> None:
        """Hold nothing new, but keep the order: what comes waits for what is held."""
        self._is_holding = False

    def release(self) -> None:
        """Hold nothing any more."""
        self._is_holding = False
        self.taken(self._written + 1)
