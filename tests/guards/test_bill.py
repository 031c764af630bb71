"""The bill of materials names every package that is locked, with its version and hashes, and none that is not."""

from __future__ import annotations

import json
import re
from importlib.metadata import distribution, requires

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import ComponentScope
from packaging.requirements import Requirement

from tools import bill
from tools.paths import LOCKS, ROOT


def named(kind: str, made: Bom) -> set[tuple[str, str]]:
    return {(bill.called(one), one.version) for one in made.components if one.purl.type == kind}


def test_every_locked_package_is_in_the_bill_with_its_version_and_a_hash() -> None:
    made = bill.bill()
    lock = (LOCKS / "app.txt").read_text(encoding="utf-8")
    assert named("pypi", made) == set(re.findall(r"^([a-z0-9.-]+)(?:\[.*\])?==([^ ;\\]+)", lock, re.MULTILINE))
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert named("npm", made) == {(path.rsplit("node_modules/")[-1], one["version"]) for path, one in packages.items() if path}
    assert all(one.hashes for one in made.components)
    assert sum(len(one.hashes) for one in made.components if one.purl.type == "pypi") == lock.count("--hash=sha256:")


def test_everything_that_the_application_asks_for_is_in_the_bill_as_it_is_installed() -> None:
    known = named("pypi", bill.bill())
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    wanted = re.search(r"install_requires =\n((?:    .*\n)+)", text)[1].split("\n")
    names = [bill.plain(line) for line in wanted if line.strip()]
    assert len(names) > 25
    for name in names:
        installed = distribution(name)
        assert (name, installed.version) in known
        for further in requires(name) or []:
            one = Requirement(further)
            if one.marker is None or one.marker.evaluate({"extra": ""}):
                assert bill.plain(one.name) in {name for name, _ in known}, f"{name} needs {one.name}"


def test_the_bill_is_read_by_the_programs_that_read_such_bills(tmp_path) -> None:
    assert bill.main(str(tmp_path / "bill.json")) == 0
    written = json.loads((tmp_path / "bill.json").read_text(encoding="utf-8"))
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    assert written["serialNumber"] == bill.bill().get_urn_uuid()
    back = Bom.from_json(written)  # type: ignore[attr-defined]
    assert named("npm", back) == named("npm", bill.bill())
    tests_only = {one.name for one in back.components if one.scope is ComponentScope.EXCLUDED}
    assert {"chromium", "axe-core"} <= tests_only
    assert "leaflet" not in tests_only
