# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the README is the one that the tool makes of the recorded rows, and the guide to the demo has the same rows."""

from __future__ import annotations

import html
import json
import re

import pytest

import picture
from project import ROOT, ToolError

SHOWN = json.loads(picture.RECORD.read_text(encoding="utf-8"))
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_demo.rst").read_text(encoding="utf-8")


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("│").split("│")]


def test_the_picture_is_made_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    assert picture.PICTURE.read_text(encoding="utf-8") == picture.drawn(SHOWN)


def test_the_text_of_the_picture_is_that_of_the_record() -> None:
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", picture.PICTURE.read_text(encoding="utf-8"))
    text = html.unescape(" ".join(texts)).replace("\xa0", " ")
    assert all(row[1] in text and row[0] in text for row in SHOWN["after"])
    assert all(row[1] in text and row[2] in text for row in SHOWN["not_converted"])
    assert f"The second run changed {SHOWN['second_run_changed']} machines." in text
    assert len(text.split("│")) > 20
    assert "/work" not in text
    assert "/home" not in text


def test_the_output_in_the_guide_to_the_demo_has_the_same_rows() -> None:
    lines = [cells_of(line) for line in GUIDE.partition("   After\n")[2].splitlines() if "│" in line]
    assert [row for row in SHOWN["after"] if not any(cells[:4] == row for cells in lines)] == []
    assert [row[:2] for row in SHOWN["not_converted"] if not any(cells[:3] == row[:3] for cells in lines)] == []
    assert f"Second run: {SHOWN['second_run_changed']} changed" in GUIDE


def test_nothing_is_left_to_explain_in_the_picture() -> None:
    assert SHOWN["machines"] - SHOWN["converted"] == sum(int(row[0]) for row in SHOWN["not_converted"])
    assert SHOWN["second_run_changed"] == 0


def test_without_a_demo_the_tool_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture.demo, "WORK", ROOT / "build" / "no-such-demo")
    with pytest.raises(ToolError, match="make demo"):
        picture.record()
