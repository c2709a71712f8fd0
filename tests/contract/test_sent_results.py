# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people sent from real machines stays true: the client reads their responses today as on the day when they were recorded.

tests/contract/sent has a folder for each result, made by tools/sent_result.py. Until the first one arrives, the lab is the sender.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import pywinrm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.assumptions import ASSUMPTIONS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.kit import examine
from sent_result import SENT, disagreements, evidence, import_result, read_result

from .lab_types import Lab
from .sent_exchanges import SentExchanges

winrm_protocol = pytest.importorskip("winrm.protocol")

MACHINES = ("OLD", "NEW")
BY_A_CHANGE = {"W-016", *(each.id for each in ASSUMPTIONS if each.check and each.how)}
"""Assumptions whose verdict can come from a change, which is not replayed."""
Result = Mapping[str, Any]


def outline(result: Result) -> tuple[dict[str, str], dict[str, str | None]]:
    """The verdict of each assumption and the code of each read, without what differs between two runs, and what only a change shows."""
    return (
        {each["id"]: each["verdict"] for each in result["assumptions"] if each["id"] not in BY_A_CHANGE},
        {each["name"]: each["code"] for each in result["questions"] if not each["name"].startswith("change_")},
    )


def replayed(folder: Path, result: Result) -> dict[str, Any]:
    transport = SentExchanges(folder, encrypted=result["encrypted"])
    found = examine(Session(transport), result["name"], 600, None, "any", time.monotonic)
    assert transport.left == []
    return found


@pytest.fixture(scope="module")
def from_lab(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a user of the lab would send it."""
    folder = tmp_path_factory.mktemp("sent")
    exchanges = folder / "kit" / "exchanges"
    exchanges.mkdir(parents=True)
    machines = []
    for name in MACHINES:
        host = lab[1][name]
        endpoint = f"http://{host['ansible_host']}:5985/wsman"
        session = Session(
            pywinrm.PywinrmTransport(winrm_protocol.Protocol(endpoint, "basic", host["ansible_user"], host["ansible_password"]))
        )
        machines.append(examine(session, name, 60, exchanges, "key", time.monotonic)["shareable"])
        session.close()
    (folder / "kit" / "conformance.json").write_text(json.dumps({"schema": 1, "machines": machines}), encoding="utf-8")
    return folder / "kit"


def test_a_sent_folder_becomes_a_fixture_that_replays_to_the_same_verdicts(from_lab: Path, tmp_path: Path) -> None:
    imported = import_result(from_lab, tmp_path / "fixture")
    assert len(imported) == len(MACHINES)
    for result in read_result(tmp_path / "fixture"):
        assert outline(replayed(tmp_path / "fixture" / result["name"], result)) == outline(result)


def test_the_verdicts_that_differ_from_those_of_the_lab_are_named(from_lab: Path) -> None:
    lab = read_result(from_lab)
    assert disagreements(lab, lab) == []
    first, other = dict(lab[0]), dict(lab[1])
    other["assumptions"] = [{**each, "verdict": "does_not_hold"} if each["id"] == "W-004" else each for each in first["assumptions"]]
    assert [each.partition(":")[0] for each in disagreements([other], [first])] == ["W-004"]


def test_the_guide_names_the_versions_of_windows_that_were_seen(from_lab: Path, tmp_path: Path) -> None:
    import_result(from_lab, tmp_path / "issue-1")
    seen = evidence(tmp_path)
    versions = {machine["machine"]["version"] for machine in read_result(from_lab)}
    assert set(seen["W-001"]) == {f"holds on {version}" for version in versions}
    assert "W-014" not in seen
    assert evidence(tmp_path / "nothing") == {}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda kit: (kit / "conformance.json").write_text("{", encoding="utf-8"), "is not a result"),
        (lambda kit: (kit / "conformance.json").write_text('{"schema": 9, "machines": []}', encoding="utf-8"), "schema"),
        (lambda kit: (kit / "conformance.json").unlink(), "has no conformance.json"),
        (lambda kit: next((kit / "exchanges").glob("*/*-response.xml")).write_text("MMMMM-KKKKK-MMMMM-22222-66666"), "full product key"),
    ],
    ids=["no JSON", "another schema", "no file", "a key"],
)
def test_a_folder_that_is_no_result_or_holds_a_key_is_refused_and_nothing_is_copied(
    from_lab: Path, tmp_path: Path, spoil: Any, words: str
) -> None:
    kit = tmp_path / "kit"
    shutil.copytree(from_lab, kit)
    spoil(kit)
    with pytest.raises(ValueError, match=words):
        import_result(kit, tmp_path / "fixture")
    assert not (tmp_path / "fixture").exists()


@pytest.mark.parametrize("fixture", sorted(SENT.glob("*/conformance.json")), ids=lambda path: path.parent.name)
def test_what_was_sent_reads_as_on_the_day_it_was_recorded(fixture: Path) -> None:
    for result in read_result(fixture.parent):
        assert outline(replayed(fixture.parent / result["name"], result)) == outline(result)
