# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role says of its variables agrees: specification, defaults, README, tasks and the options of the modules behind it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.arguments import SRV_RECORD
from published import readme_before_facts

ROLE = Path(__file__).parents[3] / "roles" / "kms_srv_cleanup"
PLAYBOOK = Path(__file__).parents[3] / "playbooks" / "kms_srv_cleanup.yml"
FQCN = "winops.volume_activation"
OF_THE_RECORDS = {"domains", "records", "state", "ttl", "exclusive", "refresh", "mode"}
"""Options of kms_srv_record that say what is to be there; the others say how to reach the server."""


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


ENTRY_POINTS: dict[str, Any] = load("meta/argument_specs.yml")["argument_specs"]
MAIN: dict[str, dict[str, Any]] = ENTRY_POINTS["main"]["options"]
DNS: dict[str, dict[str, Any]] = MAIN["kms_srv_cleanup_dns"]["options"]
CONNECTION: dict[str, dict[str, Any]] = {name: option for name, option in SRV_RECORD.items() if name not in OF_THE_RECORDS}


def test_the_specification_has_the_defaults_the_role_has() -> None:
    assert {name: option["default"] for name, option in MAIN.items() if "default" in option} == load("defaults/main.yml")


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_every_entry_point_has_its_tasks_and_describes_only_variables_of_the_role(entry_point: str) -> None:
    assert load(f"tasks/{entry_point}.yml")
    assert set(ENTRY_POINTS[entry_point]["options"]) <= set(MAIN)


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(kms_srv_cleanup_\w+)` \| (.+?) \|", readme_before_facts(ROLE), re.MULTILINE))
    assert set(rows) == set(MAIN)
    for name, option in MAIN.items():
        default = option.get("default")
        assert rows[name] == ("not set" if default is None else f"`{str(default).lower()}`"), name


def test_the_way_to_the_server_is_that_of_the_module() -> None:
    assert list(DNS) == list(CONNECTION)
    for name, option in CONNECTION.items():
        assert (DNS[name]["type"], DNS[name].get("choices")) == (option["type"], option.get("choices")), name


def test_secrets_are_hidden() -> None:
    assert [name for name, option in DNS.items() if option.get("no_log")] == ["key_secret", "password"]


def test_every_option_of_the_way_to_the_server_is_passed_on_and_left_out_when_not_given() -> None:
    (update,) = load("tasks/update.yml")
    passed = {name: value for name, value in update[f"{FQCN}.kms_srv_record"].items() if name not in OF_THE_RECORDS}
    assert passed == {name: f"{{{{ __kms_srv_cleanup_dns.{name} | default(omit) }}}}" for name in DNS}


def test_nothing_is_removed_unless_it_is_asked_for() -> None:
    updates = [task for task in load("tasks/main.yml") if task.get("ansible.builtin.include_tasks") == "update.yml"]
    assert [task["when"] for task in updates] == ["__kms_srv_cleanup_remove | bool"]
    assert load("defaults/main.yml")["kms_srv_cleanup_remove"] is False


def test_whatever_asks_or_updates_runs_where_the_role_is_told_to() -> None:
    tasks = load("tasks/main.yml") + load("tasks/update.yml")
    senders = [task for task in tasks if any(name.startswith(f"{FQCN}.kms_srv_record") for name in task)]
    assert len(senders) == 3
    assert {task["delegate_to"] for task in senders} == {"{{ __kms_srv_cleanup_dns_delegate_to }}"}


def test_the_playbook_runs_on_the_controller_with_ansibles_own_python() -> None:
    play, _ending = yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))
    assert "{'localhost': 'localhost'}" in play["hosts"]
    assert play["connection"] == "local"
    assert play["vars"] == {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
