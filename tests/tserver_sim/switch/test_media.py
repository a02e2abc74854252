"""Tones, collected digits, muting and not listening, as ladders."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.ids import conn_id_text
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, Desk


def talking(desk: Desk) -> list[Client]:
    """15000 has called 15001, who has answered; 15002 is free."""
    a, b, c = desk.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    desk.told.clear()
    return [a, b, c]


def test_tones_are_told_to_who_sends_them() -> None:
    desk = Desk()
    a, *_ = talking(desk)
    a.does(m.RequestSendDTMF, dtmf_digits="12#a")
    assert desk.ladder() == [
        "15000 <- DTMFSent c1 This=15000/Origination DNIS=15001 DTMFDigits=12#a Ref=2",
    ]


@pytest.mark.parametrize("tones", ["", "12x", "1 2", "1" * 129, "१"])
def test_what_is_no_tone_is_refused(tones: str) -> None:
    desk = Desk()
    a, *_ = talking(desk)
    a.does(m.RequestSendDTMF, dtmf_digits=tones)
    assert desk.ladder() == ["15000 <- Error 302 15000 c1 Ref=2"]


def test_nobody_sends_tones_while_it_rings() -> None:
    desk = Desk()
    a, _ = desk.agents("15000", "15001")
    a.calls("15001")
    desk.told.clear()
    a.does(m.RequestSendDTMF, dtmf_digits="1")
    assert desk.ladder() == ["15000 <- Error 1163 15000 c1 Ref=2"]


# --- collected digits ----------------------------------------------------------------------------------


def collecting(desk: Desk, **attributes: Any) -> tuple[Client, Client]:
    """15001 waits for digits of 15000."""
    a, b, _ = talking(desk)
    b.does(m.RequestCollectDigits, **{"number_of_digits": 4, **attributes})
    assert desk.ladder() == []
    return a, b


def collected(desk: Desk) -> list[str]:
    """Tell what became of the digits."""
    return [line for line in desk.ladder() if "DTMFSent" not in line]


def test_digits_are_collected_until_there_are_enough() -> None:
    desk = Desk()
    a, b = collecting(desk)
    a.does(m.RequestSendDTMF, dtmf_digits="12")
    b.does(m.RequestSendDTMF, dtmf_digits="99")
    assert collected(desk) == []
    a.does(m.RequestSendDTMF, dtmf_digits="345")
    assert desk.ladder() == [
        "15000 <- DTMFSent c1 This=15000/Origination DNIS=15001 DTMFDigits=345 Ref=3",
        (
            "15001 <- DigitsCollected c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 "
            "CollectedDigits=1234 LastDigit=52 Ref=2"
        ),
    ]
    a.does(m.RequestSendDTMF, dtmf_digits="5678")
    assert collected(desk) == []


def test_a_terminator_ends_the_wait() -> None:
    desk = Desk()
    a, _ = collecting(desk, terminate_digits="#*", timeout=10)
    a.does(m.RequestSendDTMF, dtmf_digits="7#8")
    assert collected(desk) == [
        (
            "15001 <- DigitsCollected c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 "
            "CollectedDigits=7 LastDigit=35 Ref=2"
        ),
    ]
    desk.clock.advance(11)
    assert collected(desk) == []


@pytest.mark.parametrize(("sent", "told"), [("12", "=12 LastDigit=50"), (None, "=")])
def test_time_ends_the_wait(sent: str | None, told: str) -> None:
    desk = Desk()
    a, _ = collecting(desk, timeout=10)
    if sent:
        a.does(m.RequestSendDTMF, dtmf_digits=sent)
    desk.told.clear()
    desk.clock.advance(9)
    assert collected(desk) == []
    desk.clock.advance(1)
    (line,) = collected(desk)
    assert line.endswith(f"CollectedDigits{told} Ref=2")


@pytest.mark.parametrize("who", [0, 1])
def test_the_end_of_the_call_ends_the_wait_with_an_error(who: int) -> None:
    desk = Desk()
    parties = collecting(desk, timeout=10)
    parties[who].releases()
    errors = [line for line in desk.ladder() if "Error" in line]
    assert errors == ["15001 <- Error 237 15001 c1 Ref=2"]
    desk.clock.advance(11)
    assert desk.ladder() == []
    assert desk.tserver.switch.state.timers == {}


def test_who_hears_nothing_collects_nothing() -> None:
    desk = Desk()
    a, b = collecting(desk, number_of_digits=1)
    b.does(m.RequestListenDisconnect, other_dn="15001")
    a.does(m.RequestSendDTMF, dtmf_digits="1")
    assert not any("DigitsCollected" in line for line in desk.ladder())
    b.does(m.RequestListenReconnect, other_dn="15001")
    a.does(m.RequestSendDTMF, dtmf_digits="2")
    assert any("CollectedDigits=2" in line for line in desk.ladder())


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        (53, {"number_of_digits": 0}),
        (53, {"number_of_digits": 129}),
        (53, {"number_of_digits": 1, "timeout": 86_401}),
        (302, {"number_of_digits": 1, "terminate_digits": "x"}),
        (56, {"number_of_digits": 1, "conn_id": 7}),
    ],
)
def test_a_wait_that_makes_no_sense_is_refused(code: int, attributes: dict[str, Any]) -> None:
    desk = Desk()
    a, *_ = talking(desk)
    a.does(m.RequestCollectDigits, **attributes)
    (line,) = desk.ladder()
    assert line.startswith(f"15000 <- Error {code} ")


def test_one_waits_for_one_thing_at_a_time() -> None:
    desk = Desk()
    _, b = collecting(desk)
    b.does(m.RequestCollectDigits, number_of_digits=1)
    assert desk.ladder() == ["15001 <- Error 110 15001 c1 Ref=3"]


# --- muting --------------------------------------------------------------------------------------------


def test_mute_on_and_off() -> None:
    desk = Desk()
    a, *_ = talking(desk)
    a.does(m.RequestSetMuteOn)
    assert desk.ladder() == ["15000 <- MuteOn c1 This=15000/Origination DNIS=15001 Ref=2"]
    a.does(m.RequestSetMuteOn)
    assert desk.ladder() == ["15000 <- Error 43 15000 c1 Ref=3"]
    a.does(m.RequestSetMuteOff)
    assert desk.ladder() == ["15000 <- MuteOff c1 This=15000/Origination DNIS=15001 Ref=4"]
    a.does(m.RequestSetMuteOff)
    assert desk.ladder() == ["15000 <- Error 43 15000 c1 Ref=5"]


def test_who_rings_cannot_be_muted() -> None:
    desk = Desk()
    a, b = desk.agents("15000", "15001")
    a.calls("15001")
    desk.told.clear()
    b.does(m.RequestSetMuteOn)
    assert desk.ladder() == ["15001 <- Error 496 15001 c1 Ref=1"]


def test_a_party_is_made_deaf_by_another() -> None:
    desk = Desk()
    _, b, _ = talking(desk)
    b.does(m.RequestListenDisconnect, other_dn="15000")
    assert desk.ladder() == [
        (
            "15000 <- ListenDisconnected c1 This=15000/Origination Other=15001/Destination CS=Deafened "
            "DNIS=15001"
        ),
        (
            "15001 <- ListenDisconnected c1 This=15001/Destination Other=15000/Origination CS=Ok "
            "DNIS=15001 Ref=2"
        ),
    ]
    b.does(m.RequestListenDisconnect, other_dn="15000")
    assert desk.ladder() == ["15001 <- Error 43 15001 c1 Ref=3"]
    b.does(m.RequestListenReconnect, other_dn="15000")
    assert desk.ladder() == [
        "15000 <- ListenReconnected c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
        (
            "15001 <- ListenReconnected c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 "
            "Ref=4"
        ),
    ]


def test_a_party_makes_itself_deaf() -> None:
    desk = Desk()
    a, *_ = talking(desk)
    a.does(m.RequestListenDisconnect, other_dn="15000")
    a.does(m.RequestListenReconnect, other_dn="15000")
    assert desk.ladder() == [
        "15000 <- ListenDisconnected c1 This=15000/Origination CS=Deafened DNIS=15001 Ref=2",
        "15000 <- ListenReconnected c1 This=15000/Origination CS=Ok DNIS=15001 Ref=3",
    ]


@pytest.mark.parametrize("kind", [m.RequestListenDisconnect, m.RequestListenReconnect])
def test_who_is_not_on_the_call_cannot_be_made_deaf(kind: type[m.DNRequest]) -> None:
    desk = Desk()
    a, *_ = talking(desk)
    a.does(kind, other_dn="15002")
    assert desk.ladder() == ["15000 <- Error 470 15000 c1 Ref=2"]


def test_a_snapshot_tells_who_is_muted_and_deaf() -> None:
    desk = Desk()
    a, *_ = talking(desk)
    a.does(m.RequestSetMuteOn)
    a.does(m.RequestListenDisconnect, other_dn="15000")
    watcher = desk.client("watcher")
    watcher.asks(m.RequestRegisterAddress(this_dn="15000", reference_id=1))
    registered = watcher.events[-1]
    assert isinstance(registered, m.EventRegistered)
    assert registered.extensions is not None
    assert registered.extensions.first("conn-1") == conn_id_text(CONN_ID_BASE + 1)
    assert registered.extensions.first("ps-1") == 0x3C
