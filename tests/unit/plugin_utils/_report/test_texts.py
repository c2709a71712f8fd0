# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both languages have the same texts, and every name that a machine or a check can have is one of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.licenses import ACTIVATED_BY
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.machines import STATES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.errors import LANGUAGES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.findings import FINDINGS, SEVERITIES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.recording.entry import (
    EntryMethod,
    EntryResult,
    LedgerEvent,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Channel, LicenseStatus
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.texts import Texts

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "plugins" / "plugin_utils" / "_report"
PREFIXED = {
    "headline": "not_licensed errors not_read",
    "attention": "unreachable failed skipped not_run duplicates_rearm duplicates_local duplicates_stuck ledger",
    "table": "filter_",
    "machine": "client server domain_controller esu_active esu_inactive",
    "column": "",
    "section": "alarms changes moves trend 0 ledger",
}
"""Keys whose last part the code puts together; the script takes the headings of the exported file from the whole group of columns."""


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def texts(language: str) -> dict[str, str]:
    return dict(leaves(json.loads((FOLDER / "data" / f"texts_{language}.json").read_text(encoding="utf-8"))))


def test_every_language_has_texts_and_no_other() -> None:
    assert sorted(path.stem for path in (FOLDER / "data").glob("texts_*.json")) == sorted(f"texts_{language}" for language in LANGUAGES)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_languages_have_the_same_keys_and_placeholders(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert list(english) == list(other)
    placeholders = [{key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in each.items()} for each in (english, other)]
    assert placeholders[0] == placeholders[1]
    assert [key for key, text in other.items() if not text.strip()] == []


def test_japanese_texts_are_japanese() -> None:
    same = {key for key, text in texts("ja").items() if text.isascii()}
    allowed = (
        "key.",
        "channel.",
        "application.",
        "activated_by.",
        "method.",
        "column.",
        "machine.cmid",
        "charts.kms",
        "finding.managed",
        "table.shown",
    )
    assert [key for key in sorted(same) if not key.startswith(allowed)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_has_a_text(language: str) -> None:
    found = Texts(language)
    names = {
        "status": [status.name.lower() for status in LicenseStatus],
        "channel": [channel.value for channel in Channel],
        "key": [channel.value for channel in Channel],
        "activated_by": ACTIVATED_BY,
        "state": STATES,
        "severity": SEVERITIES,
        "finding": FINDINGS,
        "event": [event.value for event in LedgerEvent],
        "method": [method.value for method in EntryMethod],
        "result": [result.value for result in EntryResult],
    }
    missing = [f"{group}.{name}" for group, each in names.items() for name in each if name not in found.groups(group)[group]]
    assert missing == []
    assert set(found.groups("finding")["finding"]) == set(FINDINGS)


def test_every_text_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*")) if path.suffix in (".py", ".js", ".j2") and path.is_file()
    )
    words = {"table": r"texts?\.(?:table\.)?", "machine": r"words\.", "report": r"report\."}
    unused = []
    for key in texts("en"):
        group, name = key.split(".")[:2]
        if group in ("report", "headline", "attention", "charts", "table", "machine", "section"):
            composed = any(part and name.startswith(part) for part in PREFIXED.get(group, "").split(" "))
            in_script = group in words and re.search(rf"{words[group]}{name}\b", source)
            if not (composed or in_script or f"{group}.{name}" in source):
                unused.append(key)
    assert unused == []


def test_number_selects_the_form_of_a_text() -> None:
    english = Texts("en")
    assert english.count("report.machines", 1) == "1 machine"
    assert english.count("report.machines", 12345) == "12,345 machines"
    assert Texts("ja").count("report.machines", 2) == "2 台"


def test_a_key_below_a_text_is_unknown() -> None:
    """A record can have a finding with such a name."""
    with pytest.raises(KeyError):
        Texts("en")("finding.no_product_key.name.step")


def test_name_without_a_text_is_shown_as_it_is() -> None:
    english = Texts("en")
    assert english.label("finding", "clock_skew") == "Clock is wrong"
    assert english.label("finding", "found_by_a_newer_release") == "found_by_a_newer_release"
    assert english.label("channel", None) == "None"
