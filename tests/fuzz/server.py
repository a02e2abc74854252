"""The T-Server's port, in this process: everything above the socket is real."""

from bridge.runtime.clock import HeldClock
from bridge.tlib.wire import MESSAGE_PACK
from tests.fuzz import sites
from tests.fuzz.cleanup import end_calls
from tests.fuzz.control_client import ControlClient
from tests.fuzz.log_monitor import LogMonitor
from tests.fuzz.memory import MemorySocket, live_objects, resident_bytes
from tests.fuzz.peers import BrokenError, Peer
from tests.fuzz.usual import FROM_CLIENTS
from tserver_sim.server.connections.client_protocol import TServerFactory
from tserver_sim.site import SimSite
from tserver_sim.tserver import SimulatedTServer


def _factory(clock: HeldClock) -> TServerFactory:
    """Put a T-Server together."""
    site = SimSite.model_validate(sites.SITE)
    part = site.switches[0]
    tserver = SimulatedTServer(part, site, clock, MESSAGE_PACK)
    return TServerFactory(tserver.dispatcher, MESSAGE_PACK, None, clock, part.tserver.application)


class ServerTarget:
    """A T-Server with a witness among its clients."""

    input = FROM_CLIENTS
    slack = 1_000

    def __init__(self, log_monitor: LogMonitor) -> None:
        self._log_monitor = log_monitor
        self._clock = HeldClock(1_444_901_376.0)
        self._factory = _factory(self._clock)
        self._sockets: list[MemorySocket] = []
        self._control_client = ControlClient(self.connect())

    def connect(self) -> Peer:
        """Let a client connect."""
        socket = MemorySocket()
        socket.attach(self._factory.buildProtocol(None))
        self._sockets = [*(each for each in self._sockets if not each.closed), socket]
        return Peer(socket)

    def advance(self, seconds: float) -> None:
        """Let time pass for the switch and its connections."""
        self._clock.advance(seconds)
        for socket in self._sockets:
            socket.settle()

    @property
    def mark(self) -> int:
        """The ConnID of the last call."""
        return self._control_client.last_conn_id

    def catch_up(self, mark: int) -> None:
        """Make as many calls."""
        self._control_client.catch_up(mark)

    def check(self) -> None:
        """Have the witness make a call."""
        self._control_client.check()
        self._log_monitor.check()

    def clean(self) -> None:
        """End all calls, as a client that has registered every DN."""
        if len(self._factory.connections) != 1:
            raise BrokenError(f"{len(self._factory.connections)} connections are left, 1 is the witness's")
        end_calls(self.connect(), self.advance)
        self.check()

    def live(self) -> int:
        """Count the objects of this process that the garbage collector knows."""
        return live_objects()

    def resident(self) -> int:
        """Tell the memory of this process."""
        return resident_bytes()

    def close(self) -> None:
        """End it."""
        self._control_client.hang_up()
