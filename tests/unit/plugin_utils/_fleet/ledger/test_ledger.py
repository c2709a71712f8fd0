# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger is read line by line: requests become entries, lines that are damaged become problems, and nothing is counted twice."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger import read as reading
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.model import (
    Ledger,
    LedgerEntry,
    LedgerProblem,
    combine,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.read import parse_ledger, read_ledger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.totals import entries_by_machine, key_uses
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.recording.entry import LONGEST_LINE, LedgerError

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)


def line(**fields: Any) -> bytes:
    values = {
        "schema": 1, "id": "1", "time": "2026-11-30T12:00:00Z", "event": "activated", "result": "done", "inventory_hostname": "pc1",
        "run_id": "r", "activations_used": 1, "rearms_used": 0, **fields,
    }  # fmt: skip
    return json.dumps(values).encode() + b"\n"


def entry(**fields: Any) -> LedgerEntry:
    given_fields = {"id": "1", "time": NOON, "event": "activated", "result": "done", "inventory_hostname": "pc1", "run_id": "r", **fields}
    return LedgerEntry(**{"activations_used": 1, **given_fields})


def test_lines_about_a_request_are_one_entry_with_the_last_result() -> None:
    start = line(result="started", activations_used=None)
    later = line(time="2026-11-30T12:00:09Z")
    corrected = line(time="2026-11-30T12:00:10Z", result="unknown", code="0xC004F056")
    (found,) = parse_ledger([start]).entries
    assert (found.result, found.is_uncertain, found.activations_used, found.started_time) == ("started", True, None, NOON)
    (found,) = parse_ledger([start, later]).entries
    assert (found.result, found.is_uncertain, found.has_licensed) == ("done", False, True)
    assert (found.time, found.started_time) == (NOON + timedelta(seconds=9), NOON)
    (found,) = parse_ledger([start, later, corrected]).entries
    assert (found.result, found.code, found.is_uncertain, found.started_time) == ("unknown", "0xC004F056", True, NOON)


def test_fields_and_events_of_a_newer_version_are_no_problem() -> None:
    ledger = parse_ledger([line(event="moved", new_field={"a": 1})])
    assert (ledger.problems, ledger.entries[0].event) == ((), "moved")


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (line()[:30], "the line is not complete"),
        (line()[:-1] + b"x", "the line is not complete"),
        (b"[]\n", "the line is not a JSON object"),
        (b"{]}\n", "the line is not a JSON object"),
        (b"\xff\xfe}\n", "the line is not a JSON object"),
        (b"[" * 5000, "the line is not complete"),
        (b'{"schema": NaN}\n', "the line is not a JSON object"),
        (line(schema=2), "the schema is not 1"),
        (line(schema=True), "the schema is not 1"),
        (line(id=None), "id is missing"),
        (line(event=""), "event is missing"),
        (line(run_id=7), "run_id is not a text"),
        (line(description="x" * 1001), "description is not a text"),
        (line(time="2026-11-30"), "time is not a UTC time"),
        (line(time=None), "time is not a UTC time"),
        (line(activations_used=-1), "activations_used is not a number"),
        (line(activations_used=True), "activations_used is not a number"),
        (line(rearms_used=10**7), "rearms_used is not a number"),
        (b" " * (LONGEST_LINE + 1) + b"x", f"more than {LONGEST_LINE} bytes"),
    ],
)
def test_damaged_line_is_a_problem_and_hides_no_other(damaged: bytes, reason: str) -> None:
    ledger = parse_ledger([line(), b"\n", damaged, line(id="2")])
    assert [found.id for found in ledger.entries] == ["1", "2"]
    (problem,) = ledger.problems
    assert problem.line == 3
    assert reason in problem.reason


@given(st.lists(st.binary(max_size=80) | st.just(line()) | st.builds(line, id=st.text(max_size=3))))
def test_any_lines_are_read(lines: list[bytes]) -> None:
    ledger = parse_ledger(lines)
    assert len(ledger.entries) + len(ledger.problems) <= len(lines)
    assert len({found.id for found in ledger.entries}) == len(ledger.entries)


