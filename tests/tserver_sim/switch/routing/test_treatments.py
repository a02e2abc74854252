"""Treatments as ladders: what a call hears or is asked while it waits at a route point."""

from typing import TypeAlias

import msgspec
import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import TreatmentType
from bridge.tlib.kv import KVList, decode_kv_list
from tests.tserver_sim.control.test_control_calls import Control
from tests.tserver_sim.in_memory_server import Client, InMemoryServer
from tests.tserver_sim.ladders import lines
from tests.tserver_sim.route_points import (
    RP,
    at_route_point,
    no_timers,
    ringing_lines,
    route_point_server,
    routes,
    treats,
    waiting,
)
from tests.tserver_sim.trunk_server import comes_in
from tserver_sim.switch.interface.commands import SendDigits
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.interface.stimuli import Image
from tserver_sim.switch.operations.media.treatment_plan import (
    DigitPlan,
    TreatmentParmsError,
    TreatmentPlan,
    plan_treatment,
)
from tserver_sim.switch.snapshot import snapshot

T = TreatmentType
Parms: TypeAlias = dict[str, str | int]
AT_R = "c1 This=15500/Destination Queue=15500 Other=15000/Origination DNIS=15500"


def delivered(server: InMemoryServer) -> list[str]:
    """Return the router's events: the event, the treatment, and its outcome."""
    router = [line for line in server.ladder() if line.startswith(RP)]
    assert all(AT_R in line for line in router)
    return [line.removeprefix(f"{RP} <- ").replace(f" {AT_R}", "") for line in router]


# --- what is played -------------------------------------------------------------------------------------


def test_an_announcement() -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    treats(router, T.PlayAnnouncement, DURATION=5)
    assert server.ladder() == lines(
        """
        15500 <- TreatmentApplied c1 This=15500/Destination Queue=15500 Other=15000/Origination DNIS=15500
          TreatmentType=PlayAnnouncement Ref=1
        """
    )
    server.clock.advance(4)
    assert server.ladder() == []
    server.clock.advance(1)
    assert server.ladder() == lines(
        """
        15500 <- TreatmentEnd c1 This=15500/Destination Queue=15500 Other=15000/Origination DNIS=15500
          TreatmentType=PlayAnnouncement
        """
    )
    assert no_timers(server)


@pytest.mark.parametrize(
    "kind",
    [
        *(T.IVR, T.PlayAnnouncement, T.RecordUserAnnouncement, T.DeleteUserAnnouncement),
        *(T.PlayApplication, T.TextToSpeech, T.RAN),
    ],
)
def test_what_is_played_once_lasts_as_the_site_file_says(kind: TreatmentType) -> None:
    server = route_point_server(treatment_time=7)
    _, _, router = waiting(server)
    treats(router, kind)
    server.delivered.clear()
    server.clock.advance(6)
    assert delivered(server) == []
    server.clock.advance(1)
    assert delivered(server) == [f"TreatmentEnd TreatmentType={kind.name}"]


@pytest.mark.parametrize("kind", [T.Music, T.RingBack, T.Silence, T.Busy, T.FastBusy])
def test_what_is_played_until_something_else_is_done(kind: TreatmentType) -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    treats(router, kind)
    assert no_timers(server)
    server.delivered.clear()
    routes(router, "15001")
    assert [line.split()[2] for line in server.ladder()] == [
        "TreatmentEnd",
        "RouteUsed",
        "Diverted",
        "Ringing",
    ]


def test_music_for_some_time() -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    treats(router, T.Music, DURATION="30")
    server.delivered.clear()
    server.clock.advance(30)
    assert delivered(server) == ["TreatmentEnd TreatmentType=Music"]


def test_one_after_the_other() -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    treats(router, T.PlayAnnouncement, DURATION=5)
    treats(router, T.Music)
    assert delivered(server) == [
        "TreatmentApplied TreatmentType=PlayAnnouncement Ref=1",
        "TreatmentEnd TreatmentType=PlayAnnouncement",
        "TreatmentApplied TreatmentType=Music Ref=2",
    ]
    server.clock.advance(5)
    assert delivered(server) == []


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (m.RequestGiveMusicTreatment, T.Music),
        (m.RequestGiveSilenceTreatment, T.Silence),
        (m.RequestGiveRingBackTreatment, T.RingBack),
    ],
)
def test_the_requests_of_old(request_: type[m.CallRequest], kind: TreatmentType) -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    router.does(request_)
    assert delivered(server) == [f"TreatmentApplied TreatmentType={kind.name} Ref=1"]
    assert no_timers(server)


def test_the_state_of_the_route_point() -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    engine = server.tserver.switch.engine
    assert snapshot(engine, RP).first("ps-1") == 0x9
    treats(router, T.Music)
    assert snapshot(engine, RP).first("ps-1") == 0x209


# --- digits ---------------------------------------------------------------------------------------------


def asked(
    server: InMemoryServer, parms: Parms | None = None, kind: TreatmentType = T.CollectDigits
) -> tuple[Client, Client]:
    """The route point waits for three digits of 15000."""
    a, _, router = waiting(server)
    treats(router, kind, **{"MAX_DIGITS": 3, **(parms or {})})
    server.delivered.clear()
    return a, router


