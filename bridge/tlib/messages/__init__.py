"""The messages that are modelled, as typed structs: every public number except the reserved ones.

Which attributes a message must carry follows the T-Library Events and Models and the T-Library function
reference. `base` makes a class a message; `requests_*` and `events_*` hold the messages
themselves, all of which are to be had from here.
"""

from bridge.tlib.messages.base import *  # noqa: F403 (the package is one vocabulary)
from bridge.tlib.messages.base import Event, KeepAlivePoll, KeepAliveReply, Message, Request
from bridge.tlib.messages.events_base import *  # noqa: F403
from bridge.tlib.messages.events_calls import *  # noqa: F403
from bridge.tlib.messages.events_dns import *  # noqa: F403
from bridge.tlib.messages.events_misc import *  # noqa: F403
from bridge.tlib.messages.events_session import *  # noqa: F403
from bridge.tlib.messages.requests_calls import *  # noqa: F403
from bridge.tlib.messages.requests_dns import *  # noqa: F403
from bridge.tlib.messages.requests_misc import *  # noqa: F403
from bridge.tlib.messages.requests_routing import *  # noqa: F403
from bridge.tlib.messages.requests_session import *  # noqa: F403
from bridge.tlib.numbers import EVENT_NUMBERS, REQUEST_NUMBERS

REQUESTS: tuple[type[Request], ...] = tuple(globals()[number.name] for number in REQUEST_NUMBERS)
"""What a client may send, by number."""

EVENTS: tuple[type[Event], ...] = tuple(globals()[number.name] for number in EVENT_NUMBERS)
"""What a T-Server may send, by number."""

MESSAGES: tuple[type[Message], ...] = (KeepAlivePoll, KeepAliveReply, *REQUESTS, *EVENTS)
"""All there are."""
