# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in Python whose task was not delegated is refused on Windows, and the message says what to change."""

from __future__ import annotations

from typing import Any

import pytest

from explained import assert_explained

from .conftest import Play, Player

TASKS: dict[str, dict[str, Any]] = {
    "kms_srv_record": {"domains": ["corp.test"], "records": [{"host": "kms1.corp.test"}], "key_secret": "c2VjcmV0LXNlY3JldA=="},
    "kms_srv_record_info": {"domains": ["corp.test"]},
    "kms_endpoint_info": {"endpoints": ["kms1.corp.test"]},
    "mak_activations_info": {"extended_pids": ["12345-00226-270-123456-03-1033-9600.0000-0012024"]},
    "mak_confirmation_id": {"records": [], "journal_path": "/tmp/none.jsonl"},
}
"""The options need not be right: nothing of them is read before the target is."""

WINDOWS: dict[str, dict[str, Any]] = {
    "winrm": {},
    "psrp": {"ansible_connection": "psrp"},
    "ssh": {"ansible_connection": "ssh", "ansible_shell_type": "powershell", "ansible_ssh_common_args": "-o BatchMode=yes"},
}
LOCAL = {"ansible_connection": "local", "ansible_shell_type": "sh", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


@pytest.fixture(scope="module")
def refused(play: Player) -> Play:
    tasks = ({f"winops.volume_activation.{name}": options} for name, options in TASKS.items())
    return play(*tasks, *({"winops.volume_activation.kms_endpoint_info": {"endpoints": []}, "vars": kind} for kind in WINDOWS.values()))


@pytest.mark.parametrize("number", range(len(TASKS)), ids=TASKS)
def test_a_task_without_delegation_is_told_to_delegate(refused: Play, number: int) -> None:
    name, result = list(TASKS)[number], refused.results[number]["result"]
    assert result["msg"].startswith(
        f"w10: {name} does not run on Windows, and the connection is winrm. Add delegate_to: localhost to the task."
    )
    assert all(f"{variable}: " in result["msg"] for variable in LOCAL)
    assert result["error"]["code"] == "not_applicable"
    assert result["changed"] is False
    assert_explained(result)


@pytest.mark.parametrize("number", range(len(WINDOWS)), ids=WINDOWS)
def test_every_connection_to_windows_is_recognized(refused: Play, number: int) -> None:
    message = refused.message(len(TASKS) + number)
    assert f"the connection is {list(WINDOWS)[number]}. Add delegate_to" in message


def test_no_python_was_looked_for_and_no_secret_is_shown(refused: Play) -> None:
    assert all(recorded["status"] == "failed" for recorded in refused.results)
    assert not any(word in refused.output for word in ("interpreter discovery", "c2VjcmV0", "Traceback"))


def test_localhost_with_settings_of_windows_is_told_which_settings_it_needs(play: Player) -> None:
    """Group variables of `all` reach a localhost that is in the inventory."""
    ask = {"winops.volume_activation.kms_endpoint_info": {"endpoints": []}, "delegate_to": "localhost"}
    inherited = {"ansible_connection": "winrm", "ansible_shell_type": "powershell"}
    run = play({**ask, "vars": inherited}, {**ask, "vars": {**inherited, **LOCAL}}, ask)
    assert run.message(0).startswith(
        "localhost: kms_endpoint_info does not run on Windows, and the connection is winrm. If localhost is the controller, it inherits the"
        " settings for Windows: set ansible_connection: local,"
    )
    assert "delegate_to: localhost to the task" not in run.message(0)
    assert_explained(run.results[0]["result"])
    assert [recorded["status"] for recorded in run.results[1:]] == ["ok", "ok"]
