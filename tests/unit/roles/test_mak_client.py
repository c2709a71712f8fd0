# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role is the module under other names, and adds up before it consumes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.modules import mak_client
from documented_options import options_of
from published import readme_before_facts

ROLE = Path(__file__).parents[3] / "roles" / "mak_client"
PREFIX = "mak_client_"
MODULE = "winops.volume_activation.mak_client"
ADDED_UP = "planned_activations"
LIMITS = "max_activations"
"""A number in the module; the role can also ask Microsoft for it."""
ASKING = {
    "request_host", "extended_pid", "service_url", "http_proxy", "http_proxy_username", "http_proxy_password", "use_proxy", "ca_path",
}  # fmt: skip
"""What only the role has: asking Microsoft how many activations are left."""
OPTIONS = options_of(mak_client.DOCUMENTATION)
NAMES = [name for name in OPTIONS if name != ADDED_UP]


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def asking(file: str) -> list[dict[str, Any]]:
    """The tasks of a file that run the module, also inside of a block."""
    tasks = [inner for task in load(f"tasks/{file}.yml") for inner in task.get("block", [task])]
    return [task for task in tasks if MODULE in task]


SPECS: dict[str, dict[str, Any]] = load("meta/argument_specs.yml")["argument_specs"]


@pytest.mark.parametrize("entry", ["main", "forecast", "activate"])
def test_every_option_of_the_module_is_a_variable_of_the_role(entry: str) -> None:
    specs = SPECS[entry]["options"]
    assert sorted(specs) == sorted(f"{PREFIX}{name}" for name in (*NAMES, *(ASKING if entry == "main" else ())))
    for name in NAMES:
        spec, option = specs[f"{PREFIX}{name}"], OPTIONS[name]
        kind = "list" if name == LIMITS else option["type"]
        assert (spec["type"], spec.get("choices")) == (kind, option.get("choices")), name


def test_defaults_are_those_of_the_module() -> None:
    expected = {f"{PREFIX}{name}": OPTIONS[name]["default"] for name in NAMES if "default" in OPTIONS[name]}
    expected[f"{PREFIX}request_host"] = "localhost"
    assert load("defaults/main.yml") == expected
    assert {name: spec["default"] for name, spec in SPECS["main"]["options"].items() if "default" in spec} == expected


def test_the_key_and_the_password_of_the_proxy_are_the_only_secrets() -> None:
    secrets = [name for name, spec in SPECS["main"]["options"].items() if spec.get("no_log")]
    assert secrets == [f"{PREFIX}product_key", f"{PREFIX}http_proxy_password"]


@pytest.mark.parametrize(("file", "left_out"), [("activate", {ADDED_UP}), ("forecast", {ADDED_UP, "max_activations"})])
def test_a_task_passes_every_variable_on_and_leaves_out_what_is_not_set(file: str, left_out: set[str]) -> None:
    (task,) = asking(file)
    passed = {name: value for name, value in task[MODULE].items() if name not in (ADDED_UP, LIMITS)}
    assert sorted(passed) == sorted(set(OPTIONS) - left_out - {LIMITS})
    for name, value in passed.items():
        omitted = "" if f"{PREFIX}{name}" in load("defaults/main.yml") else " | default(omit)"
        assert value == f"{{{{ {PREFIX}{name}{omitted} }}}}"


def test_the_forecast_changes_nothing_whatever_the_run_does() -> None:
    (task,) = asking("forecast")
    assert (task["check_mode"], task["changed_when"]) == (True, False)


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(mak_client_\w+)` \| (.+?) \|", readme_before_facts(ROLE), re.MULTILINE))
    assert list(rows) == list(SPECS["main"]["options"])
    for name, spec in SPECS["main"]["options"].items():
        default = spec.get("default")
        text = "not set" if default is None else f"`{str(default).lower()}`"
        assert rows[name] == text, name
