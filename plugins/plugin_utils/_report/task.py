# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of the module activation_report: read record files, make the report, and write it in each format.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from .._atomic_file import AtomicFile
from .._edge.kept_path import resolved
from .._errors import InvalidOptionsError, VolumeActivationError
from .._fleet.summary import summarize
from .._records.files import read_all
from .._records.merge import MergedRecords
from . import maks
from .cleaning import cleaned, cleaned_value
from .formats import FORMATS, Format
from .history.changes import changes_of
from .history.changes import lines as lines_of_changes
from .history.model import RunFigures
from .history.store import HistoryFolder
from .ledger.lines import lines as lines_of_ledger
from .ledger.lines import summary_of
from .ledger.model import ReportLedger
from .ledger.source import read_ledgers
from .model import Report
from .sections.catalog import sections_of

Options = Mapping[str, Any]


class ReportFileError(VolumeActivationError):
    """A report cannot be written. The text contains the path and the reason."""

    error_code = "report_file"
    cause = "The directory does not exist, its permissions do not allow the access, or the disk is full."
    next_steps = ("Check the path, and that the user who runs Ansible can write to it.",)


def run(options: Options, now: datetime, *, check_mode: bool) -> dict[str, Any]:
    """Return the result of the task. Nothing is written in check mode, or if any path or record is not valid."""
    targets, folder = _targets(options), _history_folder(options)
    ledger = read_ledgers(options["ledger_paths"], now) if options["ledger_paths"] else None
    report = report_of(read_all(options["record_paths"], now, options["stale_after_days"]), options, now, ledger)
    if folder:
        report = replace(report, history=folder.read(report.records, report.report_time))
    texts = [(each, path, each.render(report)) for each, path in targets]
    if not check_mode:
        for each, path, text in texts:
            _write(path, text, each.mode)
        if folder:
            folder.keep(report.records, RunFigures.of(report.summary, report.report_time), options["history_keep"])
    return _result(report, texts)


def report_of(records: MergedRecords, options: Options, now: datetime, ledger: ReportLedger | None = None) -> Report:
    """Return the input of all formats. Its texts are safe to show."""
    within, safe = options["expiring_within_days"], cleaned(records)
    left, checked = maks.answers(safe, ledger, options["maks"])
    return Report(
        records=safe,
        summary=summarize(safe.results, within),
        report_time=now.replace(microsecond=0),
        title=cleaned_value(options["title"] or ""),
        language=options["language"],
        stale_after_days=options["stale_after_days"],
        expiring_within_days=within,
        ledger=ledger,
        maks_left=left,
        maks_checked=checked,
        mak_budgets=maks.budgets(options["mak_budgets"]),
        sections=tuple(options["sections"]),
        csv_delimiter=options["csv_delimiter"],
        prometheus_machines=options["prometheus_machines"],
    )


def _targets(options: Options) -> list[tuple[Format, Path]]:
    """Return the formats to write with their paths. Raises InvalidOptionsError, UnsafePathError, or ReportFileError."""
    targets = [(each, Path(resolved(options[each.option]))) for each in FORMATS if options[each.option] is not None]
    if not targets and options["history_path"] is None:
        names = ", ".join([*(each.option for each in FORMATS), "history_path"])
        raise InvalidOptionsError(f"activation_report: specify a file to write: {names}")
    if len({path for _format, path in targets}) < len(targets):
        raise InvalidOptionsError("activation_report: each format must have a file of its own")
    if options["ledger_csv_path"] is not None and not options["ledger_paths"]:
        raise InvalidOptionsError("activation_report: ledger_csv_path needs ledger_paths")
    for each, path in targets:
        if not path.name.endswith(each.suffix):
            raise InvalidOptionsError(f"activation_report: {each.option} is {path}, but the name of the file must end with {each.suffix}")
        if path.is_dir():
            raise ReportFileError(f"{path} is a directory, not a file")
        if not path.parent.is_dir():
            raise ReportFileError(f"the directory {path.parent} does not exist")
    return targets


def _history_folder(options: Options) -> HistoryFolder | None:
    """Return the folder of earlier reports. Raises UnsafePathError or HistoryError."""
    return None if options["history_path"] is None else HistoryFolder(Path(resolved(options["history_path"])))


def _write(path: Path, text: str, mode: int | None) -> None:
    try:
        with AtomicFile(path, mode) as file:
            file.write(text)
    except OSError as error:
        raise ReportFileError(f"{path} cannot be written: {error.strerror}") from None


def _result(report: Report, texts: Sequence[tuple[Format, Path, str]]) -> dict[str, Any]:
    found, changes = report.summary, changes_of(report)
    written = ", ".join(str(path) for _format, path, _text in texts)
    return {
        "changed": True,
        "msg": f"{found['summary']} Written to {written}." if written else found["summary"],
        "written_files": [{"format": each.name, "path": str(path), "size": len(text.encode())} for each, path, text in texts],
        "machine_count": found["machine_count"],
        "stale_machines": sorted(report.records.stale),
        "lines": [*found["lines"], *lines_of_changes(changes), *lines_of_ledger(report.ledger)],
        "summary": found["summary"],
        "kms_alarms": found["kms_alarms"],
        "sections": [section.as_dict() for section in sections_of(report)],
        "changes": changes,
        "ledger": summary_of(report.ledger) if report.ledger else None,
        "unreadable_reports": list(report.history.unreadable) if report.history else [],
    }


__all__ = ["ReportFileError", "report_of", "run"]
