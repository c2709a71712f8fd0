# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A disconnected plant of 40 machines is activated through a file, by two controllers that share nothing else.

The desk that asks Microsoft reads and writes the file with Python's own csv, as other people's tools would.
"""

from __future__ import annotations

import csv
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from key_gate import assert_no_keys, scan
from winlab.client import LabError

from . import winrs
from .harness import Lab, Results
from .proxy_by_hand import collect, count, deposit, failed, licensed, report_of, statuses, table

pytestmark = pytest.mark.slow

ESTATE = "proxy_round_trip.yml"
KEY = "MMMMM-KKKKK-MMMMM-66666-77777"
WRONG = {"PLANT-003": "A", "PLANT-007": "C", "PLANT-025": "D", "PLANT-031": "F", "PLANT-040": "H"}
"""In which group of the confirmation ID somebody hit another digit."""

IMAGED = [f"PLANT-{number:03d}" for number in range(11, 21)]
MISTYPED = ("the check digit of group",)
DEPOSIT = "DepositOfflineConfirmationId"


def grouped(confirmation_id: str) -> str:
    return " ".join(confirmation_id[start : start + 6] for start in range(0, 48, 6))


def slip(told: str, group: str) -> str:
    """The same with one digit of a group that is another, so that its check digit does not fit."""
    place = "ABCDEFGH".index(group) * 7
    digit = next(digit for digit in "0123456789" if int(digit) % 7 != int(told[place]) % 7)
    return told[:place] + digit + told[place + 1 :]


@dataclass(frozen=True)
class Plant:
    """40 machines, collected by one controller. Each controller is a folder, and a file is all that goes from one to the other."""

    inside: Path
    desk: Path
    elsewhere: Path
    collected: Results


@dataclass(frozen=True)
class Answered:
    """The same, deposited by another controller with what the desk was told."""

    elsewhere: Path
    said: Mapping[str, str]
    deposited: Results


@pytest.fixture(scope="module")
def plant(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    folder = tmp_path_factory.mktemp("plant")
    inside, desk, elsewhere = (folder / name / "plant.csv" for name in ("inside", "desk", "elsewhere"))
    for file in (inside, desk, elsewhere):
        file.parent.mkdir()
    return Plant(inside, desk, elsewhere, collect(lab, "plant", inside, KEY, proxy_activation_serial=20))


@pytest.fixture(scope="module")
def answered(lab: Lab, plant: Plant) -> Answered:
    said = answer(lab, plant.inside, plant.desk)
    shutil.copy(plant.desk, plant.elsewhere)
    return Answered(plant.elsewhere, said, deposit(lab, "plant", plant.elsewhere, warnings=MISTYPED, proxy_activation_serial=20))


@pytest.fixture(scope="module")
def corrected(lab: Lab, answered: Answered) -> Results:
    correct(answered.elsewhere, answered.said)
    return deposit(lab, ":".join(WRONG), answered.elsewhere)


@pytest.fixture(scope="module")
def imaged(lab: Lab, answered: Answered, corrected: Results) -> Results:
    """Ten machines are imaged anew."""
    del corrected
    for name in IMAGED:
        lab.client.rebuild(name)
    return deposit(lab, ":".join(IMAGED), answered.elsewhere, KEY, verbosity=4)


def answer(lab: Lab, source: Path, target: Path) -> dict[str, str]:
    """The desk: a spreadsheet of another country, with columns in another order, one of its own, and five slips. Returns what was said."""
    said = {row["machine"]: grouped(lab.client.phone(row["installation_id"])) for row in table(source)}
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["Confirmation ID", "Machine", "Installation ID", "Activation ID", "Last five", "Who called"])
        for row in table(source):
            name = row["machine"]
            told = slip(said[name], WRONG[name]) if name in WRONG else said[name]
            writer.writerow([told, name, row["installation_id"], row["activation_id"], row["partial_product_key"], "Sato"])
    return said


def correct(file: Path, said: Mapping[str, str]) -> None:
    """Somebody listens to the recording once more."""
    text = file.read_text(encoding="utf-8")
    for name, group in WRONG.items():
        text = text.replace(slip(said[name], group), said[name])
    file.write_text(text, encoding="utf-8")


def test_one_file_has_the_installation_id_of_every_machine(plant: Plant) -> None:
    rows = table(plant.inside)
    assert len({row["installation_id"] for row in rows}) == len({row["machine"] for row in rows}) == 40
    assert {(row["confirmation_id"], row["partial_product_key"]) for row in rows} == {("", KEY[-5:])}
    assert (count(plant.collected), report_of(plant.collected)["complete"]) == ({"waiting": 40}, True)


def test_collecting_spends_no_activation(plant: Plant) -> None:
    assert sum(plant.collected.calls(name, "Activate") for name in plant.collected.costs) == 0


def test_all_are_activated_but_those_whose_confirmation_id_was_mistyped(answered: Answered) -> None:
    assert count(answered.deposited) == {"activated": 35, "failed": 5}
    assert report_of(answered.deposited)["problems"] == list(WRONG)
    assert "35 of 40 machines activated" in answered.deposited.output


def test_those_are_named_with_the_group_and_fail_the_run(answered: Answered) -> None:
    rows = {row["machine"]: row for row in report_of(answered.deposited)["rows"]}
    assert {name: rows[name]["invalid_groups"] for name in WRONG} == {name: [group] for name, group in WRONG.items()}
    assert {rows[name]["code"] for name in WRONG} == {"0xC004F04D"}
    assert answered.deposited.run.exit_code == 2
    assert failed(answered.deposited) == set(WRONG)


def test_every_machine_got_one_confirmation_id_and_nothing_else(answered: Answered) -> None:
    assert {answered.deposited.calls(name, DEPOSIT) for name in lab_names(answered.deposited, "PLANT")} == {1}
    assert {answered.deposited.calls(name, "Activate") for name in lab_names(answered.deposited, "PLANT")} == {0}


def lab_names(results: Results, beginning: str) -> list[str]:
    return [name for name in results.costs if name.startswith(beginning)]


def test_corrected_they_are_activated_too(corrected: Results, lab: Lab) -> None:
    assert statuses(corrected).items() >= dict.fromkeys(WRONG, "activated").items()
    assert (corrected.run.exit_code, all(licensed(lab, name) for name in WRONG)) == (0, True)


def test_machines_imaged_anew_are_activated_from_the_record_without_a_new_id(imaged: Results, lab: Lab) -> None:
    assert {name: statuses(imaged)[name] for name in IMAGED} == dict.fromkeys(IMAGED, "activated")
    assert all(licensed(lab, name) for name in IMAGED)
    assert {(imaged.calls(name, DEPOSIT), imaged.calls(name, "Activate")) for name in IMAGED} == {(1, 0)}


def test_only_those_were_connected_to(imaged: Results) -> None:
    assert {name for name in imaged.costs if not imaged.nothing_sent(name)} == set(IMAGED)


@pytest.mark.parametrize("name", ["PLANT-001", "PLANT-007", "PLANT-011"])
def test_slmgr_says_that_they_are_licensed(imaged: Results, lab: Lab, name: str) -> None:  # noqa: ARG001 - after it
    fields = winrs.slmgr_fields(winrs.slmgr(lab.host_variables(name), "/dlv"))
    assert (fields["License Status"], fields["Partial Product Key"]) == ("Licensed", KEY[-5:])


def test_the_telephone_was_asked_once_for_each_machine(plant: Plant, answered: Answered, lab: Lab) -> None:  # noqa: ARG001 - after it
    row = table(plant.inside)[0]
    told = [lab.client.phone(row["installation_id"]) for _ in range(5)]
    assert len(set(told)) == 1
    with pytest.raises(LabError, match="no activations left"):
        lab.client.phone(row["installation_id"])


def test_the_file_is_for_its_owner_only_and_one_that_is_only_read_stays_as_it_is(plant: Plant, imaged: Results) -> None:  # noqa: ARG001
    assert stat.S_IMODE(plant.inside.stat().st_mode) == 0o600
    assert [path.name for path in plant.inside.parent.iterdir()] == ["plant.csv"]
    assert plant.elsewhere.read_text(encoding="utf-8").startswith("Confirmation ID;Machine;")


def test_no_full_key_is_in_any_file_or_output(plant: Plant, answered: Answered, corrected: Results, imaged: Results) -> None:
    assert scan([plant.inside.parent.parent]) == []
    for results in (plant.collected, answered.deposited, corrected, imaged):
        assert_no_keys(results.output, extra_keys=[KEY])
        assert KEY not in str([task.hosts for task in results.run.tasks])
