# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records wait in a temporary file, also on a disk that becomes full."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.fleet.spool import Spool
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordsFileError


def test_lines_are_written_in_the_order_of_the_machines(tmp_path: Path) -> None:
    with Spool(str(tmp_path)) as spool:
        for name in ("b", "a"):
            spool.add(name, f'"{name}"')
        spool.write(tmp_path / "records.jsonl", None, ["a", "b"])
    assert (tmp_path / "records.jsonl").read_text(encoding="ascii") == '"a"\n"b"\n'


def test_a_full_disk_is_an_error_that_names_the_reason_and_keeps_the_older_file(tmp_path: Path) -> None:
    """/dev/full fails when its buffer is written, which can be as late as the first read."""
    target = tmp_path / "records.jsonl"
    target.write_text("older\n", encoding="ascii")
    with pytest.raises(RecordsFileError, match="No space left on device"):
        write_on_full_disk(target)
    assert [path.name for path in tmp_path.iterdir()] == ["records.jsonl"]
    assert target.read_text(encoding="ascii") == "older\n"


def write_on_full_disk(target: Path) -> None:
    with Spool(str(target.parent)) as spool:
        spool._file.close()
        spool._file = Path("/dev/full").open("wb+")  # noqa: SIM115 - closed by the spool
        spool.add("a", "{}")
        spool.write(target, None, ["a"])
