"""Random play: requests of every kind, legal and illegal, from several clients; what must hold after each."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.tserver_sim.play.game import Game
from tserver_sim.switch.config.profile import PROFILES

SEED = st.integers(0, 2**32)


class RandomCalls(RuleBasedStateMachine):
    """The game looks at everything after each stimulus; see `tests/tserver_sim/play`."""

    @initialize(profile=st.sampled_from(tuple(PROFILES)), seed=st.integers(0, 3))
    def open(self, profile: str, seed: int) -> None:
        self.game = Game(profile, seed)

    @rule(seeds=st.lists(SEED, min_size=1, max_size=6))
    def clients_ask(self, seeds: list[int]) -> None:
        for seed in seeds:
            self.game.ask(Random(seed))  # noqa: S311 (of hypothesis's choosing)

    @rule(seed=SEED)
    def somebody_acts(self, seed: int) -> None:
        self.game.act(Random(seed))  # noqa: S311

    @rule(seed=SEED)
    def time_passes(self, seed: int) -> None:
        self.game.wait(Random(seed))  # noqa: S311

    @rule(seed=SEED)
    def a_client_goes_and_comes(self, seed: int) -> None:
        self.game.change_clients(Random(seed))  # noqa: S311

    def teardown(self) -> None:
        if hasattr(self, "game"):
            self.game.finish()


TestRandomCalls = RandomCalls.TestCase
TestRandomCalls.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
