"""The T-Server between its clients and its switch, without I/O.

Source of the rules: T-Library Events and Models, registration and distribution of events.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from bridge.tlib import messages as m
from bridge.tlib.codec import Codec
from bridge.tlib.enums import ServerRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.framing import frame
from bridge.tlib.ids import conn_id_text
from bridge.tlib.kv import KVList
from bridge.tlib.session import Refusal, capability_mask
from tserver_sim.server.registry import Client, Registry
from tserver_sim.switch.engine import Switch
from tserver_sim.switch.refusal import RefusedError
from tserver_sim.switch.stamps import Stamper

SERVER_VERSION = "1.0.0"
"""The version of the simulated T-Server; it changes when its clients see a difference."""

MAX_DN_LENGTH = 255
MAX_ERROR_TEXT = 500


@dataclass(frozen=True, slots=True)
class Identity:
    """What the T-Server says of itself. The start time is in seconds since 1970-01-01T00:00:00Z."""

    application_name: str
    start_time: int


class Hub:
    """One T-Server."""

    def __init__(self, identity: Identity, switch: Switch, stamper: Stamper, codec: Codec) -> None:
        self._identity = identity
        self._switch = switch
        self._stamper = stamper
        self._codec = codec
        self._clients: set[Client] = set()
        self._registry = Registry()
        self._link_is_up = True
        self._handlers: Mapping[type[m.Request], Callable[[Client, Any], None]] = {
            m.RequestRegisterClient: self._open,
            m.RequestRegisterAddress: self._register,
            m.RequestUnregisterAddress: self._unregister,
            m.RequestMakeCall: self._control,
            m.RequestAnswerCall: self._control,
            m.RequestReleaseCall: self._control,
            m.RequestSingleStepTransfer: self._control,
        }
        self._capabilities = capability_mask((*self._handlers, *m.EVENTS))

    # --- from the clients --------------------------------------------------------------------

    def receive(self, client: Client, request: m.Request | Refusal) -> None:
        """Take what a client's session gave out: a request to carry out, or one that is refused already."""
        if isinstance(request, Refusal):
            self._send_error(client, request.code, request.text, request.reference_id)
            return
        handler = self._handlers.get(type(request), self._not_supported)
        try:
            handler(client, request)
        except RefusedError as refusal:
            self._refuse(client, request, refusal)

    def forget(self, client: Client) -> None:
        """A client is gone. Its registrations end; calls go on."""
        self._clients.discard(client)
        self._registry.forget(client)

    def _open(self, client: Client, _request: m.RequestRegisterClient) -> None:
        self._clients.add(client)
        info = m.EventServerInfo(
            **self._stamper.next(),
            server_version=SERVER_VERSION,
            server_role=ServerRole.Primary,
            server_capability_mask=self._capabilities,
            server_start_time=self._identity.start_time,
            application_name=self._identity.application_name,
        )
        client.deliver(self._frame(info))
        client.deliver(self._frame(self._link_state()))

    def _register(self, client: Client, request: m.RequestRegisterAddress) -> None:
        self._check_link()
        dn = self._switch.dns.get(_checked_dn(request))
        if dn is None:
            raise RefusedError(ErrorCode.DNNotConfigured, f"{request.this_dn} is not a DN of this switch")
        self._registry.add(client, dn.number, request.register_mode)
        registered = m.EventRegistered(
            **self._stamper.next(),
            reference_id=request.reference_id,
            this_dn=dn.number,
            address_info_status=dn.type,
            extensions=_snapshot({conn_id: party.state for conn_id, party in dn.parties.items()}),
        )
        client.deliver(self._frame(registered))

    def _unregister(self, client: Client, request: m.RequestUnregisterAddress) -> None:
        self._check_link()
        self._registry.remove(client, _checked_dn(request))
        unregistered = m.EventUnregistered(
            **self._stamper.next(), reference_id=request.reference_id, this_dn=request.this_dn
        )
        client.deliver(self._frame(unregistered))

    def _control(self, client: Client, request: m.RequestMakeCall | m.CallRequest) -> None:
        self._check_link()
        self._registry.check_control(client, _checked_dn(request))
        self._switch.carry_out(request, client)

    def _not_supported(self, _client: Client, request: m.Request) -> None:
        raise RefusedError(ErrorCode.OperationNotSupported, f"{request.name} is not supported")

    def _check_link(self) -> None:
        if not self._link_is_up:
            raise RefusedError(ErrorCode.SwitchNotConnected, "the T-Server has lost its switch")

    # --- to the clients ----------------------------------------------------------------------

    def publish(self, event: m.PartyEvent, requester: object) -> None:
        """Tell an event of the switch to every client that registered its DN.

        Only the requester's copy has the ReferenceID. Each form is encoded once.
        """
        clients = self._registry.clients_of(event.this_dn)
        if not clients or not self._link_is_up:
            return
        if event.reference_id is None:
            requester = None
        shared: bytes | None = None
        for client in clients:
            if client is requester:
                client.deliver(self._frame(event))
                continue
            if shared is None:
                shared = self._frame(event if requester is None else replace(event, reference_id=None))
            client.deliver(shared)

    def link_down(self) -> None:
        """Lose the switch: requests are refused and events are lost until `link_up`."""
        self._set_link(up=False)

    def link_up(self) -> None:
        """Find the switch again."""
        self._set_link(up=True)

    def _set_link(self, *, up: bool) -> None:
        if up is self._link_is_up:
            return
        self._link_is_up = up
        state = self._frame(self._link_state())
        for client in self._clients:
            client.deliver(state)

    def _link_state(self) -> m.Event:
        kind = m.EventLinkConnected if self._link_is_up else m.EventLinkDisconnected
        return kind(**self._stamper.next(), application_name=self._identity.application_name)

    def _refuse(self, client: Client, request: m.Request, refusal: RefusedError) -> None:
        dn = request.this_dn if isinstance(request, m.DNRequest) else None
        conn_id = request.conn_id if isinstance(request, m.CallRequest) else None
        if dn is not None and len(dn) > MAX_DN_LENGTH:
            dn = None
        self._send_error(client, refusal.code, str(refusal), request.reference_id, dn, conn_id)

    def _send_error(
        self,
        client: Client,
        code: ErrorCode,
        text: str,
        reference_id: int | None,
        this_dn: str | None = None,
        conn_id: int | None = None,
    ) -> None:
        error = m.EventError(
            **self._stamper.next(),
            reference_id=reference_id,
            error_code=code,
            error_message=text[:MAX_ERROR_TEXT],
            this_dn=this_dn,
            conn_id=conn_id,
        )
        client.deliver(self._frame(error))

    def _frame(self, event: m.Event) -> bytes:
        return frame(self._codec.encode(event))


def _checked_dn(request: m.DNRequest) -> str:
    if len(request.this_dn) > MAX_DN_LENGTH:
        raise RefusedError(ErrorCode.InvalidAttribute, f"ThisDN: longer than {MAX_DN_LENGTH} characters")
    return request.this_dn


def _snapshot(calls: Mapping[int, int]) -> KVList:
    """Tell the calls of a DN, ConnID -> state of the party, as Extensions of an EventRegistered."""
    pairs: list[tuple[str, str | int]] = []
    for number, (conn_id, state) in enumerate(calls.items(), start=1):
        pairs += [(f"conn-{number}", conn_id_text(conn_id)), (f"ps-{number}", int(state))]
    return KVList(pairs)
