"""How passwords are checked: each once, few at a time, and none for ever."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2.exceptions import VerificationError

from bridge.api.security import passwords as authentication
from bridge.api.security.policy import AccessPolicy
from bridge.directory import passwords
from tests.api.security.harness import GateHarness, hashed
from tests.loop import run


class Hashing:
    """Stands in for argon2: every check waits until the test lets it go on."""

    def __init__(self) -> None:
        self.begun = 0
        self.at_once = 0
        self.most = 0
        self._go_on = threading.Event()
        self._lock = threading.Lock()

    def verify(self, _encoded: str, password: str) -> bool:
        with self._lock:
            self.begun += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self._go_on.wait(30)
        with self._lock:
            self.at_once -= 1
        return password == "demo"

    def verify_absent(self, password: str) -> bool:
        self.verify("", password)
        return False

    def resume(self) -> None:
        self._go_on.set()


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashing]:
    held = Hashing()
    monkeypatch.setattr(passwords, "verify", held.verify)
    monkeypatch.setattr(passwords, "verify_absent", held.verify_absent)
    yield held
    held.resume()


@contextmanager
def no_limits() -> Iterator[GateHarness]:
    yield GateHarness(AccessPolicy(lockout_after=0, attempts_per_address=0))


def basic(name: str, password: str) -> bytes:
    return b"Basic " + base64.b64encode(f"{name}:{password}".encode())


async def run_pending_callbacks() -> None:
    """Let everything that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_one_password_in_many_requests_at_once_is_checked_once(hashing: Hashing) -> None:
    async def scene() -> None:
        harness = GateHarness()
        asked = [
            asyncio.create_task(harness.authenticator.check(basic("ann", "demo"), "192.0.2.1"))
            for _ in range(20)
        ]
        await run_pending_callbacks()
        asked[0].cancel()  # who asked first goes away; that is nobody else's loss
        hashing.resume()
        found = await asyncio.gather(*asked[1:])
        assert {user.name for user in found if user} == {"ann"}
        assert await harness.authenticator.check(basic("ann", "demo"), "192.0.2.1")
        assert hashing.begun == 1

    run(scene())


def test_a_flood_of_passwords_takes_no_more_than_its_share_and_is_turned_away_in_the_end(
    hashing: Hashing,
) -> None:
    async def scene() -> None:
        with no_limits() as harness:
            flood = [
                asyncio.create_task(harness.authenticator.check(basic("ann", str(number)), ""))
                for number in range(authentication.MAX_PENDING_CHECKS)
            ]
            await run_pending_callbacks()
            async with harness.client("bob") as bob:
                answer = await bob.get("/me")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json() == {
                "statusCode": 4,
                "statusMessage": "Too many log-ins at once; try again in a second",
            }
            hashing.resume()
            assert set(await asyncio.gather(*flood)) == {None}
            assert hashing.most <= authentication.MAX_CONCURRENT_HASHES
            async with harness.client("bob") as bob:
                assert (await bob.get("/me")).status_code == 200

    run(scene())


def test_a_password_that_changes_while_it_is_checked_opens_nothing(hashing: Hashing) -> None:
    async def scene() -> None:
        harness = GateHarness()
        check = asyncio.create_task(harness.authenticator.check(basic("ann", "demo"), "192.0.2.1"))
        await run_pending_callbacks()
        harness.changes(harness.users["ann"], password_hash=hashed("another"))
        hashing.resume()
        assert await check is None

    run(scene())


def test_credentials_that_are_recognised_without_hashing_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        monkeypatch.setattr(authentication, "MAX_VERIFIED", 2)
        harness = GateHarness()
        for header in (basic("ann", "demo"), basic("ANN", "demo"), basic("bob", "demo")):
            assert await harness.authenticator.check(header, "192.0.2.1")
        assert len(harness.authenticator._verified) == 2
        assert not harness.authenticator.is_verified(basic("ann", "demo"), harness.users["ann"])
        assert harness.authenticator.is_verified(basic("ANN", "demo"), harness.users["ann"])
        assert not harness.authenticator.is_verified(basic("ANN", "demo"), harness.users["bob"])

    run(scene())


def test_a_password_that_cannot_be_hashed_is_not_a_wrong_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        harness = GateHarness(AccessPolicy(lockout_after=2, attempts_per_address=2))
        async with harness.client() as ann:

            def fail(_encoded: str, _password: str) -> bool:
                raise passwords.HashingFailedError("Memory allocation error")

            with monkeypatch.context() as failing:
                failing.setattr(passwords, "verify", fail)
                for _ in range(5):
                    answer = await ann.get("/me")
                    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
                    text = "The password could not be checked; try again in a second"
                    assert answer.json() == {"statusCode": 4, "statusMessage": text}
            assert (await ann.get("/me")).status_code == 200

    run(scene())


def test_a_failing_hash_is_told_apart_from_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hasher:
        def verify(self, _encoded: str, _password: bytes) -> bool:
            raise VerificationError("Memory allocation error")

    monkeypatch.setattr(passwords, "_HASHER", Hasher())
    with pytest.raises(passwords.HashingFailedError, match="Memory allocation error"):
        passwords.verify(hashed("demo"), "demo")
