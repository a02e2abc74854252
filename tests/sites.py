"""Site files for tests."""

import functools
import re
import tempfile
from pathlib import Path

import argon2

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "deploy" / "sites" / "demo.yaml"


@functools.cache
def _quick_hash() -> str:
    """Hash the demo password with next to no work: tests log in often."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("demo")


def demo_site(folder: Path, *, changes: dict[str, str] | None = None) -> Path:
    """Write the demo site with a hash that is quick to check, and with these texts replaced."""
    text = re.sub(r"\$argon2id\$[^\s\"']+", lambda _: _quick_hash(), DEMO.read_text(encoding="utf-8"))
    for old, new in (changes or {}).items():
        assert old in text, f"the demo site has no {old!r}"
        text = text.replace(old, new)
    file = folder / "site.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@functools.cache
def quick_demo_site() -> Path:
    """Write the demo site once for a test process."""
    folder = tempfile.mkdtemp(prefix="site-")
    return demo_site(Path(folder))
