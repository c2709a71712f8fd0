# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role for Extended Security Updates: specification, defaults, README, tasks, and playbook agree, and checking comes first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.modules import mak_client
from documented_options import options_of
from published import readme_before_facts

ROOT = Path(__file__).parents[3]
ROLE = ROOT / "roles" / "esu"
FQCN = "winops.volume_activation"
ENTRIES = ["check", "budget", "activate", "report"]
OPTIONS = options_of(mak_client.DOCUMENTATION)
OF_WINDOWS = {"activate", "activation_id", "application", "clear_kms_settings", "convert_kms_host", "edition_id", "replace_subscription"}
"""Options that select Windows itself or Office, or that accept a loss of Windows."""
OF_MICROSOFT = {
    f"esu_{name}"
    for name in (
        "request_host", "extended_pid", "service_url", "http_proxy", "http_proxy_username", "http_proxy_password", "use_proxy", "ca_path",
    )
}  # fmt: skip
"""Variables about the question how many activations are left. The module does not have them."""


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


SPECS: dict[str, dict[str, Any]] = {name: entry["options"] for name, entry in load("meta/argument_specs.yml")["argument_specs"].items()}


def asking(file: str, module: str) -> list[dict[str, Any]]:
    tasks = [inner for task in load(f"tasks/{file}.yml") for inner in task.get("block", [task])]
    return [task for task in tasks if f"{FQCN}.{module}" in task]


def test_the_whole_role_runs_its_entry_points_in_order() -> None:
    assert [task["ansible.builtin.import_tasks"] for task in load("tasks/main.yml")] == [f"{name}.yml" for name in ENTRIES]
    assert set(SPECS) == {"main", *ENTRIES}


def test_every_option_for_an_addon_is_a_variable_with_the_values_of_the_module() -> None:
    names = {"esu_programme": "esu", **{f"esu_{name}": name for name in OPTIONS}}
    specs = SPECS["main"]
    assert set(OPTIONS) - OF_WINDOWS - {"planned_activations", "esu"} == {
        name.removeprefix("esu_") for name in set(specs) - {"esu_programme"} - OF_MICROSOFT
    }
    for variable, spec in specs.items():
        if variable in OF_MICROSOFT:
            continue
        option = OPTIONS[names[variable]]
        if variable == "esu_max_activations":
            option = {**option, "type": "list"}
        assert (spec["type"], spec.get("choices"), spec.get("default")) == (option["type"], option.get("choices"), option.get("default")), (
            variable
        )


def test_an_entry_point_has_the_variables_of_the_whole_role() -> None:
    for entry in ENTRIES:
        assert SPECS[entry].items() <= SPECS["main"].items()


def test_defaults_are_those_of_the_specification() -> None:
    assert load("defaults/main.yml") == {name: spec["default"] for name, spec in SPECS["main"].items() if "default" in spec}


def test_secrets_are_hidden_and_only_the_programme_is_required() -> None:
    assert [name for name, spec in SPECS["main"].items() if spec.get("no_log")] == ["esu_product_key", "esu_http_proxy_password"]
    assert [name for name, spec in SPECS["main"].items() if spec.get("required")] == ["esu_programme"]


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(esu_\w+)` \| (.+?) \|", readme_before_facts(ROLE), re.MULTILINE))
    assert list(rows) == list(SPECS["main"])
    for name, spec in SPECS["main"].items():
        default = spec.get("default")
        shown = default if isinstance(default, str) else str(default).lower()
        assert rows[name] == ("required" if spec.get("required") else "not set" if default is None else f"`{shown}`"), name


def test_a_machine_without_a_programme_is_never_asked_about_windows_instead() -> None:
    """Without `esu`, the module would take the MAK for one of Windows."""
    for task in (*asking("check", "mak_client"), *asking("turns", "mak_client")):
        assert task[f"{FQCN}.mak_client"]["esu"] == "{{ esu_programme }}"


def test_machines_have_their_turns_and_each_turn_selects_its_machines() -> None:
    """What a key is for shows only after its installation, and a MAK of Windows would replace the key of every machine."""
    select, activate, keep, others = load("tasks/turns.yml")
    assert f"{FQCN}.machines_for_key(hostvars, ansible_play_hosts_all, '__esu_', 'activated')" in str(select)
    assert select["run_once"]
    assert activate["when"] == "inventory_hostname in __esu_turn.machines"
    assert "__esu_activated" in keep["ansible.builtin.set_fact"]
    assert others["ansible.builtin.include_tasks"] == "turns.yml"
    assert (others["vars"], others["when"]) == (
        {"__esu_candidates": "{{ __esu_turn.waiting }}"},
        "inventory_hostname in __esu_turn.waiting",
    )
    assert next(task.get("ansible.builtin.include_tasks") for task in load("tasks/activate.yml")) == "turns.yml"


def test_the_check_writes_nothing_and_stops_nobody() -> None:
    (check,) = asking("check", "mak_client")
    assert (check["check_mode"], check["changed_when"]) == (True, False)
    for task in (check, *asking("turns", "mak_client"), *asking("activate", "activation_check")):
        assert (task["vars"], "register" in task) == ({"__volume_activation_collect": True}, True)


def test_check_and_run_pass_the_same_options() -> None:
    (check,), (run,) = asking("check", "mak_client"), asking("turns", "mak_client")
    more = {"max_activations", "planned_activations"}
    given = run[f"{FQCN}.mak_client"]
    assert {name: value for name, value in given.items() if name not in more} == check[f"{FQCN}.mak_client"]


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_the_playbook_checks_all_activates_in_batches_and_reports_all(place: int) -> None:
    plays = yaml.safe_load((ROOT / "playbooks" / "activate_esu.yml").read_text(encoding="utf-8"))
    called = [
        task["ansible.builtin.import_role"]["tasks_from"] for task in plays[place - 1]["tasks"] if "ansible.builtin.import_role" in task
    ]
    assert called == [["check", "budget"], ["activate"], ["compile"], ["ending"]][place - 1]
    assert ("serial" in plays[place - 1]) == (place == 2)
