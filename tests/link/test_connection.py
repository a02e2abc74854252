"""One connection: how it comes up, goes down and comes back, and what becomes of requests meanwhile."""

from pathlib import Path
from typing import Any

import pytest
import structlog
from twisted.internet.defer import Deferred

from bridge.link import protocol
from bridge.link.connection import NotConnectedError
from bridge.link.core import connection_states, requests
from bridge.link.core.requests import TooManyOutstandingError
from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tests.link.world import A, World, answers, make_call, names, register

DOWN = f"The link to Switch_A at {A} is down"
GONE = "the T-Server went away"


# --- the states -----------------------------------------------------------------------------------


def test_the_readme_has_the_table_that_the_machine_runs() -> None:
    readme = (Path(connection_states.__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert connection_states.table_markdown() in readme


def test_every_state_has_a_way_in_and_a_way_out() -> None:
    assert (
        {row.state for row in connection_states.TABLE}
        == {row.to for row in connection_states.TABLE}
        == set(connection_states.ConnectionState)
    )


def test_a_loss_is_reported_once_and_each_request_fails_once() -> None:
    world = World().up()
    world.link.send(make_call(), "dial")
    world.link.send(register("15000"), "login")
    world.a.gets()
    world.a.goes_away()
    assert world.reported() == [
        f"down: {GONE}",
        f"dial failed: RequestMakeCall may not have been carried out: {DOWN}: {GONE}",
        f"login failed: RequestRegisterAddress may not have been carried out: {DOWN}: {GONE}",
    ]
    assert world.link.down_reason == f"{DOWN}: {GONE}"
    with pytest.raises(NotConnectedError, match=f"is down: {GONE}"):
        world.link.send(make_call(), "dial")
    world.retries()
    world.a.opens()
    assert world.reported() == ["up"]
    assert world.link.down_reason is None


def test_attempts_back_off_until_the_t_server_has_sent_the_state_of_its_switch() -> None:
    world = World()
    for _ in range(3):  # it accepts, and hangs up at once
        world.a.goes_away()
        world.retries()
    world.a.opens()
    world.a.goes_away()
    assert world.delays == [1, 2, 3, 1]


def test_a_switch_that_is_lost_and_found_again() -> None:
    world = World().up()
    world.link.send(make_call(), "dial")
    (dial,) = world.a.gets()
    world.a.sends(m.EventLinkDisconnected)
    assert world.reported() == ["down: the T-Server has lost its switch"]
    answers(world.a, dial, m.EventError, error_code=ErrorCode.SwitchNotConnected, error_message="no switch")
    assert world.reported() == ["dial failed: no switch"]
    world.a.sends(m.EventLinkConnected)
    assert world.reported() == ["up"]
    assert world.a.gets() == []


def test_a_switch_that_is_not_there_from_the_start_is_no_loss() -> None:
    world = World()
    world.a.gets()
    world.a.identifies()
    world.a.sends(m.EventLinkDisconnected)
    assert world.link.down_reason == f"{DOWN}: the T-Server has lost its switch"
    world.a.goes_away()
    assert world.reported() == []


def test_a_stopped_link_reports_nothing_and_can_be_started_again() -> None:
    world = World().up()
    world.link.send(make_call(), "dial")
    stopped = world.link.stop()
    assert world.a.is_dropped
    assert stopped.called
    assert world.link.down_reason == f"{DOWN}: it was stopped"
    world.clock.advance(60)
    world.reactor.advance(60)
    assert world.reported() == []
    world.link.start()
    world.a.opens()
    assert world.reported() == ["up"]


def test_a_link_is_stopped_while_it_waits_and_while_it_connects() -> None:
    world = World()
    world.a.goes_away()
    assert world.link.stop().called  # it waits
    world.retries()
    assert world.link.down_reason == f"{DOWN}: it was stopped"
    world.a.accepting = False
    world.link.start()
    assert world.link.stop().called  # it connects
    world.link.start()
    assert not world.reported()


def test_a_connection_that_does_not_close_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World().up()
    monkeypatch.setattr(world.a._transport, "loseConnection", lambda: None)
    stopped: Deferred[None] = world.link.stop()
    assert not stopped.called
    monkeypatch.undo()
    world.reactor.advance(2.0)
    assert stopped.called


# --- signs of life --------------------------------------------------------------------------------


def test_a_half_open_connection_is_lost_after_two_intervals_and_requests_fail_once() -> None:
    world = World(keep_alive=4).up()
    world.clock.advance(3)
    world.link.send(make_call(), "dial")
    world.clock.advance(4.9)
    assert world.reported() == []
    world.clock.advance(0.1)
    silent = "nothing heard for 8.0 s, and no answer to a poll"
    assert world.reported() == [
        f"down: {silent}",
        f"dial failed: RequestMakeCall may not have been carried out: {DOWN}: {silent}",
    ]
    assert world.a.is_dropped


def test_a_peer_that_only_answers_polls_is_alive_and_may_poll_as_well() -> None:
    world = World(keep_alive=4).up()
    for _ in range(10):
        world.clock.advance(4)
        world.a.reads_all()  # and answers
    world.a._session.tick(world.clock.now() + 4)  # the T-Server polls, as the bridge wished
    world.a.sends_bytes(world.a._session.data_to_send())
    assert world.a.gets() == []
    assert world.a._session.deadline == world.clock.now() + 4  # it has received the reply
    assert world.reported() == []


def test_no_keep_alive_is_no_time_limit() -> None:
    world = World(keep_alive=0).up()
    world.clock.advance(100_000)
    assert not world.a.is_dropped


@pytest.mark.parametrize("keep_alive", [0, 60])
def test_a_t_server_that_does_not_identify_itself(keep_alive: int) -> None:
    world = World(keep_alive=keep_alive)
    world.clock.advance(protocol.OPENING_SECONDS)
    assert world.a.is_dropped
    assert world.link.down_reason == f"{DOWN}: the T-Server did not say who it is within 10 s"


# --- what is not written yet ----------------------------------------------------------------------


def paused(world: World) -> Any:
    """Stop the T-Server's reading; return the producer that resumes it."""
    producer = world.a._transport.producer
    assert producer is not None
    producer.pauseProducing()
    return producer


def test_a_t_server_that_does_not_read_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_UNWRITTEN", 200)
    world = World().up()
    world.a.gets()
    paused(world)
    for number in range(3):
        world.link.send(make_call(), f"dial {number}")
    assert world.a.is_dropped
    reason, *failed = world.reported()
    assert reason.startswith("down: the T-Server does not read, 2")
    assert [text.partition(" failed")[0] for text in failed] == ["dial 0", "dial 1", "dial 2"]


def test_what_waits_for_a_slow_t_server_arrives_in_order() -> None:
    world = World().up()
    world.a.gets()
    producer = paused(world)
    for dn in ("15000", "15001"):
        world.link.send(make_call(dn), dn)
    assert world.a.gets() == []
    producer.resumeProducing()
    world.link.send(make_call("15002"), "15002")
    assert names(world.a.gets()) == [f"RequestMakeCall {dn}" for dn in ("15000", "15001", "15002")]


# --- pacing ---------------------------------------------------------------------------------------


def test_thousands_of_registrations_go_out_a_few_at_a_time_and_other_requests_go_first() -> None:
    world = World().up()
    numbers = [str(number) for number in range(15000, 17000)]
    for dn in numbers:
        world.link.send(register(dn), dn)
    world.link.send(make_call(), "dial")

    *first, dial = world.a.gets()
    assert names([dial]) == ["RequestMakeCall 15000"]
    assert len(first) == requests.WINDOW
    seen: list[m.Request] = []
    waiting = first
    while waiting:
        assert len(waiting) <= requests.WINDOW
        seen += waiting
        for request in waiting:
            answers(world.a, request, m.EventRegistered, this_dn=request.this_dn)  # type: ignore[attr-defined] # it has
        waiting = world.a.gets()
    assert [request.this_dn for request in seen] == numbers  # type: ignore[attr-defined] # they have
    assert world.reported() == [f"EventRegistered for {dn}" for dn in numbers]


def test_the_time_out_of_a_request_begins_when_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.RequestQueue.__init__, "__defaults__", (1,))
    world = World().up()
    for dn in ("15000", "15001"):
        world.link.send(register(dn), dn)
    assert names(world.a.gets()) == ["RequestRegisterAddress 15000"]
    for _ in range(4):
        world.clock.advance(2.5)
        world.a.reads_all()
    text = "failed: RequestRegisterAddress got no answer from the T-Server within 10 s"
    assert world.reported() == [f"15000 {text}"]
    assert names(world.a.gets()) == ["RequestRegisterAddress 15001"]
    world.clock.advance(9.9)
    assert world.reported() == []
    world.clock.advance(0.1)
    assert world.reported()[-1:] == [f"15001 {text}"]


def test_a_request_that_was_not_sent_fails_once_with_that_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.RequestQueue.__init__, "__defaults__", (1,))
    world = World().up()
    for dn in ("15000", "15001"):
        world.link.send(register(dn), dn)
    world.a.sends(m.EventLinkDisconnected)
    lost = "the T-Server has lost its switch"
    assert world.reported() == [
        f"down: {lost}",
        f"15001 failed: RequestRegisterAddress was not sent: {DOWN}: {lost}",
    ]
    world.a.goes_away()
    assert world.reported() == [
        f"15000 failed: RequestRegisterAddress may not have been carried out: {DOWN}: {GONE}"
    ]


def test_too_many_requests_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MAX_OUTSTANDING", 70)
    world = World().up()
    for number in range(70):
        world.link.send(register(str(number)), "login")
    with pytest.raises(TooManyOutstandingError, match="70 requests are waiting"):
        world.link.send(register("70"), "login")


# --- what is logged -------------------------------------------------------------------------------


def test_a_reason_is_logged_once_until_it_changes() -> None:
    with structlog.testing.capture_logs() as logged:
        world = World()
        for reason in ("gone", "gone", "refused", "refused"):
            world.a.goes_away(ConnectionResetError(reason))
            world.retries()
        world.a.opens()
        world.a.goes_away(ConnectionResetError("refused"))
    lines = [(line["event"], line.get("reason")) for line in logged if line["log_level"] != "debug"]
    assert lines == [
        ("cannot connect", "gone"),
        ("cannot connect", "refused"),
        ("link up", None),
        ("link down", "refused"),
    ]
