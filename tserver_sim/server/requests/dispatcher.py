"""The T-Server between its clients and its switch, without I/O.

A request goes to the one desk that the table of handlers names; what it changes at the switch comes back as
events, which are told to those who want them.

Source of the rules: T-Library Events and Models, registration and distribution of events.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec.structs import replace

from bridge.runtime.clock import Clock
from bridge.tlib import messages as m
from bridge.tlib.codec import Codec
from bridge.tlib.enums import ServerRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.session import Refusal
from tserver_sim.server.distribution.recipients import dns_of, is_for_requester
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests import registration, subscriptions
from tserver_sim.server.requests.address_queries import query_address
from tserver_sim.server.requests.capabilities import capabilities
from tserver_sim.server.requests.context import MAX_DN_LENGTH, Office, checked
from tserver_sim.server.requests.queries import query_call, query_server, query_switch
from tserver_sim.server.requests.server_info import Identity, Notice, Place, notices
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations import OPEN_TO_ALL, OPERATIONS
from tserver_sim.switch.state.switch_data import Asked
from tserver_sim.switch.switch import Switch

MAX_ERROR_TEXT = 500

_Handler: TypeAlias = Callable[[Office, Client, Any], None]
"""Carries out one kind of request and answers it.

Raises:
    RefusedError: it cannot be done, and nothing has changed.

