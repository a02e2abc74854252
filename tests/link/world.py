"""A link between a listener that records its calls, and T-Servers that the test plays."""

from typing import Any

from twisted.internet.task import Clock as TwistedClock

from bridge.link import Endpoint, Failure, LinkConfig, PairEndpoints, open_link
from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as m
from bridge.tlib.session import Credentials
from bridge.tlib.wire import MESSAGE_PACK
from tests.playbook import START, ScriptedTServer

A, B = "tcp://a:7010", "tcp://b:7012"


class Listener:
    """Records its calls, each as one short line."""

    def __init__(self) -> None:
        self._reported: list[str] = []

    def link_up(self, switch: str) -> None:
        assert switch == "Switch_A"
        self._reported.append("up")

    def link_down(self, switch: str, reason: str) -> None:
        assert switch == "Switch_A"
        self._reported.append(f"down: {reason}")

    def received(self, _switch: str, event: m.Event, pending: str | None) -> None:
        if isinstance(event, m.EventServerInfo | m.EventLinkConnected | m.EventLinkDisconnected):
            return
        words = [event.name, *([str(event.event_sequence_number)] if isinstance(event, m.CallEvent) else [])]
        self._reported.append(" ".join([*words, *([f"for {pending}"] if pending else [])]))

    def failed(self, _switch: str, pending: str, failure: Failure) -> None:
        self._reported.append(f"{pending} failed: {failure.text}")

    def reported(self) -> list[str]:
        """Return the calls since the last time."""
        reported, self._reported = self._reported, []
        return reported


class World:
    """A link to one T-Server, or to a pair: `hot`, `warm`."""

    def __init__(self, redundancy: str = "", keep_alive: int = 10) -> None:
        self.clock = HeldClock(START)
        self.reactor = TwistedClock()
        self.a, self.b = ScriptedTServer(self.clock), ScriptedTServer(self.clock)
        self.listener = Listener()
        self.reported = self.listener.reported
        self.delays: list[int] = []
        target: Endpoint | PairEndpoints = Endpoint(A, self.a)
        if redundancy:
            target = PairEndpoints(Endpoint(A, self.a), Endpoint(B, self.b), is_hot=redundancy == "hot")
        config = LinkConfig(
            "Switch_A",
            Credentials("bridge", None, keep_alive, keep_alive),
            MESSAGE_PACK,
            self.clock,
            self.reactor,
            self._retry,
        )
        self.link = open_link(target, config, self.listener)
        self.link.start()

    def _retry(self, attempt: int) -> float:
        self.delays.append(attempt)
        return 1.0

    def up(self) -> "World":
        """Send the opening of the first T-Server."""
        self.a.opens()
        assert self.reported() == ["up"]
        return self

    def retries(self) -> None:
        """Advance the reactor's clock to the next attempt."""
        self.reactor.advance(1.0)


def register(dn: str) -> m.RequestRegisterAddress:
    return m.RequestRegisterAddress(this_dn=dn)


def make_call(dn: str = "15000") -> m.RequestMakeCall:
    return m.RequestMakeCall(this_dn=dn, other_dn="15001")


def names(requests: list[m.Request]) -> list[str]:
    """Return each request's name, with its DN if it has one."""
    return [" ".join([each.name, *filter(None, [getattr(each, "this_dn", None)])]) for each in requests]


def answers(tserver: ScriptedTServer, request: m.Request, kind: type[m.Event], **attributes: Any) -> None:
    """Send the outcome of a request."""
    tserver.sends(kind, reference_id=request.reference_id, **attributes)
