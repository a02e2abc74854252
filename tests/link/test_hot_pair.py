"""A pair of T-Servers: what is delivered to the listener while one takes over from the other."""

from typing import Any

import pytest

from bridge.link.connection import NotConnectedError
from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole
from bridge.tlib.errors import ErrorCode
from tests.link.world import A, B, World, answers, make_call, names, register
from tests.playbook import START, ScriptedTServer

BACKUP: dict[str, Any] = {"server_role": ServerRole.Backup, "application_name": "TServer_A_B"}
DOWN = f"The link to Switch_A at {A} and {B} is down"
GONE = "the T-Server went away"


def confirms(tserver: ScriptedTServer, number: int = 0) -> list[str]:
    """Answer registrations and role queries; return the names of all requests."""
    asked = tserver.gets()
    for request in asked:
        if isinstance(request, m.RequestRegisterAddress):
            answers(
                tserver, request, m.EventRegistered, this_dn=request.this_dn, event_sequence_number=number
            )
        elif isinstance(request, m.RequestQueryServer):
            tserver.identifies(reference_id=request.reference_id, event_sequence_number=0)
    return names(asked)


def sends(tserver: ScriptedTServer, *numbers: int) -> None:
    """Send events of the switch with these numbers."""
    for number in numbers:
        tserver.sends_call_event(m.EventRinging, event_sequence_number=number)


def in_step() -> World:
    """A pair whose backup has all registrations, and is proved to be up to date."""
    world = World("hot").up()
    world.b.opens(**BACKUP)
    world.link.send(register("15000"), "login")
    assert confirms(world.a, number=100) == ["RequestRegisterAddress 15000"]
    assert confirms(world.b) == ["RequestRegisterAddress 15000"]
    assert confirms(world.a) == ["RequestQueryServer"]
    assert world.reported() == ["EventRegistered for login"]
    return world


def takes_over(tserver: ScriptedTServer) -> None:
    """Send the events of a T-Server that becomes the primary."""
    tserver.sends(m.EventLinkDisconnected)
    tserver.sends(m.EventPrimaryChanged, application_name="TServer_A_B")
    tserver.sends(m.EventLinkConnected)


# --- hot standby ------------------------------------------------------------------------------------------


def test_events_of_both_are_delivered_once() -> None:
    world = in_step()
    sends(world.a, 101)
    sends(world.b, 101, 102)
    sends(world.a, 102, 103)
    assert world.reported() == ["EventRinging 101", "EventRinging 102", "EventRinging 103"]


def test_the_primary_dies_and_nothing_is_lost_or_doubled() -> None:
    world = in_step()
    sends(world.a, 101)
    world.link.send(make_call(), "dial")
    world.a.gets()
    sends(world.b, 101, 102, 103)
    assert world.reported() == ["EventRinging 101"]
    world.a.goes_away()
    asked = "RequestMakeCall may not have been carried out"
    assert world.reported() == [
        f"dial failed: {asked}: The link to Switch_A at {A} is down: {GONE}",
        "EventRinging 102",
        "EventRinging 103",
    ]
    assert world.link.down_reason == f"{DOWN}: {GONE}"  # until the backup has taken over
    sends(world.b, 104)
    takes_over(world.b)
    assert world.link.down_reason is None
    sends(world.b, 105)
    assert world.reported() == ["EventRinging 104", "EventRinging 105"]
    confirms(world.b)
    world.link.send(make_call(), "dial")
    assert names(world.b.gets()) == ["RequestMakeCall 15000"]


def test_the_former_primary_comes_back_as_the_backup_and_takes_over_in_its_turn() -> None:
    world = in_step()
    world.a.goes_away()
    takes_over(world.b)
    confirms(world.b)
    world.retries()
    world.a.opens(server_role=ServerRole.Backup)
    assert confirms(world.a) == ["RequestRegisterAddress 15000"]
    assert confirms(world.b) == ["RequestQueryServer"]
    sends(world.b, 101)
    sends(world.a, 101, 102)
    world.b.goes_away()
    world.a.sends(m.EventPrimaryChanged, application_name="TServer_A")
    assert world.reported() == ["EventRinging 101", "EventRinging 102"]
    assert world.link.down_reason is None


def test_a_promotion_by_command_is_no_flap() -> None:
    world = in_step()
    world.link.send(make_call(), "dial")
    takes_over(world.a)  # which is to say: the other one does
    takes_over(world.b)
    no_longer = f"the T-Server at {A} is no longer the primary"
    assert world.reported() == [f"dial failed: RequestMakeCall may not have been carried out: {no_longer}"]
    assert world.link.down_reason is None
    sends(world.b, 101)
    sends(world.a, 101, 102)
    assert world.reported() == ["EventRinging 101"]


def test_without_a_primary_the_link_is_down_after_a_while() -> None:
    world = in_step()
    world.a.goes_away()
    world.clock.advance(3.5)
    world.b.reads_all()
    assert world.reported() == []
    world.clock.advance(0.1)
    assert world.reported() == [f"down: {GONE}"]
    sends(world.b, 101)
    takes_over(world.b)
    assert world.reported() == ["up"]


def test_two_backups_are_no_primary() -> None:
    world = World("hot")
    world.a.opens(server_role=ServerRole.Backup)
    world.b.opens(**BACKUP)
    assert world.link.down_reason == f"{DOWN}: no member of the pair is the primary"
    with pytest.raises(NotConnectedError, match="no member of the pair"):
        world.link.send(make_call(), "dial")
    takes_over(world.b)
    assert world.reported() == ["up"]


