# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and playbooks compute in private names and publish at their end; nobody but the user reads a published name.

An extra variable wins over `set_fact` and `register`, also in `hostvars`. AWX gives what one job published to the next as extra
variables, so that a role that read its own published name would read the value of the job before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from published import artifacts, handed, load, published, read_in, task_files, tasks, texts, variable_files, written

ROOT = Path(__file__).parents[3]
PUBLISHED = published(ROOT)
FILES = [path.relative_to(ROOT).as_posix() for path in [*task_files(ROOT), *variable_files(ROOT)]]
TASKS = [path.relative_to(ROOT).as_posix() for path in task_files(ROOT)]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
INPUT = re.compile(r"__(?P<role>\w+?)_in_(?P<option>\w+)")
"""What a playbook or another role passes to a role: the name of the option with `__` before it and `in` after the name of the role."""

COLLECT = "__volume_activation_collect"
"""What the action plugins read of a task or play whose failures are reported at the end of the run."""

ON_THE_CONTROLLER = {"__proxy_activation_backups", "__proxy_activation_initial_states"}
"""Facts of localhost, which every machine reads under the same name."""

ANSWER = r"winops\.volume_activation\.answer"

_LITERAL = re.compile(r"'[^']*'")


def test_the_names_that_are_published_are_those_users_know() -> None:
    assert {"kms_client_result", "kms_failover_report", "activation_check_summary", "proxy_activation_report"} <= PUBLISHED


@pytest.mark.parametrize("path", TASKS)
def test_a_result_is_registered_under_a_private_name_and_published_from_it(path: str) -> None:
    for found in written(ROOT / path):
        if not found.is_private:
            built = f"{{{{ __controller_content_built.objects.{found.name.removeprefix('controller_')} }}}}"
            assert found.value in (f"{{{{ __{found.name} }}}}", f"{{{{ __{found.name} | default(omit) }}}}", built), found


@pytest.mark.parametrize("path", TASKS)
def test_variables_of_plays_and_tasks_and_names_of_loops_are_private(path: str) -> None:
    """An extra variable wins over them too: with one of the name `complaints` an assertion about another `complaints` passes."""
    own = f"__{path.split('/')[1]}_" if path.startswith("roles/") else "__"
    for found in handed(ROOT / path):
        known = found.name.startswith((own, "ansible_")) or INPUT.fullmatch(found.name) or found.name == COLLECT
        assert known, f"{found.where}: {found.name}"


