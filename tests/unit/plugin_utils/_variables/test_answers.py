# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer of a survey is what was typed in the type of the option, and an empty text is no answer."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.filter.answer import answer as answer_filter
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.answers import (
    EMPTY_VALUES,
    answer,
    has_empty_value,
    is_empty,
    items,
    kinds_of,
    read,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.catalog import roles, spec_of
from documented_options import COLLECTION, options_of

ROOT = Path(__file__).parents[4]
KEY = "MMMMM-KKKKK-MMMMM-HVTHP-2BCDF"
BLANK = st.text(" \t\r\n", max_size=5)
ITEM = st.text(
    st.characters(codec="utf-8", exclude_characters=",\r\n", exclude_categories=("Zs", "Zl", "Zp", "Cc")), min_size=1, max_size=8
)
DEFAULTS = st.one_of(st.booleans(), st.integers(), st.text(), st.lists(st.text()), st.none(), st.dictionaries(st.text(), st.text()))
SPEC: dict[str, dict[str, Any]] = {
    "kms_host": {"type": "str"},
    "lookup_domain": {"type": "str"},
    "max_activations": {"type": "int"},
    "networks": {"type": "list", "elements": "str"},
    "product_key": {"type": "str", "no_log": True},
    "host_keys": {"type": "list", "elements": "dict", "options": {"product_key": {"type": "str", "no_log": True}, "id": {"type": "str"}}},
    "dns": {"type": "dict", "options": {"key_secret": {"type": "str", "no_log": True}, "port": {"type": "int"}}},
    "facts": {"type": "list", "elements": "dict"},
}
KINDS = kinds_of(SPEC)


@given(BLANK, DEFAULTS)
def test_a_text_without_a_character_is_no_answer_whatever_the_default_is(blank: str, default: Any) -> None:
    assert is_empty(blank)
    assert answer(blank, default) is default
    assert answer(None, default) is default


@given(st.lists(ITEM, min_size=1), st.sampled_from(["\n", "\r\n", ",", " , ", "\n\n", ",\r\n"]), BLANK)
def test_a_list_has_one_item_on_each_line_or_between_commas(parts: list[str], separator: str, blank: str) -> None:
    assert answer(f"{blank}{separator.join(parts)}{blank}", []) == [part.strip() for part in parts]
    assert answer(parts, []) == parts


@given(st.integers(), BLANK)
def test_a_number_can_be_a_text(number: int, blank: str) -> None:
    assert answer(f"{blank}{number}{blank}", 7) == number
    assert answer(number, 7) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("false", False), ("True", True), ("no", False), ("yes\n", True), ("0", False), (True, True), (0, False)],
)
def test_a_switch_can_be_a_text_and_the_default_does_not_change_what_it_says(text: Any, value: bool) -> None:
    assert answer(text, True) is value
    assert answer(text, False) is value


@given(st.text().filter(lambda text: text.strip() != ""))
def test_any_other_text_stays_what_it_is(text: str) -> None:
    assert answer(text, "x") is text
    assert answer(text) is text


@pytest.mark.parametrize(
    ("value", "default", "kind"), [("ten", 1, "a whole number"), ("maybe", True, "true or false"), ([1], 1, "a whole number")]
)
def test_a_text_of_another_type_is_refused_by_the_filter_without_a_key(value: Any, default: Any, kind: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"answer: .* is not {kind}"):
        answer_filter(value, default)
    with pytest.raises(AnsibleFilterError) as refused:
        answer_filter(KEY, 1)
    assert KEY not in str(refused.value)


def test_a_list_that_is_no_text_keeps_its_items() -> None:
    assert items([" a ", "", 5, {"b": ""}]) == ["a", "", 5, {"b": ""}]
    assert items({"a": 1}) == [{"a": 1}]
    assert items(5) == [5]


def test_an_option_without_an_answer_is_left_out_at_any_depth() -> None:
    found = read(
        "kms_client", {"kms_host": "", "dns": {"port": " "}, "host_keys": [{"product_key": KEY, "id": ""}], "networks": "a\nb"}, KINDS
    )
    assert found.values == {"dns": {}, "host_keys": [{"product_key": KEY}], "networks": ["a", "b"]}
    assert not found.empty_secrets + found.empty_limits


def test_an_empty_key_and_an_empty_limit_are_named() -> None:
    given = {"product_key": "", "host_keys": [{"product_key": KEY}, {"product_key": " "}], "dns": {"key_secret": ""}, "max_activations": ""}
    found = read("kms_client", given, KINDS)
    assert found.empty_secrets == ("product_key", "host_keys: item 2: product_key", "dns: key_secret")
    assert found.empty_limits == ("max_activations",)
    assert read("kms_client", {"host_keys": ""}, KINDS).empty_secrets == ("host_keys",)
    assert read("kms_client", {"dns": ""}, KINDS).values == {}


def test_the_name_of_the_role_before_an_option_changes_nothing() -> None:
    kinds = {f"kms_client_{name}": kind for name, kind in KINDS.items()}
    given = {"kms_client_lookup_domain": "", "kms_client_kms_host": "", "kms_client_max_activations": ""}
    found = read("kms_client", given, kinds)
    assert (found.values, found.empty_limits) == ({"kms_client_lookup_domain": ""}, ("kms_client_max_activations",))


def test_what_a_task_computes_stays_what_it_is() -> None:
    """Records of a file and results of other tasks have texts that are empty, and no suboptions."""
    given = {"facts": [{"confirmation_id": "", "machine": "PC-01"}], "unknown": "a\nb"}
    assert read("kms_client", given, KINDS).values == given


def documented(description: Any) -> bool:
    text = " ".join(description) if isinstance(description, list) else str(description)
    return "empty string" in text or "Can be empty" in text


def test_an_empty_text_is_a_value_exactly_where_the_description_says_so() -> None:
    found: dict[str, set[str]] = {}
    for role in roles():
        for options in spec_of(role).values():
            for name, option in options.items():
                if documented(option["description"]) or "" in option.get("choices", ()):
                    found.setdefault(role, set()).add(name.removeprefix(f"{role}_"))
    assert found == {role: set(names) for role, names in EMPTY_VALUES.items()}


def test_an_option_of_a_module_has_an_empty_value_if_its_description_says_so() -> None:
    for path in (ROOT / "plugins" / "modules").glob("[!_]*.py"):
        documentation = import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{path.stem}").DOCUMENTATION
        if yaml.safe_load(documentation)["module"] in roles():
            for name, option in options_of(documentation).items():
                text = " ".join(map(str, option["description"]))
                assert ("empty string" not in text) or has_empty_value(path.stem, name), name
