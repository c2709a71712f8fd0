# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role that verifies a fleet: it is the module under other names, and one summary over all machines, whatever becomes of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.winops.volume_activation.plugins.modules import activation_check, activation_fleet_info
from documented_options import options_of
from published import readme_before_facts

ROOT = Path(__file__).parents[3]
ROLE = ROOT / "roles" / "activation_check"
FQCN = "winops.volume_activation"
PREFIX = "activation_check_"
OPTIONS = options_of(activation_check.DOCUMENTATION)
OWN = [
    "fail_on_unreachable", "expiring_within_days", "cache_facts", "report_path", "report_mode", "engine", "file_host", "record_path",
    "record_mode",
]  # fmt: skip
OF_FLEET = ["parallel_machines", "machine_timeout", "deadline"]
"""Options of activation_fleet_info that are variables of the role."""

PUBLISHED = {"facts", "result", "summary"}
"""What the role leaves for the user, without its name before it."""


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


SPECS: dict[str, dict[str, dict[str, Any]]] = {
    name: entry["options"] for name, entry in load("meta/argument_specs.yml")["argument_specs"].items()
}
(*CHECK, KEEP, PUBLISH), SUMMARY, (ENDING,) = load("tasks/check.yml"), load("tasks/compile.yml"), load("tasks/ending.yml")


def plays() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "playbooks" / "activation_check.yml").read_text(encoding="utf-8"))
    return found


def test_every_option_of_the_module_is_a_variable_of_the_role_with_the_same_default() -> None:
    assert sorted(SPECS["main"]) == sorted(f"{PREFIX}{name}" for name in [*OPTIONS, *OWN, *OF_FLEET])
    fleet = options_of(activation_fleet_info.DOCUMENTATION)
    for name, option in {**OPTIONS, **{name: fleet[name] for name in OF_FLEET}}.items():
        spec = SPECS["main"][f"{PREFIX}{name}"]
        for part in ("type", "choices", "elements", "default"):
            assert spec.get(part) == option.get(part), name


def test_all_variables_are_checked_before_any_machine_is_asked_and_mean_the_same_everywhere() -> None:
    assert SPECS["check"] == SPECS["main"]
    assert SPECS["summary"].items() <= SPECS["main"].items()
    assert [next(iter(name for name in task if "." in name)) for task in CHECK] == [
        "ansible.builtin.fail",
        f"{FQCN}.kept_files",
        "ansible.builtin.assert",
        "ansible.builtin.assert",
        f"{FQCN}.activation_fleet_info",
        "ansible.builtin.set_fact",
        f"{FQCN}.activation_check",
    ]
    assert all(task.get("run_once") or f"{FQCN}.activation_fleet_info" in task for task in CHECK[:-1])


def test_defaults_are_those_of_the_specification() -> None:
    assert load("defaults/main.yml") == {name: spec["default"] for name, spec in SPECS["main"].items() if "default" in spec}


def test_the_task_passes_every_option_on_and_leaves_out_what_is_not_set() -> None:
    passed, fleet = CHECK[-1][f"{FQCN}.activation_check"], CHECK[-3][f"{FQCN}.activation_fleet_info"]
    assert sorted(passed) == sorted(OPTIONS)
    assert passed == {"application": fleet["application"], **fleet["check"]}
    assert {name: fleet[name] for name in OF_FLEET} == {name: f"{{{{ {PREFIX}{name} }}}}" for name in OF_FLEET}
    for name, value in passed.items():
        omitted = "" if "default" in OPTIONS[name] else " | default(omit)"
        assert value == f"{{{{ {PREFIX}{name}{omitted} }}}}"


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(rf"^\| `({PREFIX}\w+)` \| (.+?) \|", readme_before_facts(ROLE), re.MULTILINE))
    assert list(rows) == list(SPECS["main"])
    for name, spec in SPECS["main"].items():
        default = spec.get("default")
        shown = f"[{', '.join(default)}]" if isinstance(default, list) else str(default).lower()
        assert rows[name] == ("not set" if default is None else f"`{shown}`"), name


def test_every_variable_the_tasks_use_is_documented_or_left_by_a_task() -> None:
    texts = [path.read_text(encoding="utf-8") for path in [*(ROLE / "tasks").glob("*.yml"), ROLE / "vars" / "main.yml"]]
    used = set(re.findall(rf"(?<![_.\w]){PREFIX}\w+", "\n".join(texts)))
    assert used == set(SPECS["main"]) | {f"{PREFIX}{name}" for name in PUBLISHED}


def test_a_machine_that_fails_or_is_not_there_stops_nobody_else() -> None:
    assert CHECK[-1]["vars"] == {"__volume_activation_collect": True}
    assert not any("ansible.builtin.fail" in task for task in CHECK if not task.get("run_once"))


def test_the_run_fails_last_after_everything_was_said_and_written() -> None:
    assert [task["ansible.builtin.import_tasks"] for task in load("tasks/summary.yml")] == ["compile.yml", "ending.yml"]
    assert all(task["run_once"] is True for task in SUMMARY)
    ends, (show,) = ENDING["block"], ENDING["always"]
    assert all(f"{FQCN}.machine_outcome" in end for end in ends)
    assert ("ansible.builtin.debug" in show, show["run_once"]) == (True, True)


def test_a_task_for_each_machine_is_skipped_once_if_one_task_reads_all_of_them() -> None:
    every = (*CHECK, KEEP, PUBLISH, *SUMMARY, *ENDING["block"])
    for_each = [task for task in every if task.get("run_once") == "{{ __activation_check_is_fleet }}"]
    assert [next(iter(name for name in task if "." in name)) for task in for_each] == [
        f"{FQCN}.activation_check",
        "ansible.builtin.set_fact",
        "ansible.builtin.set_fact",
        f"{FQCN}.machine_outcome",
    ]
    assert all("not __activation_check_is_fleet" in task["when"] for task in for_each)
    assert [task for task in every if not task.get("run_once") and f"{FQCN}.activation_fleet_info" not in task] == []


def test_the_report_is_written_on_the_controller_for_its_owner_alone() -> None:
    writes = {name: task for task in SUMMARY if "ansible.builtin.copy" in task for name in ("record", "report") if name in task["name"]}
    assert set(writes) == {"record", "report"}
    for name, write in writes.items():
        assert (write["delegate_to"], write["run_once"], write["become"], write["changed_when"]) == ("localhost", True, False, False)
        assert write["vars"]["ansible_connection"] == "local"
        given = f"__activation_check_{name}_mode | default(omit if __activation_check_{name} is exists else '0600', true)"
        assert write["ansible.builtin.copy"]["mode"] == f"{{{{ {given} }}}}"


def test_the_playbook_checks_in_batches_and_sums_up_once_over_the_same_machines() -> None:
    first, second, third = plays()
    for play in (first, second):
        assert "activation_check_hosts | default('windows', true)" in play["hosts"]
    assert first["vars"] == second["vars"] == {name: value for name, value in third["vars"].items() if name != "__outcome_of"}
    assert ["serial" in play for play in (first, second, third)] == [True, False, False]
    all_tasks = [task for play in (first, second, third) for task in play["tasks"]]
    called = [task["ansible.builtin.import_role"] for task in all_tasks if "ansible.builtin.import_role" in task]
    assert [found["name"] for found in called] == [f"{FQCN}.activation_check"] * 3
    assert [found["tasks_from"] for found in called] == ["check", "compile", "ending"]
    assert not any(play["any_errors_fatal"] or "vars_prompt" in play for play in plays())
