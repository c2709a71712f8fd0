# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error reference is generated, complete and current."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import error_reference


def test_the_page_in_the_repository_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert error_reference.main(["--check"]) == 0
    assert "is current" in capsys.readouterr().out


def test_a_page_that_differs_is_reported_and_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "error-reference.md"
    page.parent.mkdir()
    page.write_text("old", encoding="utf-8")
    monkeypatch.setattr(error_reference, "PAGE", page)
    monkeypatch.setattr(error_reference, "ROOT", tmp_path)
    assert error_reference.main(["--check"]) == 1
    assert "run python tools/error_reference.py" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "old"
    assert error_reference.main([]) == 0
    assert error_reference.main(["--check"]) == 0


def test_every_code_stands_on_the_page_once() -> None:
    codes = json.loads((error_reference.DATA / "errors.json").read_text(encoding="utf-8"))["codes"]
    lines = error_reference.render().splitlines()
    for code in codes:
        assert sum(line == f"### {code}" or line.startswith(f"| {code} |") for line in lines) == 1, code


def test_placeholders_survive_markdown() -> None:
    page = error_reference.render()
    assert r"\_vlmcs.\_tcp.\<domain\>" in page
    assert "<domain>" not in page
