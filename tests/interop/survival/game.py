"""The game: calls are in progress, something is killed or cut, and in the end everybody must agree."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from tests.interop.survival.proxy import Proxy
from tests.interop.survival.world import World, world

DNS = [str(number) for number in range(15000, 15016)]
ROUND = 4
"""How many users act at the same time."""


@dataclass
class Score:
    """What has happened."""

    faults: Counter[str] = field(default_factory=Counter)
    calls_seen: int = 0
    """Calls in progress when the views were compared, over all points."""
    notifications: int = 0
    duplicates: int = 0

    def __str__(self) -> str:
        faults = ", ".join(f"{count} x {fault}" for fault, count in sorted(self.faults.items()))
        return (
            f"{self.faults.total()} points: {faults}\n"
            f"{self.calls_seen} calls in progress at the comparisons, all views equal\n"
            f"{self.notifications} notifications, {self.duplicates} of them told what had been told"
        )


Fault: TypeAlias = Callable[[World, dict[str, Proxy], str], None]
"""Strikes, given the world, one bridge's network and who leads."""


def _kill_leader(built: World, _network: dict[str, Proxy], leader: str) -> None:
    built.members[leader].kill()


def _kill_follower(built: World, _network: dict[str, Proxy], leader: str) -> None:
    for name, member in built.members.items():
        if name != leader:
            member.kill()


def _cut(_built: World, network: dict[str, Proxy], leader: str) -> None:
    network[leader].cut()


def _cut_both(_built: World, network: dict[str, Proxy], _leader: str) -> None:
    for proxy in network.values():
        proxy.cut()


def _freeze(_built: World, network: dict[str, Proxy], leader: str) -> None:
    network[leader].freeze()


def _freeze_both(_built: World, network: dict[str, Proxy], _leader: str) -> None:
    for proxy in network.values():
        proxy.freeze()


FAULTS: Mapping[str, Fault] = {
    "kill the primary": _kill_leader,
    "kill the backup": _kill_follower,
    "cut a bridge off the primary": _cut,
    "cut a bridge off both": _cut_both,
    "half-open to the primary": _freeze,
    "half-open to both": _freeze_both,
}
UNNOTICED = frozenset({_freeze, _freeze_both})
"""Faults that a bridge only notices by its keep-alive: half of the time they last until it has."""


async def play(folder: Path, seed: int, points: int, report: Callable[[str], None]) -> Score:
    """Play so many points.

    Raises:
        AssertionError: after a point somebody saw something else than the others.

    """
    chance = random.Random(seed)
    score = Score()
    async with world(folder, chance, DNS) as built:
        for point in range(points):
            fault = list(FAULTS)[point % len(FAULTS)]
            await _point(built, FAULTS[fault], chance)
            score.faults[fault] += 1
            calls = await built.agree()
            score.calls_seen += calls
            score.notifications = sum(desktop.replay.received for desktop in built.desktops)
            score.duplicates = sum(len(desktop.replay.duplicates) for desktop in built.desktops)
            report(f"{point + 1:4} {fault}: {calls} calls, {score.notifications} notifications")
            duplicates = [message for desktop in built.desktops for message in desktop.replay.duplicates]
            assert not duplicates, duplicates
    return score


async def _point(built: World, fault: Fault, chance: random.Random) -> None:
    leader = await built.leader()
    assert leader is not None
    struck = asyncio.Event()
    which = chance.randrange(len(built.networks))

    def strike() -> None:
        fault(built, built.networks[which], leader.name)
        struck.set()

    chance.choice(built.networks)[leader.name].trip(chance.randrange(20, 200), strike)
    while not struck.is_set():
        await _round(built, chance)
    if fault in UNNOTICED and chance.random() < 0.5:
        while await built.is_ready(built.bridges[which]):
            await _round(built, chance)
    for _ in range(chance.randrange(3)):
        await _round(built, chance)
    await built.heal()


async def _round(built: World, chance: random.Random) -> None:
    """Let some users and the application act at once."""
    actors = chance.sample(built.desktops, ROUND)
    built.application.act(await built.calls())
    await asyncio.gather(*(desktop.act() for desktop in actors))
