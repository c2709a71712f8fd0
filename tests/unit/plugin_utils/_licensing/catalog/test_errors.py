# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code is explained, in our own words, and what is not known is not pretended."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import errors

from .explained_codes import FAMILIES_FILE, ROOT, all_explanations, shared, texts_of, words_of

ERROR_KEYS = ["code", "symbol", "meaning", "cause", "next_steps", "category", "source", "transient", "known", "subcode", "underlying"]


# -- the catalog against the facts it was made from


def test_every_code_of_the_facts_has_the_same_symbol_and_transient_flag() -> None:
    rows = shared("error_codes.json")
    assert len(rows) >= 374
    for row in rows:
        explanation = errors.explain(row["code"])
        assert explanation.known, row["code"]
        assert (explanation.code, explanation.transient) == (row["code"], row["transient"])
        # In the facts a name in brackets is a remark where the headers have no symbol.
        if not row["name"].startswith("("):
            assert explanation.symbol == row["name"].split()[0]


def test_a_code_without_a_public_symbol_has_none_and_no_text_for_it() -> None:
    nameless = [row["code"] for row in shared("error_codes.json") if row["name"].startswith("(") and "alias of" not in row["name"]]
    assert len(nameless) >= 3
    assert {errors.explain(code).symbol for code in nameless} == {None}
    assert {errors.explain(code).label for code in nameless} == {errors.explain(code).code for code in nameless}


def test_every_symbol_of_the_header_is_known() -> None:
    names: dict[str, str] = shared("sl_error_names.json")["names"]
    assert len(names) >= 408
    assert {code: errors.explain(code).symbol for code in names} == names


def test_no_sentence_of_the_facts_was_copied() -> None:
    ours = [words_of(text) for explanation in all_explanations() for text in texts_of(explanation)]
    page = "\n".join(ours)
    compared = 0
    for row in shared("error_codes.json"):
        for field in ("message", "cause", "remedy"):
            for sentence in re.split(r"[.;:]\s|\n", row.get(field) or ""):
                words = words_of(sentence)
                if len(words.split()) > 5:
                    compared += 1
                    assert words not in page, f"{row['code']} {field}: {sentence}"
    assert compared > 50


# -- the texts


def test_every_entry_is_complete_and_readable() -> None:
    for explanation in all_explanations():
        assert 1 <= len(explanation.next_steps) <= 4, explanation.code
        assert explanation.category in errors.families(), explanation.code
        for text in texts_of(explanation):
            assert text == text.strip(), explanation.code
            assert text[0].isupper() or text.startswith(("sppsvc", "slmgr", "osppsvc", "tokens.dat")), (explanation.code, text)
            assert text.endswith((".", "'.", ")")), (explanation.code, text)
            assert len(text.split()) >= 3 or text == "No error.", (explanation.code, text)


def test_many_codes_have_a_text_of_their_own() -> None:
    own = [explanation for explanation in all_explanations() if errors.has_own_text(explanation.code)]
    assert len(own) >= 200
    for explanation in own:
        family = errors.families()[explanation.category]
        assert explanation.meaning != family["meaning"], explanation.code
        assert explanation.cause != family["cause"], explanation.code
        assert list(explanation.next_steps) != family["next_steps"], explanation.code


def test_the_facts_have_at_least_ninety_codes_with_a_text_of_their_own() -> None:
    own = [row["code"] for row in shared("error_codes.json") if errors.has_own_text(row["code"])]
    assert len(own) >= 150


@pytest.mark.parametrize("category", ["kms_contact", "kms_host", "kms_count", "dns", "clock", "permission", "phone", "ad", "rearm", "vm"])
def test_the_families_people_meet_have_no_borrowed_text(category: str) -> None:
    borrowed = [e.code for e in all_explanations() if e.category == category and not errors.has_own_text(e.code)]
    assert borrowed == []


def test_a_code_with_borrowed_text_still_names_what_its_symbol_says() -> None:
    explanation = errors.explain("0xC004C011")
    assert not errors.has_own_text(explanation.code)
    assert "invalid binding uri" in explanation.meaning
    assert explanation.next_steps == tuple(errors.families()["online_service"]["next_steps"])


def test_meanings_differ_between_codes() -> None:
    own = [e.meaning for e in all_explanations() if errors.has_own_text(e.code)]
    # The cloud form and the old form of a few codes say the same thing in the same words.
    assert len(set(own)) >= len(own) - 8


def test_key_errors_are_never_worth_a_retry() -> None:
    assert [e.code for e in all_explanations() if e.category == "key" and e.transient] == []


def test_no_full_product_key_is_in_the_catalog() -> None:
    for path in FAMILIES_FILE.parent.glob("errors*.json"):
        assert not re.search(r"[A-Za-z0-9]{5}(-[A-Za-z0-9]{5}){4}", path.read_text(encoding="utf-8")), path.name


def test_the_readme_says_how_many_codes_have_a_text_of_their_family_only() -> None:
    codes = errors.known_codes()
    family_only = sum(not errors.has_own_text(code) for code in codes)
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"{len(codes)} error codes" in readme
    assert f"{family_only} of them have only the explanation of their family" in readme


# -- how it is handed over


def test_the_dictionary_has_the_keys_of_every_error_in_a_result() -> None:
    result = errors.explain("0xC004F074").as_dict()
    assert list(result) == ERROR_KEYS
    assert json.loads(json.dumps(result)) == result


def test_every_code_says_where_it_comes_from_or_has_no_public_name() -> None:
    without = [explanation.code for explanation in all_explanations() if explanation.source is None]
    assert without == ["0x8004FC12"]
    assert all(errors.explain(code).symbol is None for code in without)
    assert errors.explain("0xC004F999").source is None
