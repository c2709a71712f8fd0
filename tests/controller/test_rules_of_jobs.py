# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials, slices, and what ansible-playbook gets."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from awx_rules import inventory, meta
from awx_rules.credentials import Credential, Injection, inject, machine, secrets
from awx_rules.objects import CredentialType, ObjectError, credential_type
from awx_rules.runner import arguments, variables_file

FIELDS = [{"id": "server", "type": "string"}, {"id": "secret", "type": "string", "secret": True}, {"id": "strict", "type": "boolean"}]


def kind(**injectors: Any) -> CredentialType:
    return credential_type({"name": "K", "inputs": {"fields": FIELDS, "required": ["secret"]}, "injectors": injectors})


def refuse(label: str, content: str) -> str:
    raise AssertionError((label, content))


def test_injectors_fill_variables_and_the_environment() -> None:
    found = kind(extra_vars={"dns": {"server": "{{ server }}", "keys": ["{{ secret }}"]}}, env={"KRB5_CONFIG": "/{{ server }}"})
    given = Credential("c", "K", {"server": "dns1", "secret": "hush"})
    assert inject(found, given, refuse) == Injection({"dns": {"server": "dns1", "keys": ["hush"]}}, {"KRB5_CONFIG": "/dns1"})


def test_an_input_without_a_value_renders_empty_and_a_boolean_without_one_is_false() -> None:
    found = kind(extra_vars={"server": "{{ server }}", "strict": "{{ strict }}"})
    assert inject(found, Credential("c", "K", {"secret": "hush", "server": ""}), refuse).extra_vars == {"server": "", "strict": "False"}


def test_a_required_input_without_a_value_is_refused() -> None:
    with pytest.raises(ObjectError, match="secret"):
        inject(kind(), Credential("c", "K", {"server": "dns1"}), refuse)


@pytest.mark.parametrize("name", ["ANSIBLE_TIMEOUT", "PATH", "1A", "A-B"])
def test_variables_that_awx_does_not_inject_are_refused(name: str) -> None:
    with pytest.raises(ObjectError, match=name):
        inject(kind(env={name: "x"}), Credential("c", "K", {"secret": "hush"}), refuse)


def test_files_are_written_first_so_that_the_other_injectors_know_their_paths() -> None:
    written: dict[str, str] = {}
    many = kind(
        file={"template.a": "{{ secret }}", "template.b": "B"}, extra_vars={"a": "{{ tower.filename.a }}", "b": "{{tower.filename.b}}"}
    )
    one = kind(file={"template": "{{ secret }}"}, env={"KEYTAB": "{{ tower.filename }}"})

    def write(label: str, content: str) -> str:
        written[label] = content
        return f"/env/{label}"

    given = Credential("c", "K", {"secret": "hush"})
    assert inject(many, given, write).extra_vars == {"a": "/env/template.a", "b": "/env/template.b"}
    assert inject(one, given, write).env == {"KEYTAB": "/env/template"}
    assert written == {"template.a": "hush", "template.b": "B", "template": "hush"}


def test_a_machine_credential_is_a_user_and_the_answer_to_a_prompt() -> None:
    found = machine(Credential("m", "Machine", {"username": "Admin", "password": "hush"}))
    assert found.arguments == ("-u", "Admin", "--ask-pass")
    assert list(found.passwords.values()) == ["hush"]


def test_only_secret_inputs_are_secrets_and_a_credential_does_not_print_them() -> None:
    given = Credential("c", "K", {"server": "dns1", "secret": "hush"})
    assert secrets(given, kind()) == {"hush"}
    assert secrets(Credential("m", "Machine", {"username": "Admin", "password": "pw"}), None) == {"pw"}
    assert "hush" not in repr(given)


def test_slices_take_machines_in_turn_by_name() -> None:
    hosts = ["d", "a", "c", "e", "b"]
    assert [inventory.sliced(hosts, number, 2) for number in (1, 2)] == [["a", "c", "e"], ["b", "d"]]
    assert inventory.sliced(hosts, 1, 1) == ["a", "b", "c", "d", "e"]
    assert inventory.slice_count(9, 5) == 5


def test_a_slice_keeps_groups_and_their_variables_without_its_machines() -> None:
    listing = {
        "_meta": {"hostvars": {"a": {"x": 1}, "b": {"x": 2}}},
        "all": {"children": ["web", "db"], "vars": {"y": 1}},
        "web": {"hosts": ["a"], "vars": {"z": 1}},
        "db": {"hosts": ["b"]},
    }
    assert inventory.script(listing, ["b"]) == {
        "_meta": {"hostvars": {"b": {"x": 2, "remote_tower_enabled": "true"}}},
        "all": {"children": ["web", "db"], "vars": {"y": 1}},
        "web": {"hosts": [], "vars": {"z": 1}},
        "db": {"hosts": ["b"]},
    }


def test_jinja_works_only_in_the_variables_of_the_template() -> None:
    text = variables_file(
        {"own": "{{ a }}", "answer": {"list": ["{{ b }}", 1, True]}, "changed": "{{ c }}"}, {"own": "{{ a }}", "changed": "x"}
    )
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_constructor("!unsafe", lambda _, entry: f"unsafe {entry.value}")
    assert yaml.load(text, loader) == {
        "own": "{{ a }}",
        "unsafe answer": {"unsafe list": ["unsafe {{ b }}", 1, True]},
        "unsafe changed": "unsafe {{ c }}",
    }


def test_fields_become_arguments() -> None:
    fields = {"job_type": "check", "diff_mode": True, "limit": "web:!a", "verbosity": 7, "forks": 3, "job_tags": "a,b", "skip_tags": "c"}
    assert arguments(fields) == ["--check", "--diff", "--forks=3", "-l", "web:!a", "-vvvvv", "-t", "a,b", "--skip-tags=c"]
    assert arguments({"job_type": "run", "limit": ""}) == []


def test_a_job_of_a_workflow_knows_its_workflow() -> None:
    alone, inside = meta.variables(3, "T"), meta.variables(4, "T", launch_type="workflow", workflow=(2, "W"))
    assert (alone["awx_job_id"], alone["tower_job_id"], alone.get("awx_workflow_job_id")) == (3, 3, None)
    assert (inside["tower_workflow_job_id"], inside["awx_workflow_job_name"], inside["awx_job_launch_type"]) == (2, "W", "workflow")
