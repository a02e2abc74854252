"""Devices and calls as resources."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as t
from bridge.tlib.enums import CallType, DNRole
from bridge.voice.gws.calls import CallRenderer
from bridge.voice.model.call import Call
from bridge.voice.model.device import Device, DeviceConfig


def dialing(clock: HeldClock) -> t.EventDialing:
    seconds, micros = divmod(round(clock.now() * 1_000_000), 1_000_000)
    return t.EventDialing(
        time_in_secs=seconds,
        time_in_usecs=micros,
        this_dn="15000",
        this_dn_role=DNRole.Origination,
        conn_id=1,
        call_id=1,
        call_type=CallType.Internal,
    )


@given(start=st.floats(1.4e9, 2.0e9), steps=st.lists(st.integers(0, 5000), max_size=5))
def test_whole_seconds_on_the_switchs_clock_are_whole_seconds_of_duration(
    start: float, steps: list[int]
) -> None:
    clock = HeldClock(start)
    call = Call(dialing(clock))
    for seconds in steps:
        clock.advance(seconds)
    later = dialing(clock)
    device = Device(DeviceConfig("id", "15000", "Switch_A"))
    rendered = CallRenderer("http://gws.example/api/v2").render_call(device, call, later.time)
    assert rendered.duration == str(sum(steps))


def test_a_duration_is_never_negative() -> None:
    clock = HeldClock(100.0)
    call = Call(dialing(clock))
    device = Device(DeviceConfig("id", "15000", "Switch_A"))
    assert CallRenderer("http://gws.example/api/v2").render_call(device, call, 99.0).duration == "0"
