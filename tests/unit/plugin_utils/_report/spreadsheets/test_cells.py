# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No text of a machine becomes a formula, whichever delimiter a spreadsheet splits the lines at."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.spreadsheets.cells import (
    DELIMITERS,
    SpreadsheetColumn,
    cell,
    spreadsheet,
)

FORMULAS = tuple("=+-@\t\r＝＋－＠")
TEXTS = st.text(st.sampled_from("ab ;,\"'=+-@\t\r\n＝＠1!|") | st.characters(codec="utf-8"), max_size=12)
COLUMNS = tuple(SpreadsheetColumn(name, lambda row, name=name: row[name]) for name in ("one", "two"))


def read(text: str, delimiter: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=DELIMITERS[delimiter]))


def plain(text: str) -> str:
    """A text without apostrophes, which a spreadsheet does not show at the start, and in one line."""
    return re.sub(r"[\r\n]+", " ", text).replace("'", "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\n=1", "=cmd|'/c calc'!A0"])
def test_formula_gets_an_apostrophe(text: str) -> None:
    assert cell(text).startswith("'")
    assert cell(text).replace("'", "") == plain(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (False, "false"), (-5, "-5"), (0, "0"), (["a", "b"], "a b"), ([], ""), ("a=b", "a=b"), ("a - b", "a - b")],
)
def test_values(value: Any, text: str) -> None:
    assert cell(value) == text


@given(st.lists(st.fixed_dictionaries({"one": TEXTS, "two": TEXTS | st.integers() | st.none() | st.lists(TEXTS, max_size=2)}), max_size=4))
@example([{"one": 'a;"=1', "two": ',"+1'}])
@example([{"one": "", "two": "\r"}])
@example([{"one": "a\r\n=1", "two": "\n\r+1"}])
def test_no_cell_is_a_formula_at_either_delimiter(rows: list[dict[str, Any]]) -> None:
    for written in DELIMITERS:
        text = spreadsheet(COLUMNS, rows, written)
        for delimiter in DELIMITERS:
            for line in read(text, delimiter):
                for found in line:
                    is_number = found.lstrip("-").isdecimal()
                    assert is_number or not found.lstrip(" ").startswith(FORMULAS), (written, delimiter, found)


@given(st.lists(st.fixed_dictionaries({"one": TEXTS, "two": TEXTS}), max_size=4), st.sampled_from(sorted(DELIMITERS)))
def test_a_spreadsheet_reads_what_was_written(rows: list[dict[str, str]], delimiter: str) -> None:
    """In one line, and apart from the apostrophes, which a spreadsheet does not show."""
    lines = read(spreadsheet(COLUMNS, rows, delimiter), delimiter)
    assert lines[0] == ["one", "two"]
    assert [[each.replace("'", "") for each in line] for line in lines[1:]] == [[plain(row["one"]), plain(row["two"])] for row in rows]
