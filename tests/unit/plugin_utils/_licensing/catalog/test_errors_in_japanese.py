# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog says in Japanese what it says in English: nothing is missing, nothing is more, and what is typed is the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import errors

ROOT = Path(__file__).resolve().parents[5]
DATA = ROOT / "plugins" / "plugin_utils" / "_licensing" / "catalog" / "data"
TEXTS = ("title", "place", "meaning", "cause", "next_steps")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PROPER_NAMES = {"WMI", "WinRM"}
"""Titles that are names, and the same in both languages."""

TYPED = re.compile(
    r"""(?<![\w'])'[^']+'            # a command
    | \{\w+\}                        # a placeholder
    | \b(?:activate|activation_method|activation_type|convert_kms_host|discovery|include_products_without_key|state|method)
      :[ ][a-z]+                     # an option with its value
    | \bproduct_key[ ]auto\b
    | [A-Za-z0-9%\\]*[A-Za-z0-9][_.\\][A-Za-z0-9_.\\<>%]*[A-Za-z0-9>]   # names of options, modules, files and fields
    | _vlmcs\S*?(?=[ ,.;)。、をがはの(]|$)
    | 0x[0-9A-Fa-f]{8} | KB\d+ | \b\d{3,}\b
    """,
    re.VERBOSE | re.ASCII,
)


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return loaded


def texts(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in TEXTS if name in entry}


def typed(text: str) -> set[str]:
    return set(TYPED.findall(text))


ENGLISH = {**load("errors.json"), **load("errors_families.json")}
TRANSLATED = {**load("errors_ja.json"), **load("errors_families_ja.json")}


def entries() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every entry that has texts, in both languages."""
    for part in ("codes", "families"):
        for name, entry in ENGLISH[part].items():
            if texts(entry):
                yield name, texts(entry), texts(TRANSLATED[part].get(name, {}))
            for context, words in entry.get("contexts", {}).items():
                yield f"{name} {context}", words, TRANSLATED[part].get(name, {}).get("contexts", {}).get(context, {})
    for english, translated in zip(ENGLISH["ranges"], TRANSLATED["ranges"], strict=True):
        yield english["first"], texts(english), translated
    yield "phrases", ENGLISH["phrases"], TRANSLATED["phrases"]
    yield "contexts", ENGLISH["contexts"], TRANSLATED["contexts"]


def pairs() -> Iterator[tuple[str, str, str]]:
    """Every single text in both languages."""
    for name, english, translated in entries():
        for field, text in english.items():
            if isinstance(text, list):
                yield from ((name, one, other) for one, other in zip(text, translated[field], strict=True))
            else:
                yield name, text, translated[field]


@pytest.mark.parametrize("part", ["codes", "families"])
def test_every_entry_with_english_texts_is_translated_and_no_other(part: str) -> None:
    with_texts = {name for name, entry in ENGLISH[part].items() if texts(entry)}
    assert len(with_texts) > 20
    assert set(TRANSLATED[part]) == with_texts


def test_a_translation_has_the_same_fields_and_as_many_steps() -> None:
    for name, english, translated in entries():
        assert set(translated) == set(english), name
        assert len(translated.get("next_steps", ())) == len(english.get("next_steps", ())), name


def test_japanese_texts_are_japanese_and_end_as_sentences_do() -> None:
    assert len(list(pairs())) > 1100
    titles = {family["title"] for family in TRANSLATED["families"].values()} | set(TRANSLATED["contexts"].values())
    for name, english, translated in pairs():
        assert JAPANESE.search(translated) or translated in PROPER_NAMES, (name, translated)
        assert translated == translated.strip(), name
        assert translated != english or translated in PROPER_NAMES, name
        assert translated in titles or translated.endswith("。"), (name, translated)


def test_what_a_person_types_or_looks_for_is_the_same_in_both_languages() -> None:
    wrong = {english: typed(english) ^ typed(translated) for _, english, translated in pairs() if typed(english) != typed(translated)}
    assert wrong == {}
    assert sum(len(typed(english)) for _, english, _ in pairs()) > 500


@pytest.mark.parametrize(
    ("term", "other"),
    [
        ("installation ID", "インストール ID"),
        ("onfirmation ID", "確認 ID"),
        ("Licensing Activation Center", "ライセンス認証センター"),
        ("Microsoft 365 admin center", "Microsoft 365 管理センター"),
        ("KMS host", "KMS ホスト"),
        ("grace period", "猶予期間"),
        ("SRV record", "SRV レコード"),
        ("trusted store", "信頼されたストア"),
        ("domain controller", "ドメイン コントローラー"),
        ("KMS client setup key", "クライアント セットアップ キー"),
        ("enuine validation", "正規品の検証"),
        ("non-genuine", "非正規"),
    ],
)
def test_one_term_has_one_translation(term: str, other: str) -> None:
    having = [(english, translated) for _, english, translated in pairs() if term in english]
    assert len(having) >= 2
    assert [english for english, translated in having if other not in translated] == []


def test_not_genuine_is_one_word_in_japanese() -> None:
    """As in the documentation of Windows, which calls this state 非正規."""
    assert [translated for _, _, translated in pairs() if re.search("正規品(?!の検証)|正規のソフトウェア", translated)] == []


def test_rearm_is_translated_at_its_first_use() -> None:
    """The word is a command of Windows, so it stays; each text says once what it does."""
    found = 0
    for name, _english, translated in entries():
        fields = [
            translated.get("title", ""),
            "\n".join((*(translated.get(part, "") for part in ("meaning", "cause")), *translated.get("next_steps", ()))),
        ]
        for text in fields:
            uses = re.findall(r"(?<![A-Za-z_])rearm(?![A-Za-z_]| モジュール)( \(ライセンス認証の猶予期間のリセット\))?", text)
            assert [bool(use) for use in uses] == [True, *[False] * (len(uses) - 1)][: len(uses)], name
            found += len(uses)
    assert found > 5


@given(st.one_of(st.sampled_from(errors.known_codes()), st.integers(min_value=0, max_value=0xFFFFFFFF)))
def test_every_number_is_explained_in_japanese_with_the_same_facts(code: int | str) -> None:
    english, japanese = errors.explain(code), errors.explain(code, "ja")
    for fact in ("code", "symbol", "category", "transient", "known", "source"):
        assert getattr(japanese, fact) == getattr(english, fact)
    assert len(japanese.next_steps) == len(english.next_steps)
    for text in (japanese.meaning, japanese.cause, *japanese.next_steps):
        assert JAPANESE.search(text)
        assert "{" not in text.replace("@{", "")


@pytest.mark.parametrize("language", ["", "de", "JA", None, 7])
def test_a_language_nobody_wrote_is_refused_by_name(language: Any) -> None:
    with pytest.raises(ValueError, match="must be one of en, ja"):
        errors.explain("0xC004F074", language)


def test_japanese_is_read_only_when_somebody_asks_for_it() -> None:
    program = """
import pathlib, sys
opened = []
read = pathlib.Path.read_text
pathlib.Path.read_text = lambda path, *args, **named: opened.append(path.name) or read(path, *args, **named)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import errors
errors.explain("0xC004F074")
assert opened and not any("_ja" in name for name in opened), opened
errors.explain("0xC004F074", "ja")
assert [name for name in opened if "_ja" in name] == ["errors_ja.json", "errors_families_ja.json"], opened
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
