"""The media of a call: DTMF tones, collected digits, muting.

Source: T-Library Events and Models, DTMF and collected digits; T-Library, TSetMuteOn, TListenDisconnect.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState
from tserver_sim.switch.models.vocabulary import Actor, EventTemplate, Model, Models


class Media(Model):
    """What can happen to the media of a call."""

    TONES_SENT = "a party has sent tones"
    DIGITS_COLLECTED = "the collection of digits is complete, or its time is over"
    MUTED = "a party is muted"
    UNMUTED = "a party is no longer muted"
    DEAFENED = "SELF has deafened TARGET"
    DEAFENED_ITSELF = "a party has deafened itself"
    HEARS_AGAIN = "SELF has made TARGET hear again"
    HEARS_ITSELF_AGAIN = "a party has made itself hear again"


_A = Actor

MEDIA: Models = {
    Media.TONES_SENT: (EventTemplate(_A.SELF, m.EventDTMFSent, details=("dtmf_digits",), answers=True),),
    Media.DIGITS_COLLECTED: (
        EventTemplate(
            _A.SELF,
            m.EventDigitsCollected,
            _A.PEER,
            CallState.Ok,
            details=("collected_digits", "last_digit"),
            answers=True,
        ),
    ),
    Media.MUTED: (EventTemplate(_A.SELF, m.EventMuteOn, answers=True),),
    Media.UNMUTED: (EventTemplate(_A.SELF, m.EventMuteOff, answers=True),),
    Media.DEAFENED: (
        EventTemplate(_A.TARGET, m.EventListenDisconnected, _A.SELF, CallState.Deafened),
        EventTemplate(_A.SELF, m.EventListenDisconnected, _A.TARGET, CallState.Ok, answers=True),
    ),
    Media.DEAFENED_ITSELF: (
        EventTemplate(_A.SELF, m.EventListenDisconnected, None, CallState.Deafened, answers=True),
    ),
    Media.HEARS_AGAIN: (
        EventTemplate(_A.TARGET, m.EventListenReconnected, _A.SELF, CallState.Ok),
        EventTemplate(_A.SELF, m.EventListenReconnected, _A.TARGET, CallState.Ok, answers=True),
    ),
    Media.HEARS_ITSELF_AGAIN: (
        EventTemplate(_A.SELF, m.EventListenReconnected, None, CallState.Ok, answers=True),
    ),
}
