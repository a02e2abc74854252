"""The T-Server between its clients and its switch. No I/O.

The table of handlers names the function that handles each type of request. What a request changes at the
switch comes back as events, which are sent to the clients that registered the DN.

Source of the rules: T-Library Events and Models, registration and distribution of events.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec.structs import replace

from bridge.runtime.clock import Clock
from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.session import Refusal
from bridge.tlib.wire import Wire
from tserver_sim.server.distribution.recipients import is_for_requester, recipient_dns
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests import registration, subscriptions
from tserver_sim.server.requests.address_queries import query_address
from tserver_sim.server.requests.capabilities import capabilities
from tserver_sim.server.requests.context import MAX_DN_LENGTH, ServerContext, validated_dn
from tserver_sim.server.requests.queries import query_call, query_server, query_switch
from tserver_sim.server.requests.server_info import ServerAddress, ServerInfo, ServerNotice, server_notices
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations import OPEN_TO_ALL, OPERATIONS
from tserver_sim.switch.state.switch_data import Requester
from tserver_sim.switch.switch import Switch

MAX_ERROR_TEXT = 500

_RequestHandler: TypeAlias = Callable[[ServerContext, Client, Any], None]
"""Handles one type of request and sends the reply.

Raises:
    RefusedError: the request is refused; nothing has changed.

