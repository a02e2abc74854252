"""Access numbers in the site file."""

from pathlib import Path

import pytest

from bridge.runtime.sitefile import SiteFileError
from tserver_sim.site import SimSite, read_site

SITE = """\
switches:
  - name: Switch_A
    tserver: {application: TServer_A, port: 7010}
    ids: {call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES, conn_id_base: "0071027198180000"}
    access_numbers: ["29900", "29901"]
    dns: [{number: "15000"}]
"""


def read(folder: Path, old: str = "", new: str = "") -> SimSite:
    assert old in SITE
    file = folder / "site.yaml"
    file.write_text(SITE.replace(old, new) if old else SITE)
    return read_site(file)


def test_they_are_the_switchs(tmp_path: Path) -> None:
    site = read(tmp_path)
    assert site.switch_config(site.switches[0]).access_numbers == ("29900", "29901")


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ('["29900", "29900"]', "29900 is given twice"),
        ('["15000"]', "15000 is a DN"),
        ('["x"]', "expected a string of up to 32 digits"),
    ],
)
def test_what_is_wrong_with_them(tmp_path: Path, new: str, fault: str) -> None:
    with pytest.raises(SiteFileError, match=fault):
        read(tmp_path, '["29900", "29901"]', new)
