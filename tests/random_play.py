"""How many examples random tests play: few and always the same ones in `make test`, many in `make play`."""

from hypothesis import settings

USUAL_EXAMPLES = 100
"""Of a test that says nothing else, in `make test`."""

PLAYED_EXAMPLES = 4000
"""Of such a test in `make play`."""


def register_profiles() -> None:
    """Register the profiles of hypothesis, and load the one of `make test`.

    How long an example takes says something about the machine, and nothing about the code: no deadlines.
    """
    # The seed is made from the test itself, so that no run is red by chance.
    settings.register_profile(
        "repeatable", deadline=None, derandomize=True, print_blob=True, max_examples=USUAL_EXAMPLES
    )
    settings.register_profile("play", deadline=None, print_blob=True, max_examples=PLAYED_EXAMPLES)
    settings.load_profile("repeatable")


def examples(usual: int) -> int:
    """Return how many examples a test plays that plays `usual` ones in `make test`."""
    return usual * settings().max_examples // USUAL_EXAMPLES
