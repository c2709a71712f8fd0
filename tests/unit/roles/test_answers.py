# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No role reads an option in a way that takes the empty text of a survey for a value, and every role checks its variables once.

An option is passed to a module of the collection as it is, because the action plugins understand answers, or is read with the filter
`answer`. What a role has checked to have a value can be read as it is: keys, limits, and texts that are required.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.answers import LIMIT, Kind
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.catalog import options_of, spec_of
from published import load, tasks, texts

ROOT = Path(__file__).parents[3]
FQCN = "winops.volume_activation"
WITHOUT_SURVEY = {"controller_content", "controller_apply"}
"""The role and the playbook that make the surveys, which an administrator runs before there is one."""
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.name not in WITHOUT_SURVEY)
PLAYBOOKS = sorted(path for path in (ROOT / "playbooks").glob("*.yml") if path.stem not in WITHOUT_SURVEY)
CHECK = re.compile(rf"query\('{FQCN}\.invalid_variables', '(?P<role>\w+)'(?:, (?P<entry>'?\w+'?))?\)")
ANSWER = rf"(?P<name>[a-z]\w*)(?: \| default\(''\))? \| {FQCN}\.answer\((?P<default>"
PASSED = r"\{{\{{ (?:__\w+_in_\w+ \| default\()?{name}(?: \| default\(omit\))?\)?(?: \| default\(omit\))? \}}\}}"
"""The whole value of an option of a module."""
MESSAGES = ("msg", "fail_msg")
"""Options with a text that names options and is no expression."""


def specification(role: str) -> Mapping[str, Mapping[str, Any]]:
    """All options of a role."""
    return {name: option for options in spec_of(role).values() for name, option in options.items()}


def has_value(name: str, option: Mapping[str, Any]) -> bool:
    """Whether the check of the variables refuses an empty text."""
    is_as_it_is = (option["type"] in ("str", "path") and "choices" not in option) or option.get("elements") == "dict"
    return Kind.of(option).is_secret or name.endswith(f"_{LIMIT}") or (bool(option.get("required")) and is_as_it_is)


def readings(role: str) -> Iterator[tuple[str, str]]:
    """What a role computes, and what it passes to modules of the collection, which is an empty text if it is the value of an option."""
    for path in (ROOT / "roles" / role / "tasks").glob("*.yml"):
        for task in tasks(load(path)):
            for key, value in task.items():
                if key in ("block", "rescue", "always", "name"):
                    continue
                written = {name: part for name, part in value.items() if name not in MESSAGES} if isinstance(value, dict) else value
                messages = [part for name, part in value.items() if name in MESSAGES and "{{" in part] if isinstance(value, dict) else []
                for text in (*texts(written), *messages):
                    yield str(text), "passed" if key.startswith(FQCN) else "computed"
    variables = ROOT / "roles" / role / "vars" / "main.yml"
    if variables.is_file():
        for text in texts(load(variables)):
            yield str(text), "computed"


def raw(role: str) -> list[tuple[str, str]]:
    """Every option that is read in another way."""
    found = []
    for name, option in specification(role).items():
        if has_value(name, option):
            continue
        for text, use in readings(role):
            code = "".join(re.findall(r"\{\{.*?\}\}", text, re.DOTALL)) if "{{" in text else text if use == "computed" else ""
            code = re.sub(r"'[^']*'", lambda quoted: quoted[0] if quoted[0] == "''" else "'text'", " ".join(code.split()))
            if use == "passed" and re.fullmatch(PASSED.format(name=name), code):
                continue
            rest = re.sub(rf"(?<![\w.]){name}(?: \| default\(''\))? \| {FQCN}\.answer\(", "", code)
            if re.search(rf"(?<![\w.]){name}(?!\w)", rest):
                found.append((name, text))
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_role_reads_an_option_as_if_it_had_an_answer(role: str) -> None:
    assert raw(role) == [], "read it with the filter answer, in a private name of vars/main.yml"


def defaults_of(text: str) -> Iterator[tuple[str, str]]:
    """The name and the default in each call of the filter."""
    for call in re.finditer(ANSWER + r"\[[^\]]*\]|\{\}|'[^']*'|[\w.]+)", " ".join(text.split())):
        yield call["name"], call["default"]


@pytest.mark.parametrize("role", ROLES)
def test_an_option_without_an_answer_has_its_default(role: str) -> None:
    specs, differing = specification(role), []
    for text, _use in readings(role):
        for name, literal in defaults_of(text):
            default = specs.get(name, {}).get("default")
            if default is not None and ast.literal_eval({"true": "True", "false": "False"}.get(literal, literal)) != default:
                differing.append((name, literal, default))
    assert differing == []


def test_the_reader_sees_an_option_that_is_read_as_it_is() -> None:
    """Otherwise the tests above could not fail."""
    assert list(defaults_of(f"{{{{ kms_client_a | default('') | {FQCN}.answer([1]) }}}}")) == [("kms_client_a", "[1]")]
    assert re.fullmatch(PASSED.format(name="x"), "{{ x | default(omit) }}")
    assert not re.fullmatch(PASSED.format(name="x"), "{{ x | default(1) }}")


def checks(role: str) -> Iterator[tuple[Path, str]]:
    for path in (ROOT / "roles" / role / "tasks").glob("*.yml"):
        for call in CHECK.finditer(path.read_text(encoding="utf-8")):
            assert call["role"] == role
            yield path, (call["entry"] or "'main'")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_checks_all_its_variables(role: str) -> None:
    entries = [entry.strip("'") for _path, entry in checks(role)]
    assert entries
    if role == "proxy_activation":  # its phases have a file of their own for the check, which gets the name of the phase
        assert entries == ["__proxy_activation_entry"]
    else:
        assert {name for entry in entries for name in spec_of(role)[entry]} == options_of(role)


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_playbook_leaves_the_check_of_variables_to_the_role(path: Path) -> None:
    """Ansible's own check refuses the empty text for a number, a switch, and a choice, and runs for each machine."""
    for entry in tasks(load(path)):
        assert "roles" not in entry
        for how in ("import", "include"):
            if f"ansible.builtin.{how}_role" in entry:
                assert entry[f"ansible.builtin.{how}_role"]["rolespec_validate"] is False


IN_PLAYBOOK = (
    r"(?: \| default\(''\))? \| winops\.volume_activation\.answer\(",
    r" \| default\(''\)[,\]} )]",
    r" \| default\((?:\[\]|'\w+'), true\)",
    r" \| default\(false\), (?:prefix|serial|only_first)=",
)
"""How a playbook can read a variable: with the filter, in an argument of play_hosts, or where only an empty text has to be replaced."""


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_no_playbook_reads_a_variable_as_if_it_had_an_answer(path: Path) -> None:
    own = yaml.safe_load((ROOT / "meta" / "playbook_specs.yml").read_text(encoding="utf-8"))["playbook_specs"][path.stem]
    options = {**own["options"], **{name: option for role in own["roles"] for name, option in specification(role).items()}}
    code = [" ".join(" ".join(re.findall(r"\{\{.*?\}\}", str(text), re.DOTALL)).split()) for play in load(path) for text in texts(play)]
    found = [
        (name, reading[0][:100])
        for name, option in options.items()
        if not has_value(name, option)
        for text in code
        # A name in quotation marks is part of a message.
        for reading in re.finditer(rf"(?<![\w.']){name}(?![\w'])(?P<rest>.*)", text)
        if not any(re.match(form, reading["rest"]) for form in IN_PLAYBOOK)
    ]
    assert found == []
