# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is complete or it is not there, and its mode is that of its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._atomic_file import AtomicFile


def write(path: Path, text: str, mode: int | None = None) -> None:
    with AtomicFile(path, mode) as file:
        file.write(text)


def interrupted(path: Path) -> None:
    with AtomicFile(path) as file:
        file.write("a part")
        raise KeyboardInterrupt


def test_file_has_the_text_as_it_is_and_nothing_is_left(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "名前\r\nx\n")
    assert (tmp_path / "a.csv").read_bytes() == "名前\r\nx\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_mode_is_private_or_kept_or_as_specified(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    write(path, "")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    write(path, "")
    assert path.stat().st_mode & 0o777 == 0o640
    write(path, "", 0o644)
    assert path.stat().st_mode & 0o777 == 0o644


def test_interrupted_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    write(path, "old")
    with pytest.raises(KeyboardInterrupt):
        interrupted(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["a.html"]


def test_name_of_the_maximum_length_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 255)
    write(path, "text")
    assert path.read_text(encoding="utf-8") == "text"


def test_directory_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="it is a directory"):
        write(tmp_path, "text")


def test_file_is_not_written_outside_its_block(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="it is not open"):
        AtomicFile(tmp_path / "a").write("text")