"""


def deliver_immediately(client: Client, frame: bytes) -> None:
    """Write a frame to a client."""
    client.deliver(frame)


# --- requests that the switch carries out -------------------------------------------------------------


def _handle_dn_request(
    context: ServerContext, client: Client, request: m.DNRequest | m.RequestPrivateService
) -> None:
    context.check_linked()
    if request.this_dn is not None:
        context.registrations.check_control(client, validated_dn(request.this_dn))
    _forward_to_switch(context, client, request)


def _handle_open_request(context: ServerContext, client: Client, request: m.Request) -> None:
    context.check_linked()
    _forward_to_switch(context, client, request)


def _forward_to_switch(context: ServerContext, client: Client, request: m.Request) -> None:
    if context.server_info.role is ServerRole.Backup:
        raise RefusedError(ErrorCode.SwitchNotConnected, "this T-Server is the backup: ask the primary")
    requester = Requester(context.clients[client], request.reference_id, request.reasons)
    context.switch.execute_request(request, requester, context.now)


def _handle_register_client(
    context: ServerContext, client: Client, _request: m.RequestRegisterClient
) -> None:
    context.add_client(client)
    context.send(client, m.EventServerInfo(**context.stamp(), **context.server_info_attributes()))
    context.send(client, _link_state(context, up=context.is_linked))


def _refuse_unsupported(_context: ServerContext, _client: Client, request: m.Request) -> None:
    raise RefusedError(ErrorCode.OperationNotSupported, f"{request.name} is not supported")


_HANDLERS: Mapping[type[m.Request], _RequestHandler] = {
    m.RequestRegisterClient: _handle_register_client,
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
    **dict.fromkeys(OPERATIONS, _handle_dn_request),
    **dict.fromkeys(OPEN_TO_ALL, _handle_open_request),
}
"""The handler of each type of request. Any other type is refused as not supported."""


class ClientDispatcher:
    """Handles the requests of a T-Server's clients and distributes its events.

    Args:
        server_info: name, role and start time of the T-Server.
        switch: the switch behind it.
        clock: the time of the switch.
        wire: encodes messages as frames.
        on_change: called after each request, and after the link to the switch went up or down.
        deliver: writes a frame to a client.
        numbers: the numbers that new clients get.

    """

    def __init__(
        self,
        server_info: ServerInfo,
        switch: Switch,
        clock: Clock,
        wire: Wire,
        on_change: Callable[[], None],
        deliver: Callable[[Client, bytes], None] = deliver_immediately,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._context = ServerContext(
            server_info, switch, clock, wire, deliver, numbers or itertools.count(1)
        )
        self._context.capabilities = capabilities(_HANDLERS)
        self._on_change = on_change

    # --- from the clients --------------------------------------------------------------------

    def receive(self, client: Client, request: m.Request | Refusal) -> None:
        """Handle a request of a client, or send EventError for one that its session has refused already."""
        try:
            if isinstance(request, Refusal):
                self._send_error(client, request.code, request.text, request.reference_id)
            else:
                self._handle_request(client, request)
        finally:
            self._on_change()

    def _handle_request(self, client: Client, request: m.Request) -> None:
        try:
            _HANDLERS.get(type(request), _refuse_unsupported)(self._context, client, request)
        except RefusedError as refusal:
            self._send_refusal(client, request, refusal)

    def remove_client(self, client: Client) -> None:
        """Remove a client that has disconnected. Its registrations end; calls continue."""
        self._context.remove_client(client)

    def _send_refusal(self, client: Client, request: m.Request, refusal: RefusedError) -> None:
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
        context = self._context
        is_admitted = client in context.clients
        error = m.EventError(
            **(context.stamp() if is_admitted else context.stamp_without_number()),
            reference_id=reference_id,
            error_code=code,
            error_message=text[:MAX_ERROR_TEXT],
            this_dn=this_dn,
            conn_id=conn_id,
        )
        if is_admitted:
            context.send(client, error)
        else:
            client.deliver(context.frame(error))  # the connection is closed next: no order to keep

    # --- to the clients ----------------------------------------------------------------------

    def publish(self, event: m.Event, requester: Requester) -> None:
        """Send an event of the switch to every client that registered its DN and whose mask allows it.

        Only the requester's copy has the ReferenceID, and the Reasons of a request about a call. The Reasons
        of an agent state are part of the state and go to every client. Each copy is encoded once.
        `recipients` says where an event goes that is not a `DNEvent`.
        """
        context = self._context
        if isinstance(event, m.DNEvent):
            clients: Iterable[Client] = context.registrations.clients_of(event.this_dn)
        else:
            clients = self._recipients_of(event, requester.client_number)
        if not clients or not context.link_is_up:
            return
        client_number = 0 if event.reference_id is None else requester.client_number
        shared: bytes | None = None
        for client in clients:
            if context.clients[client] == client_number:
                if not context.masks or is_for_requester(event) or context.masks.allows(client, event.number):
                    context.deliver(client, context.frame(event))
            elif not context.masks or context.masks.allows(client, event.number):
                if shared is None:
                    shared = context.frame(_without_reference(event) if client_number else event)
                context.deliver(client, shared)

    def _recipients_of(self, event: m.Event, client_number: int) -> Iterable[Client]:
        context = self._context
        clients = {
            client: None for dn in recipient_dns(event) for client in context.registrations.clients_of(dn)
        }
        if is_for_requester(event):
            clients |= {client: None for client, number in context.clients.items() if number == client_number}
        return clients

    def notify_subscribers(self) -> None:
        """Send what a change has collected to the clients that monitor calls or other sites."""
        context = self._context
        while pending := context.monitoring.take_pending():
            if context.link_is_up:
                for kind, attributes in pending:
                    self._notify_call_monitors(kind, attributes)
        if not context.locations.has_changed:
            return
        for client, attributes in context.locations.changes():
            context.send(client, m.EventLocationInfo(**context.stamp(), **attributes))

    def _notify_call_monitors(self, kind: type[m.CallMonitoringEvent], attributes: Mapping[str, Any]) -> None:
        context = self._context
        clients = [
            client
            for client in context.monitoring.subscribers(attributes["call_uuid"])
            if context.masks.allows(client, kind.number)
        ]
        if clients:
            shared = context.frame(kind(**context.stamp(), **attributes))
            for client in clients:
                context.deliver(client, shared)

    # --- the link to the switch, and the role in a pair ----------------------------------------

    def link_down(self) -> None:
        """Take the link to the switch down: until `link_up`, requests are refused and events are lost."""
        self._set_link(up=False)

    def link_up(self) -> None:
        """Bring the link to the switch up again."""
        self._set_link(up=True)

    def _set_link(self, *, up: bool) -> None:
        context = self._context
        if up is context.link_is_up:
            return
        context.link_is_up = up
        if context.server_info.is_informed:
            context.send_to_all(_link_state(context, up=up))
        self._on_change()

    def set_server_info(self, server_info: ServerInfo) -> None:
        """Change role or start time, and send the clients the events that announce it."""
        context = self._context
        before, context.server_info = context.server_info, server_info
        for notice in server_notices(before, server_info):
            match notice:
                case ServerNotice.INFO:
                    context.send_to_all(
                        m.EventServerInfo(**context.stamp(), **context.server_info_attributes())
                    )
                case ServerNotice.PRIMARY:
                    context.send_to_all(_primary_changed(context))
                case ServerNotice.LINK_UP | ServerNotice.LINK_DOWN if context.link_is_up:
                    context.send_to_all(_link_state(context, up=notice is ServerNotice.LINK_UP))

    @property
    def link_is_up(self) -> bool:
        """Whether the link to the switch is up, as set by `link_down` and `link_up`."""
        return self._context.link_is_up


def _without_reference(event: m.Event) -> m.Event:
    """Return the copy of an event for clients other than the requester."""
    if isinstance(event, m.TelephonyEvent):
        return replace(event, reference_id=None, reasons=None)
    return replace(event, reference_id=None)


def _link_state(context: ServerContext, *, up: bool) -> m.Event:
    kind = m.EventLinkConnected if up else m.EventLinkDisconnected
    return kind(**context.stamp(), application_name=context.server_info.application_name)


def _primary_changed(context: ServerContext) -> m.Event:
    primary = context.server_info.primary or ServerAddress(context.server_info.application_name)
    return m.EventPrimaryChanged(
        **context.stamp(),
        application_name=primary.application_name,
        host=primary.host,
        port=primary.port,
    )
