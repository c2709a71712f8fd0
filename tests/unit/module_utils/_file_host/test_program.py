# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program for a file host replaces a file as a whole, appends whole lines, and does not follow links of other users."""

from __future__ import annotations

import io
import os
import stat
import zlib
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._file_host import files, ledger
from ansible_collections.winops.volume_activation.plugins.module_utils._file_host.paths import RefusalError, digest_of, resolved


def write(path: Path, content: bytes, digest: str | None = None, **more: Any) -> Any:
    one = {"path": str(path), "size": len(content), "mode": 0o640, "digest": digest, "folders": 0, **more}
    return files.write({"files": [one], "removed": []}, io.BytesIO(zlib.compress(content)))


def test_file_is_replaced_only_if_it_is_the_one_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert write(path, b"one", "") == {"conflicts": []}
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert write(path, b"two", "") == {"conflicts": [str(path)]}
    assert write(path, b"two", digest_of(path)) == {"conflicts": []}
    assert path.read_bytes() == b"two"
    assert [each.name for each in tmp_path.iterdir()] == ["file"], "no temporary file is left"


def test_file_whose_content_does_not_arrive_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(RefusalError, match="did not arrive"):
        write(path, b"new", size=10)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_only_the_folders_below_a_folder_are_created(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "file", b"x", folders=2)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "c" / "d" / "file", b"x", folders=1)


def test_file_that_others_have_changed_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "run" / "file"
    path.parent.mkdir()
    path.write_bytes(b"old")
    for digest, is_there in (("0" * 64, True), (digest_of(path), False)):
        files.write({"files": [], "removed": [{"path": str(path), "digest": digest}]}, io.BytesIO())
        assert path.exists() is is_there
    assert not path.parent.exists()


def test_line_after_one_that_was_cut_off_begins_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b'{"cut')
    ledger.append({"path": str(path), "line": "{}", "in_any_case": False})
    assert path.read_bytes() == b'{"cut\n{}\n'
    assert ledger.check({"path": str(path)}) == {"size": 9}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make a link of another user")
def test_link_of_another_user_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "file")
    assert resolved(link) == tmp_path / "file"
    os.chown(link, 65534, 65534, follow_symlinks=False)
    with pytest.raises(RefusalError, match=r"belongs to another user \(UID \d+\)"):
        resolved(link)
    with pytest.raises(RefusalError):
        ledger.append({"path": str(link), "line": "{}", "in_any_case": False})


def test_pipe_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    answer = files.survey({"read": [], "write": [str(pipe)], "folders": []})
    assert answer["write"][0]["problem"] == "it is not a regular file"
    with pytest.raises(RefusalError):
        files.survey({"read": [str(pipe)], "write": [], "folders": []})
