"""What an operator can set; the names and defaults are CometD's where CometD has them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Times in milliseconds, sizes in bytes, all of them bounds that always hold.

    Attributes:
        timeout: how long a connect is held when nothing happens; proxies must allow more.
        interval: how long clients are told to wait between two connects.
        max_interval: how much longer than `interval` a session lives without a connect being held.
        sweep_period: how often sessions that outlived that are looked for.
        max_queue: events one session may have waiting; one more ends the session.
        max_queue_bytes: bytes of events one session may have waiting; one more ends the session.
        max_message_size: the longest request body that is read.
        max_subscriptions: different channels and patterns one session may subscribe to.
        max_sessions_per_user: sessions one user may have; the next handshake is refused.

    Raises:
        ValueError: an option is below what makes sense.

    """

    timeout: int = 30_000
    interval: int = 0
    max_interval: int = 10_000
    sweep_period: int = 997
    max_queue: int = 1_000
    max_queue_bytes: int = 1_048_576
    max_message_size: int = 65_536
    max_subscriptions: int = 100
    max_sessions_per_user: int = 1_000

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            least = 0 if name in {"timeout", "interval"} else 1
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")

    @property
    def rest(self) -> float:
        """Seconds a session lives while none of its connects is held (CometD reference, `maxInterval`)."""
        return (self.interval + self.max_interval) / 1000