def presses(client: Client, digits: str) -> None:
    client.does(m.RequestSendDTMF, dtmf_digits=digits)


def test_the_digits_are_there() -> None:
    server = route_point_server()
    a, _ = asked(server)
    presses(a, "12")
    assert server.ladder() == ["15000 <- DTMFSent c1 This=15000/Origination DNIS=15500 DTMFDigits=12 Ref=2"]
    presses(a, "34")
    assert delivered(server) == ["TreatmentEnd CollectedDigits=123 LastDigit=51 TreatmentType=CollectDigits"]
    assert no_timers(server)


def test_a_digit_ends_them() -> None:
    server = route_point_server()
    a, _ = asked(server, {"TERM_DIGITS": "*"})
    presses(a, "1#*2")
    assert delivered(server) == ["TreatmentEnd CollectedDigits=1# LastDigit=42 TreatmentType=CollectDigits"]


@pytest.mark.parametrize(
    ("parms", "pauses", "collected"),
    [
        ({}, [10], "CollectedDigits="),
        ({"START_TIMEOUT": 4}, [4], "CollectedDigits="),
        ({}, [9, 4, 5], "CollectedDigits=12 LastDigit=50"),
        ({"DIGIT_TIMEOUT": 2}, [9, 2], "CollectedDigits=1 LastDigit=49"),
        ({"TOTAL_TIMEOUT": 12}, [9, 3], "CollectedDigits=1 LastDigit=49"),
        ({"TOTAL_TIMEOUT": 6}, [6], "CollectedDigits="),
    ],
)
def test_no_more_digits_come(parms: Parms, pauses: list[int], collected: str) -> None:
    server = route_point_server()
    a, _ = asked(server, parms)
    *before, last = pauses
    for number, seconds in enumerate(before, start=1):
        server.clock.advance(seconds)
        presses(a, str(number))
        server.delivered.clear()
    server.clock.advance(last - 1)
    assert delivered(server) == []
    server.clock.advance(1)
    assert delivered(server) == [f"TreatmentEnd {collected} TreatmentType=CollectDigits"]


@pytest.mark.parametrize("kind", [T.PlayAnnouncementAndDigits, T.TextToSpeechAndDigits])
def test_the_digits_may_come_after_what_is_played(kind: TreatmentType) -> None:
    server = route_point_server()
    a, _ = asked(server, {"DURATION": 30}, kind)
    server.clock.advance(39)
    presses(a, "123")
    assert delivered(server) == [f"TreatmentEnd CollectedDigits=123 LastDigit=51 TreatmentType={kind.name}"]


def test_digits_for_nobody() -> None:
    server = route_point_server()
    a, _, router = waiting(server)
    treats(router, T.Music)
    server.delivered.clear()
    presses(a, "1")
    assert [line.split()[2] for line in server.ladder()] == ["DTMFSent"]


def test_a_caller_who_hears_nothing_yet_has_no_keys() -> None:
    server = route_point_server()
    a, *_ = waiting(server)
    presses(a, "1")
    assert server.ladder() == ["15000 <- Error 1163 15000 c1 Ref=2"]


def test_digits_of_somebody_outside() -> None:
    server = route_point_server()
    (router,) = at_route_point(server)
    conn_id = comes_in(server, RP).conn_id
    treats(router, T.CollectDigits, MAX_DIGITS=2)
    control = Control(server)
    call = f"/calls/{conn_id:016x}/digits"
    server.delivered.clear()
    assert control("POST", call, {"digits": "4"}) == {"conn_id": f"{conn_id:016x}"}
    assert control("POST", call, {"digits": "2", "switch": "Switch_A", "number": "0699"})
    (line,) = server.ladder()
    assert line.endswith("ANI=0699 CollectedDigits=42 LastDigit=50 TreatmentType=CollectDigits")
    assert control("POST", call, {"digits": "x"})[0] == 400
    assert control("POST", call, {"digits": "1", "number": "0700"})[0] == 409


def test_digits_of_nobody() -> None:
    server = route_point_server()
    a, *_ = waiting(server)
    with pytest.raises(RefusedError, match="there is no such call"):
        server.tserver.command(SendDigits(1, "1"))
    with pytest.raises(RefusedError, match="nobody outside can send digits"):
        server.tserver.command(SendDigits(a.last_conn_id, "1"))


# --- what is no sound -----------------------------------------------------------------------------------


def test_the_call_is_cancelled() -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    treats(router, T.Music)
    server.delivered.clear()
    treats(router, T.CancelCall)
    assert server.ladder() == lines(
        """
        15500 <- TreatmentEnd c1 This=15500/Destination Queue=15500 Other=15000/Origination DNIS=15500
          TreatmentType=Music
        15500 <- TreatmentApplied c1 This=15500/Destination Queue=15500 Other=15000/Origination DNIS=15500
          TreatmentType=CancelCall Ref=2
        15500 <- Released c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
        15000 <- Released c1 This=15000/Origination Other=15500/Destination CS=Ok DNIS=15500
        """
    )


