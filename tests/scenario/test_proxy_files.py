# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a proxy activation: what cannot be one is refused, and what somebody else has there is neither lost nor spoilt."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from key_gate import assert_no_keys

from .harness import FQCN, Lab, Results
from .proxy_by_hand import collect, count, deposit, failed, table

pytestmark = pytest.mark.slow

ESTATE = "proxy_activation.yml"
KEY = "MMMMM-KKKKK-MMMMM-66666-88888"
HEADER = "machine,installation_id,confirmation_id\n"
REFUSED: dict[str, tuple[str | None, dict[str, Any], tuple[str, ...]]] = {
    "column": (
        "machine,installation_id\nBARE,1\n",
        {},
        ("plant.csv: columns are missing in the first line: confirmation_id", "Nothing was changed."),
    ),
    "key": (f"{HEADER}BARE,1,{KEY}\n", {}, ("line 2 contains a full product key",)),
    "cut off": (
        f"{HEADER}BARE,{'000000' * 9},\nSITE-1,00000",
        {},
        ("plant.csv: line 3 is the last line and has 2 cells", "Get a complete copy", "Nothing was changed."),
    ),
    "check digit": (f"{HEADER}BARE,{'000001' * 9},\n", {}, ("line 2 (BARE), installation_id: the check digit",)),
    "paths": (
        None,
        {"proxy_activation_file": "/nowhere/plant.xlsx", "proxy_activation_returned": ["/nowhere/a.csv"]},
        (
            "do not exist on the controller: /nowhere/a.csv",
            "does not exist on the controller: /nowhere.",
            "does not end in .csv, .json, or .xml",
        ),
    ),
    "application": (None, {"proxy_activation_application": "visio"}, ("visio", "Nothing was changed.")),
}
"""The text of the file, changes of the variables, and words of the message."""


@pytest.fixture(scope="module")
def refused(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the role said to each, all in one run, in which nothing was sent."""
    plays: list[dict[str, Any]] = []
    for text, changes, _words in REFUSED.values():
        file = tmp_path_factory.mktemp("refused") / "plant.csv"
        if text is not None:
            file.write_text(text, encoding="utf-8")
        deposit_it = {
            "ansible.builtin.import_role": {"name": f"{FQCN}.proxy_activation", "tasks_from": "deposit", "rolespec_validate": False}
        }
        tasks = [{"block": [deposit_it], "rescue": [{"ansible.builtin.debug": {"msg": "Refused."}}]}]
        plays.append({"hosts": "spare", "gather_facts": False, "vars": {"proxy_activation_file": str(file), **changes}, "tasks": tasks})
    results = lab.playbook(plays, {"proxy_activation_product_key": KEY})
    assert results.nothing_sent("BARE")
    assert_no_keys(results.output, extra_keys=[KEY])
    failures = [task.hosts["BARE"] for task in results.run.tasks if "BARE" in task.hosts]
    said = [str(result["msg"]) for result in failures if result["status"] == "failed"]
    return dict(zip(REFUSED, said, strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(refused: dict[str, str], name: str) -> None:
    assert [word for word in REFUSED[name][2] if word not in refused[name]] == []


def test_a_missing_file_is_named_without_the_description_of_all_variables(lab: Lab) -> None:
    refused = lab.run(f"{FQCN}.proxy_request", {})
    (message,) = {str(result["msg"]) for result in refused.values() if result["status"] == "failed"}
    assert message == "Missing required arguments: proxy_activation_file. Set or correct the variables. Nothing was changed."
    assert "argument_spec_data" not in refused.output


@pytest.mark.parametrize("what", [collect, deposit])
def test_a_pipe_in_the_place_of_the_file_is_refused_and_stays_a_pipe(lab: Lab, tmp_path: Path, what: Callable[..., Results]) -> None:
    pipe = tmp_path / "plant.csv"
    os.mkfifo(pipe)
    refused = what(lab, "spare", pipe, KEY)
    assert f"{pipe} is a named pipe, not a file. Specify a file" in " ".join(refused.output.split())
    assert refused.nothing_sent("BARE")
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def collect_play(host: str, file: Path) -> dict[str, Any]:
    role = {"name": f"{FQCN}.proxy_activation", "tasks_from": "collect"}
    settings = {"proxy_activation_file": str(file), "proxy_activation_product_key": KEY}
    return {
        "name": f"Collect {host}",
        "hosts": host,
        "gather_facts": False,
        "vars": settings,
        "tasks": [{"ansible.builtin.import_role": role}],
    }


def test_a_file_that_somebody_else_wrote_to_meanwhile_is_left_alone_and_nothing_is_lost(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "shared.csv"
    row = f"OTHER,,windows,,,,,{'000000' * 9},,,somebody else's\r\n"
    meddle = {"ansible.builtin.shell": {"cmd": f"printf %s {shlex.quote(row)} >> {shlex.quote(str(file))}"}}
    somebody = {"name": "Somebody else", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [meddle]}
    run = lab.playbook([collect_play("SITE-7", file), somebody, collect_play("BARE", file)])
    message = " ".join(str(run["BARE"]["msg"]).split())
    assert run["BARE"]["status"] == "failed"
    assert f"Cannot write {file}: Another process changed the file during this run." in message
    assert "The records of these machines are new or different: OTHER." in message
    assert [line["machine"] for line in table(file)] == ["SITE-7", "OTHER"]
    (beside,) = tmp_path.glob("shared.*.csv")
    assert f"The records of this run are in {beside}." in message
    assert {line["machine"] for line in table(beside)} == {"SITE-7", "OTHER", "BARE"}
    again = collect(lab, "BARE", file, KEY)
    assert count(again) == {"waiting": 1}, "the MAK is there since the run before"
    assert {line["machine"] for line in table(file)} == {"SITE-7", "OTHER", "BARE"}


def test_a_file_keeps_its_mode_and_a_last_line_without_its_end_is_a_warning(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "team.csv"
    file.write_text(f"machine,installation_id,confirmation_id\nOTHER,{'000000' * 9},", encoding="utf-8")
    file.chmod(0o640)
    done = collect(lab, "BARE", file, KEY, warnings=("team.csv: the last line does not have a line end",))
    assert (failed(done), [line["machine"] for line in table(file)]) == (set(), ["OTHER", "BARE"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    (backup,) = tmp_path.glob("team.csv.*~")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_file_as_it_was_and_no_debris(lab: Lab, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        file = disk / "plant.csv"
        text = f"machine,installation_id,confirmation_id\nOTHER,{'000000' * 9},\n"
        file.write_text(text, encoding="utf-8")
        (disk / "filler").write_bytes(b"x" * 12 * 1024)
        full = collect(lab, "BARE", file, KEY)
        message = " ".join(str(full["BARE"]["msg"]).split())
        assert full["BARE"]["status"] == "failed"
        assert f"Cannot write {file}:" in message
        assert "The file was not changed. Free disk space" in message
        assert file.read_text(encoding="utf-8") == text
        assert sorted(path.name for path in disk.iterdir()) == ["filler", "plant.csv"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
