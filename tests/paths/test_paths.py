"""How often a reader of either way through the bridge must change the file: at most 24 times."""

import re
import subprocess
import sys

from tests.sites import ROOT

MAX_SWITCHES = 24


def test_a_reader_of_either_way_changes_the_file_at_most_so_often() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.paths"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    switches = [int(count) for count in re.findall(r"(\d+) switches of file", done.stdout)]
    assert len(switches) == 2, done.stdout
    assert max(switches) <= MAX_SWITCHES, done.stdout
