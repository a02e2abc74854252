"""The bridge between two scripts: HTTP and CometD on one side, a T-Server on the other.

Everything of the bridge is real but the sockets: requests go through its ASGI application, frames through
its link, on a clock that stands still. A test reads as a ladder: what the agent posts, what the T-Server
gets, what the T-Server tells, what the agent is notified of.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock as TwistedClock
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.python.failure import Failure
from zope.interface import implementer

from bridge.api.security.policy import AccessPolicy
from bridge.app import Bridge
from bridge.directory.directory import Directory
from bridge.directory.persistence import DirectoryStore
from bridge.link import Endpoint
from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as t
from bridge.tlib.enums import CallState, CallType, DNRole, ServerRole
from bridge.tlib.kv import KVList
from bridge.tlib.session import Refusal
from bridge.tlib.wire import MESSAGE_PACK
from tests.agent import Agent
from tests.sites import quick_demo_site

API = "http://127.0.0.1:8080/api/v2"
DEVICE_15000 = "631608b3-ceb1-472b-ba05-2ae39555b0d1"
CONN_ID = 0x007102719818000D
CALL_ID = "01RCC3N118B1V0SL807GK2LAES00000D"
START = 1444901376.0  # 2015-10-15T09:29:36Z

E = TypeVar("E", bound=t.Event)


@implementer(IStreamClientEndpoint)
class ScriptedTServer:
    """The T-Server's side of a link, played by the test. It is also the endpoint the bridge connects to."""

    def __init__(self, clock: HeldClock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._protocol: IProtocol | None = None
        self._transport = StringTransportWithDisconnection()
        self._session = MESSAGE_PACK.server_session(None, clock.now())
        self._received: list[t.Request] = []
        self.accepting = True

    def connect(self, factory: IProtocolFactory) -> "Deferred[IProtocol]":
        if not self.accepting:
            return Deferred(lambda _: None)
        self._session = MESSAGE_PACK.server_session(None, self._clock.now())
        self._transport = StringTransportWithDisconnection()
        self._protocol = factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 7010))
        assert self._protocol is not None
        self._transport.protocol = self._protocol
        self._protocol.makeConnection(self._transport)
        return succeed(self._protocol)

    def opens(self, **info: Any) -> None:
        """Admit the bridge and tell it that the switch is there."""
        (hello,) = self.gets()
        assert isinstance(hello, t.RequestRegisterClient)
        self.identifies(**info)
        self.sends(t.EventLinkConnected)

    def identifies(self, **info: Any) -> None:
        """Say who it is; a primary, unless `info` says otherwise."""
        usual: dict[str, Any] = {
            "server_version": "1",
            "server_role": ServerRole.Primary,
            "server_capability_mask": b"",
            "server_start_time": int(START),
            "application_name": "TServer_A",
        }
        self.sends(t.EventServerInfo, **(usual | info))

    def gets(self) -> list[t.Request]:
        """Take what the bridge has sent since the last time."""
        self.reads_all()
        received, self._received = self._received, []
        return received

    def reads_all(self) -> None:
        """Read what the bridge has sent, and answer its polls."""
        data, _ = self._transport.value(), self._transport.clear()
        for item in self._session.receive(data, self._clock.now()):
            assert not isinstance(item, Refusal), item
            self._received.append(item)
        self.sends_bytes(self._session.data_to_send())

    def event(self, kind: type[E], **attributes: Any) -> E:
        """Make an event of now."""
        seconds, micros = divmod(round(self._clock.now() * 1_000_000), 1_000_000)
        stamp = {
            "time_in_secs": seconds,
            "time_in_usecs": micros,
            "event_sequence_number": next(self._numbers),
        }
        return kind(**(stamp | attributes))

    def sends(self, kind: type[t.Event], **attributes: Any) -> None:
        """Send an event."""
        self.sends_bytes(MESSAGE_PACK.encode(self.event(kind, **attributes)))

    def sends_call_event(
        self, kind: type[t.TelephonyEvent], this_dn: str = "15000", **attributes: Any
    ) -> None:
        """Send an event of the demo call between 15000, who dialled, and 15001."""
        originates = this_dn == "15000"
        call: dict[str, Any] = {
            "this_dn": this_dn,
            "this_dn_role": DNRole.Origination if originates else DNRole.Destination,
            "other_dn": "15001" if originates else "15000",
            "other_dn_role": DNRole.Destination if originates else DNRole.Origination,
            "conn_id": CONN_ID,
            "call_id": 1013,
            "call_uuid": CALL_ID,
            "call_type": CallType.Internal,
            "call_state": CallState.Ok,
            "dnis": "15001",
            "extensions": KVList.of(BusinessCall=0),
        }
        self.sends(kind, **(call | attributes))

    def registers(self, snapshot: KVList | None = None, **attributes: Any) -> None:
        """Register the DN that the bridge asks for, and nothing else."""
        (register,) = self.gets()
        assert isinstance(register, t.RequestRegisterAddress)
        reference = register.reference_id
        dn = register.this_dn
        self.sends(t.EventRegistered, this_dn=dn, reference_id=reference, extensions=snapshot, **attributes)

    def logs_in(self) -> None:
        """Log in the agent that the bridge asks for, and nothing else; who is not ready at first."""
        (login,) = self.gets()
        assert isinstance(login, t.RequestAgentLogin)
        agent = {"this_dn": login.this_dn, "agent_id": login.agent_id}
        self.sends(t.EventAgentLogin, reference_id=login.reference_id, this_queue=login.this_queue, **agent)
        self.sends(t.EventAgentNotReady, **agent)

    def sends_bytes(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        if data:
            assert self._protocol is not None
            self._protocol.dataReceived(data)

    def goes_away(self, reason: Exception | None = None) -> None:
        """Lose the connection."""
        assert self._protocol is not None
        protocol, self._protocol = self._protocol, None
        protocol.connectionLost(Failure(reason or ConnectionResetError("the T-Server went away")))

    @property
    def is_dropped(self) -> bool:
        """Whether the bridge has closed the connection."""
        return not self._transport.connected


class Playbook:
    """A bridge of the demo site with scripted T-Servers."""

    def __init__(self, site: Path, access: AccessPolicy, store: DirectoryStore | None) -> None:
        self.clock = HeldClock(START)
        self.reactor = TwistedClock()
        self.tserver = ScriptedTServer(self.clock)
        self.other_tserver = ScriptedTServer(self.clock)
        self.directory = Directory.load(site)
        self.bridge = Bridge(
            self.directory,
            api=API,
            tservers={
                "Switch_A": Endpoint("tcp://switch-a:7010", self.tserver),
                "Switch_B": Endpoint("tcp://switch-b:7020", self.other_tserver),
            },
            clock=self.clock,
            reactor=self.reactor,
            access=access,
            store=store,
        )
        self._agents: list[Agent] = []

    def agent(self, name: str = "agent15000", password: str | None = "demo") -> Agent:
        """Seat an agent. Without a password the agent sends no credentials."""
        transport = httpx.ASGITransport(app=self.bridge.app, raise_app_exceptions=False)
        auth = None if password is None else (name, password)
        http = httpx.AsyncClient(transport=transport, auth=auth)
        self._agents.append(Agent(http))
        return self._agents[-1]

    async def in_session(self, name: str = "agent15000") -> Agent:
        """Seat an agent whose DN is registered, who is logged in, and who listens to the notifications."""
        agent = self.agent(name)
        await agent.listen()
        assert (await agent.post("/me", "StartContactCenterSession", channels=["voice"])).status == 200
        self.tserver.registers()
        self.tserver.logs_in()
        states = [message["data"]["devices"][0]["userState"] for message in await agent.notifications()]
        assert [state["state"] for state in states] == ["LoggedIn", "LoggedIn", "NotReady"]
        return agent

    async def talking(self) -> Agent:
        """Seat agent15000 in the demo call with 15001."""
        agent = await self.in_session()
        self.tserver.sends_call_event(t.EventDialing)
        self.tserver.sends_call_event(t.EventEstablished)
        states = [message["data"]["call"]["state"] for message in await agent.notifications()]
        assert states == ["Dialing", "Established"]
        return agent

    async def wait(self, seconds: float) -> None:
        """Let time pass, with T-Servers that answer polls and browsers that poll."""
        while seconds > 0:
            step = min(seconds, 5.0)
            self.clock.advance(step)
            self.tserver.reads_all()
            self.other_tserver.reads_all()
            for agent in self._agents:
                await agent.poll()
            seconds -= step

    async def close(self) -> None:
        for agent in self._agents:
            await agent.http.aclose()
        self.tserver.accepting = self.other_tserver.accepting = False
        await self.bridge.stop()


@asynccontextmanager
async def playing(
    *,
    site: Path | None = None,
    link: bool = True,
    access: AccessPolicy | None = None,
    store: DirectoryStore | None = None,
) -> AsyncIterator[Playbook]:
    """Play against a bridge; `link` says whether its T-Servers are there from the start."""
    book = Playbook(site or quick_demo_site(), access or AccessPolicy(), store)
    book.tserver.accepting = book.other_tserver.accepting = link
    book.bridge.start()
    if link:
        book.tserver.opens()
        book.other_tserver.opens()
    try:
        yield book
    finally:
        await book.close()
