"""What is measured, as values: they go into the table and, as they are, into the JSON."""

import statistics
from collections.abc import Sequence

import msgspec


class Scale(msgspec.Struct, frozen=True):
    """How much is measured."""

    seconds: float
    """For each contender and each way of loading it, all rounds together; only what counts is timed."""
    rounds: int
    desktops: int
    """Agents with a call each: so many transfers are possible before new calls must be set up."""
    dns: int
    """DNs whose memory is measured."""
    calls: int
    """Calls whose memory is measured; each takes two of the DNs."""
    subscribers: tuple[int, ...]
    """CometD sessions that get events; first so many, then so many."""
    idle_subscribers: int
    """CometD sessions whose memory is measured."""


class Latency(msgspec.Struct, frozen=True):
    """How long something takes, in milliseconds: in the middle, and for the slowest in a hundred."""

    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Latency":
        """Sum up durations in seconds.

        Raises:
            ValueError: there are none.

        """
        if not seconds:
            raise ValueError("nothing was measured")
        ordered = sorted(seconds)
        return cls(*(1000 * ordered[int(share * (len(ordered) - 1))] for share in (0.50, 0.99)))

    @classmethod
    def median(cls, rounds: Sequence["Latency"]) -> "Latency":
        """Return the medians of several rounds: a pause of the machine in one of them does not count."""
        return cls(
            statistics.median(one.p50_ms for one in rounds), statistics.median(one.p99_ms for one in rounds)
        )


class CodecFigures(msgspec.Struct, frozen=True):
    """One message: its size, and the time to write and to read it, beside untyped dicts of the same bytes."""

    message: str
    payload_bytes: int
    encode_ns: float
    decode_ns: float
    plain_encode_ns: float
    plain_decode_ns: float


class LinkFigures(msgspec.Struct, frozen=True):
    """Requests and their answers on one link: one at a time, and with a window of them under way."""

    sequential_per_second: float
    sequential: Latency
    window: int
    pipelined_per_second: float
    pipelined: Latency


class PostFigures(msgspec.Struct, frozen=True):
    """What became of POSTs: until the HTTP answer and, where there is one, until the notification."""

    count: int
    per_second: float
    answer: Latency
    notification: Latency | None
    server_cpu_us: float | None
    """Processor time of the server for each POST, in microseconds; None where the system does not tell."""


class ContenderFigures(msgspec.Struct, frozen=True):
    """One contender: loaded as much as it can take, and at a fixed rate."""

    contender: str
    per_second: float
    """Median of the rounds."""
    per_second_by_round: tuple[float, ...]
    ratio_to_fastapi: float
    """Median of the ratios of each round to the bare FastAPI endpoint in the same round."""
    full_load: PostFigures
    fixed_rate: PostFigures


class TransferFigures(msgspec.Struct, frozen=True):
    """SingleStepTransfer beside the yardsticks."""

    concurrency: int
    fixed_rate_per_second: float
    contenders: tuple[ContenderFigures, ...]


class CallLoadFigures(msgspec.Struct, frozen=True):
    """Whole calls with so many of them under way, and what they cost the switch."""

    under_way: int
    calls_per_second: float
    messages_per_second: float
    """Frames, both ways."""
    switch_cpu_us: float | None
    """Processor time of the switch for each message, in microseconds; None where the system does not tell."""
    switch_busy: float | None
    """For which share of the time the switch was on its core."""
    request_to_event: Latency


class SippFigures(msgspec.Struct, frozen=True):
    """The highest rate of SIPp's built-in scenarios at which no call failed."""

    version: str
    calls_per_second: float
    messages_per_second: float
    messages_per_call: int
    answerer_cpu_us: float | None
    """Processor time of the answering side for each message, in microseconds."""
    failing_per_second: float | None
    """The lowest rate tried at which it could not keep up or calls failed; None when it was not reached."""


class CallFigures(msgspec.Struct, frozen=True):
    """Whole calls beside SIPp, which is None where it is not installed."""

    clients: int
    loads: tuple[CallLoadFigures, ...]
    sipp: SippFigures | None


