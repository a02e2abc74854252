import re
from pathlib import Path

import pytest

from bridge.directory.directory import Directory
from bridge.runtime.sitefile import SiteFileError

ROOT = Path(__file__).parents[2]
README = (ROOT / "bridge" / "directory" / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    (example,) = EXAMPLES

    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own document


def test_the_report_is_what_it_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site = Path("deploy/sites/demo.yaml")
    spoilt = (ROOT / site).read_text("utf-8").replace('"25003"}', "25003}").replace(" users: #", " user: #")
    monkeypatch.chdir(tmp_path)
    site.parent.mkdir(parents=True)
    site.write_text(spoilt, "utf-8")

    with pytest.raises(SiteFileError) as caught:
        Directory.load(site)

    assert f"```\n{caught.value}\n```" in README
