"""Phones that answer by themselves.

A phone without an answering time needs no object: it rings until an agent answers by a request.
"""

from collections.abc import Callable, Mapping
from functools import partial

from bridge.runtime.clock import Clock, Timer
from bridge.tlib import messages as m

Answer = Callable[[m.RequestAnswerCall], None]


class Phones:
    """All phones of one switch that answer by themselves.

    Args:
        answers_after: DN -> seconds of ringing.
        clock: the time of the switch.
        answer: carries a request out on the switch.

    """

    def __init__(self, answers_after: Mapping[str, float], clock: Clock, answer: Answer) -> None:
        self._answers_after = answers_after
        self._clock = clock
        self._answer = answer
        self._ringing: dict[tuple[str, int], Timer] = {}

    def hear(self, event: m.PartyEvent) -> None:
        """Take notice of an event: a phone that rings will answer, unless something else happens first."""
        after = self._answers_after.get(event.this_dn)
        if after is None:
            return
        ringing = event.this_dn, event.conn_id
        if isinstance(event, m.EventRinging):
            when = self._clock.now() + after
            self._ringing[ringing] = self._clock.call_at(when, partial(self._pick_up, *ringing))
        elif ringing in self._ringing:
            self._ringing.pop(ringing).cancel()

    def _pick_up(self, dn: str, conn_id: int) -> None:
        del self._ringing[dn, conn_id]
        self._answer(m.RequestAnswerCall(this_dn=dn, conn_id=conn_id))
