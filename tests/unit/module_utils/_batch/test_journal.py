# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal knows after runs that were killed, at the same time, or without space on the disk."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._batch import journal
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.journal import (
    ANSWERED,
    NOT_SENT,
    REFUSED,
    REQUESTED,
    JournalError,
    JournalLockedError,
)
from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline

IID, CID = "1" * 54, "123456" * 8


@pytest.fixture
def path(tmp_path: Path) -> str:
    """The path of a journal that does not exist yet."""
    return str(tmp_path / "plant.journal")


def write(path: str, *events: tuple[str, dict[str, str]], installation_id: str = IID) -> None:
    with journal.locked(path, Deadline.after(5)) as opened:
        for event, values in events:
            opened.write(event, installation_id, **values)


ANSWER = (ANSWERED, {"confirmation_id": CID})


@pytest.mark.parametrize(
    ("events", "is_unknown", "confirmation_id"),
    [
        (["requested"], True, ""),
        (["requested", "answered"], False, CID),
        (["requested", "refused"], False, ""),
        (["requested", "not_sent"], False, ""),
        (["requested", "requested", "not_sent"], True, ""),
        (["requested", "requested", "refused"], True, ""),
        (["requested", "requested", "answered"], False, CID),
        (["requested", "answered", "requested", "refused"], False, CID),
    ],
)
def test_a_request_is_unknown_until_it_has_an_answer(path: str, events: list[str], is_unknown: bool, confirmation_id: str) -> None:
    write(path, *[ANSWER if event == "answered" else (event, {}) for event in events])
    kept = journal.read(path)[IID]
    assert (kept.is_unknown, kept.confirmation_id) == (is_unknown, confirmation_id)


def test_a_journal_is_for_its_owner_and_its_lines_are_json(path: str) -> None:
    write(path, (REQUESTED, {"extended_pid": "1-2-3"}), ANSWER)
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    head, request, answer = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
    assert head == {"format": "winops.volume_activation requests for confirmation IDs", "version": 1}
    assert (request["event"], request["installation_id"], request["extended_pid"]) == ("requested", IID, "1-2-3")
    assert answer["confirmation_id"] == CID


@pytest.mark.parametrize(("mode", "is_used"), [(0o600, True), (0o640, True), (0o660, True), (0o644, True), (0o666, False), (0o602, False)])
def test_a_journal_that_every_user_can_write_is_not_used(path: str, mode: int, is_used: bool) -> None:
    """Another user of the controller could have written a confirmation ID into it, or removed a request."""
    write(path, (REQUESTED, {}))
    before = Path(path).read_bytes()
    Path(path).chmod(mode)
    if is_used:
        write(path, ANSWER)
        assert journal.read(path)[IID].confirmation_id == CID
        return
    for use in (lambda: journal.read(path), lambda: write(path, ANSWER)):
        with pytest.raises(JournalError, match="every user of this machine can write to it") as raised:
            use()
        assert f"chmod o-w {path}" in raised.value.explain().next_steps[0]
    assert (Path(path).read_bytes(), stat.S_IMODE(Path(path).stat().st_mode)) == (before, mode)


def test_reading_creates_nothing_and_needs_a_directory(path: str, tmp_path: Path) -> None:
    assert journal.read(path) == {}
    assert not Path(path).exists()
    with pytest.raises(JournalError, match="directory of the journal does not exist"):
        journal.read(str(tmp_path / "nowhere" / "x.journal"))


@given(st.integers(min_value=0, max_value=400))
def test_a_journal_that_was_cut_in_its_last_line_forgets_no_complete_line(tmp_path_factory: Any, cut: int) -> None:
    """A process that is killed leaves the beginning of a line. The next run removes it and goes on."""
    path = str(tmp_path_factory.getbasetemp() / f"cut-{os.getpid()}.journal")
    Path(path).unlink(missing_ok=True)
    write(path, (REQUESTED, {}))
    complete = Path(path).read_bytes()
    write(path, ANSWER)
    whole = Path(path).read_bytes()
    end = min(len(whole) - 1, len(complete) + cut % (len(whole) - len(complete)))
    Path(path).write_bytes(whole[:end])
    assert journal.read(path)[IID].is_unknown
    write(path, (REFUSED, {"code": "0x67"}), installation_id="2" * 54)
    assert Path(path).read_bytes().startswith(complete)
    kept = journal.read(path)
    assert kept[IID].is_unknown
    assert not kept["2" * 54].is_unknown


