"""The rules of the protocol. No I/O and no clock in here: the time is an argument, waiting is a `Hold`."""

from collections.abc import Callable, Sequence

from msgspec import Raw

from bridge.bayeux.core.channels import CONNECT, HANDSHAKE
from bridge.bayeux.core.connects import Connects
from bridge.bayeux.core.context import Context, Transport
from bridge.bayeux.core.delivery import Delivery
from bridge.bayeux.core.handshakes import Handshakes
from bridge.bayeux.core.messages import Request, join
from bridge.bayeux.core.meta_messages import Deeds
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Listener, Nobody, Policy
from bridge.bayeux.core.registry import Registry
from bridge.bayeux.core.session import Hold, Line, Outcome, Session


class Server:
    """A Bayeux server without a network: messages in, answers or held connects out.

    A transport of requests and answers calls `receive` for each request. It gets the answer, or a `Hold`;
    then it waits, calls `finish` when the hold is released and `cancel` when the client has gone.

    A transport of sockets has a `Line` for each. It calls `converse` for what comes in, `flush` when the line
    wakes it, and `hang_up` when the socket has closed. All times are in seconds.

    Args:
        policy: decides who may do what.
        new_id: makes the id of a session; letters and digits nobody can guess (128 random bits or more).
        options: the bounds and times of sessions.
        listener: hears of sessions that come and go, and what is sent to `/service/...`.
        now: the time, seconds since 1970; only the option `timestamp` needs it.

    Raises:
        ValueError: `timestamp` is wanted, and the time was not given.

    """

    def __init__(
        self,
        policy: Policy,
        new_id: Callable[[], str],
        options: Options | None = None,
        listener: Listener | None = None,
        now: Callable[[], float] | None = None,
    ) -> None:
        self.options = options or Options()
        self.new_id = new_id
        if self.options.timestamp and now is None:
            raise ValueError("the option timestamp needs a clock")
        listener = listener or Nobody()
        self._sessions = Registry(self.options.rest)
        self._delivery = Delivery(
            self.options, self._sessions, listener, now if self.options.timestamp else None
        )
        self._connects = Connects(self.options, self._sessions)
        self._handshakes = Handshakes(policy, listener, self.options, self._sessions, new_id)
        self._deeds = Deeds(policy, listener, self.options, self._sessions, self._delivery)

    def __len__(self) -> int:
        """Return how many sessions there are."""
        return len(self._sessions)

    # What a client asks

    def receive(self, context: Context, requests: Sequence[Request], now: float) -> bytes | Hold:
        """Obey the messages of one HTTP request and return the answer, or the hold that stands for it.

        A handshake is answered alone and what came with it is passed over. A connect is held only if it
        came alone.
        """
        events: list[bytes] = []
        replies: list[bytes] = []
        busy: list[Session] = []
        for request in requests:
            if request.channel == HANDSHAKE:
                return join(self._handshakes.arrive(request, context, now, None))
        for request in requests:
            session = self._find(context, request)
            if request.channel == CONNECT:
                reply = self._connect(session, request, context, now, events, alone=len(requests) == 1)
                if isinstance(reply, Hold):
                    return reply
                replies.append(reply)
                continue
            if session is not None and not session.batched:
                session.batched = True
                busy.append(session)
            replies.append(self._deeds.obey(context, session, request, now))
        for session in busy:
            self._unbatch(session, context, events)
        return join(events + replies)

    def finish(self, hold: Hold, now: float) -> bytes | None:
        """Return the answer of a released hold; None: none, since its client has sent a newer connect."""
        messages = self._connects.finish(hold, now)
        return None if messages is None else join(messages)

    def cancel(self, hold: Hold, now: float) -> None:
        """Give a hold up because its client has gone; the events stay for the client's next connect."""
        self._connects.cancel(hold, now)

    def converse(self, line: Line, context: Context, requests: Sequence[Request], now: float) -> list[Hold]:
        """Obey what came in over a socket; what there is to answer is then on the line.

        Returns the connects that are held, which the caller releases in time.
        """
        events: list[bytes] = []
        replies: list[bytes] = []
        holds: list[Hold] = []
        for request in requests:
            if request.channel == HANDSHAKE:
                line.say(self._handshakes.arrive(request, context, now, line))
                return []
        for request in requests:
            session = self._find(context, request)
            if session is not None and session.line is not line and not self._bind(session, line):
                session = None
            if request.channel == CONNECT:
                reply = self._connect(session, request, context, now, events, alone=False)
                if isinstance(reply, Hold):
                    holds.append(reply)
                    continue
            else:
                reply = self._deeds.obey(context, session, request, now)
            replies.append(reply)
        line.say(events + replies)
        return holds

    def flush(self, line: Line, now: float) -> list[bytes]:
        """Take all messages that are to be written on a line."""
        messages, line.out = line.out, []
        touched, line.touched = line.touched, {}
        released, line.released = line.released, []
        for session in touched:
            if session.line is line:
                messages += session.drain()
        for hold in released:
            messages += self._connects.finish(hold, now) or ()
        return messages

    def hang_up(self, line: Line, now: float) -> list[Hold]:
        """Part a line from its sessions, since the socket has closed; they wait for another.

        Returns the connects that were held over it.
        """
        holds = [*line.released]
        for session in line.sessions:
            session.line = None
            if session.hold is not None and session.hold.line is line:
                holds.append(session.hold)
        for hold in holds:
            self._connects.cancel(hold, now)
        line.sessions.clear()
        return holds

    # What the server's own side asks

    def deliver(self, user: str, channel: str, data: bytes | Raw) -> int:
        """Send `data`, which is JSON already, to the sessions of one user that subscribed to `channel`.

        Returns how many sessions that were.
        """
        return self._delivery.spread(self._sessions.subscribers_of_user(user, channel), channel, data)

    def deliver_to(self, session_id: str, channel: str, data: bytes | Raw) -> bool:
        """Send `data`, which is JSON already, to one session, whether it subscribed to `channel` or not.

        Returns whether there is such a session.
        """
        session = self._sessions.find(session_id)
        return session is not None and self._delivery.spread([session], channel, data) == 1

    def publish(self, channel: str, data: bytes | Raw) -> int:
        """Send `data`, which is JSON already, to every session that subscribed to `channel`, whoever's it is.

        Returns how many sessions that were.
        """
        return self._delivery.spread(self._sessions.subscribers(channel), channel, data)

    def disconnect(self, session_id: str) -> bool:
        """End a session for good; its client gets the events that wait and is told to stay away.

        Returns whether there was such a session.
        """
        session = self._sessions.find(session_id)
        if session is None:
            return False
        line = session.line
        if line is not None and session.hold is None:
            line.say(self._connects.dismissal(session))
        self._delivery.end(session, Outcome.DISMISSED)
        return True

    def end_user(self, user: str) -> None:
        """End a user's sessions, and sockets; their clients are told to handshake again."""
        for session in tuple(self._sessions.of_user(user)):
            self._delivery.doom(session)

    def sweep(self, now: float) -> int:
        """End the sessions whose clients have stayed away too long and return how many there were."""
        count = 0
        while (session := self._sessions.overdue(now)) is not None:
            self._delivery.end(session, Outcome.LOST, timed_out=True)
            count += 1
        return count

    def close(self, pause: Callable[[], int] = lambda: 0) -> None:
        """End all sessions; every held connect is released and tells its client to handshake again.

        Args:
            pause: says for each how many milliseconds it shall wait before it does, so that a fleet of
                clients does not come back at once.

        """
        for session in self._sessions.all():
            if session.hold is not None:
                session.hold.pause = pause()
            self._delivery.end(session, Outcome.LOST)

    # Sessions, and the ways to them

    def _find(self, context: Context, request: Request) -> Session | None:
        """Return the session a message speaks for, if it is the sender's own.

        It is, if the user is the same. Where nobody asks for users the browser's cookie is the proof, except
        over a socket, which has no cookie of its own (CometD server source).
        """
        session = None if request.client_id is None else self._sessions.find(request.client_id)
        if session is None or session.user != context.user:
            return None
        if context.user is None and context.transport is not Transport.WEBSOCKET:
            is_proven = context.browser is not None and context.browser == session.browser
            if not is_proven and not self.options.trust_client_session:
                return None
        return session

    def _bind(self, session: Session, line: Line) -> bool:
        """Let a session that came by another way be reached over this line; False: that is not wanted."""
        if self.options.require_handshake_per_connection:
            return False
        if session.line is not None:
            session.line.sessions.discard(session)
        session.line = line
        line.sessions.add(session)
        self._changed(session, Transport.WEBSOCKET)
        if session.queue and not session.connect_only:
            line.touch(session)
        return True

    def _unbind(self, session: Session, transport: Transport) -> None:
        """Let a session that came by another way be reached by polls."""
        if session.line is not None:
            session.line.sessions.discard(session)
            session.line = None
        self._changed(session, transport)

    def _changed(self, session: Session, transport: Transport) -> None:
        session.transport = transport
        session.connect_only = session.acks is not None or self.options.only_connects_deliver(transport)

    def _unbatch(self, session: Session, context: Context, events: list[bytes]) -> None:
        """Let what one of its requests brought about travel with the answer to that, or wake its connect.

        It may travel so only while no other answer with events is under way, which it could overtake.
        """
        session.batched = False
        hold = session.hold
        if session.queue and session.line is None:
            is_free = (
                not session.connect_only and not session.in_flight and (hold is None or not hold.released)
            )
            if is_free and context.transport is Transport.LONG_POLLING:
                session.in_flight = True
                events += session.drain()
            elif hold is not None:
                hold.release()
        if hold is not None and context.transport is Transport.CALLBACK_POLLING:
            hold.release()  # a browser runs scripts in the order of their requests (CometD reference)

    # One message each

    def _connect(
        self,
        session: Session | None,
        request: Request,
        context: Context,
        now: float,
        events: list[bytes],
        *,
        alone: bool,
    ) -> Hold | bytes:
        if session is None:
            return self._connects.unknown(request.id)
        if session.transport is not context.transport:
            self._unbind(session, context.transport)
        return self._connects.arrive(session, request, context, now, events, alone=alone)
