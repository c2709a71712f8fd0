# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a kept file is: by links of this user or root only, as realpath says it otherwise."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.kept_path import UnsafePathError, resolved

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a link of another user")
STRANGER = 65534


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Folders and links, all of this user: straight, relative, upwards, over two steps, and to what does not exist."""
    root = tmp_path.resolve()
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "file").touch()
    (root / "to_a").symlink_to("a")
    (root / "a" / "b" / "up").symlink_to("../..")
    (root / "twice").symlink_to(root / "to_a" / "b")
    (root / "later").symlink_to("a/not/there")
    return root


@pytest.mark.parametrize("path", ["a/file", "to_a/file", "twice/up/a/file", "later", "a/b/../new", "to_a/b/up/to_a", "x/y", "to_a/.."])
def test_a_path_by_links_of_ones_own_leads_where_realpath_says(tree: Path, path: str) -> None:
    assert resolved(str(tree / path)) == os.path.realpath(tree / path)


def test_a_relative_path_begins_at_the_current_folder_and_the_tilde_is_the_home(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    monkeypatch.setenv("HOME", str(tree / "a"))
    assert resolved("x.json") == str(tree / "x.json")
    assert resolved("~/x.json") == str(tree / "a" / "x.json")


@AS_ROOT
@pytest.mark.parametrize("link", ["to_a", "twice"])
def test_a_link_of_another_user_is_refused_wherever_it_is_on_the_way(tree: Path, link: str) -> None:
    os.lchown(tree / "to_a", STRANGER, STRANGER)
    with pytest.raises(UnsafePathError, match="belongs to another user"):
        resolved(str(tree / link / "file"))


@AS_ROOT
def test_what_belongs_to_another_user_and_is_no_link_is_no_concern_here(tree: Path) -> None:
    os.chown(tree / "a", STRANGER, STRANGER)
    assert resolved(str(tree / "a" / "file")) == str(tree / "a" / "file")


def test_a_circle_of_links_is_refused(tree: Path) -> None:
    (tree / "one").symlink_to("other")
    (tree / "other").symlink_to("one")
    with pytest.raises(UnsafePathError, match="contains a loop of symbolic links"):
        resolved(str(tree / "one"))


def test_the_home_of_a_user_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnsafePathError, match="of the user nosuchuser, which does not exist"):
        resolved("~nosuchuser/x.json")


def test_a_link_that_is_gone_when_it_is_read_is_refused(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may write to the folder can take the link away between the two looks at it."""
    found = os.lstat(tree / "to_a")
    (tree / "to_a").unlink()
    monkeypatch.setattr(Path, "lstat", lambda _path: found)
    with pytest.raises(UnsafePathError, match="could not be read"):
        resolved(str(tree / "to_a"))


def test_a_named_pipe_is_refused_also_behind_a_link_and_is_not_opened(tree: Path) -> None:
    os.mkfifo(tree / "a" / "pipe")
    (tree / "report.json").symlink_to("a/pipe")
    for path in ("a/pipe", "report.json"):
        with pytest.raises(UnsafePathError, match=r"a/pipe is a named pipe, not a file\. Specify a file"):
            resolved(str(tree / path))


@AS_ROOT
def test_a_device_is_refused(tree: Path) -> None:
    try:
        os.mknod(tree / "device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("no right to make a device")
    with pytest.raises(UnsafePathError, match="device is a character device, not a file"):
        resolved(str(tree / "device"))


@pytest.mark.parametrize("path", ["", "  ", None, 5, "a\0b"])
def test_what_is_no_path_is_refused(path: object) -> None:
    with pytest.raises(UnsafePathError, match="not a text"):
        resolved(path)