def test_the_default_is_set_and_used() -> None:
    server = route_point_server({"default": "15002"}, routing_timeout=10)
    _, _, router = waiting(server)
    treats(router, T.Music)
    treats(router, T.SetDefaultRoute, DEST="15001")
    assert delivered(server)[1:] == [
        "TreatmentApplied TreatmentType=SetDefaultRoute Ref=2",
        "TreatmentEnd TreatmentType=SetDefaultRoute",
    ]
    treats(router, T.Silence, DURATION=1)
    server.delivered.clear()
    server.clock.advance(1)
    server.delivered.clear()
    server.clock.advance(10)
    assert ringing_lines(server) == ["15001"]


def test_setting_a_default_where_there_was_none_starts_the_time() -> None:
    server = route_point_server(routing_timeout=10)
    _, _, router = waiting(server)
    server.clock.advance(100)
    treats(router, T.SetDefaultRoute, DEST=15001)
    server.delivered.clear()
    server.clock.advance(10)
    assert ringing_lines(server) == ["15001"]


# --- not applied, and refused ---------------------------------------------------------------------------

UNUSABLE = {
    "no number": (T.Music, {"DURATION": "long"}, "InvalidAttribute"),
    "below nothing": (T.IVR, {"DURATION": -1}, "InvalidAttribute"),
    "more than a day": (T.IVR, {"DURATION": 86_401}, "InvalidAttribute"),
    "no digits at all": (T.CollectDigits, {"MAX_DIGITS": 0}, "InvalidAttribute"),
    "no key": (T.VerifyDigits, {"TERM_DIGITS": "x"}, "InvalidAttribute"),
    "no default": (T.SetDefaultRoute, {}, "InvalidDestination"),
    "a default that does not exist": (T.SetDefaultRoute, {"DEST": "777"}, "InvalidDestination"),
    "a default far too long": (T.SetDefaultRoute, {"DEST": "1" * 256}, "InvalidDestination"),
}


@pytest.mark.parametrize(("kind", "parms", "code"), UNUSABLE.values(), ids=UNUSABLE)
def test_parameters_that_make_no_sense(kind: TreatmentType, parms: Parms, code: str) -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    treats(router, T.PlayAnnouncement, DURATION=5)
    server.delivered.clear()
    treats(router, kind, **parms)
    assert delivered(server) == [f"TreatmentNotApplied TreatmentType={kind.name} ErrorCode={code} Ref=2"]
    server.clock.advance(5)
    assert delivered(server) == ["TreatmentEnd TreatmentType=PlayAnnouncement"]


@pytest.mark.parametrize("kind", [T.Unknown, T(99)])
def test_a_treatment_that_does_not_exist(kind: TreatmentType) -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    treats(router, kind)
    assert server.ladder() == ["15500 <- Error 53 15500 c1 Ref=1"]


def test_where_nothing_can_be_treated() -> None:
    server = route_point_server()
    a, _, router = waiting(server)
    treats(a, T.Music)
    router.does(m.RequestApplyTreatment, treatment_type=T.Music, call=7)
    router.asks(
        m.RequestMakePredictiveCall(this_dn=RP, other_dn="15001", timeout=10, reference_id=2),
    )
    server.delivered.clear()
    treats(router, T.Music)
    assert server.ladder() == ["15500 <- Error 496 15500 c2 Ref=2"]
    errors = [event.error_code for event in (*a.events, *router.events) if isinstance(event, m.EventError)]
    assert errors == [53, 56, 496]


# --- as data --------------------------------------------------------------------------------------------


def test_a_treatment_goes_on_in_a_switch_that_has_been_written_down() -> None:
    def play(*, written: bool) -> list[str]:
        server = route_point_server()
        a, router = asked(server)
        presses(a, "1")
        switch = server.tserver.switch
        if written:
            bytes_ = msgspec.msgpack.encode(switch.image())
            switch.restore(msgspec.msgpack.decode(bytes_, type=Image, dec_hook=decode_kv_list))
            assert msgspec.msgpack.encode(switch.image()) == bytes_
        presses(a, "2")
        ladder = server.ladder()
        server.clock.advance(5)
        routes(router, "15001")
        return ladder + server.ladder()

    assert play(written=True) == play(written=False)


def test_plans() -> None:
    assert plan_treatment(T.Music, KVList(), 3) == TreatmentPlan(None)
    assert plan_treatment(T.IVR, KVList(), 3) == TreatmentPlan(3)
    assert plan_treatment(T.CollectDigits, KVList(), 3) == TreatmentPlan(10, DigitPlan(1, "#", 5, 86_400))
    assert plan_treatment(T.PlayAnnouncementAndDigits, KVList.of(MAX_DIGITS="4", TERM_DIGITS=""), 3) == (
        TreatmentPlan(13, DigitPlan(4, "", 5, 86_400))
    )
    for value in (b"1", KVList(), "1" * 5000, "\N{SUPERSCRIPT TWO}", "", " 1"):
        with pytest.raises(TreatmentParmsError, match="DURATION: expected a number from 0 to 86400"):
            plan_treatment(T.IVR, KVList.of(DURATION=value), 3)
