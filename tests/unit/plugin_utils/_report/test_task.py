# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records a report is made of, which files are written, and what is refused before anything is written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.doc_fragments._report_files import ModuleDocFragment as Files
from ansible_collections.winops.volume_activation.plugins.modules.activation_report import DOCUMENTATION
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.spec import InvalidOptionsError, ModuleSpec
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordsFileError, RecordWriter
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.formats import FORMATS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import ReportFileError, run

NOW = datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=timezone.utc)
SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Files)


def records(path: Path, *names: str, days_ago: int = 0) -> str:
    with RecordWriter(path) as writer:
        for name in names:
            writer.add(Record(name, NOW - timedelta(days=days_ago), {"unreachable": True, "msg": f"{name}: no route to host."}))
    return str(path)


def made(*, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return run(SPEC.validate(options), NOW, check_mode=check_mode)


def test_every_format_has_an_option_for_its_path() -> None:
    assert {each.option for each in FORMATS} <= set(SPEC.options)
    assert all(SPEC.options[each.option].type == "path" for each in FORMATS)


def test_report_is_written_and_counted(tmp_path: Path) -> None:
    target = tmp_path / "fleet.html"
    result = made(record_paths=[records(tmp_path / "a.jsonl", "pc1", "pc2")], html_path=str(target), title="Head office")
    assert result["changed"]
    assert result["machine_count"] == 2
    assert result["lines"] == ["2 machines of 2 could not be reached: pc1, pc2."]
    assert result["msg"] == f"0 of 2 machines licensed; 2 could not be reached. Written to {target}."
    assert result["written_files"] == [{"format": "html", "path": str(target), "size": target.stat().st_size}]
    assert target.stat().st_mode & 0o777 == 0o600
    assert "<title>Head office</title>" in target.read_text(encoding="utf-8")


def test_patterns_match_each_file_once_and_old_records_are_stale(tmp_path: Path) -> None:
    records(tmp_path / "a.jsonl", "pc1", "pc2", days_ago=20)
    records(tmp_path / "b.jsonl", "pc2", "pc3")
    patterns = [str(tmp_path / "*.jsonl"), str(tmp_path / "a.jsonl")]
    result = made(record_paths=patterns, html_path=str(tmp_path / "fleet.html"), stale_after_days=14)
    assert result["machine_count"] == 3
    assert result["stale_machines"] == ["pc1"]


def test_path_that_looks_like_a_pattern_is_a_path_if_it_exists(tmp_path: Path) -> None:
    path = records(tmp_path / "site[1].jsonl", "pc1")
    assert made(record_paths=[path], html_path=str(tmp_path / "fleet.html"))["machine_count"] == 1


def test_check_mode_writes_nothing_and_returns_the_same(tmp_path: Path) -> None:
    options: dict[str, Any] = {"record_paths": [records(tmp_path / "a.jsonl", "pc1")], "html_path": str(tmp_path / "fleet.html")}
    predicted = made(check_mode=True, **options)
    assert not (tmp_path / "fleet.html").exists()
    assert predicted == made(**options)


def test_missing_records_are_refused(tmp_path: Path) -> None:
    target = str(tmp_path / "fleet.html")
    with pytest.raises(RecordsFileError, match="no file matches"):
        made(record_paths=[str(tmp_path / "*.jsonl")], html_path=target)
    with pytest.raises(RecordsFileError, match="cannot be read"):
        made(record_paths=[str(tmp_path / "none.jsonl")], html_path=target)
    assert list(tmp_path.iterdir()) == []


def test_target_that_cannot_be_written_is_refused_before_records_are_read(tmp_path: Path) -> None:
    none = [str(tmp_path / "none.jsonl")]
    with pytest.raises(ReportFileError, match="is a directory"):
        made(record_paths=none, html_path=str(tmp_path))
    with pytest.raises(ReportFileError, match="does not exist"):
        made(record_paths=none, html_path=str(tmp_path / "missing" / "fleet.html"))
    with pytest.raises(InvalidOptionsError, match="specify a file to write: html_path"):
        made(record_paths=none)


@pytest.mark.parametrize("option", ["stale_after_days", "expiring_within_days"])
def test_days_are_not_negative(option: str) -> None:
    with pytest.raises(InvalidOptionsError, match="must be 0 or greater"):
        made(record_paths=["a.jsonl"], html_path="fleet.html", **{option: -1})
