# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error reference is generated, complete and current."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import error_reference

LANGUAGES = pytest.mark.parametrize("language", error_reference.LANGUAGES, ids=lambda language: language.page)


def test_the_pages_in_the_repository_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert error_reference.main(["--check"]) == 0
    assert capsys.readouterr().out.count("is current") == 2


@LANGUAGES
def test_a_page_that_differs_is_reported_and_not_touched(
    language: error_reference.Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(error_reference, "PAGES", tmp_path)
    assert error_reference.main([]) == 0
    page = tmp_path / language.page
    page.write_text("old", encoding="utf-8")
    assert error_reference.main(["--check"]) == 1
    assert f"{language.page} differs from the catalog: run python tools/error_reference.py" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "old"
    assert error_reference.main([]) == 0
    assert error_reference.main(["--check"]) == 0


@LANGUAGES
def test_every_code_stands_on_the_page_once(language: error_reference.Language) -> None:
    codes = json.loads((error_reference.DATA / "errors.json").read_text(encoding="utf-8"))["codes"]
    lines = error_reference.render(language).splitlines()
    for code in codes:
        assert sum(line == f"### {code}" or line.startswith(f"| {code} |") for line in lines) == 1, code


@LANGUAGES
def test_the_contents_lead_to_the_headings(language: error_reference.Language) -> None:
    page = error_reference.render(language)
    anchors = re.findall(r"^\| \[[^]]+\]\(#([^)]+)\)", page, re.MULTILINE)
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert len(anchors) > 20
    assert set(anchors) <= {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_japanese_page_is_in_japanese_and_explains_its_terms() -> None:
    page = error_reference.render(error_reference.JAPANESE)
    assert "| grace period | 猶予期間 |" in page
    assert not re.search(r"^(Cause|Next steps|Source):", page, re.MULTILINE)


def test_placeholders_survive_markdown() -> None:
    page = error_reference.render()
    assert r"\_vlmcs.\_tcp.\<domain\>" in page
    assert "<domain>" not in page