@given(st.integers(0, 2000))
def test_file_that_was_cut_off_anywhere_shows_all_whole_lines(tmp_path_factory: pytest.TempPathFactory, end: int) -> None:
    content = b"".join(line(id=str(number)) for number in range(5))
    path = tmp_path_factory.mktemp("cut") / "ledger.jsonl"
    path.write_bytes(content[:end])
    ledger = read_ledger(path)
    assert len(ledger.entries) >= content[:end].count(b"\n")
    assert len(ledger.entries) + len(ledger.problems) == len(content[:end].splitlines())


def test_long_line_in_a_file_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(line() + b"x" * (5 * LONGEST_LINE) + b"\n" + line(id="2"))
    ledger = read_ledger(path)
    assert [found.id for found in ledger.entries] == ["1", "2"]
    assert ledger.problems == (LedgerProblem(2, f"the line has more than {LONGEST_LINE} bytes"),)


def test_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    large = tmp_path / "large"
    large.write_bytes(b"x" * 11)
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    for path, reason in (
        (tmp_path / "none", "No such file"),
        (tmp_path, "a directory|regular file"),
        (pipe, "regular file"),
        (large, "maximum"),
    ):
        with pytest.raises(LedgerError, match=reason):
            read_ledger(path)


def test_combined_ledgers_have_each_request_once_in_the_order_of_time() -> None:
    first = Ledger((entry(id="b", result="started", started_time=NOON), entry(id="c", time=NOON + timedelta(1))), (LedgerProblem(1, "x"),))
    second = Ledger((entry(id="b", time=NOON + timedelta(2)), entry(id="a", time=NOON + timedelta(3))))
    for ledgers in ([first, second], [second, first]):
        combined = combine(ledgers)
        assert [(found.id, found.result) for found in combined.entries] == [("b", "done"), ("c", "done"), ("a", "done")]
        assert combined.problems == (LedgerProblem(1, "x"),)


@given(st.permutations(range(6)))
def test_combined_ledger_does_not_depend_on_the_order_of_its_parts(order: list[int]) -> None:
    results = ["started", "done", "unknown"]
    parts = [Ledger((entry(id=str(number % 2), time=NOON + timedelta(number), result=results[number % 3]),)) for number in range(6)]
    assert combine(parts[number] for number in order) == combine(parts)


def test_use_of_a_key_over_time() -> None:
    mak = {"channel": "mak", "partial_product_key": "TTWX3", "product_name": "Windows"}
    gvlk = {"channel": "gvlk", "partial_product_key": "2YT43", "activations_used": 0}
    ledger = Ledger((
        entry(id="1", event="key_installed", activations_used=0, **mak),
        entry(id="2", time=NOON + timedelta(days=1), **mak),
        entry(id="3", time=NOON + timedelta(days=1), inventory_hostname="pc2", **mak),
        entry(id="4", inventory_hostname="pc3", result="unknown", activations_used=None, **mak),
        entry(id="5", inventory_hostname="pc4", result="failed", activations_used=0, **mak),
        entry(id="6", inventory_hostname="pc5", event="confirmation_id_deposited", activations_used=0, **mak),
        entry(id="7", **gvlk),
    ))  # fmt: skip
    (second, first) = key_uses(ledger)
    assert (second.channel, second.activations_used, second.licensed_machines) == ("gvlk", 0, ("pc1",))
    assert (first.partial_product_key, first.activations_used, first.activations_uncertain) == ("TTWX3", 2, 1)
    assert first.by_day == ((date(2026, 12, 1), 2),)
    assert first.machines == ("pc1", "pc2", "pc3", "pc4", "pc5")
    assert first.licensed_machines == ("pc1", "pc2", "pc5")
    assert (first.first_time, first.last_time) == (NOON, NOON + timedelta(days=1))
    assert [found.id for found in entries_by_machine(ledger)["pc1"]] == ["1", "2", "7"]


@given(st.lists(st.tuples(st.sampled_from(["mak", "gvlk", None]), st.sampled_from(["AAAAA", None]), st.none() | st.integers(0, 3))))
def test_every_activation_is_counted_for_one_key(given_entries: list[tuple[str | None, str | None, int | None]]) -> None:
    entries = tuple(
        replace(entry(id=str(number)), channel=channel, partial_product_key=ending, activations_used=used)
        for number, (channel, ending, used) in enumerate(given_entries)
    )
    uses = key_uses(Ledger(entries))
    assert sum(use.activations_used for use in uses) == sum(used or 0 for _channel, _ending, used in given_entries)
    assert sum(use.activations_uncertain for use in uses) == sum(used is None for _channel, _ending, used in given_entries)
