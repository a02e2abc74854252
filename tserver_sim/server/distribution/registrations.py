"""Which client has registered which DN, and how (T-Library, TRegisterAddress)."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from bridge.tlib.enums import RegisterMode
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.interface.refusal import RefusedError


class Client(Protocol):
    """A client of the T-Server, as far as the hub needs it."""

    def deliver(self, frame: bytes) -> None:
        """Write a frame to the client; never waits, never fails, and does not call back."""


_NO_CLIENTS: Mapping[Client, RegisterMode] = {}


class Registrations:
    """The registrations of all clients."""

    def __init__(self) -> None:
        self._modes: dict[str, dict[Client, RegisterMode]] = {}

    def clients_of(self, dn: str) -> Mapping[Client, RegisterMode]:
        """Return who gets the events of a DN."""
        return self._modes.get(dn, _NO_CLIENTS)

    def add(self, client: Client, dn: str, mode: RegisterMode) -> None:
        """Register a client, or change how it is registered.

        Raises:
            RefusedError: another client has the DN for itself, or this one wants it so and cannot.

        """
        others = [other_mode for other, other_mode in self.clients_of(dn).items() if other is not client]
        if RegisterMode.Private in others or (others and mode is RegisterMode.Private):
            raise RefusedError(ErrorCode.DNHeldByAnother, f"{dn} is registered by another client")
        self._modes.setdefault(dn, {})[client] = mode

    def add_all(self, client: Client, dns: Iterable[str]) -> None:
        """Register a client for all these DNs, but those that another one has for itself."""
        for dn in dns:
            modes = self._modes.setdefault(dn, {})
            if client not in modes and RegisterMode.Private not in modes.values():
                modes[client] = RegisterMode.Share

    def remove(self, client: Client, dn: str) -> None:
        """End a registration.

        Raises:
            RefusedError: there is none.

        """
        if client not in self.clients_of(dn):
            raise RefusedError(ErrorCode.DNNotRegistered, f"{dn} is not registered by this client")
        del self._modes[dn][client]
        if not self._modes[dn]:
            del self._modes[dn]

    def remove_client(self, client: Client) -> None:
        """End all registrations of a client."""
        for dn in [dn for dn, clients in self._modes.items() if client in clients]:
            self.remove(client, dn)

    def check_registered(self, client: Client, dn: str) -> RegisterMode:
        """Let a question about a DN pass; return how the client has registered it.

        Raises:
            RefusedError: the client has not registered the DN.

        """
        mode = self.clients_of(dn).get(client)
        if mode is None:
            raise RefusedError(ErrorCode.DNNotRegistered, f"{dn} is not registered by this client")
        return mode

    def check_control(self, client: Client, dn: str) -> None:
        """Let a request on a DN pass.

        Raises:
            RefusedError: the client has not registered the DN, or only to watch it.

        """
        if self.check_registered(client, dn) is RegisterMode.Monitor:
            raise RefusedError(ErrorCode.DNNotRegistered, f"{dn} is registered by this client only to watch")
