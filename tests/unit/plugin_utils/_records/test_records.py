# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records survive a file, a damaged file is refused with its line, and of several files the newest record of a machine counts."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import (
    RecordsFileError,
    RecordWriter,
    check_writable,
    read_records,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import (
    LONGEST_LINE,
    InvalidRecordError,
    Record,
    SharedValues,
    record_of,
)

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text(min_size=1, max_size=10)
TIMES = st.integers(0, 10**6).map(lambda seconds: NOON + timedelta(seconds=seconds))
RECORDS = st.builds(Record, NAMES, TIMES, st.dictionaries(st.sampled_from(["steps", "urls", "policies"]), JSON))


@given(RECORDS)
def test_record_survives_line(record: Record) -> None:
    line = record.line()
    assert "\n" not in line
    assert line.isascii()
    assert record_of(line) == record


@given(st.lists(RECORDS, max_size=6))
def test_records_with_shared_values_have_the_same_lines(records: list[Record]) -> None:
    shared = SharedValues()
    lines = [record.line() for record in (*records, *records)]
    assert [record_of(line, shared).line() for line in lines] == lines


def test_equal_parts_of_records_are_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with RecordWriter(path) as writer:
        for name, status in (("a", 1), ("b", 1), ("c", True)):
            writer.add(Record(name, NOON, {"policies": [{"reason": {"code": "0x4004F401", "known": status}, "id": name}]}))
    reasons = [record.result["policies"][0]["reason"] for record in read_records(path)]
    assert reasons[0] is reasons[1]
    assert [type(reason["known"]) for reason in reasons] == [int, int, bool]


def test_line_leaves_out_what_ansible_adds_to_a_result() -> None:
    result = {"msg": "ok", "invocation": {"module_args": {}}, "exception": "Traceback", "_ansible_no_log": False}
    assert record_of(Record("pc1", NOON, result).line()).result == {"msg": "ok"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "not a JSON object"),
        ("[]", "does not have the fields"),
        ("{", "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        ('{"schema":1,"inventory_hostname":"a","time":"2026-11-30T12:00:00Z","result":NaN}', "not a JSON object"),
        ('{"schema":2,"inventory_hostname":"a","time":"2026-11-30T12:00:00Z","result":{}}', "schema"),
        ('{"schema":true,"inventory_hostname":"a","time":"2026-11-30T12:00:00Z","result":{}}', "schema"),
        ('{"schema":1,"inventory_hostname":"","time":"2026-11-30T12:00:00Z","result":{}}', "inventory_hostname"),
        ('{"schema":1,"inventory_hostname":"a","time":"yesterday","result":{}}', "time"),
        ('{"schema":1,"inventory_hostname":"a","time":7,"result":{}}', "time"),
        ('{"schema":1,"inventory_hostname":"a","time":"2026-11-30T12:00:00Z","result":[]}', "result"),
        (" " * (LONGEST_LINE + 1), "maximum"),
    ],
)
def test_line_that_is_not_a_record_is_refused(line: str, reason: str) -> None:
    with pytest.raises(InvalidRecordError, match=reason):
        record_of(line)


@given(st.text())
def test_any_text_is_a_record_or_refused(text: str) -> None:
    with suppress(InvalidRecordError):
        assert record_of(text).inventory_hostname


def write(path: Path, *records: Record, mode: int | None = None) -> None:
    with RecordWriter(path, mode) as writer:
        for record in records:
            writer.add(record)


def test_file_returns_what_was_written(tmp_path: Path) -> None:
    records = [Record(f"pc{number}", NOON, {"msg": "ライセンス"}) for number in range(3)]
    write(tmp_path / "a.jsonl", *records)
    assert list(read_records(tmp_path / "a.jsonl")) == records
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_new_file_is_private_and_an_existing_one_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    write(path)
    assert path.stat().st_mode & 0o777 == 0o640
    write(path, mode=0o644)
    assert path.stat().st_mode & 0o777 == 0o644


def interrupted(path: Path) -> None:
    with RecordWriter(path) as writer:
        writer.add(Record("new", NOON, {}))
        raise KeyboardInterrupt


def test_interrupted_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, Record("old", NOON, {}))
    with pytest.raises(KeyboardInterrupt):
        interrupted(path)
    assert [record.inventory_hostname for record in read_records(path)] == ["old"]
    assert [found.name for found in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize("path", ["missing/a.jsonl", "."])
def test_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path, path: str) -> None:
    with pytest.raises(RecordsFileError, match=r"cannot be written: No such file|is a directory"), RecordWriter(tmp_path / path):
        pytest.fail("the block must not begin")


def test_damaged_file_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, Record("pc1", NOON, {}))
    with path.open("a") as stream:
        stream.write('\n{"schema":1,"inv')
    with pytest.raises(RecordsFileError, match="line 3: the line is not a JSON object"):
        list(read_records(path))
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(RecordsFileError, match="not UTF-8"):
        list(read_records(path))
    with pytest.raises(RecordsFileError, match="cannot be read: No such file"):
        list(read_records(tmp_path / "none"))


def test_pipe_is_refused_instead_of_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(RecordsFileError, match="cannot be read: it is not a regular file"):
        list(read_records(tmp_path / "a.jsonl"))


@given(st.lists(st.lists(RECORDS, max_size=5), max_size=4))
def test_newest_record_of_a_machine_counts(files: list[list[Record]]) -> None:
    merged = merge({str(number): records for number, records in enumerate(files)}, NOON)
    every = [record for records in files for record in records]
    assert {record.inventory_hostname for record in merged.records} == {record.inventory_hostname for record in every}
    assert len(merged.records) == len(merged.results)
    for kept in merged.records:
        assert kept.time == max(record.time for record in every if record.inventory_hostname == kept.inventory_hostname)


def test_machine_in_two_files_and_old_record_are_named() -> None:
    old, new = Record("pc1", NOON - timedelta(days=8), {}), Record("pc1", NOON, {})
    other = Record("pc2", NOON - timedelta(days=7, seconds=1), {})
    merged = merge({"a": [new], "b": [old, other]}, NOON, stale_after_days=7)
    assert merged.records == (new, other)
    assert merged.sources == {"pc1": ("a", "b")}
    assert merged.stale == {"pc2"}


def test_line_is_an_object_with_four_fields() -> None:
    assert set(json.loads(Record("pc1", NOON, {}).line())) == {"schema", "inventory_hostname", "time", "result"}


def test_a_file_that_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    check_writable(path)
    assert list(tmp_path.iterdir()) == []
    path.write_text("older", encoding="utf-8")
    check_writable(path)
    assert [found.read_text(encoding="utf-8") for found in tmp_path.iterdir()] == ["older"]


def test_a_file_that_cannot_be_written_is_found_before_anything_is_read(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "records.jsonl", tmp_path):
        with pytest.raises(RecordsFileError, match=r"cannot be written|is a directory"):
            check_writable(path)
