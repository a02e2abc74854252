"""`python -m bridge.link` prints the states of a link, as they stand in the README."""

from bridge.link.machine import drawn

print(drawn())  # noqa: T201 (the result)
