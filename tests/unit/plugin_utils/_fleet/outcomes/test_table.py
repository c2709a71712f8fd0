# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table at the end of a run: aligned, no wider than a terminal, harmless, and with every machine in exactly one row."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.columns import Column, table, width_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.grouping import (
    WIDTH,
    TableRow,
    grouped,
    lines,
    named,
)

COLUMNS = (Column("machines", is_number=True), Column("which", 28), Column("why"), Column("what to do"))
TEXTS = st.text(max_size=300) | st.text(alphabet="あ漢字ｱ한 é́\x1b\u202e\n-", max_size=200)
NAMES = st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=40, unique=True)


@st.composite
def some_rows(draw: st.DrawFn) -> list[TableRow]:
    names = draw(NAMES)
    texts = draw(st.lists(TEXTS, min_size=1, max_size=4))
    pick = st.sampled_from(texts)
    return [TableRow(name, draw(st.integers(0, 3)), draw(pick), draw(pick), draw(pick), draw(st.sampled_from(names))) for name in names]


def test_columns_are_aligned_and_cells_have_several_lines() -> None:
    long = "The clocks of the client and the KMS host differ too much, which Windows compares in UTC"
    shown = table(COLUMNS, [["12", "mak-01, mak-02", "done", ""], ["1", "clock-01", long, "Correct the time."]], 72)
    assert shown == [
        "machines  which           why                          what to do",
        "--------  --------------  ---------------------------  -----------------",
        "      12  mak-01, mak-02  done",
        "       1  clock-01        The clocks of the client     Correct the time.",
        "                          and the KMS host differ too",
        "                          much, which Windows",
        "                          compares in UTC",
    ]  # fmt: skip


def test_a_column_without_text_is_left_out_and_an_empty_table_has_no_lines() -> None:
    assert table(COLUMNS, [["1", "pc1", "done", ""]], 80)[0].split() == ["machines", "which", "why"]
    assert table(COLUMNS, [], 80) == []


def test_japanese_takes_two_columns_for_each_character() -> None:
    assert width_of("日本語") == 6
    shown = table(COLUMNS, [["1", "pc1", "日本語", "a"], ["1", "pc2", "abcdef", "b"]], 80)
    assert shown[-2].endswith("日本語  a")
    assert shown[-1].endswith("abcdef  b")


@given(rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), max_size=8), width=st.integers(60, 200))
def test_no_line_is_too_wide_and_no_character_is_harmful(rows: list[tuple[str, str, str, str]], width: int) -> None:
    for line in table(COLUMNS, rows, width):
        assert width_of(line) <= width
        assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in "\u202e\u200b" for character in line)


@given(rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=8))
def test_no_text_is_lost(rows: list[tuple[str, str, str, str]]) -> None:
    """Every word of a cell is in its column, in order, possibly broken."""
    shown = "".join("".join(line.split()) for line in table(COLUMNS, rows, 4000))
    for row in rows:
        for cell in row:
            for word in cell.split():
                if word.isascii() and word.isprintable() and len(word) < 20:
                    assert word in shown


@given(rows=some_rows())
def test_every_machine_is_in_exactly_one_group(rows: list[TableRow]) -> None:
    groups = grouped(rows)
    assert sorted(name for group in groups for name in group["machines"]) == sorted(row.machine for row in rows)
    assert all(group["count"] == len(group["machines"]) for group in groups)
    assert len({(group["outcome"], group["message"], group["next_step"]) for group in groups}) <= len(groups)


@given(rows=some_rows())
def test_the_order_of_the_machines_does_not_matter(rows: list[TableRow]) -> None:
    assert grouped(rows) == grouped(list(reversed(rows)))


@given(rows=some_rows(), width=st.integers(60, 200))
def test_lines_of_groups_fit_and_show_the_count_of_every_group(rows: list[TableRow], width: int) -> None:
    groups = grouped(rows)
    shown = lines(groups, width)
    assert all(width_of(line) <= width for line in shown)
    counts = [int(line[:8]) for line in shown if line[:8].strip().isdecimal()]
    assert counts == [group["count"] for group in groups][-25:]


def test_outcomes_are_in_the_order_of_their_rank_the_most_frequent_first() -> None:
    rows = [TableRow("a", 2, "failed", "x"), TableRow("b", 1, "done"), TableRow("c", 2, "failed", "y"), TableRow("d", 2, "failed", "y")]
    assert [(group["outcome"], group["machines"]) for group in grouped(rows)] == [
        ("done", ["b"]),
        ("failed", ["c", "d"]),
        ("failed", ["a"]),
    ]


def test_with_too_many_groups_those_that_require_an_action_are_kept_and_the_others_counted() -> None:
    rows = [TableRow(f"pc{number}", 0, "done", f"reason {number}") for number in range(40)] + [TableRow("bad", 9, "failed", "x")]
    shown = lines(grouped(rows))
    assert shown[0] == "16 rows about 16 machines are not shown."
    assert shown[-1].split() == ["1", "bad", "failed", "x"]
    assert lines(grouped(rows[:26]))[0] == "1 row about 1 machine is not shown."


@pytest.mark.parametrize(
    ("names", "shown"),
    [(["a"], "a"), (["a", "b", "c", "d"], "a, b, c, d"), (["a", "b", "c", "d", "e"], "a, b, c, ... (2 more)")],
)
def test_names_are_shortened_and_counted(names: list[str], shown: str) -> None:
    assert named(names) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pc-01: The clock is wrong.", "The clock is wrong."),
        ("W10-0001 runs an evaluation edition.", "The machine runs an evaluation edition."),
        ("Nothing was changed. PC-01 keeps its key.", "Nothing was changed. The machine keeps its key."),
        ("Rearm pc-01, then activate.", "Rearm the machine, then activate."),
        ("pc-01.example.com and xpc-01 and pc-010 are others.", "pc-01.example.com and xpc-01 and pc-010 are others."),
        ("http://192.0.2.1:5985/wsman: connection refused.", "connection refused."),
    ],
)
def test_machines_with_the_same_reason_share_a_row_whatever_their_names(text: str, shown: str) -> None:
    (group,) = grouped([TableRow("pc-01", 0, "failed", text, text, "W10-0001")])
    assert (group["message"], group["next_step"]) == (shown, shown)


def test_a_name_that_is_a_word_is_replaced_at_the_beginning_only() -> None:
    (group,) = grouped([TableRow("kms", 0, "failed", "KMS: No KMS host responds.")])
    assert group["message"] == "No KMS host responds."


def test_a_name_that_begins_the_name_of_a_product_is_not_replaced() -> None:
    (group,) = grouped([TableRow("OFFICE", 0, "activated", "Office 2021, Standard edition")])
    assert group["message"] == "Office 2021, Standard edition"


def test_a_table_fits_in_a_terminal_of_140_columns_with_what_ansible_prints_around_a_line() -> None:
    assert WIDTH + len('        "') + len('",') <= 140
