"""An agent's seat: a DN, the bridge's desk, and a client that knows nothing but its notifications."""

from bridge.runtime.clock import HeldClock
from bridge.voice.gws.bodies import READERS
from bridge.voice.model.device import Device
from bridge.voice.operations import Resource
from bridge.voice.service import Desk
from tests.voice.fake_tserver import DN, SWITCH, Line
from tests.voice.replay_client import Client

START = b'{"operationName":"StartContactCenterSession","channels":["voice"]}'


class Seat:
    """A DN in session."""

    def __init__(self) -> None:
        self.clock = HeldClock(1.0)
        self.line = Line()
        self.client = Client()
        self.device = Device("device", DN, SWITCH, "user")
        self.desk = Desk(
            "http://gws.example/api/v2",
            [self.device],
            clock=self.clock,
            send=self.line.send,
            deliver=self.client.take,
        )
        self.desk.on_me("user", READERS[Resource.ME].read(START))
        self.settle()

    def gap_begins(self, *, keeps_connection: bool) -> None:
        """Lose the link, or only the switch behind it."""
        if keeps_connection:
            self.line.loses_its_switch(self.desk)
        else:
            self.line.is_cut(self.desk)

    def gap_ends(self) -> None:
        self.line.is_back(self.desk)

    def serve(self) -> None:
        if self.line.requests:
            self.line.serve()

    def deliver(self) -> None:
        if self.line.has_news:
            self.line.deliver(self.desk)

    def settle(self) -> None:
        """Answer and deliver until nothing is on its way, and nothing more comes in a second."""
        self.clock.advance(1)
        while self.line.requests or self.line.has_news:
            self.serve()
            while self.line.has_news:
                self.deliver()
            if not self.line.requests:
                self.clock.advance(1)
