# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of many processes stay whole, a line that was cut off does not take the next one with it, and an unsafe file is refused."""

from __future__ import annotations

import errno
import fcntl
import json
import multiprocessing
import os
import resource
import stat
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._file_host import paths
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger.file import LedgerFile
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger.recorder import ledger_of, line_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.recording.entry import (
    LARGEST_LEDGER,
    LONGEST_LINE,
    LedgerError,
)

NOBODY = 65534
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def test_new_file_is_private_and_an_existing_one_keeps_its_mode(path: Path) -> None:
    LedgerFile(str(path)).append("first")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    LedgerFile(str(path)).append("second")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("first\nsecond\n", 0o640)


def test_check_changes_nothing(path: Path) -> None:
    LedgerFile(str(path)).check()
    assert not path.exists()
    path.write_text("first\n")
    LedgerFile(str(path)).check()
    assert path.read_text() == "first\n"


def append_many(path: str, name: int, count: int) -> None:
    file = LedgerFile(path)
    for number in range(count):
        file.append(json.dumps({"from": name, "number": number, "filler": "x" * (97 * number % 3000)}))


def test_lines_of_twenty_processes_stay_whole(path: Path) -> None:
    processes = [multiprocessing.get_context("fork").Process(target=append_many, args=(str(path), name, 25)) for name in range(20)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted((line["from"], line["number"]) for line in found) == [(name, number) for name in range(20) for number in range(25)]


def test_line_after_one_that_was_cut_off_begins_anew(path: Path) -> None:
    path.write_text('whole\n{"cut')
    LedgerFile(str(path)).append("next")
    assert path.read_text() == 'whole\n{"cut\nnext\n'


@pytest.mark.parametrize("room", [0, 4])
def test_line_that_does_not_fit_leaves_no_part(path: Path, room: int) -> None:
    path.write_text("first\n")
    process = multiprocessing.get_context("fork").Process(target=_no_room, args=(str(path), len("first\n") + room))
    process.start()
    process.join()
    assert (process.exitcode, path.read_text()) == (0, "first\n")


def _no_room(path: str, limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with pytest.raises(LedgerError, match=r"the disk is full|maximum size of a file"):
        LedgerFile(path).append("0123456789")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("value", ["/dev/full", "/dev/null"])
def test_device_is_refused(value: str) -> None:
    with pytest.raises(LedgerError, match="a character device, not a file"):
        LedgerFile(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "empty"),
        (7, "not a text"),
        (["a"], "not a text"),
        ("a\0b", "not a text"),
        ("ledger.jsonl", "not absolute"),
        ("./a", "not absolute"),
    ],
)
def test_value_that_is_not_an_absolute_path_is_refused(value: object, reason: str) -> None:
    with pytest.raises(LedgerError, match=reason):
        LedgerFile(value)


def test_home_directory_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    LedgerFile("~/ledger.jsonl").append("line")
    assert (tmp_path / "ledger.jsonl").exists()


def test_missing_directory_and_directory_in_the_place_of_the_file_are_refused(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path / "none" / "a", f"the directory {tmp_path / 'none'} does not exist"),
        (tmp_path, "it is a directory"),
        (Path(__file__) / "a", "is not a directory"),
    ):
        with pytest.raises(LedgerError, match=reason):
            LedgerFile(str(path)).check()
        with pytest.raises(LedgerError):
            LedgerFile(str(path)).append("line")


def test_named_pipe_is_refused_without_waiting(path: Path) -> None:
    file = LedgerFile(str(path))
    os.mkfifo(path)
    with pytest.raises(LedgerError, match="it is not a regular file"):
        file.check()
    with pytest.raises(LedgerError, match="it is not a regular file"):
        file.append("line")


def test_link_that_replaces_the_file_is_not_followed(path: Path, tmp_path: Path) -> None:
    file = LedgerFile(str(path))
    path.symlink_to(tmp_path / "other")
    with pytest.raises(LedgerError, match="replaced by a symbolic link"):
        file.append("line")
    assert not (tmp_path / "other").exists()


def test_own_link_is_followed(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "other")
    LedgerFile(str(path)).append("line")
    assert (tmp_path / "other").read_text() == "line\n"


@pytest.mark.skipif(not IS_ROOT, reason="needs root, to give files to another user")
def test_file_of_another_user_in_a_directory_for_everybody_is_refused(path: Path, tmp_path: Path) -> None:
    path.write_text("")
    os.chown(path, NOBODY, NOBODY)
    LedgerFile(str(path)).check()  # a directory of this user: somebody gave the file away
    tmp_path.chmod(0o1777)
    with pytest.raises(LedgerError, match="every user can write to"):
        LedgerFile(str(path)).check()
    with pytest.raises(LedgerError, match="every user can write to"):
        LedgerFile(str(path)).append("line")
    assert path.read_text() == ""


