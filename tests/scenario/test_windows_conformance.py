# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit for people with real machines, against the lab: every assumption that reading can show holds, and no name is in its files."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.reply import read_reply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.assumptions import ASSUMPTIONS
from key_gate import find_leaks
from project import ROOT
from stale import stale_values

from .documented import task_complaints
from .harness import FQCN, Lab, Results
from .interrupt import cut

ESTATE = "conformance.yml"
BOOK = f"{FQCN}.windows_conformance"
UNSEEN = {each.id for each in ASSUMPTIONS if each.check is None}
BY_A_CHANGE = {each.id for each in ASSUMPTIONS if each.check and each.how}
RECORDED = {"W-017", "W-021"}
"""W-017 has no wrong truth, and W-021 needs a person who compares two machines."""
TOO_FAST = {"W-015"}
"""An activation of the lab ends at once, see tests/hostile."""


@dataclass(frozen=True)
class Kit:
    run: Results
    folder: Path

    @property
    def machines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((self.folder / "conformance.json").read_text(encoding="utf-8"))["machines"]
        return found


@pytest.fixture(scope="module")
def kit(lab: Lab) -> Kit:
    folder = lab.folder / "kit"
    return Kit(lab.run(BOOK, {"windows_conformance_folder": str(folder), **stale_values()}), folder)


@pytest.mark.quick
def test_no_machine_of_the_lab_contradicts_an_assumption(kit: Kit) -> None:
    assert len(kit.machines) == len(kit.run) == 11
    wrong = {
        (each["name"], one["id"], one["seen"]) for each in kit.machines for one in each["assumptions"] if one["verdict"] == "does_not_hold"
    }
    assert wrong == set()


def test_each_assumption_that_reading_can_show_is_seen_on_a_machine(kit: Kit) -> None:
    seen = {one["id"] for each in kit.machines for one in each["assumptions"] if one["verdict"] == "holds"}
    assert {each.id for each in ASSUMPTIONS} - seen == UNSEEN | BY_A_CHANGE | RECORDED
    recorded = {one["id"] for each in kit.machines for one in each["assumptions"] if one["verdict"] == "recorded"}
    assert recorded == RECORDED


def test_what_only_a_change_shows_is_seen_on_machines_that_are_made_for_it(kit: Kit, lab: Lab) -> None:
    folder, names = lab.folder / "changed", lab.names("changed")
    before = {name: lasting(lab, name) for name in names}
    variables = changing(names, folder)
    assert kit.machines
    run = lab.run(BOOK, variables)
    found = Kit(run, folder)
    assert "Machines that were changed and are as before: 3." in run.output
    assert "3 of 3 machines were read." in run.output
    assert run.output.count("windows_conformance will activate Windows once with the GVLK ending in") == 3
    seen = {one["id"] for each in found.machines for one in each["assumptions"] if one["verdict"] == "holds"}
    assert BY_A_CHANGE - seen == TOO_FAST
    assert {one["verdict"] for each in found.machines for one in each["assumptions"]} == {"holds", "recorded", "not_visible"}
    assert {name: lasting(lab, name) for name in names} == before
    assert not list((folder / "restore").glob("*"))
    assert all(each["steps"] for each in found.machines)
    check_no_secret(lab, folder)
    for path in (folder / "exchanges").glob("*/*-change_*-response.xml"):
        assert read_reply(path.read_bytes()).relates_to, path
    assert len(list((folder / "exchanges").glob("*/*-change_activation-request.xml"))) >= 3


def changing(names: list[str], folder: Path) -> dict[str, Any]:
    """The variables of a run that may change these machines."""
    return {
        "windows_conformance_hosts": ":".join(names),
        "windows_conformance_folder": str(folder),
        "windows_conformance_allow_changes": True,
        "windows_conformance_computer_names": [name.upper() for name in names],
    }


def lasting(lab: Lab, name: str) -> Any:
    found = lab.client.machine(name)
    products = [
        (each["settings"], each["properties"]["PartialProductKey"], each["properties"]["LicenseStatus"]) for each in found["products"]
    ]
    return found["service"], products, {key: each for key, each in found["registry"].items() if each}, found["firewall"]


def test_check_mode_shows_each_change_and_makes_none(lab: Lab) -> None:
    before, folder = lasting(lab, "w10"), lab.folder / "predicted"
    variables = changing(["w10"], folder)
    run = lab.run(BOOK, variables, options=("--check",))
    assert "would set the KMS host to winops-conformance.invalid" in run.output
    assert "would activate Windows once" in run.output
    assert (run.writes("w10"), lasting(lab, "w10"), folder.exists()) == (0, before, False)


def test_a_run_that_leaves_a_machine_changed_fails_with_the_commands_and_the_next_one_restores_it(lab: Lab) -> None:
    folder, before = lab.folder / "left", lasting(lab, "w10")
    variables = changing(["w10"], folder)
    lab.client.set_fault("w10", "wmi_fault", method="ClearKeyManagementServiceMachine", hresult=0x80070005)
    try:
        run = lab.run(BOOK, variables, expected_warnings=("Could not clear the KMS host",))
    finally:
        lab.client.clear_faults()
    assert run.run.exit_code != 0
    assert "1 of 1 machines are not as before." in run.output
    assert "slmgr.vbs /ckms" in run.output
    assert "1 of 1 machines were read." in run.output
    assert [path.name for path in (folder / "restore").iterdir()] == ["w10.json"]
    again = lab.run(BOOK, variables)
    assert again.run.exit_code == 0
    assert lasting(lab, "w10") == before
    assert list((folder / "restore").iterdir()) == []


