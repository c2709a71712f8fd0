# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter gives the catalog's explanation, and a clear sentence for what is no code."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter.explain_activation_error import (
    FilterModule,
    explain_activation_error,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.errors import explain


def test_ansible_finds_the_filter_by_its_name() -> None:
    assert FilterModule().filters() == {"explain_activation_error": explain_activation_error}


@pytest.mark.parametrize("value", ["0xC004F074", "0xc004f074", "C004F074", "3221549172", "-1073418124", 3221549172, -1073418124])
def test_every_spelling_gives_the_same_dictionary(value: int | str) -> None:
    assert explain_activation_error(value) == {**explain("0xC004F074").as_dict(), "known": True}


def test_an_unknown_code_says_that_it_is_unknown() -> None:
    result = explain_activation_error("0xC004EEEE")
    assert result["known"] is False
    assert "not in this collection's catalog" in result["meaning"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("no code", "'no code' is not an error code"),
        ("", "is not an error code"),
        (True, "type bool"),
        (1.5, "type float"),
        (None, "type NoneType"),
        (1 << 40, "32 bits"),
    ],
)
def test_what_is_no_code_fails_with_a_sentence_that_names_the_filter(value: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        explain_activation_error(value)
    assert "explain_activation_error: " in str(raised.value)
    assert words in str(raised.value)


def test_the_answer_is_in_the_language_that_was_asked_for() -> None:
    english, japanese = explain_activation_error("0xC004F074"), explain_activation_error("0xC004F074", language="ja")
    assert explain_activation_error("0xC004F074", language="en") == english
    assert set(japanese) == set(english)
    assert {name for name in english if english[name] != japanese[name]} == {"meaning", "cause", "next_steps"}
    assert "KMS ホスト" in japanese["meaning"]


def test_a_context_changes_the_words_where_the_meaning_depends_on_it() -> None:
    general, host = explain_activation_error("0x8007232B"), explain_activation_error("0x8007232B", context="publishing")
    assert "zone" in " ".join(host["next_steps"])
    assert host["next_steps"] != general["next_steps"]
    assert explain_activation_error("0xC004F074", context="publishing") == explain_activation_error("0xC004F074")
    with pytest.raises(AnsibleFilterError, match="explain_activation_error: invalid context 'office': must be one of kms_client_key"):
        explain_activation_error("0x8007232B", context="office")


def test_a_language_there_is_not_fails_with_a_sentence_that_names_those_there_are() -> None:
    with pytest.raises(AnsibleFilterError, match="explain_activation_error: invalid language 'de': must be one of en, ja"):
        explain_activation_error("0xC004F074", language="de")
