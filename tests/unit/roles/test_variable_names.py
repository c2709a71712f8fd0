# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role and playbook checks the names of variables before it does anything, and knows all names that the collection uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables import catalog
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.misspelled import misspelled
from published import load, published, task_files, tasks
from winlab.protocol.inventory import ROLES_THAT_PROBE

ROOT = Path(__file__).parents[3]
FQCN = "winops.volume_activation"
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
PROXY = {"proxy_activate", "proxy_collect", "proxy_deposit", "proxy_request"}
"""Playbooks whose variables begin with the name of their role."""
OF_THE_CONTROLLER = {"activation_merge", "controller_apply", "proxy_request", "workflow_failed"}
"""Playbooks that are about no machine, and check the names in their tasks if they have variables."""
ALL_NAMES = "query('ansible.builtin.varnames', '.')"
CALL = re.compile(r"misspelled_variables\('?(\w+)'?, hostvars,")


def key_of(path: Path) -> str:
    """The first part of the names of a playbook's variables."""
    return "proxy_activation" if path.stem in PROXY else path.stem


def code_of(path: Path) -> str:
    """A playbook without its comments."""
    return "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))


def roles_in(value: Any) -> Iterator[str]:
    """Every role that a playbook runs."""
    for entry in tasks(value):
        for name in (*(each["role"] for each in entry.get("roles") or ()), *(inner["name"] for inner in imported(entry))):
            yield name.removeprefix(f"{FQCN}.")


def imported(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (entry[f"ansible.builtin.{how}_role"] for how in ("import", "include") if f"ansible.builtin.{how}_role" in entry)


def test_the_published_names_are_those_that_tasks_set() -> None:
    assert published(ROOT) == catalog.PUBLISHED


def test_every_playbook_is_known() -> None:
    assert {key_of(path) for path in PLAYBOOKS} == set(catalog.playbooks())


@pytest.mark.parametrize("key", catalog.playbooks())
def test_the_variables_and_roles_of_a_playbook_are_those_in_its_file(key: str) -> None:
    files = [path for path in PLAYBOOKS if key_of(path) == key]
    used = {name for path in files for name in roles_in(load(path))}
    assert set(catalog.playbooks()[key].roles) == used
    words = {word for path in files for word in re.findall(rf"(?<![\w.]){key}(?:_\w+)?(?!\w)", code_of(path))}
    words -= {path.stem for path in files} if key != "rearm_duplicates" else set()
    options = frozenset().union(*map(catalog.options_of, used))
    assert {word for word in words if not word.endswith("_")} - options == catalog.playbooks()[key].variables - options


@pytest.mark.parametrize("path", [path for path in PLAYBOOKS if path.stem not in OF_THE_CONTROLLER], ids=lambda path: path.stem)
def test_a_playbook_checks_names_before_its_first_play(path: Path) -> None:
    hosts = " ".join(str(load(path)[0]["hosts"]).split())
    assert f"prefix='{key_of(path)}_', variables={ALL_NAMES}" in hosts


def checks(path: Path) -> list[tuple[str, int]]:
    """The checks of a file of tasks: the role that each names, and its place among the tasks, those in blocks included."""
    found = list(tasks(load(path)))
    return [(call.group(1), place) for place, task in enumerate(found) for call in CALL.finditer(str(task.get("vars", "")))]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_checks_names_before_it_uses_a_module_of_the_collection(role: str) -> None:
    found = {path: checks(path) for path in (ROOT / "roles" / role / "tasks").glob("*.yml")}
    assert any(found.values())
    for path, calls in found.items():
        for named, place in calls:
            assert named == role
            before = list(tasks(load(path)))[:place]
            assert not [task for task in before for key in task if key.startswith(FQCN)]


@pytest.mark.parametrize("path", [path for path in task_files(ROOT) if checks(path)], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_check_runs_once_and_sends_nothing(path: Path) -> None:
    for task in tasks(load(path)):
        if CALL.search(str(task.get("vars", ""))):
            # A template is evaluated before workers start, which therefore find the filters loaded.
            assert task["run_once"] in (True, f"{{{{ true | {FQCN}.answer(true) }}}}")
            assert set(task) == {"name", "ansible.builtin.fail", "vars", "when", "run_once"}
            assert ALL_NAMES in str(task["vars"])


def pages() -> list[Path]:
    """Guides, READMEs, and the playbooks and inventories that people read."""
    return sorted(
        [*ROOT.glob("docs/docsite/rst/*.rst"), *ROOT.glob("roles/*/README.md"), *ROOT.glob("README*.md"), *ROOT.glob("playbooks/*.yml")]
    )


EXAMPLES = {"kms_client_kms_hots", "convert_to_kms_serail"}
"""Misspelled variables that a guide shows."""


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_names_a_variable_that_would_be_refused(page: Path) -> None:
    words = set(re.findall(r"(?<![\w.])[a-z]\w*[a-z0-9]", page.read_text(encoding="utf-8"))) - EXAMPLES
    for content in {*catalog.playbooks(), *ROLES}:
        assert [one.name for one in misspelled(words, {}, 0, catalog.scope_of(content), catalog.is_known)] == [], content


def test_the_lab_sets_the_probe_networks_of_every_role_that_probes() -> None:
    """The lab shares no code with the collection, and kept the old name of a role for a while."""
    specs = {role: (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8") for role in ROLES}
    probing = {role for role, spec in specs.items() if f"{role}_probe_networks:" in spec}
    assert set(ROLES_THAT_PROBE) == probing
