# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""16 machines without internet access get Extended Security Updates through a file, and the MAK of Windows is not spent once."""

from __future__ import annotations

import csv
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from key_gate import assert_no_keys

from .harness import FQCN, Lab, Results
from .proxy_by_hand import collect, count, deposit, failed, report_of, statuses, table

pytestmark = pytest.mark.slow

ESTATE = "esu_offline.yml"
KEY = "MMMMM-KKKKK-MMMMM-YWX33-TTWY3"
ID = "1043add5-23b1-4afb-9a0f-64343c8f3f8d"
FIRST_KEY, FIRST_ID, FIRST = "MMMMM-KKKKK-MMMMM-YWX22-TTWY2", "f520e45e-7413-4a34-a497-d2765967d094", "windows_10_year_1"
PROGRAMME = "windows_10_year_2"
ENDED = "year 1 (windows_10_year_1) ended on 2026-10-13"


def products(lab: Lab, name: str, identity: str = ID) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Windows itself and the add-on as the lab knows them; the add-on is None without a key."""
    found = lab.client.machine(name)["products"]
    (windows,) = [product for product in found if not product["properties"]["LicenseIsAddon"]]
    return windows, next((product for product in found if product["properties"]["ID"] == identity), None)


def by_telephone(lab: Lab, warnings: tuple[str, ...], **changes: Any) -> Results:
    """The playbook for all machines; the key and the answers are in a file of variables."""
    vault = lab.folder / "telephone.yml"
    vault.write_text(yaml.safe_dump({"esu_product_key": FIRST_KEY, **changes}), encoding="utf-8")
    variables = {"activate_esu_hosts": "plant", "esu_programme": FIRST, "esu_activation_method": "telephone"}
    return lab.run(f"{FQCN}.activate_esu", variables, options=("--extra-vars", f"@{vault}"), expected_warnings=warnings)


def report_rows(results: Results) -> dict[str, dict[str, Any]]:
    facts = [result["ansible_facts"] for task in results.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    (found,) = (fact["esu_report"] for fact in facts if "esu_report" in fact)
    return {row["machine"]: row for row in found["rows"]}


@dataclass(frozen=True)
class Plant:
    """What each Windows was before, the file, and the three runs."""

    before: Mapping[str, dict[str, Any]]
    file: Path
    collected: Results
    deposited: Results
    again: Results


@pytest.fixture(scope="module")
def plant(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    file = tmp_path_factory.mktemp("plant") / "esu.csv"
    names = lab.names("plant")
    before = {name: products(lab, name)[0] for name in names}
    collected = collect(lab, "plant", file, KEY, proxy_activation_esu=PROGRAMME)
    rows = table(file)
    for row in rows:
        row["confirmation_id"] = lab.client.phone(row["installation_id"])
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    deposited = deposit(lab, "plant", file)
    return Plant(before, file, collected, deposited, deposit(lab, "plant", file, proxy_activation_esu=PROGRAMME))


def test_all_machines_are_in_the_file_with_the_installation_id_of_the_addon(lab: Lab, plant: Plant) -> None:
    rows = {row["machine"]: row for row in table(plant.file)}
    assert sorted(rows) == sorted(lab.names("plant"))
    assert len(rows) == 16
    for name, row in rows.items():
        windows, addon = products(lab, name)
        assert addon is not None
        assert row["installation_id"].replace("-", "") == addon["properties"]["OfflineInstallationId"]
        assert row["installation_id"].replace("-", "") != windows["properties"]["OfflineInstallationId"]
        assert (row["activation_id"], row["partial_product_key"]) == (ID, KEY[-5:])


def test_the_collection_refuses_nobody_and_spends_nothing(plant: Plant) -> None:
    assert (count(plant.collected), failed(plant.collected)) == ({"waiting": 16}, set())
    assert not any(plant.collected.calls(name, "Activate") for name in plant.before)


@pytest.mark.smoke
def test_every_license_is_activated_and_no_windows_is_touched(lab: Lab, plant: Plant) -> None:
    assert (count(plant.deposited), failed(plant.deposited)) == ({"activated": 16}, set())
    for name, former in plant.before.items():
        windows, addon = products(lab, name)
        assert addon is not None
        assert (addon["properties"]["LicenseStatus"], addon["activations_used"]) == (1, 16)
        assert windows == former


def test_a_second_deposit_finds_nothing_to_do(plant: Plant) -> None:
    assert set(statuses(plant.again).values()) == {"already_licensed"}
    assert not any(plant.again.writes(name) for name in plant.before)


def test_no_file_and_no_line_has_a_key(plant: Plant) -> None:
    assert stat.S_IMODE(plant.file.stat().st_mode) == 0o600
    for text in (plant.file.read_text(encoding="utf-8"), plant.collected.output, plant.deposited.output):
        assert_no_keys(text)


def test_the_telephone_is_told_all_right_installation_ids_and_every_windows_stays(lab: Lab, plant: Plant) -> None:
    """The other year of the same machines: each license has an installation ID of its own."""
    first = report_rows(by_telephone(lab, (ENDED, "Get the confirmation ID from the activation center")))
    assert {row["status"] for row in first.values()} == {"waiting"}
    for name, row in first.items():
        _windows, addon = products(lab, name, FIRST_ID)
        assert addon is not None
        assert row["installation_id"] == addon["properties"]["OfflineInstallationId"]
    assert len({row["installation_id"] for row in first.values()}) == 16
    answers = {name: lab.client.phone(row["installation_id"]) for name, row in first.items()}
    second = by_telephone(lab, (ENDED,), answers=answers, esu_confirmation_id="{{ answers[inventory_hostname] }}")
    assert {row["status"] for row in report_rows(second).values()} == {"activated"}
    for name, former in plant.before.items():
        windows, addon = products(lab, name, FIRST_ID)
        assert addon is not None
        assert (addon["properties"]["LicenseStatus"], windows) == (1, former)


def test_a_machine_that_was_installed_anew_gets_its_confirmation_id_beside_windows_again(lab: Lab, plant: Plant) -> None:
    """Windows itself comes first, then the record of the add-on by the name of the machine."""
    name = "KMS-04"
    lab.client.rebuild(name)
    lab.client.install_update(name, "KB5046613")
    early = deposit(lab, name, plant.file, KEY)
    assert "windows_not_activated" in early.output
    activated = lab.all("kms_client", [name], kms_host="KMS01.plant.example")
    assert activated[name]["activation"]["outcome"] == "activated"
    assert statuses(deposit(lab, name, plant.file, KEY))[name] == "activated"


def test_a_key_of_windows_touches_one_machine_of_twelve_and_the_right_key_then_reaches_all(lab: Lab, tmp_path: Path) -> None:
    """In two batches. Windows shows only after the installation what a key is for, and cannot give an OEM key back."""
    names, wrong, file = lab.names("mixed"), "MMMMM-KKKKK-MMMMM-MKC22-TTWX3", tmp_path / "mixed.csv"
    before = {name: products(lab, name)[0] for name in names}
    options = {"proxy_activation_esu": PROGRAMME, "proxy_activation_serial": 8, "proxy_activation_max_fail_percentage": 100}
    forecast = collect(lab, "mixed", file, wrong, options=("--check",), **options)
    assert (set(statuses(forecast).values()), sum(map(forecast.writes, names))) == ({"planned"}, 0)
    mixed_up = collect(lab, "mixed", file, wrong, warnings=("lost the activation",), **options)
    touched = [name for name in names if products(lab, name)[0] != before[name]]
    assert touched == [name for name in names if mixed_up.writes(name)] == ["MIXED-01"]
    assert (count(mixed_up), failed(mixed_up)) == ({"failed": 1, "not_run": 11}, {"MIXED-01"})
    rows = {row["machine"]: row for row in report_of(mixed_up)["rows"]}
    assert rows["MIXED-01"]["code"] == "wrong_key_type"
    assert all(f"is not for {PROGRAMME}: see MIXED-01" in rows[name]["message"] for name in names[1:])
    assert not file.exists()

    right = collect(lab, ",".join(names[1:]), file, KEY, **options)
    assert count(right) == {"waiting": 11}
    assert {name: right.calls(name, "InstallProductKey") for name in names[1:]} == dict.fromkeys(names[1:], 1)
    assert [products(lab, name)[0] for name in names[1:]] == [before[name] for name in names[1:]]
    again = collect(lab, ",".join(names[1:]), file, KEY, **options)
    assert (count(again), sum(map(again.writes, names))) == ({"waiting": 11}, 0)
    assert_no_keys(mixed_up.output + right.output + file.read_text(encoding="utf-8"))
