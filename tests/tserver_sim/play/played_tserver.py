"""A T-Server with its clients, to which one stimulus after the other is given."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from bridge.tlib import messages as m
from bridge.tlib.codec import MessagePackCodec
from bridge.tlib.enums import RegisterMode
from tests.tserver_sim.in_memory_server import Desk
from tests.tserver_sim.play import layout as house
from tserver_sim.switch.interface.commands import Command
from tserver_sim.switch.interface.refusal import RefusedError


@dataclass(frozen=True, slots=True)
class Asks:
    """A client asks for something."""

    client: int
    request: m.Request


@dataclass(frozen=True, slots=True)
class Does:
    """Somebody who is no client does something."""

    command: Command


@dataclass(frozen=True, slots=True)
class Passes:
    """Time passes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Leaves:
    """A client goes, and comes again as a new one."""

    client: int


Stimulus: TypeAlias = Asks | Does | Passes | Leaves


class Ear:
    """A client that keeps what it was told since it was last looked at."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def deliver(self, frame: bytes) -> None:
        self.frames.append(bytes(frame))


LISTENER, CONTROLLER, WATCHER, OWNER = range(4)
"""One that asks for nothing; one that asks; one that only watches; one that has DNs for itself."""
CLIENTS = 4


class Room:
    """A T-Server and its clients.

    Args:
        profile: the kind of switch.
        seed: what chance at the switch depends on.

    """

    def __init__(self, profile: str, seed: int) -> None:
        self.desk = Desk(**house.switch(profile, seed))
        self.tserver = self.desk.tserver
        self.digest = blake2b(digest_size=16)
        """Of every frame to every client."""
        self.ears: list[Ear] = []
        for client in range(CLIENTS):
            self.ears.append(Ear())
            self._enter(client)

    def carry_out(self, stimulus: Stimulus) -> None:
        """Let something happen; what is refused is answered."""
        match stimulus:
            case Asks(client, request):
                self.tserver.hub.receive(self.ears[client], request)
            case Does(command):
                try:
                    self.tserver.command(command)
                except RefusedError:
                    return
            case Passes(seconds):
                self.desk.clock.advance(seconds)
            case Leaves(client):
                self.tserver.hub.forget(self.ears[client])
                self.ears[client] = Ear()
                self._enter(client)

    def heard(self) -> list[list[bytes]]:
        """Return the frames that the clients were given since the last time."""
        frames = [ear.frames for ear in self.ears]
        for index, ear in enumerate(self.ears):
            for frame in ear.frames:
                self.digest.update(bytes([index]) + frame)
            ear.frames = []
        return frames

    def registers(self, client: int) -> None:
        """Let a client register what it wants to hear of."""
        mode = _MODES.get(client, RegisterMode.Share)
        for dn in house.DNS:
            if (dn in house.PRIVATE) is (client == OWNER):
                self.tserver.hub.receive(
                    self.ears[client], m.RequestRegisterAddress(this_dn=dn, register_mode=mode)
                )

    def _enter(self, client: int) -> None:
        opening = m.RequestRegisterClient(application_name=f"client{client}", protocol_version="1")
        self.tserver.hub.receive(self.ears[client], opening)
        self.registers(client)


_MODES = {WATCHER: RegisterMode.Monitor, OWNER: RegisterMode.Private}

CODEC = MessagePackCodec()
