# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the batch activation service in Japanese: complete, and with the same codes, options, and names as in English."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter.explain_activation_error import explain_activation_error
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.catalog import CATALOG, UNKNOWN
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.errors import ServiceError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.texts import japanese

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
TYPED = re.compile(
    r"""\b\w+:[ ](?:true|false|online)\b                              # an option with its value
    | [A-Za-z0-9]+[._\\][A-Za-z0-9._\\]*[A-Za-z0-9]              # names of options, modules, and hosts
    | \b(?:MAK|TLS|DNS|SOAP|NTLM|Negotiate|Kerberos|GVLK|pyspnego|ca-certificates|\d{2,})(?=s?(?![A-Za-z]))
    """,
    re.VERBOSE | re.ASCII,
)
PAIRS = [(code, CATALOG[code], japanese.TRANSLATIONS[code]) for code in CATALOG] + [("unknown", UNKNOWN, japanese.UNKNOWN)]
TERMS = [
    ("onfirmation ID", "確認 ID"),
    ("nstallation ID", "インストール ID"),
    ("xtended product ID", "拡張 PID"),
    ("Microsoft 365 admin center", "Microsoft 365 管理センター"),
    ("KMS host", "KMS ホスト"),
    ("proxy", "プロキシ|http_proxy"),
    ("irewall", "ファイアウォール"),
    ("telephone activation center", "ライセンス認証の電話窓口"),
]


def test_every_code_is_translated_and_no_other() -> None:
    assert set(japanese.TRANSLATIONS) == set(CATALOG)
    assert len(CATALOG) > 25


@pytest.mark.parametrize(("code", "english", "translated"), PAIRS, ids=[code for code, *_ in PAIRS])
def test_a_translation_has_as_many_sentences_that_are_japanese(code: str, english: Any, translated: japanese.Translation) -> None:
    assert len(translated.next_steps) == len(english.next_steps)
    assert 1 <= len(english.next_steps) <= 4
    for text in (translated.meaning, translated.cause, *translated.next_steps):
        assert JAPANESE.search(text), code
        assert text.endswith("。"), text
        assert text == text.strip()


@pytest.mark.parametrize(("code", "english", "translated"), PAIRS, ids=[code for code, *_ in PAIRS])
def test_what_a_person_types_is_the_same_and_terms_have_one_translation(code: str, english: Any, translated: japanese.Translation) -> None:
    texts = zip(
        (english.meaning, english.cause, *english.next_steps), (translated.meaning, translated.cause, *translated.next_steps), strict=True
    )
    for one, other in texts:
        # A translation can name the abbreviation where English has the words.
        assert set(TYPED.findall(one)) <= set(TYPED.findall(other)), (code, one)
        assert set(TYPED.findall(other)) - set(TYPED.findall(one)) <= {"GVLK"}, (code, other)
        for term, translation in TERMS:
            assert (term in one) <= bool(re.search(translation, other)), (code, term, other)


@pytest.mark.parametrize("spelled", ["0x7F", "0x7f", "0x0000007F", 127])
def test_the_filter_explains_a_code_of_the_service_in_its_context(spelled: Any) -> None:
    english, translated = (explain_activation_error(spelled, language, "batch_activation") for language in ("en", "ja"))
    assert english == ServiceError("0x7F").explain().as_dict()
    assert translated["meaning"] == japanese.TRANSLATIONS["0x7F"].meaning
    assert {name for name in english if english[name] != translated[name]} == {"meaning", "cause", "next_steps"}
    assert "MAK" not in explain_activation_error(spelled)["meaning"]


@pytest.mark.parametrize("context", [None, "batch_activation", "esu"])
def test_the_filter_explains_a_code_of_the_modules_in_every_context(context: str | None) -> None:
    assert explain_activation_error("response_lost", context=context) == ServiceError("response_lost").explain().as_dict()
    assert explain_activation_error("response_lost", "ja", context)["transient"] is True


def test_a_code_of_the_service_that_nobody_explains_is_unknown_in_japanese_too() -> None:
    found = explain_activation_error("0x80131600", "ja", "batch_activation")
    assert (found["known"], found["meaning"]) == (False, japanese.UNKNOWN.meaning)


@pytest.mark.parametrize(("value", "language"), [("no_code", "en"), ("", "ja"), ("response_lost", "de"), (None, "en"), (-1, "de")])
def test_other_texts_and_languages_are_refused(value: Any, language: str) -> None:
    with pytest.raises(AnsibleFilterError, match="explain_activation_error: "):
        explain_activation_error(value, language, "batch_activation")
