# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of kept reports: complete or absent, limited, private, and not damaged by two runs at once."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_fleet import NOW, OPTIONS, records

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import MergedRecords, merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.history.model import RunFigures
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.history.store import (
    HistoryError,
    HistoryFolder,
    digest_of,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of


def fleet(count: int = 3, minutes: int = 0) -> MergedRecords:
    changed = [Record(each.inventory_hostname, each.time + timedelta(minutes=minutes), each.result) for each in records(count)]
    return report_of(merge({"a": changed}, NOW), OPTIONS, NOW).records


def keep(folder: Path, found: MergedRecords, when: datetime = NOW, most: int = 30) -> None:
    figures = RunFigures.of(report_of(found, OPTIONS, when).summary, when)
    HistoryFolder(folder).keep(found, figures, most)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_first_report_creates_a_private_folder(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    assert HistoryFolder(folder).read(fleet(), NOW).previous is None
    assert not folder.exists()
    keep(folder, fleet())
    assert folder.stat().st_mode & 0o777 == 0o700
    (kept,) = folder.iterdir()
    assert kept.name == f"20261130T120000Z-{digest_of(fleet())}"
    assert sorted((path.name, path.stat().st_mode & 0o777) for path in kept.iterdir()) == [
        ("figures.json", 0o600),
        ("records.jsonl.gz", 0o600),
    ]


def test_next_report_reads_what_was_kept(tmp_path: Path) -> None:
    keep(tmp_path, fleet(50))
    later = NOW + timedelta(hours=1)
    found = HistoryFolder(tmp_path).read(fleet(60), later)
    assert found.previous is not None
    assert found.previous.results == fleet(50).results
    assert found.previous_time == NOW
    assert [each.machine_count for each in found.trend] == [50]


def test_same_records_are_not_kept_twice_and_compared_with_the_one_before(tmp_path: Path) -> None:
    keep(tmp_path, fleet(2))
    keep(tmp_path, fleet(3), NOW + timedelta(hours=1))
    keep(tmp_path, fleet(3), NOW + timedelta(hours=2))
    assert len(names(tmp_path)) == 2
    found = HistoryFolder(tmp_path).read(fleet(3), NOW + timedelta(hours=2))
    assert found.previous_time == NOW
    assert [each.machine_count for each in found.trend] == [2]


def test_only_the_newest_reports_stay(tmp_path: Path) -> None:
    for hour in range(6):
        keep(tmp_path, fleet(3, hour), NOW + timedelta(hours=hour), most=3)
    assert [name[:16] for name in names(tmp_path)] == [f"20261130T{hour}0000Z" for hour in (15, 16, 17)]


def test_damaged_report_is_named_and_the_one_before_is_used(tmp_path: Path) -> None:
    for hour in range(4):
        keep(tmp_path, fleet(3, hour), NOW + timedelta(hours=hour))
    _first, second, third, fourth = sorted(tmp_path.iterdir())
    (fourth / "records.jsonl.gz").write_bytes(b"not gzip")
    content = (third / "records.jsonl.gz").read_bytes()
    (third / "records.jsonl.gz").write_bytes(content[: len(content) // 2])
    (third / "figures.json").write_text("[]", encoding="utf-8")
    found = HistoryFolder(tmp_path).read(fleet(5), NOW + timedelta(days=1))
    assert found.previous_time == NOW + timedelta(hours=1)
    assert found.unreadable == (third.name, fourth.name)
    assert len(found.trend) == 3
    assert second.exists()


@pytest.mark.parametrize("content", [b"", b"\n\xff", b'{"schema":1}\n', b"x" * (1024 * 1024 + 2), b"[1]"])
def test_content_that_is_no_record_is_unreadable(tmp_path: Path, content: bytes) -> None:
    keep(tmp_path, fleet())
    (kept,) = tmp_path.iterdir()
    (kept / "records.jsonl.gz").write_bytes(gzip.compress(content))
    found = HistoryFolder(tmp_path).read(fleet(5), NOW + timedelta(days=1))
    assert found.unreadable == ((kept.name,) if content else ())


def test_links_and_other_files_are_ignored(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "history", tmp_path / "elsewhere"
    keep(folder, fleet())
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x", encoding="utf-8")
    (folder / "20200101T000000Z-0123456789abcdef").symlink_to(elsewhere)
    (folder / "20201399T000000Z-0123456789abcdef").mkdir()
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    keep(folder, fleet(4), NOW + timedelta(hours=1), most=1)
    assert (elsewhere / "precious").exists()
    assert {"notes.txt", "20200101T000000Z-0123456789abcdef", "20201399T000000Z-0123456789abcdef"} < set(names(folder))
    assert len(names(folder)) == 4


def test_link_in_the_place_of_kept_records_is_not_followed(tmp_path: Path) -> None:
    keep(tmp_path, fleet())
    (kept,) = tmp_path.iterdir()
    target = tmp_path.parent / f"{tmp_path.name}-target.gz"
    target.write_bytes((kept / "records.jsonl.gz").read_bytes())
    (kept / "records.jsonl.gz").unlink()
    (kept / "records.jsonl.gz").symlink_to(target)
    assert HistoryFolder(tmp_path).read(fleet(4), NOW + timedelta(hours=1)).unreadable == (kept.name,)


def test_folder_of_a_run_that_was_killed_is_removed_later(tmp_path: Path) -> None:
    fresh, old = tmp_path / ".new-fresh", tmp_path / ".new-old"
    for path in (fresh, old):
        path.mkdir()
    yesterday = time.time() - 2 * 24 * 60 * 60
    os.utime(old, (yesterday, yesterday))
    keep(tmp_path, fleet())
    assert fresh.exists()
    assert not old.exists()


def test_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(HistoryError, match="is a file, not a directory"):
        HistoryFolder(tmp_path / "file")
    with pytest.raises(HistoryError, match="does not exist"):
        HistoryFolder(tmp_path / "none" / "history")


def _keep_many(folder: Path, start: Any, number: int) -> None:
    start.wait()
    for each in range(8):
        keep(folder, fleet(3, 100 * number + each), NOW + timedelta(seconds=each), most=5)


def test_runs_at_the_same_time_do_not_damage_the_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    start = context.Barrier(4)
    processes = [context.Process(target=_keep_many, args=(tmp_path, start, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert 1 <= len(names(tmp_path)) <= 5
    found = HistoryFolder(tmp_path).read(fleet(9), NOW + timedelta(days=1))
    assert found.unreadable == ()
    assert found.previous is not None
    assert len(found.previous.records) == 3


def test_same_report_of_two_runs_in_one_second_is_kept_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=keep, args=(tmp_path, fleet())) for _number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert len(names(tmp_path)) == 1


@settings(max_examples=30, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda each: st.lists(each) | st.dictionaries(st.text(max_size=5), each),
    )
)
def test_figures_of_any_content_are_read_or_refused(found: Any) -> None:
    for value in (found, {**report_figures(), "count_by_kms_host": found}, {**report_figures(), "machine_count": found}):
        try:
            RunFigures.parse(value)
        except ValueError:
            continue
        assert RunFigures.parse(value).as_dict()["report_time"] == report_figures()["report_time"]


def report_figures() -> dict[str, Any]:
    made = report_of(merge({"a": records(40)}, NOW), OPTIONS, NOW)
    figures = RunFigures.of(made.summary, NOW)
    assert RunFigures.parse(figures.as_dict()) == figures
    return figures.as_dict()
