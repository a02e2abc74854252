"""What programs outside are built on is as it was written down; `python -m tests.golden` writes it anew."""

import pytest

from tests.golden.records import RECORDS, demo, path_of


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_as_it_was_written_down(name: str) -> None:
    assert RECORDS[name]() == path_of(name).read_text(encoding="utf-8")


def test_the_demonstration_is_the_same_on_json_lines() -> None:
    assert demo("--wire", "json") == path_of("demo.txt").read_text(encoding="utf-8")
