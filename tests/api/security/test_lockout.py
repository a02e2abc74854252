"""Wrong passwords: names that are locked, and addresses that must wait."""

import base64

import httpx
import structlog

from bridge.api.security import lockout
from bridge.api.security.lockout import (
    MAX_LOCK_SECONDS,
    MAX_RECORDS,
    AddressRecord,
    Lockout,
    MemoryLockoutStore,
    NameRecord,
)
from bridge.api.security.policy import AccessPolicy
from bridge.runtime.clock import HeldClock
from tests.api.security.harness import DENIED, GateHarness, cookie_of, forget_password
from tests.loop import run


async def log_in(harness: GateHarness, name: str, password: str, address: str = "192.0.2.1") -> bool:
    """Try, with a browser that has no cookies; a refusal must not tell why."""
    async with harness.client(name, password, address=address) as client:
        answer = await client.get("/me")
    assert answer.status_code == 200 or (answer.status_code, answer.json()) == (403, DENIED)
    assert "retry-after" not in answer.headers
    return answer.status_code == 200


async def guess_passwords(
    harness: GateHarness, count: int, name: str = "ann", address: str = "192.0.2.66"
) -> None:
    for number in range(count):
        assert not await log_in(harness, name, f"guess {number}", address)


def test_five_wrong_passwords_in_a_row_lock_the_name_for_a_time_that_doubles() -> None:
    async def scene() -> None:
        harness = GateHarness()
        await guess_passwords(harness, 5)
        for seconds in (30, 60, 120, 240, 480, 900, 900):
            assert not await log_in(harness, "ann", "demo")
            assert not await log_in(harness, "ANN", "demo")
            harness.clock.advance(seconds - 1)
            assert not await log_in(harness, "ann", "demo")
            harness.clock.advance(1)
            await guess_passwords(harness, 1)
        harness.clock.advance(900)
        assert await log_in(harness, "ann", "demo")
        await guess_passwords(harness, 4)  # the right one has wiped the slate clean
        assert await log_in(harness, "ann", "demo")

    run(scene())


def test_a_lock_is_for_one_name() -> None:
    async def scene() -> None:
        harness = GateHarness()
        await guess_passwords(harness, 5)
        assert await log_in(harness, "bob", "demo")

    run(scene())


def test_a_name_that_nobody_has_is_locked_like_any_other() -> None:
    async def scene() -> None:
        harness = GateHarness()
        await guess_passwords(harness, 5, name="carl")
        with structlog.testing.capture_logs() as logged:
            await guess_passwords(harness, 1, name="carl")
        assert logged == []  # nothing was even checked

    run(scene())


def test_a_session_that_lives_goes_on_while_its_user_is_locked() -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client() as ann:
            await ann.get("/me")
            await guess_passwords(harness, 5)
            assert (await ann.get("/me")).status_code == 200  # the password beside the cookie does no harm
            forget_password(ann)
            assert (await ann.get("/me")).status_code == 200

    run(scene())


def test_a_guess_is_not_tried_against_the_passwords_that_are_known() -> None:
    async def scene() -> None:
        harness = GateHarness()
        assert await log_in(harness, "ann", "demo")
        await guess_passwords(harness, 5)
        assert not await log_in(harness, "ann", "demo")

    run(scene())


def test_an_hour_without_a_wrong_password_begins_anew() -> None:
    async def scene() -> None:
        harness = GateHarness()
        await guess_passwords(harness, 4)
        harness.clock.advance(lockout.FORGET_AFTER_SECONDS + 1)
        await guess_passwords(harness, 4)
        assert await log_in(harness, "ann", "demo")

    run(scene())


