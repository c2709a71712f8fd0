# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of the module activation_merge: read record files, keep the newest record of each machine, and summarize the machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from .._edge.kept_path import resolved
from .._fleet.machines import natural
from .._fleet.summary import summarize
from .._records.counts import RecordCounts
from .._records.files import RecordWriter, check_writable, mode_of, read_all
from .._records.merge import MergedRecords

Options = Mapping[str, Any]


def run(options: Options, now: datetime, *, check_mode: bool) -> dict[str, Any]:
    """Return the result of the task. In check mode, and if a record cannot be used, no file is written."""
    given = options["record_path"]
    path = None if given is None else Path(resolved(given))
    if path is not None:
        check_writable(path)
    merged = of_machines(read_all(options["record_paths"], now, options["stale_after_days"]), options["machines"])
    if path is not None and not check_mode:
        _write(path, merged, mode_of(options["record_mode"]))
    return {**_result(merged, options), "record_path": None if path is None else str(path)}


def of_machines(merged: MergedRecords, names: Sequence[str] | None) -> MergedRecords:
    """Return only the records of these machines, or all records in the natural order of the names."""
    known = {record.inventory_hostname: record for record in merged.records}
    kept = sorted(known, key=natural) if names is None else [name for name in dict.fromkeys(names) if name in known]
    sources = {name: merged.sources[name] for name in kept if name in merged.sources}
    return replace(merged, records=tuple(known[name] for name in kept), sources=sources, stale=merged.stale.intersection(kept))


def _write(path: Path, merged: MergedRecords, mode: int | None) -> None:
    with RecordWriter(path, mode) as writer:
        for record in merged.records:
            writer.add(record)


def _result(merged: MergedRecords, options: Options) -> dict[str, Any]:
    counts = RecordCounts([record.inventory_hostname for record in merged.records], 0)
    for record in merged.records:
        counts.add(record)
    found: Mapping[str, Any] = {**dict.fromkeys(options["machines"] or ()), **merged.results}
    return {
        "changed": False,
        **counts.as_dict(),
        "stale_machines": sorted(merged.stale, key=natural),
        "several_files": [{"machine": name, "sources": list(found)} for name, found in merged.sources.items()],
        "activation_summary": summarize(found, options["expiring_within_days"]),
    }


__all__ = ["of_machines", "run"]
