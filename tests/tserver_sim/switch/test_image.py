"""What happens within calls goes on in a switch that has been written down and read again."""

import msgspec

from bridge.tlib import messages as m
from bridge.tlib.enums import MonitorNextCallType
from bridge.tlib.kv import KVList, decode_kv_list
from bridge.tlib.private import PrivateMsgID
from tests.tserver_sim.acd import AUTO_IN, AgentClient
from tests.tserver_sim.in_memory_server import Client, InMemoryServer
from tserver_sim.switch.interface.stimuli import Image


def busy_server() -> tuple[InMemoryServer, list[Client]]:
    """15000 talks to 15001, who waits for digits; 15002 listens in; the agent of 15003 is reserved."""
    server = InMemoryServer()
    a, b, s, d = clients = server.agents("15000", "15001", "15002", "15003")
    AgentClient(d).logs_in("15600", AUTO_IN)
    s.asks(m.RequestReserveAgent(this_dn="15003", timeout=5000, priority=0))
    s.asks(
        m.RequestMonitorNextCall(
            this_dn="15002", other_dn="15001", monitor_next_call_type=MonitorNextCallType.OneCall
        )
    )
    a.calls("15001", user_data=KVList.of(Name="Miller"))
    b.answers()
    b.does(m.RequestCollectDigits, number_of_digits=3, timeout=10)
    b.asks(
        m.RequestPrivateService(
            private_msg_id=PrivateMsgID.StartRecording, this_dn="15001", conn_id=b.last_conn_id
        )
    )
    a.does(m.RequestSendDTMF, dtmf_digits="1")
    server.delivered.clear()
    return server, clients


def goes_on(server: InMemoryServer, clients: list[Client]) -> list[str]:
    """Play on until everything is over."""
    a, b, s, _ = clients
    s.does(m.RequestSetMuteOff)
    a.does(m.RequestSendDTMF, dtmf_digits="23")
    b.asks(
        m.RequestPrivateService(
            private_msg_id=PrivateMsgID.PauseRecording, this_dn="15001", conn_id=b.last_conn_id
        )
    )
    a.releases()
    a.calls("15600")
    ladder = server.ladder()
    server.clock.advance(5)
    return ladder + server.ladder()


def test_it_goes_on_as_if_nothing_had_been() -> None:
    expected = goes_on(*busy_server())
    server, clients = busy_server()
    switch = server.tserver.switch
    written = msgspec.msgpack.encode(switch.image())
    image = msgspec.msgpack.decode(written, type=Image, dec_hook=decode_kv_list)
    switch.restore(image)
    assert msgspec.msgpack.encode(switch.image()) == written
    assert goes_on(server, clients) == expected
    assert any("CollectedDigits=123" in line for line in expected)
    assert any("15003 <- Ringing" in line for line in expected)
