# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small site is activated through files, and all goes wrong that can: every row says what became of it, and nothing is lost.

Who answers writes JSON with Python's own json, and reads XML line by line, as a person would.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from key_gate import assert_no_keys, scan
from stale import stale_texts, stale_values

from . import winrs
from .harness import FQCN, Lab, Results
from .proxy_by_hand import channels, collect, count, deposit, failed, licensed, statuses

pytestmark = pytest.mark.slow

ESTATE = "proxy_activation.yml"
KEY = "MMMMM-KKKKK-MMMMM-66666-88888"
SITE = [f"SITE-{number}" for number in range(1, 9)]
FOR_A_DEPOSIT: dict[str, Any] = {"proxy_activation_phase": "deposit", "proxy_activation_returned": ["/nowhere.xml"]}
FOR_A_COLLECTION = {"proxy_activation_phase": "collect"}
"""What a survey that is used for both playbooks may hold."""


@dataclass(frozen=True)
class Site:
    """Eight machines in a file for people and programs, and what becomes of each when the file comes back."""

    file: Path
    forecast: Results
    untouched: bool
    first: Results
    text: bytes
    second: Results
    foreseen: Results
    deposited: Results
    collected_again: Results
    last: Results


@pytest.fixture(scope="module")
def site(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Collected as XML by batches of three, and answered in part by a program that returns JSON."""
    file = tmp_path_factory.mktemp("site") / "site.xml"
    forecast = collect(lab, "site", file, KEY, options=("--check",))
    untouched = not file.exists() and not any(forecast.writes(name) for name in SITE)
    first = collect(lab, "site", file, KEY, proxy_activation_serial=3)
    text = file.read_bytes()
    second = collect(lab, "site", file, KEY, **FOR_A_DEPOSIT, **stale_values())
    returned = [str(answer_as_json(lab, site_records(file), file.parent / "returned.json"))]
    lab.client.change_hardware("SITE-3")
    lab.client.rebuild("SITE-4")
    lab.client.rebuild("SITE-5")
    lab.client.change_hardware("SITE-5")
    lab.client.crash("SITE-6")
    foreseen = deposit(lab, "site:spare", file, KEY, options=("--check", "--diff"), proxy_activation_returned=returned)
    deposited = deposit(lab, "site:spare", file, KEY, proxy_activation_returned=returned, **FOR_A_COLLECTION, **stale_values())
    lab.client.power_on("SITE-6")
    again = collect(lab, "SITE-3:BARE", file, KEY, verbosity=4)
    last = deposit(lab, "site:spare", file, KEY, proxy_activation_fail_on_incomplete=True, **stale_texts())
    return Site(file, forecast, untouched, first, text, second, foreseen, deposited, again, last)


def site_records(file: Path) -> list[dict[str, str]]:
    """The computers of an XML file, read by looking at its lines, as a person does."""
    found: list[dict[str, str]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.strip().removeprefix("<").partition(">")
        if name == "computer":
            found.append({})
        elif rest:
            found[-1][name] = rest.partition("<")[0]
    return found


def answer_as_json(lab: Lab, records: Iterable[Mapping[str, str]], target: Path) -> Path:
    """Answers for seven of the eight, one of them nonsense, one for a machine nobody has."""
    told = []
    for record in records:
        if record["machine"] != "SITE-8":
            answer = "is busy" if record["machine"] == "SITE-7" else lab.client.phone(record["installation_id"])
            told.append({"machine": record["machine"], "installation_id": record["installation_id"], "confirmation_id": answer})
    told.append({"machine": "GONE", "installation_id": "000000" * 9, "confirmation_id": "111111"})
    target.write_text(json.dumps({"format": f"{FQCN} proxy records", "version": 1, "records": told}), encoding="utf-8")
    return target


def test_check_mode_touches_neither_machines_nor_file(site: Site) -> None:
    assert (site.untouched, count(site.forecast)) == (True, {"planned": 8})


def test_batches_come_into_one_file_that_people_can_read(site: Site, lab: Lab) -> None:
    lines = site.text.decode().splitlines()
    assert [line.strip() for line in lines if "<machine>" in line] == [f"<machine>{name}</machine>" for name in SITE]
    shown = winrs.slmgr_fields(winrs.slmgr(lab.host_variables("SITE-1"), "/dti"))["Installation ID"]
    assert shown in site.text.decode().replace("-", "")


def test_the_next_collection_changes_nothing_and_sends_nothing(site: Site) -> None:
    assert (site.second.run.changed_hosts(), {site.second.writes(name) for name in SITE}) == (0, {0})
    assert count(site.second) == {"waiting": 8}


EXPECTED = {
    "SITE-1": "activated", "SITE-2": "activated", "SITE-4": "activated", "SITE-3": "stale", "SITE-5": "stale", "SITE-6": "unreachable",
    "SITE-7": "invalid", "SITE-8": "waiting", "BARE": "missing", "GONE": "unknown",
}  # fmt: skip


@pytest.mark.smoke
def test_every_row_says_what_became_of_it(site: Site) -> None:
    assert statuses(site.deposited) == EXPECTED
    assert failed(site.deposited) == {"SITE-3", "SITE-5", "SITE-7"}
    assert site.deposited.run.exit_code == 2


def test_check_mode_foresees_it_and_writes_nothing(site: Site) -> None:
    foreseen = {**EXPECTED, **dict.fromkeys(("SITE-1", "SITE-2", "SITE-4", "SITE-5"), "planned")}
    assert statuses(site.foreseen) == foreseen
    assert {site.foreseen.writes(name) for name in (*SITE, "BARE")} == {0}
    assert site.foreseen.run.exit_code in (0, 4)


def test_machines_for_which_nothing_fits_are_left_alone(site: Site, lab: Lab) -> None:
    assert {site.deposited.writes(name) for name in ("SITE-3", "SITE-7", "SITE-8", "BARE")} == {0}
    assert channels(lab, "SITE-5") == ["gvlk"], "the key that turned out not to fit has gone again"


def test_what_came_back_is_in_the_file_that_is_kept_and_the_former_one_is_beside_it(site: Site) -> None:
    names = sorted(path.name for path in site.file.parent.iterdir() if path.name != "returned.json")
    backups = [name for name in names if name.startswith("site.xml.")]
    assert site.text in [(site.file.parent / name).read_bytes() for name in backups]
    assert all(stat.S_IMODE((site.file.parent / name).stat().st_mode) == 0o600 for name in names)
    answers = {record["machine"]: record["confirmation_id"] for record in site_records(site.file) if record["confirmation_id"]}
    assert set(answers) == {*SITE, "GONE"} - {"SITE-8"}


def test_new_hardware_gets_a_record_beside_the_answered_one_and_a_new_machine_one_of_its_own(site: Site) -> None:
    assert statuses(site.collected_again) == {"SITE-3": "waiting", "BARE": "waiting"}
    machines = [record["machine"] for record in site_records(site.file)]
    assert (machines.count("SITE-3"), machines.count("BARE"), machines.count("SITE-1")) == (2, 1, 1)


def test_the_last_run_sends_only_what_is_left(site: Site) -> None:
    assert {name: state for name, state in statuses(site.last).items() if state != "already_licensed"} == {
        "SITE-3": "waiting", "SITE-5": "stale", "SITE-6": "activated", "SITE-7": "invalid", "SITE-8": "waiting", "BARE": "waiting",
        "GONE": "unknown",
    }  # fmt: skip
    assert {name for name in (*SITE, "BARE") if site.last.writes(name)} == {"SITE-5", "SITE-6"}


def test_with_fail_on_incomplete_every_machine_that_is_left_fails(site: Site) -> None:
    assert failed(site.last) == {"SITE-3", "SITE-5", "SITE-7", "SITE-8", "BARE"}


@pytest.mark.smoke
def test_after_a_batch_that_failed_no_other_begins_and_a_machine_that_is_unreachable_did_not_fail(lab: Lab, tmp_path: Path) -> None:
    lab.client.crash("SITE-1")
    lab.client.set_fault("SITE-2", "query_fault", class_name="SoftwareLicensingService", hresult=0x80041001)
    # Of two machines one is not counted, and of the rest one failed and one did not.
    rest = {"proxy_activation_serial": 3, "proxy_activation_max_fail_percentage": 50}
    names = "SITE-1:SITE-2:SITE-4:SITE-8"
    done = collect(lab, names, tmp_path / "done.xml", KEY, **rest)
    stopped = collect(lab, names, tmp_path / "stopped.xml", KEY, **{**rest, "proxy_activation_max_fail_percentage": 49})
    lab.client.clear_faults()
    lab.client.power_on("SITE-1")
    told = "1 of the 2 machines of the batch that could be reached failed"
    assert (told in " ".join(stopped.output.split()), told in " ".join(done.output.split())) == (True, False)
    assert (stopped.nothing_sent("SITE-8"), done.nothing_sent("SITE-8")) == (True, False)


def test_neither_the_loudest_output_nor_any_file_holds_a_key(site: Site) -> None:
    assert scan([site.file.parent]) == []
    for results in (site.first, site.deposited, site.collected_again):
        assert_no_keys(results.output, extra_keys=[KEY])


def test_the_same_hardware_under_another_name_is_known_by_what_it_shows(site: Site, lab: Lab, tmp_path: Path) -> None:
    renamed = tmp_path / "renamed.yml"
    renamed.write_text(yaml.safe_dump({"all": {"hosts": {"NEW-NAME": lab.host_variables("SITE-8")}}}), encoding="utf-8")
    file = tmp_path / "site.json"
    record = next(record for record in site_records(site.file) if record["machine"] == "SITE-8")
    told = {**record, "confirmation_id": lab.client.phone(record["installation_id"])}
    file.write_text(json.dumps({"format": f"{FQCN} proxy records", "version": 1, "records": [told]}), encoding="utf-8")
    done = deposit(lab, "NEW-NAME", file, options=("-i", str(renamed)))
    assert statuses(done) == {"NEW-NAME": "activated"}
    assert licensed(lab, "SITE-8")


@pytest.mark.quick
@pytest.mark.smoke
def test_an_old_server_is_asked_once_until_somebody_says_again(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    role = {"name": f"{FQCN}.proxy_activation", "tasks_from": "collect"}
    tasks = [{"ansible.builtin.import_role": role, "vars": {"proxy_activation_renew": again}} for again in ("false", "false", "true")]
    play = {"hosts": "old", "gather_facts": False, "vars": {"proxy_activation_file": str(file)}, "tasks": tasks}
    assert lab.playbook([play]).calls("OLD", "GetInstallationID") == 2
    whole = json.loads(file.read_text(encoding="utf-8"))
    (record,) = whole["records"]
    assert (record["activation_id"], record["partial_product_key"]) == ("", "")
    record["confirmation_id"] = lab.client.phone(record["installation_id"])
    file.write_text(json.dumps(whole), encoding="utf-8")
    done = deposit(lab, "old", file)
    assert (statuses(done), lab.client.machine("OLD")["activation"]["activation_required"]) == ({"OLD": "activated"}, False)
