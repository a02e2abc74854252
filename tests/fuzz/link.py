"""The link's input, in this process: everything above the socket is real, and the T-Server is the fuzzer."""

from itertools import count

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock as ReactorClock
from zope.interface import implementer

from bridge.link import Endpoint, Failure, Link, LinkConfig
from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as t
from bridge.tlib.enums import ServerRole
from bridge.tlib.session import Credentials, capability_mask
from bridge.tlib.wire import MESSAGE_PACK
from tests.fuzz import sites
from tests.fuzz.log_monitor import LogMonitor
from tests.fuzz.memory import MemorySocket, live_objects, resident_bytes
from tests.fuzz.peers import BrokenError, Peer
from tests.fuzz.recorded import golden, only, pack
from tests.fuzz.target import Input

_LONGEST_PAUSE = 10.0
"""No link waits longer than this, in seconds, between two attempts to connect."""

_PATIENCE = 60.0
"""By then every request has an outcome, or has none for good."""

_SECONDS, _MICROSECONDS = 1_444_901_396, 250_000

_OPENING = pack(
    t.EventServerInfo(
        time_in_secs=_SECONDS,
        time_in_usecs=_MICROSECONDS,
        server_version="1.0.0",
        server_role=ServerRole.Primary,
        server_capability_mask=capability_mask([message.number for message in (*t.REQUESTS, *t.EVENTS)]),
        server_start_time=1_444_901_376,
        application_name="TServer_A",
    )
) + pack(t.EventLinkConnected(time_in_secs=_SECONDS, time_in_usecs=_MICROSECONDS))

_USUAL = (
    t.EventRegistered,
    t.EventDialing,
    t.EventRinging,
    t.EventEstablished,
    t.EventReleased,
    t.EventError,
    t.EventLinkDisconnected,
    t.EventLinkConnected,
)


def _registered(dn: str, reference: int | None) -> bytes:
    return pack(
        t.EventRegistered(
            time_in_secs=_SECONDS, time_in_usecs=_MICROSECONDS, this_dn=dn, reference_id=reference
        )
    )


@implementer(IStreamClientEndpoint)
class _Endpoint:
    """Connects at once, to whoever is on the other end of `socket`."""

    def __init__(self) -> None:
        self.socket: MemorySocket | None = None

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        protocol = factory.buildProtocol(None)  # type: ignore[arg-type] # no factory of ours looks at it
        assert protocol is not None
        self.socket = MemorySocket()
        self.socket.attach(protocol)
        return succeed(protocol)


class _Bridge:
    """What a link works for. Each request must be settled once, and none while the link is down."""

    def __init__(self) -> None:
        self.open: dict[int, t.Request] = {}
        self.up = False
        self._numbers = count()
        self.link: Link[int] | None = None

    def ask(self, request: t.Request) -> int:
        """Send a request."""
        assert self.link is not None
        number = next(self._numbers)
        self.open[number] = request
        self.link.send(request, number)
        return number

    def link_up(self, switch: str) -> None:  # noqa: ARG002 (there is only one)
        if self.up:
            raise BrokenError("told twice that the link is up")
        self.up = True
        for dn in sites.DNS:
            self.ask(t.RequestRegisterAddress(this_dn=dn))

    def link_down(self, switch: str, reason: str) -> None:  # noqa: ARG002
        if not self.up:
            raise BrokenError(f"told twice that the link is down: {reason}")
        self.up = False

    def received(self, switch: str, event: t.Event, pending: int | None) -> None:  # noqa: ARG002
        if pending is not None:
            self._settle(pending)

    def failed(self, switch: str, pending: int, failure: Failure) -> None:  # noqa: ARG002
        self._settle(pending)

    def _settle(self, pending: int) -> None:
        if self.open.pop(pending, None) is None:
            raise BrokenError(f"request {pending} was settled twice")


class LinkTarget:
    """A link that is kept up."""

    input = Input(
        kinds=t.EVENTS,
        usual=_USUAL,
        first=t.EventRinging,
        dns=sites.DNS,
        opening=_OPENING,
        greetings=tuple(_registered(dn, number) for number, dn in enumerate(sites.DNS, start=1)),
        recorded=only(t.EVENTS, golden()),
        most_peers=1,
    )
    slack = 1_000

    def __init__(self, log_monitor: LogMonitor) -> None:
        self._log_monitor = log_monitor
        self._clock = HeldClock(1_444_901_376.0)
        self._reactor = ReactorClock()
        self._endpoint = _Endpoint()
        self._reference = 0
        self._bridge = _Bridge()
        self._link: Link[int] = Link(
            LinkConfig(
                "Switch_A",
                Credentials("fuzz", poll_after=5),
                MESSAGE_PACK,
                self._clock,
                self._reactor,
                lambda _: 0.1,
            ),
            Endpoint("tcp://fuzz", self._endpoint),
            self._bridge,
        )
        self._bridge.link = self._link
        self._link.start()

    def connect(self) -> Peer:
        """Wait until the link has connected anew."""
        socket = self._endpoint.socket
        if socket is not None:
            socket.hang_up()
            for _ in range(100):
                if self._endpoint.socket is not socket:
                    break
                self.advance(_LONGEST_PAUSE / 100)
            else:
                raise BrokenError("the link does not connect any more")
        assert self._endpoint.socket is not None
        return Peer(self._endpoint.socket)

    def advance(self, seconds: float) -> None:
        """Let time pass for the link and its reactor."""
        self._clock.advance(seconds)
        self._reactor.advance(seconds)
        if self._endpoint.socket is not None:
            self._endpoint.socket.settle()

    @property
    def mark(self) -> int:
        """The ReferenceID of the last request."""
        return self._reference

    def catch_up(self, mark: int) -> None:
        """Have as many requests sent, and answer them."""
        peer = self.connect()
        peer.send(_OPENING)
        while self._answer(peer) < mark:
            self._bridge.ask(t.RequestRegisterAddress(this_dn=sites.DNS[0]))
        peer.hang_up()

    def _answer(self, peer: Peer) -> int:
        """Answer all requests; gives the ReferenceID of the last one."""
        for request in peer.receive():
            if isinstance(request, t.RequestRegisterAddress) and request.reference_id is not None:
                peer.send(_registered(request.this_dn, request.reference_id))
                self._reference = request.reference_id
        peer.receive()
        return self._reference

    def check(self) -> None:
        """Serve the link as a T-Server should, and see it work."""
        peer = self.connect()
        peer.send(_OPENING)
        asked = [message for message in peer.receive() if isinstance(message, t.RequestRegisterAddress)]
        if not self._bridge.up or not asked:
            raise BrokenError("the link does not come up any more")
        request = asked[0]
        self._reference = asked[-1].reference_id or 0
        before = len(self._bridge.open)
        peer.send(_registered(request.this_dn, request.reference_id))
        peer.receive()
        if len(self._bridge.open) != before - 1 or peer.closed:
            raise BrokenError("the link does not find the cause of an event any more")
        self._log_monitor.check()

    def clean(self) -> None:
        """Leave the link unanswered: all that it asked must come to an end."""
        peer = self.connect()
        peer.send(_OPENING)
        self.advance(_PATIENCE)
        peer.hang_up()
        if self._bridge.open:
            raise BrokenError(f"requests that never end: {self._bridge.open}")
        self.check()

    def live(self) -> int:
        """Count the objects of this process."""
        return live_objects()

    def resident(self) -> int:
        """Tell the memory of this process."""
        return resident_bytes()

    def close(self) -> None:
        """Stop the link."""
        self._link.stop()
        self.advance(_LONGEST_PAUSE)
