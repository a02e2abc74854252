"""How passwords are checked: each once, few at a time, and none for ever."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bridge.api.security import passwords as logins
from bridge.api.security.policy import Access
from bridge.directory import passwords
from tests.bridge.gate.harness import House, hashed
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

    def goes_on(self) -> None:
        self._go_on.set()


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashing]:
    held = Hashing()
    monkeypatch.setattr(passwords, "verify", held.verify)
    monkeypatch.setattr(passwords, "verify_absent", held.verify_absent)
    yield held
    held.goes_on()


@contextmanager
def no_limits() -> Iterator[House]:
    yield House(Access(lockout_after=0, attempts_per_address=0))


def basic(name: str, password: str) -> bytes:
    return b"Basic " + base64.b64encode(f"{name}:{password}".encode())


async def turns() -> None:
    """Let everything that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_one_password_in_many_requests_at_once_is_checked_once(hashing: Hashing) -> None:
    async def scene() -> None:
        house = House()
        asked = [
            asyncio.create_task(house.logins.check(basic("ann", "demo"), "192.0.2.1")) for _ in range(20)
        ]
        await turns()
        asked[0].cancel()  # who asked first goes away; that is nobody else's loss
        hashing.goes_on()
        found = await asyncio.gather(*asked[1:])
        assert {user.name for user in found if user} == {"ann"}
        assert await house.logins.check(basic("ann", "demo"), "192.0.2.1")
        assert hashing.begun == 1

    run(scene())


def test_a_flood_of_passwords_takes_no_more_than_its_share_and_is_turned_away_in_the_end(
    hashing: Hashing,
) -> None:
    async def scene() -> None:
        with no_limits() as house:
            flood = [
                asyncio.create_task(house.logins.check(basic("ann", str(number)), ""))
                for number in range(logins.MAX_WAITING)
            ]
            await turns()
            async with house.client("bob") as bob:
                answer = await bob.get("/me")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json() == {
                "statusCode": 4,
                "statusMessage": "Too many log-ins at once; try again in a second",
            }
            hashing.goes_on()
            assert set(await asyncio.gather(*flood)) == {None}
            assert hashing.most <= logins.HASHED_AT_ONCE
            async with house.client("bob") as bob:
                assert (await bob.get("/me")).status_code == 200

    run(scene())


def test_a_password_that_changes_while_it_is_checked_opens_nothing(hashing: Hashing) -> None:
    async def scene() -> None:
        house = House()
        check = asyncio.create_task(house.logins.check(basic("ann", "demo"), "192.0.2.1"))
        await turns()
        house.changes(house.users["ann"], password_hash=hashed("another"))
        hashing.goes_on()
        assert await check is None

    run(scene())


def test_credentials_that_are_recognised_without_hashing_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        monkeypatch.setattr(logins, "MAX_KNOWN", 2)
        house = House()
        for header in (basic("ann", "demo"), basic("ANN", "demo"), basic("bob", "demo")):
            assert await house.logins.check(header, "192.0.2.1")
        assert len(house.logins._known) == 2
        assert not house.logins.recognises(basic("ann", "demo"), house.users["ann"])
        assert house.logins.recognises(basic("ANN", "demo"), house.users["ann"])
        assert not house.logins.recognises(basic("ANN", "demo"), house.users["bob"])

    run(scene())
