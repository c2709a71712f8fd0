# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role for proxy activation: specification, defaults, README, tasks and playbooks agree, and the file is written as it should be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from published import readme_before_facts, tasks

ROOT = Path(__file__).parents[3]
ROLE = ROOT / "roles" / "proxy_activation"
FQCN = "winops.volume_activation"
PHASES = ["collect", "deposit"]
PUBLISHED = {"collected", "requested", "deposited", "report"}
"""What the role leaves for the user, without its name before it."""


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


SPECIFIED = load("meta/argument_specs.yml")["argument_specs"]
ENTRY_POINTS: dict[str, dict[str, Any]] = {name: found["options"] for name, found in SPECIFIED.items()}
VARIABLES: dict[str, dict[str, Any]] = {name: option for options in ENTRY_POINTS.values() for name, option in options.items()}
TASKS = {path.stem: load(f"tasks/{path.name}") for path in (ROLE / "tasks").glob("*.yml")}


def plays(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))
    return found


def test_the_specification_has_the_defaults_the_role_has() -> None:
    assert {name: option["default"] for name, option in VARIABLES.items() if "default" in option} == load("defaults/main.yml")


def test_a_variable_means_the_same_in_every_entry_point() -> None:
    for options in ENTRY_POINTS.values():
        assert options.items() <= VARIABLES.items()


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(proxy_activation_\w+)` \| (.+?) \|", readme_before_facts(ROLE), re.MULTILINE))
    assert set(rows) == set(VARIABLES)
    for name, option in VARIABLES.items():
        default = option.get("default")
        shown = default if isinstance(default, str) else str(default).lower()
        assert rows[name] == ("required" if option.get("required") else "not set" if default is None else f"`{shown}`"), name


def test_every_variable_the_tasks_use_is_documented_or_left_by_a_task() -> None:
    texts = [path.read_text(encoding="utf-8") for path in [*(ROLE / "tasks").glob("*.yml"), ROLE / "vars" / "main.yml"]]
    used = set(re.findall(r"(?<![_.\w])proxy_activation_\w+", "\n".join(texts)))
    assert used == set(VARIABLES) | {f"proxy_activation_{name}" for name in PUBLISHED}


def test_the_key_and_the_password_are_secrets_and_nothing_else_is() -> None:
    secrets = {name for name, option in VARIABLES.items() if option.get("no_log")}
    assert secrets == {"proxy_activation_product_key", "proxy_activation_http_proxy_password"}


def test_a_role_that_is_taken_whole_says_what_to_do_instead_of_nothing() -> None:
    (task,) = TASKS["main"]
    assert f"{FQCN}.proxy_collect" in task["ansible.builtin.fail"]["msg"]
    assert "main" not in ENTRY_POINTS


def test_the_file_is_written_on_the_controller_for_its_owner_alone_with_a_backup() -> None:
    write = TASKS["write"][0]
    assert (write["delegate_to"], write["run_once"], write["become"]) == ("localhost", True, False)
    assert write["vars"]["ansible_connection"] == "local"
    steps = [next(name for name in task if "." in name) for task in write["block"]]
    assert steps.index("ansible.builtin.include_tasks") < steps.index("ansible.builtin.file") < steps.index("ansible.builtin.copy")
    (copy,) = (task["ansible.builtin.copy"] for task in write["block"] if "ansible.builtin.copy" in task)
    assert copy["mode"] == "{{ omit if __proxy_activation_path is file else '0600' }}"
    (beside,) = (task["ansible.builtin.copy"] for task in TASKS["conflict"] if "ansible.builtin.copy" in task)
    assert beside["mode"] == "0600"
    assert sorted(name for name in TASKS if "ansible.builtin.copy" in str(TASKS[name])) == ["conflict", "write"]


@pytest.mark.parametrize("phase", PHASES)
def test_files_are_looked_at_before_any_machine_is_touched(phase: str) -> None:
    assert TASKS[phase][0]["ansible.builtin.import_tasks"] == "file.yml"
    assert all(task["run_once"] for task in TASKS["file"])


@pytest.mark.parametrize("phase", PHASES)
def test_a_machine_that_fails_stops_nobody_else(phase: str) -> None:
    asking = [task for task in TASKS[phase] if any(name.startswith(f"{FQCN}.") for name in task)]
    assert asking
    assert all(task["vars"]["__volume_activation_collect"] is True and "register" in task for task in asking)


def test_the_key_of_an_add_on_is_checked_and_then_given_in_turns() -> None:
    """As the role for Extended Security Updates does, with the same filter; the check and the run have the same options."""
    (check,) = (task for task in TASKS["collect"] if f"{FQCN}.mak_client" in task)
    assert (check["check_mode"], check["changed_when"]) == (True, False)
    select, run, _result, others = TASKS["turns"]
    assert run[f"{FQCN}.mak_client"] == check[f"{FQCN}.mak_client"]
    assert f"{FQCN}.machines_for_key(hostvars, ansible_play_hosts_all, '__proxy_activation_', 'collected')" in str(select)
    assert "inventory_hostname in __proxy_activation_turn.machines" in run["when"]
    assert (run["vars"], others["ansible.builtin.include_tasks"]) == ({"__volume_activation_collect": True}, "turns.yml")


def test_no_key_is_installed_before_the_records_were_looked_through() -> None:
    names = [next(name for name in task if "." in name) for task in TASKS["deposit"]]
    assert names.index(f"{FQCN}.activation_info") < names.index(f"{FQCN}.mak_client") == len(names) - 2
    assert TASKS["deposit"][-2]["when"] == "__proxy_activation_decision.status == 'ready'"


@pytest.mark.parametrize("phase", PHASES)
def test_the_playbook_runs_the_phase_in_batches_and_then_the_statement_once(phase: str) -> None:
    first, second, third = plays(f"proxy_{phase}")
    assert "proxy_activation_hosts" in first["hosts"]
    assert second["hosts"] == f"{{{{ proxy_activation_hosts | default('') | {FQCN}.answer([]) }}}}"
    assert ["serial" in play for play in (first, second, third)] == [True, False, False]
    all_tasks = [task for play in (first, second, third) for task in play["tasks"]]
    called = [task["ansible.builtin.import_role"] for task in all_tasks if "ansible.builtin.import_role" in task]
    assert [found["name"] for found in called] == [f"{FQCN}.proxy_activation"] * 3
    assert [found["tasks_from"] for found in called] == [phase, "compile", "ending"]
    assert second["tasks"][0]["vars"]["__proxy_activation_in_phase"] == phase


def test_no_filter_of_the_collection_is_loaded_once_for_every_machine() -> None:
    """A worker that needs one reads all files of filters, for each machine anew, unless Ansible has read them before it starts workers.

    `answer` is in what every machine reads, and is therefore in a keyword that Ansible evaluates before, in a task that comes first.
    """
    first = next(task for task in TASKS["file"] if "run_once" in task)
    assert first["run_once"] == f"{{{{ true | {FQCN}.answer(true) }}}}"
    shared = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
    filtering = {name for name, text in shared.items() if f"{FQCN}." in str(text).replace(f"{FQCN}.answer", "")}
    filtering |= {name for name, text in shared.items() if any(other in str(text) for other in filtering)}
    for found in TASKS.values():
        # A block that runs once covers its tasks.
        blocks = [each for each in found if "block" in each and "run_once" not in each]
        for task in [each for each in found if each not in blocks] + [
            each for block in blocks for each in tasks([block]) if each is not block
        ]:
            if f"| {FQCN}." in str(task) or any(name in str(task) for name in filtering):
                assert task["run_once"], task["name"]


def test_no_playbook_asks_a_person_anything() -> None:
    assert not any("vars_prompt" in play for phase in PHASES for play in plays(f"proxy_{phase}"))
