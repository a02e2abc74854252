"""Registrations: which client has registered which DN, in which mode (T-Library, TRegisterAddress)."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from bridge.tlib.enums import RegisterMode
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.interface.refusal import RefusedError


class Client(Protocol):
    """The connection of a client, as the T-Server uses it."""

    def deliver(self, frame: bytes) -> None:
        """Write a frame to the client. Does not wait, raise or call back."""


_NO_CLIENTS: Mapping[Client, RegisterMode] = {}


class Registrations:
    """The registrations of all clients."""

    def __init__(self) -> None:
        self._modes: dict[str, dict[Client, RegisterMode]] = {}

    def clients_of(self, dn: str) -> Mapping[Client, RegisterMode]:
        """Return the clients that have registered a DN, each with its RegisterMode."""
        return self._modes.get(dn, _NO_CLIENTS)

    def add(self, client: Client, dn: str, mode: RegisterMode) -> None:
        """Register a client for a DN, or change the mode of its registration.

        Raises:
            RefusedError: another client has registered the DN as Private; or `mode` is Private and another
                client has registered the DN.

        """
        others = [other_mode for other, other_mode in self.clients_of(dn).items() if other is not client]
        if RegisterMode.Private in others or (others and mode is RegisterMode.Private):
            raise RefusedError(ErrorCode.DNHeldByAnother, f"{dn} is registered by another client")
        self._modes.setdefault(dn, {})[client] = mode

    def add_all(self, client: Client, dns: Iterable[str]) -> None:
        """Register a client for all these DNs as Share, except those that another client has as Private."""
        for dn in dns:
            modes = self._modes.setdefault(dn, {})
            if client not in modes and RegisterMode.Private not in modes.values():
                modes[client] = RegisterMode.Share

    def remove(self, client: Client, dn: str) -> None:
        """Remove a registration.

        Raises:
            RefusedError: the client has not registered the DN.

        """
        if client not in self.clients_of(dn):
            raise RefusedError(ErrorCode.DNNotRegistered, f"{dn} is not registered by this client")
        del self._modes[dn][client]
        if not self._modes[dn]:
            del self._modes[dn]

    def remove_client(self, client: Client) -> None:
        """Remove all registrations of a client."""
        for dn in [dn for dn, clients in self._modes.items() if client in clients]:
            self.remove(client, dn)

    def check_registered(self, client: Client, dn: str) -> RegisterMode:
        """Check that a client has registered a DN, and return the mode.

        Raises:
            RefusedError: the client has not registered the DN.

        """
        mode = self.clients_of(dn).get(client)
        if mode is None:
            raise RefusedError(ErrorCode.DNNotRegistered, f"{dn} is not registered by this client")
        return mode

    def check_control(self, client: Client, dn: str) -> None:
        """Check that a client may send requests for a DN.

        Raises:
            RefusedError: the client has not registered the DN, or as Monitor.

        """
        if self.check_registered(client, dn) is RegisterMode.Monitor:
            raise RefusedError(ErrorCode.DNNotRegistered, f"{dn} is registered by this client only to watch")
