# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role are checked as Ansible checks them, except for answers of a survey, and no message has the specification."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.answers import Kind
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.catalog import roles, spec_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.validation import problems, secrets_in

KEY = "MMMMM-KKKKK-MMMMM-HVTHP-2BCDF"
ENTRIES = [(role, entry) for role in roles() for entry in spec_of(role)]
SAMPLES = {"str": "a", "path": "/a", "int": "5", "bool": "true", "dict": {}, "list": "a\nb"}


def sample(option: dict[str, Any]) -> Any:
    """A right value as a survey has it, as a text where that is possible."""
    if option.get("elements") == "dict":
        return [{name: sample(part) for name, part in option.get("options", {}).items()}]
    choices = option.get("choices")
    return "\r\n".join(choices) if choices and option["type"] == "list" else choices[-1] if choices else SAMPLES[option["type"]]


def required(role: str, entry: str) -> dict[str, Any]:
    return {name: sample(dict(option)) for name, option in spec_of(role)[entry].items() if option.get("required")}


# ansible-core 2.19 and later read the empty text that AWX marks as unsafe as null.
@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize(("role", "entry"), ENTRIES)
def test_every_option_can_be_empty_but_a_key_and_a_limit(role: str, entry: str, empty: str | None) -> None:
    options = spec_of(role)[entry]
    optional = {name: option for name, option in options.items() if not option.get("required")}
    refused = {name for name, option in optional.items() if Kind.of(option).is_secret or name.endswith("_max_activations")}
    values = required(role, entry) | dict.fromkeys(optional, empty)
    found = problems(role, options, values)
    assert {message.split(" ")[0] for message in found} == refused
    assert all(" is empty. " in message for message in found)
    assert problems(role, options, {name: value for name, value in values.items() if name not in refused}) == []


@pytest.mark.parametrize(("role", "entry"), ENTRIES)
def test_every_option_can_be_a_text_of_a_survey(role: str, entry: str) -> None:
    options = spec_of(role)[entry]
    assert problems(role, options, {name: sample(dict(option)) for name, option in options.items()}) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kms_host_listening_port": "many"}, "kms_host_listening_port"),
        ({"kms_host_state": "gone"}, "Value of kms_host_state must be one of: present, absent, got: gone."),
        ({"kms_host_activate": "perhaps"}, "kms_host_activate"),
        ({"kms_host_host_keys": [{"product_key": KEY, "idd": 1}]}, "Unknown option kms_host_host_keys.idd. Supported parameters include:"),
    ],
)
def test_a_wrong_value_has_a_short_message_and_a_next_step(values: dict[str, Any], message: str) -> None:
    found = problems("kms_host", spec_of("kms_host")["main"], values)
    assert message in found[0]
    assert found[-1] == "Set or correct the variables."
    assert len(found[0]) < 300


def test_a_required_variable_without_an_answer_is_missing() -> None:
    options = spec_of("esu")["check"]
    for value in ("", " \n"):
        assert problems("esu", options, {"esu_programme": value}) == [
            "Missing required arguments: esu_programme.",
            "Set or correct the variables.",
        ]


def test_an_empty_key_is_reported_once_and_as_empty() -> None:
    options = spec_of("kms_key_rotation")["host"]
    given = {"kms_key_rotation_hosts": "a", "kms_key_rotation_clients": "b", "kms_key_rotation_host_keys": ""}
    (message,) = problems("kms_key_rotation", options, given)
    assert message.startswith("kms_key_rotation_host_keys is empty.")


def test_the_secrets_of_the_values_are_found_at_any_depth() -> None:
    options = spec_of("kms_failover")["replacement"]
    given = {"kms_failover_host_keys": [{"product_key": KEY}], "kms_failover_dns": {"key_secret": "s3cret", "key_name": "k"}, "other": "x"}
    assert secrets_in(options, given) == [KEY, "s3cret"]


@pytest.mark.parametrize(("role", "entry", "meaning"), [("mak_client", "main", "no limit"), ("proxy_activation", "request", "remaining")])
def test_an_empty_limit_is_refused_with_what_no_limit_means(role: str, entry: str, meaning: str) -> None:
    name = f"{role}_max_activations"
    (message,) = [text for text in problems(role, spec_of(role)[entry], {name: ""}) if name in text]
    assert message == f"{name} is empty. Set it, for example to 10, or remove the variable, which means {meaning}."
