# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two slices write their records on another machine, and a third job puts them together there."""

from __future__ import annotations

import json
import stat
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import read_records

from .file_host import NAME, Keeper, reported
from .harness import FQCN, Lab

ESTATE = "role.yml"
CHECK, MERGE, CONFORMANCE = (f"{FQCN}.{name}" for name in ("activation_check", "activation_merge", "windows_conformance"))


def check_settings(hosts: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "activation_check_hosts": hosts,
        "activation_check_probe": False,
        "activation_check_fail_on": [],
        "activation_check_file_host": NAME,
        "activation_check_record_path": f"~/slices/{name}.jsonl",
        "activation_check_report_path": f"~/slices/{name}.json",
        **more,
    }


def test_records_of_two_slices_are_put_together_by_a_third_job(lab: Lab, keeper: Keeper) -> None:
    slices = keeper.home / "slices"
    slices.mkdir()
    for name, hosts, engine in (("one", "PC-01:PC-02", "tasks"), ("two", "SRV-01:SRV-02", "fleet")):
        done = keeper.job(lab, CHECK, check_settings(hosts, name, activation_check_engine=engine, activation_check_serial=1))
        assert done.run.exit_code == 0, done.output
        assert reported(done) == (f"~/slices/{name}.json", NAME)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in slices.iterdir()} == dict.fromkeys(
        ("one.json", "one.jsonl", "two.json", "two.jsonl"), 0o600
    )
    assert json.loads((slices / "two.json").read_text(encoding="utf-8"))["machine_count"] == 2

    given = {
        "activation_merge_file_host": NAME,
        "activation_merge_paths": ["~/slices/*.jsonl"],
        "activation_merge_path": "~/all.jsonl",
        "activation_merge_report_path": "~/all.json",
    }
    merged = keeper.job(lab, MERGE, given)
    assert merged.run.exit_code == 0, merged.output
    assert reported(merged) == ("~/all.json", NAME)
    everything = ["PC-01", "PC-02", "SRV-01", "SRV-02"]
    assert sorted(record.inventory_hostname for record in read_records(keeper.home / "all.jsonl")) == everything
    assert json.loads((keeper.home / "all.json").read_text(encoding="utf-8"))["machine_count"] == 4
    records = (keeper.home / "all.jsonl").read_bytes()
    again = keeper.job(lab, MERGE, given)
    assert again.run.exit_code == 0, again.output
    assert (keeper.home / "all.jsonl").read_bytes() == records


def test_merge_names_the_machine_of_a_file_that_does_not_exist(lab: Lab, keeper: Keeper) -> None:
    done = keeper.job(lab, MERGE, {"activation_merge_file_host": NAME, "activation_merge_paths": ["/none/*.jsonl"]})
    assert done.run.exit_code == 2
    assert f"no file matches {NAME}:/none/*.jsonl" in " ".join(done.output.split())


@pytest.mark.parametrize("book", [CHECK, MERGE, CONFORMANCE])
def test_file_host_that_is_off_is_refused_before_a_machine_is_read(lab: Lab, keeper: Keeper, book: str) -> None:
    keeper.switch(off=True)
    prefix = book.rpartition(".")[2]
    given = {
        CHECK: check_settings("PC-01", "one"),
        MERGE: {"activation_merge_paths": ["~/*.jsonl"]},
        CONFORMANCE: {"windows_conformance_hosts": "PC-01", "windows_conformance_folder": "~/conformance"},
    }[book]
    done = keeper.job(lab, book, {**given, f"{prefix}_file_host": NAME})
    assert done.run.exit_code == 2
    assert f"file host {NAME} cannot be reached" in " ".join(done.output.split())
    assert all(done.nothing_sent(machine) for machine in lab.names())


def test_files_of_windows_conformance_are_on_the_file_host(lab: Lab, keeper: Keeper) -> None:
    given = {
        "windows_conformance_hosts": "PC-01",
        "windows_conformance_folder": "~/conformance",
        "windows_conformance_file_host": NAME,
    }
    done = keeper.job(lab, CONFORMANCE, given)
    assert done.run.exit_code == 0, done.output
    folder = keeper.home / "conformance"
    assert json.loads((folder / "conformance.json").read_text(encoding="utf-8"))["machines"]
    assert (folder / "conformance.html").stat().st_size > 0
    assert list((folder / "exchanges").rglob("*-response.xml"))
    assert reported(done) == ("~/conformance/conformance.html", NAME)
    assert f"Page: {NAME}:~/conformance/conformance.html" in done.output
    refused = keeper.job(lab, CONFORMANCE, {**given, "windows_conformance_allow_changes": True})
    assert refused.run.exit_code == 2
    assert refused.nothing_sent("PC-01")