@pytest.mark.parametrize("role", ROLES)
def test_variables_of_a_role_are_private(role: str) -> None:
    path = ROOT / "roles" / role / "vars" / "main.yml"
    assert [name for name in (load(path) if path.is_file() else {}) if not name.startswith(f"__{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_no_variable_of_a_task_or_role_has_the_name_of_a_fact_which_would_win(role: str) -> None:
    paths = [*(ROOT / "roles" / role / "tasks").glob("*.yml")]
    facts = {found.name for path in paths for found in written(path)}
    values = {found.name for path in paths for found in handed(path)}
    computed = ROOT / "roles" / role / "vars" / "main.yml"
    assert facts & (values | set(load(computed) if computed.is_file() else {})) <= ON_THE_CONTROLLER


def passed() -> set[tuple[str, str]]:
    """Every input that a playbook or another role passes, as role and option."""
    names = (found.name for path in task_files(ROOT) for found in handed(path))
    return {(match["role"], match["option"]) for name in names if (match := INPUT.fullmatch(name))}


def expressions(role: str) -> Iterator[str]:
    """What the tasks and variables of a role compute, without the texts of messages."""
    for path in (*(ROOT / "roles" / role / "tasks").glob("*.yml"), *(ROOT / "roles" / role / "vars").glob("*.yml")):
        for text in texts(load(path)):
            yield _LITERAL.sub("", " ".join(re.findall(r"\{\{.*?\}\}", text, re.DOTALL)) if "{{" in text else text)


def test_the_roles_that_are_called_by_others_are_known_here() -> None:
    called = {role for role, _option in passed()}
    assert called == {
        "activation_check",
        "activation_report",
        "esu",
        "kms_client",
        "kms_failover",
        "kms_key_rotation",
        "kms_srv_cleanup",
        "proxy_activation",
        "rearm",
        "recover_nongenuine",
    }


@pytest.mark.parametrize(("role", "option"), sorted(passed()))
def test_an_input_wins_wherever_its_option_is_read(role: str, option: str) -> None:
    """Where the option alone is read, an extra variable of the user wins over what the caller passes."""
    found = list(expressions(role))
    assert any(re.search(rf"\b__{role}_in_{option}\b", text) for text in found)
    alone = [text for text in found if re.search(rf"(?<!\w){role}_{option}\b", text) and f"__{role}_in_{option}" not in text]
    assert alone == []


@pytest.mark.parametrize("role", ROLES)
def test_a_switch_that_is_a_text_is_read_as_what_it_says(role: str) -> None:
    """Variables of the command line and of a survey are texts, and the text `false` is true. A module reads it by itself."""
    entries = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"].values()
    switches = {name for entry in entries for name, option in entry["options"].items() if option["type"] == "bool"}
    for text in expressions(role):
        for name in (name for name in switches if re.search(rf"(?<!\w){name}\b(?! is defined)", text)):
            passed_on = rf"\{{\{{ (__{role}_in_\w+ \| default\({name}\)|{name}( \| default\(omit\))?) \}}\}}"
            # Texts such as '' are left out of the expressions.
            read = rf"(?<!\w){name}( \| default\(\))? \| (bool\b|{ANSWER}\()"
            assert re.search(read, text) or re.fullmatch(passed_on, text), text


@pytest.mark.parametrize("path", FILES)
def test_no_file_reads_a_published_name(path: str) -> None:
    assert read_in(load(ROOT / path), PUBLISHED | artifacts(ROOT)) == set()


def test_no_published_name_is_an_option_of_a_role() -> None:
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        for entry in load(path)["argument_specs"].values():
            assert (PUBLISHED | artifacts(ROOT)).isdisjoint(entry["options"])


@pytest.mark.parametrize("path", TASKS)
def test_only_the_small_artifact_of_a_run_is_published_for_the_next_job(path: str) -> None:
    """A report with a row for each machine would be a variable of every following job of a workflow."""
    for task in tasks(load(ROOT / path)):
        if "ansible.builtin.set_stats" in task:
            assert path in {"playbooks/tasks/begin.yml", "playbooks/tasks/publish.yml"}
            assert (task["ansible.builtin.set_stats"]["per_host"], task["ansible.builtin.set_stats"]["aggregate"]) == (False, False)
            assert task["ansible.builtin.set_stats"]["data"].endswith(".artifact }}")


def test_the_reader_sees_a_name_wherever_it_is_used() -> None:
    """Otherwise the tests above could not fail."""
    names = {"a_result"}
    seen = ["{{ a_result.x }}", "{{ hostvars[h].a_result }}", "{{ x | map(attribute='a_result') }}", "a_result is failed"]
    assert all(read_in([{"block": [{"when": text}]}], names) == names for text in seen)
    assert (
        read_in(["{{ __a_result }}", "{{ a_result_too }}", "{{ x | winops.volume_activation.a_result }}", {"a_result": 1}], names) == set()
    )
    inner = {"always": [{"register": "x"}]}
    assert inner["always"][0] in list(tasks([{"block": [inner]}]))


OF_NO_MACHINE = {"controller_apply", "workflow_failed"}
"""Playbooks for a controller of jobs, whose tests do not use the machines of a scenario."""


@pytest.mark.parametrize("playbook", sorted({path.stem for path in ROOT.glob("playbooks/*.yml")} - OF_NO_MACHINE))
def test_every_playbook_runs_with_stale_values_in_a_scenario(playbook: str) -> None:
    """Their expectations are those of any other run."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "scenario").glob("*.py")]
    phase = playbook.removeprefix("proxy_").removeprefix("kms_")
    assert any("stale_values()" in text and (f'}}.{playbook}"' in text or f"= {phase}(" in text) for text in texts)
