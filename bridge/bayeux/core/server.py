"""The rules of the protocol. No I/O and no clock: the time is an argument, waiting is a `HeldConnect`."""

from collections.abc import Callable, Sequence

from msgspec import Raw

from bridge.bayeux.core.channels import CONNECT, HANDSHAKE
from bridge.bayeux.core.connects import Connects
from bridge.bayeux.core.context import Context, Transport
from bridge.bayeux.core.delivery import Delivery
from bridge.bayeux.core.expiry import Expiry
from bridge.bayeux.core.handshakes import Handshakes
from bridge.bayeux.core.messages import ClientMessage, join
from bridge.bayeux.core.meta_messages import MetaMessages
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Listener, NullListener, Policy
from bridge.bayeux.core.session import BayeuxConnection, HeldConnect, Session
from bridge.bayeux.core.session_store import MemorySessionStore, SessionStore
from bridge.bayeux.core.states import ConnectInput


class Server:
    """A Bayeux server without a network: messages in, answers or held connects out.

    A transport of requests and answers calls `receive` for each request. It gets the answer, or a
    `HeldConnect`; then it waits, calls `finish` when the connect is released and `cancel` when the client
    disconnects.

    A transport of sockets has a `BayeuxConnection` for each. It calls `receive_on_connection` for incoming
    messages, `flush` when the connection wakes it, and `connection_closed` when the socket has closed. All
    times are in seconds.

    Args:
        policy: decides who may do what.
        new_id: makes the id of a session: letters and digits, with 128 random bits or more.
        options: the bounds and times of sessions.
        listener: notified of new and ended sessions, and of messages to `/service/...`.
        now: the time, seconds since 1970; only the option `timestamp` needs it.
        store: keeps the sessions; None: in memory.

    Raises:
        ValueError: the option `timestamp` is set, and `now` is not given.

    """

    def __init__(
        self,
        policy: Policy,
        new_id: Callable[[], str],
        options: Options | None = None,
        listener: Listener | None = None,
        now: Callable[[], float] | None = None,
        store: SessionStore | None = None,
    ) -> None:
        self.options = options or Options()
        self.new_id = new_id
        if self.options.timestamp and now is None:
            raise ValueError("the option timestamp needs a clock")
        listener = listener or NullListener()
        self._sessions: SessionStore = MemorySessionStore() if store is None else store
        self._expiry = Expiry(self.options.lifetime_seconds)
        self._delivery = Delivery(
            self.options, self._sessions, self._expiry, listener, now if self.options.timestamp else None
        )
        self._connects = Connects(self.options, self._expiry)
        self._handshakes = Handshakes(policy, listener, self.options, self._sessions, self._expiry, new_id)
        self._meta_messages = MetaMessages(
            policy, listener, self.options, self._sessions, self._expiry, self._delivery
        )

    def __len__(self) -> int:
        """Return how many sessions there are."""
        return len(self._sessions)

    # Messages of clients

    def receive(self, context: Context, requests: Sequence[ClientMessage], now: float) -> bytes | HeldConnect:
        """Handle the messages of one HTTP request and return the answer, or the held connect.

        A handshake is answered alone, and messages beside it are ignored. A connect is held only if it came
        alone.
        """
        events: list[bytes] = []
        replies: list[bytes] = []
        batched_sessions: list[Session] = []
        for request in requests:
            if request.channel == HANDSHAKE:
                return join(self._handshakes.handle(request, context, now, None))
        for request in requests:
            session = self._find(context, request)
            if request.channel == CONNECT:
                reply = self._handle_connect(session, request, context, now, events, alone=len(requests) == 1)
                if isinstance(reply, HeldConnect):
                    return reply
                replies.append(reply)
                continue
            if session is not None and not session.batched:
                session.batched = True
                batched_sessions.append(session)
            replies.append(self._meta_messages.handle(context, session, request, now))
        for session in batched_sessions:
            self._unbatch(session, context, events)
        return join(events + replies)

    def finish(self, held_connect: HeldConnect, now: float) -> bytes | None:
        """Return the answer to a released connect; None: there is none, as a newer connect supersedes it."""
        messages = self._connects.finish(held_connect, now)
        return None if messages is None else join(messages)

    def cancel(self, held_connect: HeldConnect, now: float) -> None:
        """Forget a held connect whose client disconnected; the events stay for the client's next connect."""
        self._connects.cancel(held_connect, now)

    def receive_on_connection(
        self, connection: BayeuxConnection, context: Context, requests: Sequence[ClientMessage], now: float
    ) -> list[HeldConnect]:
        """Handle the messages of a socket; the replies are then on its connection.

        Returns the connects that are held, which the caller releases in time.
        """
        events: list[bytes] = []
        replies: list[bytes] = []
        held_connects: list[HeldConnect] = []
        for request in requests:
            if request.channel == HANDSHAKE:
                connection.send(self._handshakes.handle(request, context, now, connection))
                return []
        for request in requests:
            session = self._find(context, request)
            if (
                session is not None
                and session.connection is not connection
                and not self._attach(session, connection)
            ):
                session = None
            if request.channel == CONNECT:
                reply = self._handle_connect(session, request, context, now, events, alone=False)
                if isinstance(reply, HeldConnect):
                    held_connects.append(reply)
                    continue
            else:
                reply = self._meta_messages.handle(context, session, request, now)
            replies.append(reply)
        connection.send(events + replies)
        return held_connects

    def flush(self, connection: BayeuxConnection, now: float) -> list[bytes]:
        """Return all messages that are to be written on a connection, once."""
        messages, connection.outgoing = connection.outgoing, []
        pending_sessions, connection.pending_sessions = connection.pending_sessions, {}
        released, connection.released = connection.released, []
        for session in pending_sessions:
            if session.connection is connection:
                messages += session.drain()
        for held_connect in released:
            messages += self._connects.finish(held_connect, now) or ()
        return messages

    def connection_closed(self, connection: BayeuxConnection, now: float) -> list[HeldConnect]:
        """Detach a connection from its sessions after its socket closed; the sessions live until they expire.

        Returns the connects that were held over it.
        """
        held_connects = [*connection.released]
        for session in connection.sessions:
            session.connection = None
            if session.held_connect is not None and session.held_connect.connection is connection:
                held_connects.append(session.held_connect)
        for held_connect in held_connects:
            self._connects.cancel(held_connect, now)
        connection.sessions.clear()
        return held_connects

    # Calls of the server's own side

    def deliver(self, user: str, channel: str, data: bytes | Raw) -> int:
        """Send `data`, which is JSON already, to the sessions of one user that subscribed to `channel`.

        Returns how many sessions that were.
        """
        return self._delivery.deliver_to_sessions(self._sessions.subscribers(channel, user), channel, data)

    def deliver_to(self, session_id: str, channel: str, data: bytes | Raw) -> bool:
        """Send `data`, which is JSON already, to one session, whether it subscribed to `channel` or not.

        Returns whether there is such a session.
        """
        session = self._sessions.find(session_id)
        return session is not None and self._delivery.deliver_to_sessions([session], channel, data) == 1

    def publish(self, channel: str, data: bytes | Raw) -> int:
        """Send `data`, which is JSON already, to every session that subscribed to `channel`, of any user.

        Returns how many sessions that were.
        """
        return self._delivery.deliver_to_sessions(self._sessions.subscribers(channel), channel, data)

    def disconnect(self, session_id: str) -> bool:
        """End a session for good; its client gets the queued events and the advice not to reconnect.

        Returns whether there was such a session.
        """
        session = self._sessions.find(session_id)
        if session is None:
            return False
        connection = session.connection
        if connection is not None and session.held_connect is None:
            connection.send(self._connects.disconnect_messages(session))
        self._delivery.end_session(session, ConnectInput.DISCONNECT_BY_SERVER)
        return True

    def end_user(self, user: str) -> None:
        """End a user's sessions and close their sockets; their clients get the advice to handshake again."""
        for session in tuple(self._sessions.of_user(user)):
            self._delivery.close(session)

    def sweep(self, now: float) -> int:
        """End the expired sessions and return how many there were."""
        count = 0
        while (session := self._expiry.next_expired(now)) is not None:
            self._delivery.end_session(session, ConnectInput.LOSE, timed_out=True)
            count += 1
        return count

    def close(self, pause: Callable[[], int] = lambda: 0) -> None:
        """End all sessions; each held connect is answered with the advice to handshake again.

        Args:
            pause: returns for each client how many milliseconds it shall wait before that, so that a fleet
                of clients does not come back at once.

        """
        for session in self._sessions.all():
            if session.held_connect is not None:
                session.held_connect.pause = pause()
            self._delivery.end_session(session, ConnectInput.LOSE)

    # Sessions, and the transports that reach them

    def _find(self, context: Context, request: ClientMessage) -> Session | None:
        """Return the session that a message names, if it is the sender's own.

        It is if the user is the same. Without users the browser's cookie is the proof, except over a socket,
        which has no cookie of its own (CometD server source).
        """
        session = None if request.client_id is None else self._sessions.find(request.client_id)
        if session is None or session.user != context.user:
            return None
        if context.user is None and context.transport is not Transport.WEBSOCKET:
            is_proven = context.browser is not None and context.browser == session.browser
            if not is_proven and not self.options.trust_client_session:
                return None
        return session

    def _attach(self, session: Session, connection: BayeuxConnection) -> bool:
        """Reach a session over this connection from now on; False: the options do not allow it."""
        if self.options.require_handshake_per_connection:
            return False
        if session.connection is not None:
            session.connection.sessions.discard(session)
        session.connection = connection
        connection.sessions.add(session)
        self._set_transport(session, Transport.WEBSOCKET)
        if session.queue and not session.connect_only:
            connection.mark_pending(session)
        return True

    def _detach(self, session: Session, transport: Transport) -> None:
        """Reach a session by polls from now on."""
        if session.connection is not None:
            session.connection.sessions.discard(session)
            session.connection = None
        self._set_transport(session, transport)

    def _set_transport(self, session: Session, transport: Transport) -> None:
        session.transport = transport
        session.connect_only = session.acks is not None or self.options.only_connects_deliver(transport)

    def _unbatch(self, session: Session, context: Context, events: list[bytes]) -> None:
        """Send the events that a request caused with its answer, or release the session's connect.

        They may go with the answer only while no other answer with events is under way, which they could
        overtake.
        """
        session.batched = False
        held_connect = session.held_connect
        if session.queue and session.connection is None:
            is_free = (
                not session.connect_only
                and not session.in_flight
                and (held_connect is None or not held_connect.is_released)
            )
            if is_free and context.transport is Transport.LONG_POLLING:
                session.in_flight = True
                events += session.drain()
            elif held_connect is not None:
                held_connect.release()
        if held_connect is not None and context.transport is Transport.CALLBACK_POLLING:
            held_connect.release()  # a browser runs scripts in the order of their requests (CometD reference)

    # Single messages

    def _handle_connect(
        self,
        session: Session | None,
        request: ClientMessage,
        context: Context,
        now: float,
        events: list[bytes],
        *,
        alone: bool,
    ) -> HeldConnect | bytes:
        if session is None:
            return self._connects.unknown_session_reply(request.id)
        if session.transport is not context.transport:
            self._detach(session, context.transport)
        return self._connects.handle(session, request, context, now, events, alone=alone)
