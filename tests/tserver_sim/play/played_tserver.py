"""A T-Server with its clients, which is given one stimulus after the other."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from bridge.tlib import messages as m
from bridge.tlib.enums import RegisterMode
from bridge.tlib.message_pack import MessagePackCodec
from tests.tserver_sim.in_memory_server import InMemoryServer
from tests.tserver_sim.play import layout
from tserver_sim.switch.interface.commands import Command
from tserver_sim.switch.interface.refusal import RefusedError


@dataclass(frozen=True, slots=True)
class RequestSent:
    """A client sends a request."""

    client: int
    request: m.Request


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """A command is given."""

    command: Command


@dataclass(frozen=True, slots=True)
class TimePasses:
    """Time passes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ClientReconnects:
    """A client disconnects, and connects again as a new one."""

    client: int


Stimulus: TypeAlias = RequestSent | CommandGiven | TimePasses | ClientReconnects


class RecordingClient:
    """A client that keeps the frames that it received since the last look."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def deliver(self, frame: bytes) -> None:
        self.frames.append(bytes(frame))


LISTENER, CONTROLLER, WATCHER, OWNER = range(4)
"""One that asks for nothing; one that asks; one that only watches; one that has DNs for itself."""
CLIENTS = 4


class PlayedTServer:
    """A T-Server and its clients.

    Args:
        profile: the kind of switch.
        seed: the seed of chance at the switch.

    """

    def __init__(self, profile: str, seed: int) -> None:
        self.server = InMemoryServer(**layout.switch(profile, seed))
        self.tserver = self.server.tserver
        self.digest = blake2b(digest_size=16)
        """The digest of every frame to every client."""
        self.clients: list[RecordingClient] = []
        for client in range(CLIENTS):
            self.clients.append(RecordingClient())
            self._enter(client)

    def execute_request(self, stimulus: Stimulus) -> None:
        """Carry out a stimulus; what is refused is answered."""
        match stimulus:
            case RequestSent(client, request):
                self.tserver.dispatcher.receive(self.clients[client], request)
            case CommandGiven(command):
                try:
                    self.tserver.command(command)
                except RefusedError:
                    return
            case TimePasses(seconds):
                self.server.clock.advance(seconds)
            case ClientReconnects(client):
                self.tserver.dispatcher.remove_client(self.clients[client])
                self.clients[client] = RecordingClient()
                self._enter(client)

    def take_frames(self) -> list[list[bytes]]:
        """Return the frames that the clients received since the last call."""
        frames = [client.frames for client in self.clients]
        for index, client in enumerate(self.clients):
            for frame in client.frames:
                self.digest.update(bytes([index]) + frame)
            client.frames = []
        return frames

    def register(self, client: int) -> None:
        """Register the DNs of a client."""
        mode = _MODES.get(client, RegisterMode.Share)
        for dn in layout.DNS:
            if (dn in layout.PRIVATE) is (client == OWNER):
                self.tserver.dispatcher.receive(
                    self.clients[client], m.RequestRegisterAddress(this_dn=dn, register_mode=mode)
                )

    def _enter(self, client: int) -> None:
        opening = m.RequestRegisterClient(application_name=f"client{client}", protocol_version="1")
        self.tserver.dispatcher.receive(self.clients[client], opening)
        self.register(client)


_MODES = {WATCHER: RegisterMode.Monitor, OWNER: RegisterMode.Private}

CODEC = MessagePackCodec()