def test_a_run_that_was_killed_is_made_up_for_by_the_next_one(lab: Lab) -> None:
    folder, before = lab.folder / "killed", lasting(lab, "w10")
    variables = changing(["w10"], folder)
    lab.client.set_fault("w10", "delay", method="SetKeyManagementServicePort", milliseconds=120_000)
    try:
        cut(lab, "kms-host", [(BOOK, variables)], lambda: lasting(lab, "w10") != before and "invalid" in str(lasting(lab, "w10")[0]))
    finally:
        lab.client.clear_faults()
    (record,) = (folder / "restore").glob("*.json")
    left = json.loads(record.read_text(encoding="utf-8"))["left"]
    assert [each["kind"] for each in left] == ["kms_host"]
    assert left[0]["by_hand"].endswith("slmgr.vbs /ckms")
    assert "winops-conformance.invalid" in str(lasting(lab, "w10")[0])
    run = lab.run(BOOK, variables)
    assert "will first restore what an earlier run left (1 changes)" in run.output
    assert run.run.exit_code == 0
    assert lasting(lab, "w10") == before
    assert list((folder / "restore").glob("*.json")) == []


def test_without_named_computers_no_machine_is_asked(lab: Lab) -> None:
    folder = lab.folder / "unnamed"
    run = lab.run(BOOK, {"windows_conformance_folder": str(folder), "windows_conformance_allow_changes": True})
    assert "computer_names is required with allow_changes: true" in run.output
    assert sum(cost["requests"] for cost in run.costs.values()) == 0


def test_every_read_was_answered_and_every_impossible_read_refused(kit: Kit) -> None:
    for machine in kit.machines:
        refused = {each["name"] for each in machine["questions"] if each["fault_expected"]}
        failed = {each["name"]: each["error_text"] for each in machine["questions"] if each["error_text"]}
        assert refused <= set(failed), machine["name"]
        assert {name for name in failed if name not in refused} <= {"office_service", "office_products"}, failed


def test_nothing_is_written_on_a_machine_and_the_number_of_requests_is_bounded(kit: Kit, lab: Lab) -> None:
    for name in lab.client.counters():
        if name in kit.run:
            cost = kit.run.costs[name]
            assert cost["writes"] == cost["shells"] == 0
            assert 30 <= cost["requests"] <= 80


def test_no_name_address_identity_or_key_of_the_lab_is_in_any_file(kit: Kit, lab: Lab) -> None:
    assert len(check_no_secret(lab, kit.folder)) > 11 * 30


def check_no_secret(lab: Lab, folder: Path) -> dict[Path, str]:
    """Fail if a name, an identity, or a key is in a file. Return the files with their texts."""
    files = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}
    private: set[str] = {"LabAdmin", "conf.lab"}
    for machine in lab.client.machines():
        private |= {machine["name"], machine["address"]}
        for product in lab.client.machine(machine["name"])["products"]:
            properties = product["properties"]
            private |= {properties[name] for name in ("PartialProductKey", "ProductKeyID", "OfflineInstallationId") if properties.get(name)}
    found = {
        (secret, path.name)
        for path, text in files.items()
        for secret in private
        if re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", text, re.IGNORECASE)
    }
    assert found == set()
    assert [leak for path, text in files.items() for leak in find_leaks(text, str(path))] == []
    return files


def test_the_exchanges_are_responses_that_the_client_reads_and_names_are_equal_in_all_files(kit: Kit) -> None:
    names = {each["name"] for each in kit.machines}
    folders = {path.name for path in (kit.folder / "exchanges").iterdir()}
    assert folders == names
    for path in (kit.folder / "exchanges").glob("*/*-response.xml"):
        assert read_reply(path.read_bytes()).relates_to, path


def test_the_page_has_every_machine_and_every_assumption(kit: Kit) -> None:
    page = (kit.folder / "conformance.html").read_text(encoding="utf-8")
    for machine in kit.machines:
        assert f"<h2>{machine['name']}</h2>" in page
    for assumption in ASSUMPTIONS:
        assert page.count(f"<td>{assumption.id}</td>") == len(kit.machines)


def test_the_module_has_the_documented_result_and_writes_nothing_in_check_mode(lab: Lab, tmp_path: Path) -> None:
    results = lab.all("windows_conformance", ("w10",), {"keywords": {"check_mode": True}}, exchange_path=str(tmp_path / "none"))
    assert task_complaints("windows_conformance", results["w10"]) == []
    assert results["w10"]["exchange_path"] is None
    assert not (tmp_path / "none").exists()


def test_a_machine_that_does_not_respond_does_not_stop_the_others(lab: Lab) -> None:
    folder = lab.folder / "one-off"
    lab.client.set_fault("w11", "refuse_connections")
    try:
        run = lab.run(BOOK, {"windows_conformance_hosts": "w10:w11", "windows_conformance_folder": str(folder)})
    finally:
        lab.client.clear_faults()
    assert "1 of 2 machines were read." in run.output
    assert len(Kit(run, folder).machines) == 1


def test_a_relative_folder_is_one_of_the_user_and_not_of_the_playbook(lab: Lab) -> None:
    # ansible-playbook runs in the checkout in all scenarios.
    folder = Path("build") / f"{lab.folder.parent.name}-{lab.folder.name}"
    try:
        run = lab.run(BOOK, {"windows_conformance_hosts": "w10", "windows_conformance_folder": str(folder)})
        assert f"Page: {ROOT / folder}/conformance.html" in run.output
        assert sorted(path.name for path in (ROOT / folder).iterdir()) == ["conformance.html", "conformance.json", "exchanges"]
    finally:
        shutil.rmtree(ROOT / folder, ignore_errors=True)


def test_without_a_folder_no_machine_is_asked(lab: Lab) -> None:
    run = lab.run(BOOK)
    assert "windows_conformance_folder must be a folder" in run.output
    assert sum(cost["requests"] for cost in run.costs.values()) == 0