class FanFigures(msgspec.Struct, frozen=True):
    """Events that go to many watchers, and what each costs the server."""

    server: str
    events_per_second: float
    cpu_us: float | None
    """Processor time of the server for each event delivered, in microseconds."""


class EventFigures(msgspec.Struct, frozen=True):
    """Events per second, beside a server that does nothing but copy frames."""

    watchers: int
    servers: tuple[FanFigures, ...]


class MemoryFigures(msgspec.Struct, frozen=True):
    """Resident memory of a server, in bytes; DNs are none of SIPp's business."""

    server: str
    dns: int | None
    calls: int
    empty: int
    """With next to nothing to serve."""
    at_start: int | None
    """When it has read a site with all DNs."""
    registered: int | None
    """When a client has registered all of them."""
    with_calls: int


class ShareFigures(msgspec.Struct, frozen=True):
    """Where the time of a process goes."""

    samples: int
    shares: dict[str, float]
    """Part of the program -> its share of the time, the greatest first."""
    kernel: float
    """The share of the time that is the kernel's; it is in the shares of those that call it."""


class EventRateFigures(msgspec.Struct, frozen=True):
    """Events that so many CometD sessions get, each its own."""

    sessions: int
    per_second: float
    """Median of the rounds."""
    per_second_by_round: tuple[float, ...]
    of_best_peer: float | None
    """Median of the ratios of each round to the best peer with the same transport in the same round."""
    cpu_us: float | None
    """Processor time of the server for each event, in microseconds; None where the system does not tell."""


class SubscriberFigures(msgspec.Struct, frozen=True):
    """One CometD server with one of its transports."""

    server: str
    transport: str
    rates: tuple[EventRateFigures, ...]
    injection_to_event: Latency
    """Medians of the rounds."""


class IdleFigures(msgspec.Struct, frozen=True):
    """CometD sessions that have nothing to hear."""

    server: str
    transport: str
    sessions: int
    """So many were held, and all of them got an event in the end."""
    opened_per_second: float
    bytes_per_session: float | None
    """None where the system does not tell."""


class CometdFigures(msgspec.Struct, frozen=True):
    """Our CometD server and, where Node is, its peers."""

    servers: tuple[SubscriberFigures, ...]
    latency_per_second: float
    """The rate of events at which the latency was measured."""
    idle: tuple[IdleFigures, ...]
    has_peers: bool


class OperationFigures(msgspec.Struct, frozen=True):
    """Operations of agents, each with all that follows from it, through the bridge and the switch."""

    operation: str
    posts: int
    """Of one operation."""
    events: int
    """Notifications that one operation brings, to all agents together."""
    per_second: float
    """Median of the rounds."""
    per_second_by_round: tuple[float, ...]
    bridge_cpu_us: float | None
    """Processor time of the bridge for each operation; None where the system does not tell."""
    bridge_busy: float | None
    """For which share of the time the bridge was on its core."""


class OperationLoadFigures(msgspec.Struct, frozen=True):
    """Operations, so many at a time; and at a fixed rate, until another agent is told."""

    at_a_time: int
    operations: tuple[OperationFigures, ...]
    fixed_rate_per_second: float
    post_to_other_agent: Latency


class StartFigures(msgspec.Struct, frozen=True):
    """How long a program takes until it is ready, over several starts."""

    program: str
    median_seconds: float
    slowest_seconds: float


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that one run measured; a part that was not asked for is absent."""

    codec: tuple[CodecFigures, ...] | None = None
    link: LinkFigures | None = None
    transfer: TransferFigures | None = None
    calls: CallFigures | None = None
    events: EventFigures | None = None
    memory: tuple[MemoryFigures, ...] | None = None
    shares: ShareFigures | None = None
    cometd: CometdFigures | None = None
    operations: OperationLoadFigures | None = None
    start: tuple[StartFigures, ...] | None = None