"""


def at_once(client: Client, frame: bytes) -> None:
    """Give a frame to a client."""
    client.deliver(frame)


# --- requests that the switch carries out -------------------------------------------------------------


def _control(office: Office, client: Client, request: m.DNRequest | m.RequestPrivateService) -> None:
    office.check_linked()
    if request.this_dn is not None:
        office.registry.check_control(client, checked(request.this_dn))
    _do(office, client, request)


def _carry_out(office: Office, client: Client, request: m.Request) -> None:
    office.check_linked()
    _do(office, client, request)


def _do(office: Office, client: Client, request: m.Request) -> None:
    if office.identity.role is ServerRole.Backup:
        raise RefusedError(ErrorCode.SwitchNotConnected, "this T-Server is the backup: ask the primary")
    asked = Asked(office.clients[client], request.reference_id, request.reasons)
    office.switch.carry_out(request, asked, office.now)


def _open(office: Office, client: Client, _request: m.RequestRegisterClient) -> None:
    office.admit(client)
    office.tell(client, m.EventServerInfo(**office.stamp(), **office.info()))
    office.tell(client, _link_state(office, up=office.is_linked))


def _not_supported(_office: Office, _client: Client, request: m.Request) -> None:
    raise RefusedError(ErrorCode.OperationNotSupported, f"{request.name} is not supported")


_HANDLERS: Mapping[type[m.Request], _Handler] = {
    m.RequestRegisterClient: _open,
    m.RequestRegisterAddress: registration.register,
    m.RequestUnregisterAddress: registration.unregister,
    m.RequestRegisterAll: registration.register_all,
    m.RequestUnregisterAll: registration.unregister_all,
    m.RequestSetInputMask: subscriptions.set_mask,
    m.RequestStartCallMonitoring: subscriptions.start_monitoring,
    m.RequestStopCallMonitoring: subscriptions.stop_monitoring,
    m.RequestQueryServer: query_server,
    m.RequestQuerySwitch: query_switch,
    m.RequestQueryAddress: query_address,
    m.RequestQueryCall: query_call,
    m.RequestQueryLocation: subscriptions.query_location,
    **dict.fromkeys(OPERATIONS, _control),
    **dict.fromkeys(OPEN_TO_ALL, _carry_out),
}
"""Who deals with which request; every other one is not supported."""


class Hub:
    """One T-Server.

    Args:
        identity: what it says of itself.
        switch: the switch behind it.
        clock: the time of the switch.
        codec: how messages are written.
        changed: told when a request or a command has been dealt with.
        deliver: gives a frame to a client.
        numbers: the numbers of its clients.

    """

    def __init__(
        self,
        identity: Identity,
        switch: Switch,
        clock: Clock,
        codec: Codec,
        changed: Callable[[], None],
        deliver: Callable[[Client, bytes], None] = at_once,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._office = Office(identity, switch, clock, codec, deliver, numbers or itertools.count(1))
        self._office.capabilities = capabilities(_HANDLERS)
        self._changed = changed

    # --- from the clients --------------------------------------------------------------------

    def receive(self, client: Client, request: m.Request | Refusal) -> None:
        """Take what a client's session gave out: a request to carry out, or one that is refused already."""
        try:
            if isinstance(request, Refusal):
                self._send_error(client, request.code, request.text, request.reference_id)
            else:
                self._handle(client, request)
        finally:
            self._changed()

    def _handle(self, client: Client, request: m.Request) -> None:
        try:
            _HANDLERS.get(type(request), _not_supported)(self._office, client, request)
        except RefusedError as refusal:
            self._refuse(client, request, refusal)

    def forget(self, client: Client) -> None:
        """A client is gone. Its registrations end; calls go on."""
        self._office.forget(client)

    def _refuse(self, client: Client, request: m.Request, refusal: RefusedError) -> None:
        dn: str | None = getattr(request, "this_dn", None)
        conn_id: int | None = getattr(request, "conn_id", None)
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
        office = self._office
        is_admitted = client in office.clients
        error = m.EventError(
            **(office.stamp() if is_admitted else office.time()),
            reference_id=reference_id,
            error_code=code,
            error_message=text[:MAX_ERROR_TEXT],
            this_dn=this_dn,
            conn_id=conn_id,
        )
        if is_admitted:
            office.tell(client, error)
        else:
            client.deliver(office.frame(error))  # it is sent away: there is nothing to keep in order

    # --- to the clients ----------------------------------------------------------------------

    def publish(self, event: m.Event, asked: Asked) -> None:
        """Tell an event of the switch to every client that registered its DN and wants to be told.

        Only the requester's copy has the ReferenceID, and the Reasons of a request about a call; those of an
        agent's state are part of it. Each form is encoded once. An event that is not about a DN goes to its
        addressees.
        """
        office = self._office
        if isinstance(event, m.DNEvent):
            clients: Iterable[Client] = office.registry.clients_of(event.this_dn)
        else:
            clients = self._addressees(event, asked.requester)
        if not clients or not office.link_is_up:
            return
        requester = 0 if event.reference_id is None else asked.requester
        shared: bytes | None = None
        for client in clients:
            if office.clients[client] == requester:
                if not office.masks or is_for_requester(event) or office.masks.allow(client, event.number):
                    office.deliver(client, office.frame(event))
            elif not office.masks or office.masks.allow(client, event.number):
                if shared is None:
                    shared = office.frame(_stripped(event) if requester else event)
                office.deliver(client, shared)

    def _addressees(self, event: m.Event, requester: int) -> Iterable[Client]:
        office = self._office
        clients = {client: None for dn in dns_of(event) for client in office.registry.clients_of(dn)}
        if is_for_requester(event):
            clients |= {client: None for client, number in office.clients.items() if number == requester}
        return clients

    def settle(self) -> None:
        """Tell those who monitor calls or other sites what has happened; the change is over."""
        office = self._office
        while seen := office.monitoring.take():
            if office.link_is_up:
                for kind, attributes in seen:
                    self._tell_monitors(kind, attributes)
        if not office.locations.have_changed:
            return
        for client, attributes in office.locations.changes():
            office.tell(client, m.EventLocationInfo(**office.stamp(), **attributes))

    def _tell_monitors(self, kind: type[m.CallMonitoringEvent], attributes: Mapping[str, Any]) -> None:
        office = self._office
        clients = [
            client
            for client in office.monitoring.subscribers(attributes["call_uuid"])
            if office.masks.allow(client, kind.number)
        ]
        if clients:
            shared = office.frame(kind(**office.stamp(), **attributes))
            for client in clients:
                office.deliver(client, shared)

    # --- the link to the switch, and the role in a pair ----------------------------------------

    def link_down(self) -> None:
        """Lose the switch: requests are refused and events are lost until `link_up`."""
        self._set_link(up=False)

    def link_up(self) -> None:
        """Find the switch again."""
        self._set_link(up=True)

    def _set_link(self, *, up: bool) -> None:
        office = self._office
        if up is office.link_is_up:
            return
        office.link_is_up = up
        if office.identity.is_informed:
            office.tell_all(_link_state(office, up=up))
        self._changed()

    def become(self, identity: Identity) -> None:
        """Say something else of itself from now on, and tell the clients."""
        office = self._office
        before, office.identity = office.identity, identity
        for notice in notices(before, identity):
            match notice:
                case Notice.INFO:
                    office.tell_all(m.EventServerInfo(**office.stamp(), **office.info()))
                case Notice.PRIMARY:
                    office.tell_all(_primary_changed(office))
                case Notice.LINK_UP | Notice.LINK_DOWN if office.link_is_up:
                    office.tell_all(_link_state(office, up=notice is Notice.LINK_UP))

    @property
    def link_is_up(self) -> bool:
        """Whether the T-Server has its switch, as `link_down` and `link_up` say."""
        return self._office.link_is_up


def _stripped(event: m.Event) -> m.Event:
    """Return what others than the requester are told."""
    if isinstance(event, m.TelephonyEvent):
        return replace(event, reference_id=None, reasons=None)
    return replace(event, reference_id=None)


def _link_state(office: Office, *, up: bool) -> m.Event:
    kind = m.EventLinkConnected if up else m.EventLinkDisconnected
    return kind(**office.stamp(), application_name=office.identity.application_name)


def _primary_changed(office: Office) -> m.Event:
    primary = office.identity.primary or Place(office.identity.application_name)
    return m.EventPrimaryChanged(
        **office.stamp(),
        application_name=primary.application_name,
        host=primary.host,
        port=primary.port,
    )
