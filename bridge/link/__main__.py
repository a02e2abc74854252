"""`python -m bridge.link` prints the states of a link, as they stand in the README."""

from bridge.link.core.connection_states import table_markdown

print(table_markdown())  # noqa: T201 (the result)
