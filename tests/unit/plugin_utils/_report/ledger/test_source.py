# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledgers of a report are read within bounds: every request once, damaged lines by name, and other files not at all."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sample_ledger import line, lines, written

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.recording.entry import LedgerError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger import source
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger.lines import lines as sentences
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger.lines import summary_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger.model import MOST_DAMAGED
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger.source import read_ledgers

KEY = "MMMMM-KKKKK-MMMMM-22222-33333"


def test_request_of_several_files_is_counted_once_with_its_result(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", 40)
    (tmp_path / "b.jsonl").write_text("".join([line(1, result="started", activations_used=None), line(41)]), encoding="ascii")
    found = read_ledgers([str(tmp_path / "*.jsonl"), str(tmp_path / "a.jsonl")])
    assert len(found.entries) == 41
    assert [entry.inventory_hostname for entry in found.newest(2)] == ["mak-0041", "mak-0040"]
    assert found.maks["2X4YB"].activations_used == 38
    assert [entry.inventory_hostname for entry in found.uncertain] == ["mak-0020", "mak-0040"]


def test_texts_are_masked_and_visible(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(line(description=f"install {KEY}", partial_product_key=KEY, play="a\u202eb"), encoding="ascii")
    (entry,) = read_ledgers([str(path)]).entries
    assert KEY not in repr(entry)
    assert "\u202e" not in repr(entry)
    assert str(entry.description).endswith("-33333")


def test_damaged_lines_are_named_with_their_file_and_counted(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", 1)
    (tmp_path / "b.jsonl").write_text(line(2) + "{}\n" * (MOST_DAMAGED + 5) + '{"schema":1', encoding="ascii")
    found = read_ledgers([str(tmp_path / "*.jsonl")])
    assert (len(found.entries), found.damaged_count, len(found.damaged)) == (2, MOST_DAMAGED + 6, MOST_DAMAGED)
    assert (found.damaged[0].path, found.damaged[0].line) == (str(tmp_path / "b.jsonl"), 2)
    assert summary_of(found)["damaged_line_count"] == MOST_DAMAGED + 6
    last = sentences(found)[-1]
    assert last.startswith(f"106 lines of the ledger could not be read: {tmp_path / 'b.jsonl'}, line 2: the schema is not 1")
    assert last.endswith("; 103 more.")


def test_sentences_have_the_activations_and_the_machines_without_a_result(tmp_path: Path) -> None:
    assert sentences(read_ledgers([written(tmp_path / "a.jsonl", 40)])) == [
        "40 requests in the ledger for 40 machines; MAK ending in 2X4YB: 37 activations used, 2 not known.",
        "2 machines with a request in the ledger whose result is not known: mak-0020, mak-0040.",
    ]


@pytest.mark.parametrize(
    ("result", "seconds", "is_uncertain"),
    [
        ("started", 0, False),
        ("started", 239, False),
        ("started", -30, False),
        ("started", 240, True),
        ("started", -3600, True),
        ("unknown", 0, True),
    ],
)
def test_a_request_of_a_run_that_can_still_go_on_is_not_uncertain(tmp_path: Path, result: str, seconds: int, is_uncertain: bool) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line(result=result, time="2026-11-30T13:20:00Z", activations_used=None), encoding="ascii")
    now = datetime(2026, 11, 30, 13, 20, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    found = read_ledgers([str(path)], now)
    assert bool(found.uncertain) == is_uncertain
    assert bool(summary_of(found)["uncertain_machines"]) == is_uncertain
    assert summary_of(found)["activations_uncertain"] == 1
    assert read_ledgers([str(path)]).uncertain  # without a time, nothing is known to be running


def test_empty_ledger_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("", encoding="ascii")
    found = read_ledgers([str(tmp_path / "a.jsonl")])
    assert sentences(found) == ["0 requests in the ledger for 0 machines."]
    assert summary_of(found)["first_time"] is None


def test_file_that_is_not_a_ledger_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "records.jsonl"
    other.write_text('{"inventory_hostname":"pc1"}\n', encoding="ascii")
    with pytest.raises(LedgerError, match=r"records\.jsonl is not a ledger: no line can be read as an entry") as error:
        read_ledgers([written(tmp_path / "a.jsonl", 1), str(other)])
    assert error.value.next_steps == ("Specify the file of the variable activation_ledger, not a record file or a report.",)


def test_missing_file_and_pattern_without_a_file_are_refused(tmp_path: Path) -> None:
    for path, message in (("none.jsonl", "Cannot read the ledger .*none.jsonl: No such file"), ("*.none", "no file matches")):
        with pytest.raises(LedgerError, match=message) as error:
            read_ledgers([str(tmp_path / path)])
        assert error.value.error_code == "ledger_failed"
        assert "Check the paths" in error.value.next_steps[0]


def test_files_together_have_the_limit_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [written(tmp_path / name, 10) for name in ("a.jsonl", "b.jsonl")]
    size = len("".join(lines(10)))
    monkeypatch.setattr(source, "MOST_BYTES", 2 * size)
    assert len(read_ledgers(paths).entries) == 10
    monkeypatch.setattr(source, "MOST_BYTES", 2 * size - 1)
    with pytest.raises(LedgerError, match=f"have {2 * size} bytes together, and the maximum is {2 * size - 1}"):
        read_ledgers(paths)