def test_an_address_may_guess_only_so_often_whoever_it_guesses_at() -> None:
    async def scene() -> None:
        harness = GateHarness(AccessPolicy(attempts_per_address=6))
        for number in range(6):
            await guess_passwords(harness, 1, name=f"user{number}")
        assert not await log_in(harness, "ann", "demo", "192.0.2.66")
        assert await log_in(harness, "ann", "demo", "192.0.2.1")
        harness.clock.advance(9)
        assert not await log_in(harness, "ann", "demo", "192.0.2.66")
        harness.clock.advance(1)  # six a minute is one in ten seconds
        assert await log_in(harness, "ann", "demo", "192.0.2.66")
        assert await log_in(harness, "bob", "demo", "192.0.2.66")  # right ones cost nothing

    run(scene())


def test_both_limits_can_be_switched_off() -> None:
    async def scene() -> None:
        harness = GateHarness(AccessPolicy(lockout_after=0, attempts_per_address=0))
        await guess_passwords(harness, 40)
        assert await log_in(harness, "ann", "demo", "192.0.2.66")

    run(scene())


def test_guesses_at_once_are_counted_one_by_one() -> None:
    clock = HeldClock()
    limits = Lockout(clock, after=5, seconds=30, per_minute=30)
    tried = 0
    while not limits.is_blocked("ann", "192.0.2.66"):
        limits.record_attempt("ann", "192.0.2.66")
        tried += 1
    assert tried == 5


def test_what_is_remembered_is_bounded_and_no_lock_grows_for_ever() -> None:
    clock = HeldClock()
    names: MemoryLockoutStore[NameRecord] = MemoryLockoutStore()
    addresses: MemoryLockoutStore[AddressRecord] = MemoryLockoutStore()
    limits = Lockout(clock, after=1, seconds=30, per_minute=1, names=names, addresses=addresses)
    for number in range(MAX_RECORDS + 10):
        limits.record_attempt(f"user {number}" + "x" * 1000, f"address {number}")
    assert len(names) == len(addresses) == MAX_RECORDS
    assert max(map(len, names._records)) < 100
    assert max(limits.record_attempt("ann", "192.0.2.66") for _ in range(2000)) == MAX_LOCK_SECONDS


def test_an_address_of_ipv6_counts_as_its_network() -> None:
    limits = Lockout(HeldClock(), after=0, seconds=30, per_minute=1)
    limits.record_attempt("ann", "2001:db8::1")
    assert limits.is_blocked("ann", "2001:db8::2")
    assert not limits.is_blocked("ann", "2001:db8:0:1::1")
    limits.record_attempt("ann", "no:address")
    assert limits.is_blocked("ann", "no:address")


def test_wrong_passwords_are_logged_with_the_lock_they_cause_and_never_themselves() -> None:
    async def scene() -> None:
        harness = GateHarness()
        with structlog.testing.capture_logs() as logged:
            await guess_passwords(harness, 5)
        assert [(line["user"], line["address"], line["locked_seconds"]) for line in logged] == [
            ("ann", "192.0.2.66", locked) for locked in (0, 0, 0, 0, 30)
        ]
        assert "guess" not in str(logged)

    run(scene())


def test_no_cookie_is_locked_out_by_what_comes_from_its_own_address() -> None:
    async def scene() -> None:
        harness = GateHarness(AccessPolicy(attempts_per_address=1))
        async with harness.client() as ann:
            cookie = cookie_of(await ann.get("/me"))
        await guess_passwords(harness, 2, address="192.0.2.1")
        async with harness.client(None) as browser:
            browser.headers["cookie"] = cookie
            assert (await browser.get("/me")).status_code == 200

    run(scene())


def test_credentials_in_latin_1_are_read() -> None:
    async def scene() -> None:
        harness = GateHarness()
        harness.users["jörg"] = harness.users.pop("bob")
        async with harness.client(None) as old:
            token = base64.b64encode("jörg:demo".encode("latin-1")).decode()
            answer: httpx.Response = await old.get("/me", headers={"authorization": f"Basic {token}"})
            assert answer.json()["user"] == "bob"

    run(scene())
