# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file on the controller is read within its limit, and nothing else is opened in its place."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.kept.controller_file import (
    UnreadableFileError,
    read_controller_file,
)

MOST = 1000


def read(path: Path | str) -> bytes:
    return read_controller_file(str(path), DataLoader(), MOST)


@pytest.mark.parametrize("size", [0, 1, MOST])
def test_a_file_up_to_the_limit_is_read_as_it_is(tmp_path: Path, size: int) -> None:
    path = tmp_path / "plant.csv"
    path.write_bytes(b"\xff" * size)
    assert read(path) == b"\xff" * size


def test_a_larger_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plant.csv"
    path.write_bytes(b"x" * (MOST + 1))
    with pytest.raises(UnreadableFileError, match="is larger than 1000 bytes"):
        read(path)


def test_own_links_are_followed_and_a_relative_path_begins_where_ansible_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plant.csv").write_bytes(b"x")
    (tmp_path / "link").symlink_to("plant.csv")
    monkeypatch.chdir(tmp_path)
    assert read("link") == b"x"


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(os.path.relpath(path))


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda _path: None, "No such file or directory"),
        (Path.mkdir, "is not a regular file"),
        (os.mkfifo, "is a named pipe"),
        (listening, "is a socket"),
        (lambda path: path.symlink_to(path.name), "loop of symbolic links"),
        (lambda path: path.symlink_to("/dev/zero"), "is a character device"),
    ],
)
def test_what_is_not_a_file_is_refused_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepare: Callable[[Path], object], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "plant.csv"
    prepare(path)
    with pytest.raises(UnreadableFileError, match=words):
        read(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link to another user")
def test_a_link_of_another_user_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "plant.csv").write_bytes(b"x")
    link = tmp_path / "link"
    link.symlink_to("plant.csv")
    os.lchown(link, 4711, 4711)
    with pytest.raises(UnreadableFileError, match="belongs to another user"):
        read(link)


@pytest.mark.parametrize("path", ["", " ", "a\0b"])
def test_a_text_that_is_not_a_path_is_refused(path: str) -> None:
    with pytest.raises(UnreadableFileError):
        read(path)


def test_a_file_of_a_vault_without_its_password_is_refused_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "plant.csv"
    path.write_text("$ANSIBLE_VAULT;1.1;AES256\n6162636465\n", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="cannot be decrypted") as raised:
        read(path)
    assert raised.value.__context__ is None
    assert "6162636465" not in str(raised.value)
