"""Writes down what clients are promised: `python -m tests.golden`.

Read the difference before it is committed: whatever is in these files, programs outside are built on.
"""

from tests.golden.records import RECORDS, path_of

for name, record in RECORDS.items():
    path_of(name).write_text(record(), encoding="utf-8")
