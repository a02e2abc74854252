"""Every request is answered: by its events, or by one EventError, and never by both."""

from bridge.tlib import messages as m
from tserver_sim.switch.switch import Switch


class AnswerChecker:
    """The requests of the clients and their answers, by ReferenceID, which is unique."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._open: dict[int, int] = {}
        """ReferenceIDs of requests whose answer is still to come, and their clients."""

    def check(
        self, delivered: list[list[m.Event]], asker: int | None, reference: int, masked: int | None
    ) -> None:
        """Check what every client received after one stimulus.

        Args:
            delivered: what each client received.
            asker: the client that sent the request.
            reference: the ReferenceID of that request.
            masked: the client with an input mask, which may miss an answer.

        Raises:
            AssertionError: an answer is missing, or superfluous.

        """
        answers: dict[int, list[m.Event]] = {}
        for client, events in enumerate(delivered):
            for event in events:
                if event.reference_id is None:
                    continue
                expected = asker if event.reference_id == reference else self._open.get(event.reference_id)
                assert expected == client, f"an answer to somebody else, or to nobody: {event}"
                answers.setdefault(event.reference_id, []).append(event)
        for events in answers.values():
            errors = sum(isinstance(event, m.EventError) for event in events)
            assert not errors or len(events) == 1, f"an error and something else: {events}"
        waiting = self._waiting()
        if asker is not None:
            assert reference in answers or reference in waiting or asker == masked, "no answer"
            self._open[reference] = asker
        for number in [number for number in self._open if number not in waiting]:
            assert self._open.pop(number) == masked or number in answers, f"{number} is never answered"

    def forget(self, client: int) -> None:
        """Drop the open requests of a client that disconnected."""
        self._open = {number: asker for number, asker in self._open.items() if asker != client}

    def _waiting(self) -> set[int | None]:
        return {
            requester.reference_id
            for call in self._switch.state.calls.values()
            for party in call.parties
            for requester in (party.invited_by, party.collecting.requester if party.collecting else None)
            if requester is not None
        }