def test_of_two_primaries_the_later_one_counts() -> None:
    world = World("hot").up()
    world.b.opens(application_name="TServer_A_B")
    assert "RequestQueryServer" in confirms(world.a)  # both are asked, should words have crossed
    world.link.send(make_call(), "dial")
    assert "RequestMakeCall 15000" in names(world.b.gets())
    assert world.reported() == []


def test_a_backup_that_was_not_registered_yet_cannot_carry_on() -> None:
    world = World("hot").up()
    world.link.send(register("15000"), "login")
    confirms(world.a, number=100)
    world.b.opens(**BACKUP)
    world.b.gets()  # and does not answer
    world.a.goes_away()
    takes_over(world.b)
    assert world.reported() == ["EventRegistered for login", f"down: {GONE}", "up"]


def test_a_backup_of_another_life_cannot_carry_on() -> None:
    world = World("hot").up()
    world.b.opens(**BACKUP, server_start_time=int(START) + 1)
    world.link.send(register("15000"), "login")
    confirms(world.a, number=100)
    confirms(world.b)
    confirms(world.a)
    world.a.goes_away()
    assert world.reported() == ["EventRegistered for login", f"down: {GONE}"]


def test_a_backup_that_holds_too_much_has_to_be_proved_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.link.core.switchover.MAX_HELD", 3)
    world = in_step()
    sends(world.b, 101, 102, 103, 104)
    assert names(world.a.gets()) == ["RequestQueryServer"]  # which is not answered
    world.a.goes_away()
    assert world.reported() == [f"down: {GONE}"]


def test_a_pair_that_does_not_number_its_events_cannot_carry_on() -> None:
    world = in_step()
    sends(world.a, 0)
    world.a.goes_away()
    assert world.reported() == ["EventRinging 0", f"down: {GONE}"]


def test_a_new_primary_that_counts_from_further_back_was_no_mirror() -> None:
    world = in_step()
    sends(world.a, 101, 102)
    world.a.goes_away()
    takes_over(world.b)
    sends(world.b, 102)
    assert world.reported() == [
        "EventRinging 101",
        "EventRinging 102",
        "down: the new primary does not go on where the other one ended",
        "up",
    ]


def test_a_switch_that_the_primary_has_lost_for_a_moment_is_a_gap() -> None:
    world = in_step()
    world.a.sends(m.EventLinkDisconnected)
    assert world.link.down_reason == f"{DOWN}: the T-Server has lost its switch"
    world.a.sends(m.EventLinkConnected)
    assert world.reported() == ["down: the T-Server had lost its switch", "up"]


def test_a_switch_that_both_have_lost_is_reported_after_a_while() -> None:
    world = in_step()
    world.a.sends(m.EventLinkDisconnected)
    world.b.sends(m.EventLinkDisconnected)
    world.clock.advance(3.6)
    assert world.reported() == ["down: the T-Server has lost its switch"]


def test_what_the_primary_refuses_is_not_asked_of_the_backup_for_ever() -> None:
    world = in_step()
    world.link.send(register("15001"), "login")
    (asked,) = world.a.gets()
    answers(world.a, asked, m.EventError, error_code=ErrorCode.DNNotConfigured, error_message="no such DN")
    (asked,) = world.b.gets()
    answers(world.b, asked, m.EventError, error_code=ErrorCode.DNNotConfigured, error_message="no such DN")
    assert world.reported() == ["login failed: no such DN"]
    confirms(world.a)
    sends(world.b, 101)
    world.a.goes_away()
    assert world.reported() == ["EventRinging 101"]


def test_a_registration_ends_at_both() -> None:
    world = in_step()
    world.link.send(m.RequestUnregisterAddress(this_dn="15000"), "logout")
    assert names(world.a.gets()) == names(world.b.gets()) == ["RequestUnregisterAddress 15000"]


def test_a_stopped_pair_reports_nothing_and_can_be_started_again() -> None:
    world = in_step()
    assert world.link.stop().called
    assert world.a.is_dropped
    assert world.b.is_dropped
    assert world.link.down_reason == f"{DOWN}: it was stopped"
    world.clock.advance(60)
    assert world.reported() == []
    world.link.start()
    world.a.opens()
    assert world.reported() == ["up"]


# --- warm standby -----------------------------------------------------------------------------------------


def test_warm_standby_connects_to_one_after_the_other() -> None:
    world = World("warm").up()
    world.link.send(register("15000"), "login")
    confirms(world.a)
    world.a.goes_away()
    assert world.reported() == ["EventRegistered for login", f"down: {A}: {GONE}"]
    world.retries()
    world.b.opens()
    assert world.reported() == ["up"]
    world.b.goes_away()
    world.retries()
    world.a.opens()
    assert world.reported() == [f"down: {B}: {GONE}", "up"]


def test_warm_standby_leaves_a_backup_again() -> None:
    world = World("warm").up()
    world.a.goes_away()
    world.retries()
    world.b.gets()
    world.b.identifies(**BACKUP)
    assert world.b.is_dropped
    assert world.link.down_reason == f"The link to Switch_A at {A} or {B} is down: it is the backup"
    world.retries()
    world.a.opens()
    assert world.reported() == [f"down: {A}: {GONE}", "up"]