def test_second_name_in_a_directory_for_everybody_is_refused(path: Path, tmp_path: Path) -> None:
    path.write_text("")
    (tmp_path / "other").hardlink_to(path)
    tmp_path.chmod(0o1777)
    with pytest.raises(LedgerError, match="every user can write to"):
        LedgerFile(str(path)).append("line")


def _as_nobody(path: str) -> None:
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    for act in (LedgerFile(path).check, lambda: LedgerFile(path).append("line")):
        with pytest.raises(LedgerError, match="the user who runs Ansible cannot"):
            act()


@pytest.mark.skipif(not IS_ROOT, reason="needs root, to become another user")
@pytest.mark.parametrize("is_there", [True, False])
def test_missing_permissions_are_refused(is_there: bool) -> None:
    folder = Path("/tmp") / f"winops-ledger-{os.getpid()}"  # the folders of pytest are closed to other users
    folder.mkdir(mode=0o755)
    try:
        if is_there:
            (folder / "ledger.jsonl").touch(0o644)
        process = multiprocessing.get_context("fork").Process(target=_as_nobody, args=(str(folder / "ledger.jsonl"),))
        process.start()
        process.join()
        assert process.exitcode == 0
    finally:
        for found in folder.iterdir():
            found.unlink()
        folder.rmdir()


def test_lock_of_another_program_is_waited_for_and_then_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_LOCK_SECONDS", 0.05)
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(LedgerError, match="another program has locked it"):
            LedgerFile(str(path)).append("line")
        assert path.read_text() == ""
        LedgerFile(str(path)).append("a request that was sent", in_any_case=True)
    assert path.read_text() == "a request that was sent\n"


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_file_system_without_locks_is_used(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(_file: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(paths.fcntl, "flock", refuse)
    LedgerFile(str(path)).append("line")
    assert path.read_text() == "line\n"


def test_too_large_ledger_is_refused_before_a_task_begins(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(LARGEST_LEDGER + 1)
    with pytest.raises(LedgerError, match="the maximum is 268435456") as refused:
        LedgerFile(str(path)).check()
    assert refused.value.next_steps == ("Rename the file, and keep it. The next task begins a new one.",)


@pytest.mark.parametrize("is_there", [True, False])
def test_full_disk_is_refused_before_a_task_begins(path: Path, is_there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_there:
        path.write_text("first\n")
    found = os.statvfs(path.parent)
    full = os.statvfs_result((found.f_bsize, found.f_frsize, found.f_blocks, 0, 3, *tuple(found)[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    monkeypatch.setattr(os, "fstatvfs", lambda _number: full)
    with pytest.raises(LedgerError, match="the disk is full"):
        LedgerFile(str(path)).check()


TEXTS = st.text(max_size=5000)


@given(st.dictionaries(st.sampled_from([f"field_{number}" for number in range(20)]), TEXTS | st.none() | st.integers(0, 9)))
def test_any_entry_is_one_short_line(values: dict[str, object]) -> None:
    line = line_of(values)
    assert "\n" not in line
    assert line.isascii()
    assert len(line) < LONGEST_LINE
    assert set(json.loads(line)) == set(values)


def test_variable_that_is_not_set_or_empty_means_no_ledger() -> None:
    templar = Templar(loader=DataLoader())
    for value in (None, "", " ".strip()):
        assert ledger_of({"activation_ledger": value}, templar) is None
    assert ledger_of({}, templar) is None


@pytest.mark.parametrize("name", ["activation_legder", "activation_ledgers", "activation_leger", "activaton_ledger", "activation_leddgerr"])
def test_variable_with_a_similar_name_is_refused(name: str, path: Path) -> None:
    with pytest.raises(LedgerError, match=f"The variable {name} is not a variable of this collection: did you mean activation_ledger"):
        ledger_of({name: str(path)}, Templar(loader=DataLoader()))
    assert ledger_of({name: str(path), "activation_ledger": ""}, Templar(loader=DataLoader())) is None


@pytest.mark.parametrize("name", ["activation_letter_box", "activation_report", "ansible_ledger", "ledger", "activation_result"])
def test_variable_with_another_name_is_not_refused(name: str) -> None:
    assert ledger_of({name: "x"}, Templar(loader=DataLoader())) is None
