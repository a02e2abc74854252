"""An agent's seat: a DN, the bridge's desk, and a client that knows nothing but its notifications."""

from bridge.runtime.clock import HeldClock
from bridge.voice.gws.bodies import READERS
from bridge.voice.model.device import DeviceConfig
from bridge.voice.operations import Resource
from bridge.voice.service import VoiceService
from tests.voice.fake_tserver import DN, SWITCH, FakeTServer
from tests.voice.replay_client import ReplayClient

START = b'{"operationName":"StartContactCenterSession","channels":["voice"]}'


class DNHarness:
    """A DN in session."""

    def __init__(self) -> None:
        self.clock = HeldClock(1.0)
        self.tserver = FakeTServer()
        self.client = ReplayClient()
        self.service = VoiceService(
            "http://gws.example/api/v2",
            [DeviceConfig("device", DN, SWITCH, owner_id="user")],
            clock=self.clock,
            send=self.tserver.send,
            deliver=self.client.receive,
        )
        self.service.execute_me_operation("user", READERS[Resource.ME].read(START))
        self.device = self.tserver.requests[0][1].device
        self.settle()

    def begin_gap(self, *, keeps_connection: bool) -> None:
        """Lose the link, or only the switch behind it."""
        if keeps_connection:
            self.tserver.lose_switch(self.service)
        else:
            self.tserver.lose_connection(self.service)

    def end_gap(self) -> None:
        self.tserver.reconnect(self.service)

    def answer_request(self) -> None:
        if self.tserver.requests:
            self.tserver.answer_request()

    def deliver(self) -> None:
        if self.tserver.has_outgoing:
            self.tserver.deliver(self.service)

    def settle(self) -> None:
        """Answer and deliver until nothing is on its way, and nothing more comes in a second."""
        self.clock.advance(1)
        while self.tserver.requests or self.tserver.has_outgoing:
            self.answer_request()
            while self.tserver.has_outgoing:
                self.deliver()
            if not self.tserver.requests:
                self.clock.advance(1)
