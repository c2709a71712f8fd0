# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""65 machines without internet access: killed in each phase, and run again, nobody is asked twice, and each problem is named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from key_gate import assert_no_keys

from .harness import FQCN, Lab, Results
from .interrupt import cut
from .proxy_by_hand import count, licensed, report_of, statuses

pytestmark = pytest.mark.slow

ESTATE = "batch_plant.yml"
KEY = "MMMMM-KKKKK-MMMMM-22222-33333"
FORKS = {"ANSIBLE_FORKS": "20"}
CUT_OFF = "PLANT-35"
MACHINES = [f"PLANT-{number:02d}" for number in range(1, 51)]


@dataclass(frozen=True)
class Plant:
    """The file, and the three runs after those that were killed, the last of them only for machines without an answer."""

    file: Path
    killed: list[str]
    first: Results
    asked: list[str]
    second: Results
    asked_again: list[str]
    last: Results
    asked_last: list[Any]


def variables(lab: Lab, file: Path) -> dict[str, Any]:
    batch = lab.client.batch()
    return {
        "proxy_activation_hosts": "plant",
        "proxy_activation_file": str(file),
        "proxy_activation_service_url": batch["url"],
        "proxy_activation_ca_path": batch["ca"],
        "proxy_activation_http_proxy": batch["proxy"],
        "proxy_activation_max_activations": "unlimited",
    }


def used(lab: Lab) -> int:
    (found,) = (key for key in lab.client.batch()["keys"] if str(key["partial_key"]).endswith(KEY[-5:]))
    return int(found["used"])


def questions(lab: Lab) -> list[str]:
    return [one["machine"] for found in lab.client.batch_requests() if found["request_type"] == 1 for one in found["questions"]]


def activated(lab: Lab) -> int:
    return sum(licensed(lab, name) for name in MACHINES)


@pytest.fixture(scope="module")
def plant(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    file = tmp_path_factory.mktemp("plant") / "plant.csv"
    vault = lab.folder / "mak.yml"
    key = f"{{{{ '{KEY}' if inventory_hostname is match('PLANT|WRONG') else '' }}}}"
    vault.write_text(yaml.safe_dump({"proxy_activation_product_key": key}), encoding="utf-8")
    given = variables(lab, file)

    def run(**more: Any) -> Results:
        return lab.run(f"{FQCN}.proxy_activate", {**given, **more}, options=("--extra-vars", f"@{vault}"), env=FORKS)

    for name in lab.names("wrong"):
        lab.client.set_fault(name, "batch_error", code="0x90", request_type=1)
    lab.client.set_fault(CUT_OFF, "batch_delay", request_type=1)
    killed: list[str] = []
    book = (f"{FQCN}.proxy_activate", {**given, **yaml.safe_load(vault.read_text(encoding="utf-8"))})
    for phase, is_there in {
        "collect": lambda: file.exists() and file.read_text(encoding="utf-8").count("\n") > 25,
        "request": lambda: questions(lab)[-1:] != [] and CUT_OFF in questions(lab) and used(lab) > 25,
        "deposit": lambda: activated(lab) > 10,
    }.items():
        lab.client.reset_counters()
        cut(lab, phase, [book], is_there)
        killed += questions(lab)
        if phase == "request":
            lab.client.clear_faults()
            for name in lab.names("wrong"):
                lab.client.set_fault(name, "batch_error", code="0x90", request_type=1)
    first = run()
    asked = questions(lab)
    second = run()
    asked_again = questions(lab)
    cut_off = ",".join(name for name, status in statuses(second).items() if status == "unanswered")
    last = run(proxy_activation_ask_again=True, proxy_activation_hosts=cut_off)
    return Plant(file, killed, first, asked, second, asked_again, last, lab.client.batch_requests())


def test_nobody_is_asked_twice_and_every_answer_is_used(lab: Lab, plant: Plant) -> None:
    """Those that were cut off are at most as many as there are requests at the same time.

    A request that was in the journal and not on the wire when its run was killed is one of them.
    """
    refused = {*lab.names("wrong"), *lab.names("spent"), *lab.names("blocked")}
    times = Counter(name for name in [*plant.killed, *plant.asked, *plant.asked_again] if name not in refused)
    assert set(times.values()) == {1}
    cut_off = {name for name, status in statuses(plant.first).items() if status == "unanswered"}
    assert CUT_OFF in cut_off
    assert set(MACHINES) - set(times) <= cut_off
    assert len(cut_off) <= 4


def test_each_problem_is_named_and_the_others_are_activated(plant: Plant) -> None:
    found = count(plant.first)
    assert found["refused"] == 15
    assert found.get("activated", 0) + found["already_licensed"] == len(MACHINES) - found["unanswered"]
    codes = {row["machine"]: row["code"] for row in report_of(plant.first)["rows"] if row["status"] == "refused"}
    assert Counter(codes.values()) == {"0x7F": 5, "0x67": 5, "0x90": 5}
    assert all(row["next_steps"] for row in report_of(plant.first)["rows"] if row["status"] in ("refused", "unanswered"))


def test_the_second_run_waits_and_the_last_one_asks_for_those_that_were_cut_off(lab: Lab, plant: Plant) -> None:
    assert set(plant.asked_again) <= {*lab.names("wrong"), *lab.names("spent"), *lab.names("blocked")}
    assert sum(plant.second.writes(name) for name in lab.names("plant")) == 0
    assert count(plant.last)["activated"] == count(plant.first)["unanswered"]
    assert activated(lab) == len(MACHINES)
    assert used(lab) == len(MACHINES) + count(plant.first)["unanswered"] - lost_before_counting(plant)


def lost_before_counting(plant: Plant) -> int:
    """How many requests of killed runs never reached the service: those machines are unanswered and were not among the questions."""
    cut_off = {name for name, status in statuses(plant.first).items() if status == "unanswered"}
    return len(cut_off - set(plant.killed))


def test_no_key_is_in_a_file_or_in_the_output(plant: Plant) -> None:
    journal = Path(f"{plant.file}.journal")
    assert_no_keys(plant.file.read_text(encoding="utf-8") + journal.read_text(encoding="utf-8"))
    assert_no_keys(plant.first.output + plant.second.output + plant.last.output)
    assert not any(found["has_key"] for found in plant.asked_last)