@pytest.mark.parametrize("text", ["", '{"form', '{"format": "winops.volume_activation requests'])
def test_a_first_line_that_was_cut_is_a_new_journal(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")
    assert journal.read(path) == {}
    write(path, ANSWER)
    assert journal.read(path)[IID].confirmation_id == CID


HEAD = json.dumps({"format": journal.FORMAT, "version": 1}) + "\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("machine,installation_id,confirmation_id\n", "Line 1 of the journal"),
        ("machine,installation_id,confirmation_id", "Line 1 of the journal"),
        ('{"format": "another"}\n', "is not a journal"),
        (HEAD.replace("1}", "2}"), "version of the journal"),
        (HEAD + "garbage\n", "Line 2 of the journal .* is damaged"),
        (HEAD + "\n", "Line 2 of the journal .* is damaged"),
        (HEAD + "[]\n", "Line 2 of the journal .* is damaged"),
        (HEAD + json.dumps({"time": "t", "event": "eaten", "installation_id": IID}) + "\n", "Line 2"),
        (HEAD + json.dumps({"time": "t", "event": "answered", "installation_id": IID}) + "\n", "Line 2"),
        (HEAD + json.dumps({"time": "t", "event": "requested", "installation_id": 1}) + "\n", "Line 2"),
    ],
)
def test_what_is_no_journal_is_refused_and_not_changed(path: str, text: str, complaint: str) -> None:
    Path(path).write_text(text, encoding="utf-8")
    with pytest.raises(JournalError, match=complaint):
        journal.read(path)
    with pytest.raises(JournalError, match=complaint):
        write(path, ANSWER)
    assert Path(path).read_text(encoding="utf-8") == text


def test_a_symbolic_link_is_not_followed(path: str, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("", encoding="utf-8")
    Path(path).symlink_to(tmp_path / "target")
    with pytest.raises(JournalError, match="cannot be opened"):
        write(path, ANSWER)


def test_a_second_run_waits_and_is_refused_at_its_deadline(path: str) -> None:
    with (
        journal.locked(path, Deadline.after(5)),
        pytest.raises(JournalLockedError) as raised,
        journal.locked(path, Deadline.after(0.3)),
    ):
        pass
    assert raised.value.explain().transient


def _count(path: str, number: int) -> None:
    for _each in range(number):
        with journal.locked(path, Deadline.after(60)) as opened:
            seen = len(opened.kept)
            opened.write(REQUESTED, str(seen + 1))


def test_runs_at_the_same_time_see_what_the_others_wrote(path: str) -> None:
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=_count, args=(path, 10)) for _run in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert {run.exitcode for run in runs} == {0}
    assert sorted(map(int, journal.read(path))) == list(range(1, 41))
    assert {kept.open_requests for kept in journal.read(path).values()} == {1}


def test_a_full_disk_leaves_the_journal_as_it_was(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, (REQUESTED, {}))
    before = Path(path).read_bytes()
    real = os.write

    def half(descriptor: int, line: bytes) -> int:
        return real(descriptor, line[: len(line) // 2])

    with journal.locked(path, Deadline.after(5)) as opened:
        monkeypatch.setattr(journal.os, "write", half)
        with pytest.raises(JournalError, match=os.strerror(errno.ENOSPC)):
            opened.write(ANSWERED, IID, confirmation_id=CID)
        monkeypatch.undo()
        assert opened.kept[IID].is_unknown
        assert Path(path).read_bytes() == before
        opened.write(ANSWERED, IID, confirmation_id=CID)
    assert journal.read(path)[IID].confirmation_id == CID


def test_a_refusal_and_a_request_that_was_not_sent_can_be_asked_again(path: str) -> None:
    write(path, (REQUESTED, {}), (NOT_SENT, {"code": "service_unresolved"}))
    assert not journal.read(path)[IID].is_unknown
