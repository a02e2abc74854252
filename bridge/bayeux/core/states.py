"""The state machines of the core: a session, a held connect, and the socket of a client.

Each machine is one table, `{state: {input: next state}}`. An input without an entry cannot happen in that
state and raises `KeyError`. The README draws the tables; a test compares them.

A session is `HANDSHAKEN` until its first connect, which is answered at once. Later connects may be held.
A session without a held connect expires; one with a held connect lives as long as that.

A connect is `HELD` until the first input. That input wakes its transport, which fetches the answer a turn
of the loop later. Until then a connect that is `ANSWERING` can still be superseded or lose its session. The
other states are final: a time-out in the same turn must not revive a connect that its session dropped.

A socket is `CLOSING` when the core wants it closed: its client reads too slowly, or its user was logged out.
It is `CLOSED` as soon as nothing can be written any more.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeVar

State = TypeVar("State", bound=StrEnum)
Input = TypeVar("Input", bound=StrEnum)


class _Member(StrEnum):
    """A state or an input."""

    __hash__ = str.__hash__  # Enum's own is a Python function, and each connect looks members up


class BayeuxSessionState(_Member):
    """How far a session has come."""

    HANDSHAKEN = "handshaken"  # its next connect is the first, and is answered at once
    CONNECTED = "connected"  # its connects may be held
    ENDED = "ended"  # disconnected, expired, or closed by the server: its id is unknown


class BayeuxSessionInput(_Member):
    """What happens to a session."""

    CONNECT = "connect"
    END = "end"


SESSION_TRANSITIONS: Final[Mapping[BayeuxSessionState, Mapping[BayeuxSessionInput, BayeuxSessionState]]] = {
    BayeuxSessionState.HANDSHAKEN: {
        BayeuxSessionInput.CONNECT: BayeuxSessionState.CONNECTED,
        BayeuxSessionInput.END: BayeuxSessionState.ENDED,
    },
    BayeuxSessionState.CONNECTED: {
        BayeuxSessionInput.CONNECT: BayeuxSessionState.CONNECTED,
        BayeuxSessionInput.END: BayeuxSessionState.ENDED,
    },
    BayeuxSessionState.ENDED: {},
}


class ConnectState(_Member):
    """Whether a connect is held, and if not, how it is to be answered."""

    HELD = "held"
    ANSWERING = "answering"  # with the events that wait, or with none when its time is up
    SUPERSEDED = "superseded"  # not at all: the client has sent a newer connect
    DISCONNECTED = "disconnected"  # the client has ended the session
    DISCONNECTED_BY_SERVER = "disconnected by server"  # for good; the events that wait still go out
    LOST = "lost"  # the server has ended the session, and the client shall open another


class ConnectInput(_Member):
    """What ends the wait of a connect."""

    ANSWER = "answer"  # an event, the time-out, the answer to another request
    SUPERSEDE = "supersede"
    DISCONNECT = "disconnect"
    DISCONNECT_BY_SERVER = "disconnect by server"
    LOSE = "lose"


_ENDS: Final = {
    ConnectInput.SUPERSEDE: ConnectState.SUPERSEDED,
    ConnectInput.DISCONNECT: ConnectState.DISCONNECTED,
    ConnectInput.DISCONNECT_BY_SERVER: ConnectState.DISCONNECTED_BY_SERVER,
    ConnectInput.LOSE: ConnectState.LOST,
}

CONNECT_TRANSITIONS: Final[Mapping[ConnectState, Mapping[ConnectInput, ConnectState]]] = {
    ConnectState.HELD: {ConnectInput.ANSWER: ConnectState.ANSWERING, **_ENDS},
    ConnectState.ANSWERING: {ConnectInput.ANSWER: ConnectState.ANSWERING, **_ENDS},
    # The session has dropped these, so only their own time-out can still reach them.
    **{state: {ConnectInput.ANSWER: state} for state in _ENDS.values()},
}


class SocketState(_Member):
    """Whether a socket can be written."""

    OPEN = "open"
    CLOSING = "closing"  # to be closed after what there is to write
    CLOSED = "closed"


class SocketInput(_Member):
    """What happens to a socket."""

    REQUEST_CLOSE = "request close"  # the core has ended its session
    CLOSE = "close"  # either side has closed it


SOCKET_TRANSITIONS: Final[Mapping[SocketState, Mapping[SocketInput, SocketState]]] = {
    SocketState.OPEN: {
        SocketInput.REQUEST_CLOSE: SocketState.CLOSING,
        SocketInput.CLOSE: SocketState.CLOSED,
    },
    SocketState.CLOSING: {
        SocketInput.REQUEST_CLOSE: SocketState.CLOSING,
        SocketInput.CLOSE: SocketState.CLOSED,
    },
    SocketState.CLOSED: {
        SocketInput.REQUEST_CLOSE: SocketState.CLOSED,
        SocketInput.CLOSE: SocketState.CLOSED,
    },
}


def table_markdown(transitions: Mapping[State, Mapping[Input, State]], inputs: Iterable[Input]) -> str:
    """Return a table of transitions for a README: a row for each state, a column for each input."""
    columns = list(inputs)
    lines = [f"| State | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    lines += [
        f"| {state} | {' | '.join(row.get(column, '') for column in columns)} |"
        for state, row in transitions.items()
    ]
    return "\n".join(lines)
