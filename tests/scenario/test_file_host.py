# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report are on another machine, and nothing of them is left on the controller."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from sample_fleet import records

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordWriter, read_records

from .file_host import NAME, Keeper, reported
from .harness import FQCN, Lab

ESTATE = "role.yml"
REPORT = f"{FQCN}.activation_report"
KEPT = f"{FQCN}.kept_files"


def report_settings(folder: str, **more: Any) -> dict[str, Any]:
    return {
        "activation_report_hosts": "windows",
        "activation_report_check": {"probe": False},
        "activation_report_file_host": NAME,
        "activation_report_html_path": f"{folder}/fleet.html",
        "activation_report_record_path": f"{folder}/fleet.jsonl",
        **more,
    }


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}


def test_report_is_written_on_the_file_host_and_compared_in_the_next_run(lab: Lab, keeper: Keeper) -> None:
    folder = keeper.home / "reports"
    folder.mkdir()
    with RecordWriter(folder / "other.jsonl") as writer:
        for record in records(40):
            writer.add(record)
    given = report_settings(
        "~/reports",
        activation_report_history_path="~/reports/history",
        activation_report_history_keep=1,
        activation_report_prometheus_path="~/reports/fleet.prom",
        activation_report_other_record_paths=["~/reports/other*.jsonl"],
    )
    first = keeper.job(lab, REPORT, given, "--limit", f"windows:!{NAME}")
    assert first.run.exit_code == 0, first.output
    assert modes(folder) == {"fleet.html": 0o600, "fleet.jsonl": 0o600, "fleet.prom": 0o644, "other.jsonl": 0o600}
    assert sorted(record.inventory_hostname for record in read_records(folder / "fleet.jsonl")) == sorted(lab.names())
    (result,) = first.run.results(REPORT).values()
    assert result["machine_count"] == len(lab.names()) + 40
    assert f"Written to {NAME}:~/reports/fleet.html" in " ".join(first.output.split())
    assert reported(first) == ("~/reports/fleet.html", NAME)
    (kept,) = (folder / "history").iterdir()
    (folder / "fleet.html").chmod(0o640)
    again = keeper.job(lab, REPORT, given)
    (result,) = again.run.results(REPORT).values()
    assert result["changes"] is not None
    assert (folder / "history").is_dir()
    assert len(list((folder / "history").iterdir())) == 1
    assert kept not in (folder / "history").iterdir()
    assert modes(folder)["fleet.html"] == 0o640


def test_empty_file_host_is_the_controller(lab: Lab, keeper: Keeper, tmp_path: Path) -> None:
    done = keeper.job(lab, REPORT, report_settings(str(tmp_path), activation_report_file_host=""))
    assert done.run.exit_code == 0, done.output
    assert {"fleet.html", "fleet.jsonl"} <= modes(tmp_path).keys()
    assert keeper.requests == 0
    assert [task.name for task in done.run.tasks if task.action == KEPT and any("msg" in each for each in task.hosts.values())] == []


def test_check_mode_writes_nothing_on_the_file_host(lab: Lab, keeper: Keeper) -> None:
    done = keeper.job(lab, REPORT, report_settings("~"), "--check")
    assert done.run.exit_code == 0, done.output
    assert list(keeper.home.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation_report_file_host": "files02"}, "file host files02 is not in the inventory"),
        ({"activation_report_file_host": "PC-01"}, "file host PC-01 cannot be used over the connection"),
        ({"activation_report_html_path": "~/missing/fleet.html"}, f"{NAME}:~/missing/fleet.html: the directory"),
        ({"activation_report_html_path": "~/../fleet.html"}, "leads out of the home directory"),
        ({"activation_report_record_path": "~/folder"}, "it is a directory, not a file"),
        ({"activation_report_record_path": "/proc/fleet.jsonl"}, f"{NAME}:/proc/fleet.jsonl: no file can be created in /proc"),
        ({"activation_report_ledger_paths": ["~/none.jsonl"]}, f"do not exist: {NAME}:~/none.jsonl"),
    ],
)
def test_file_host_that_cannot_be_used_is_refused_before_a_machine_is_read(
    lab: Lab, keeper: Keeper, change: dict[str, Any], message: str
) -> None:
    (keeper.home / "folder").mkdir()
    done = keeper.job(lab, REPORT, report_settings("~", **change))
    assert done.run.exit_code == 2
    assert message in " ".join(done.output.split())
    assert all(done.nothing_sent(machine) for machine in lab.names())


def test_file_host_without_its_become_program_is_not_told_to_install_python_only(lab: Lab, keeper: Keeper, tmp_path: Path) -> None:
    machine = {**keeper.variables(), "ansible_become": True, "ansible_become_exe": "no-such-sudo"}
    inventory = tmp_path / "become.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"files-become": machine}}}), encoding="utf-8")
    settings = report_settings("~", activation_report_file_host="files-become")
    done = keeper.job(lab, REPORT, settings, "-i", str(inventory))
    assert done.run.exit_code == 2
    output = " ".join(done.output.split())
    assert "The file host files-become cannot run Python as another user:" in output
    assert "Install the become program, such as sudo, and Python 3.9 or later there" in output


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("su"), reason="needs root and su, to become another user")
@pytest.mark.parametrize(("become", "owner"), [(True, "nobody"), (False, "root")])
def test_user_on_the_file_host_is_that_of_its_own_variables(lab: Lab, become: bool, owner: str) -> None:
    """Those of the play, which are for Windows, have no effect: the user, the password, the shell, and become."""
    of_play = {
        "ansible_connection": "winrm",
        "ansible_become": not become,
        "ansible_user": "Administrator",
        "ansible_shell_type": "powershell",
    }
    way = {"ansible_connection": "local", "ansible_become": become, "ansible_become_method": "ansible.builtin.su"}
    machine = {"name": NAME, **way, "ansible_become_user": "nobody", "ansible_become_flags": "-s /bin/sh"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        files = {"host": NAME, "write": [f"{folder}/new.txt"]}
        copy = f"{{{{ '{folder}/new.txt' | {FQCN}.kept_path('{NAME}') }}}}"
        here = {"ansible_connection": "local", "ansible_become": False, "ansible_shell_type": "sh"}
        write = {"ansible.builtin.copy": {"content": "text", "dest": copy, "mode": "0644"}, "delegate_to": "localhost", "vars": here}
        plays = [
            {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.add_host": machine}]},
            {
                "hosts": ["PC-01"],
                "gather_facts": False,
                "vars": of_play,
                "tasks": [{KEPT: {**files, "state": "staged"}}, write, {KEPT: {**files, "state": "kept"}}],
            },
        ]
        done = lab.playbook(plays, env={"ANSIBLE_HOME": str(lab.folder / "ansible")})
        assert done.run.exit_code == 0, done.output
        new = folder / "new.txt"
        assert (new.read_text(encoding="utf-8"), new.owner(), stat.S_IMODE(new.stat().st_mode)) == ("text", owner, 0o644)
        assert done.nothing_sent("PC-01")


def test_file_host_that_is_off_is_refused_before_a_machine_is_read(lab: Lab, keeper: Keeper) -> None:
    keeper.switch(off=True)
    done = keeper.job(lab, REPORT, report_settings("~"))
    assert done.run.exit_code == 2
    text = " ".join(done.output.split())
    assert f"file host {NAME} cannot be reached: " in text
    assert "No route to host" in text
    assert all(done.nothing_sent(machine) for machine in lab.names())
