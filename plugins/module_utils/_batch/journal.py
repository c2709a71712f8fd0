# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of requests for confirmation IDs, and their answers, so that each is requested once.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A confirmation ID can cost an activation, and Microsoft might count it again if it is requested again. Therefore a line is on the disk
before a request is sent, and a line with the answer before anything else is done with it. A line is written with one call and then synced.
A process that is killed leaves a request without an answer, or the beginning of a line, which the next run removes.

The journal is locked for the whole run, so that two runs cannot send the same request. Each line is a JSON object, the first one names the
format.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import _phone
from .._deadline import Deadline
from .._errors import VolumeActivationError

FORMAT = "winops.volume_activation requests for confirmation IDs"
VERSION = 1
LONGEST = 256 * 1024 * 1024
"""Maximum size of a journal in bytes. A request and its answer need about 500."""

REQUESTED, ANSWERED, REFUSED, NOT_SENT = "requested", "answered", "refused", "not_sent"
_EVENTS = (REQUESTED, ANSWERED, REFUSED, NOT_SENT)
_PAUSE = 0.2


class JournalError(VolumeActivationError):
    """The journal cannot be read, locked, or written."""

    error_code = "journal_failed"
    cause = "The directory does not exist, the disk is full, permissions are missing, or the file was changed by another program."
    next_steps = ("Correct the path or the file, and run the task again. No request is sent without the journal.",)


class JournalLockedError(JournalError):
    """Another run uses the journal."""

    error_code = "journal_locked"
    cause = "Another task requests confirmation IDs with the same journal."
    next_steps = ("Wait until the other task has ended, and run the task again. The answers of the other task are then known.",)
    transient = True


@dataclass(frozen=True)
class Kept:
    """What the journal contains about an installation ID.

    `open_requests` is the number of requests without an answer, each of which Microsoft might have counted.
    """

    confirmation_id: str = ""
    open_requests: int = 0
    requested_time: str | None = None
    answered_time: str | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether a request has no answer, and it is not known whether Microsoft counted it."""
        return bool(self.open_requests) and not self.confirmation_id

    def after(self, entry: Mapping[str, Any]) -> Kept:
        """Return what is known after an event. An answer stays, whatever follows it."""
        if entry["event"] == REQUESTED:
            return replace(self, open_requests=self.open_requests + 1, requested_time=entry["time"])
        if entry["event"] == ANSWERED:
            return replace(self, confirmation_id=entry["confirmation_id"], answered_time=entry["time"])
        return replace(self, open_requests=max(0, self.open_requests - 1))


@dataclass
class Journal:
    """An open and locked journal. Its methods can be called by several threads, and raise JournalError."""

    path: str
    kept: dict[str, Kept]
    _descriptor: int
    _size: int
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, event: str, installation_id: str, **values: str) -> None:
        """Add an event, and return when it is on the disk."""
        entry = {"time": now(), "event": event, "installation_id": installation_id, **values}
        with self._lock:
            self._append(entry)
            self.kept[installation_id] = self.kept.get(installation_id, Kept()).after(entry)

    def _append(self, entry: Mapping[str, Any]) -> None:
        line = (json.dumps(entry) + "\n").encode()
        try:
            if os.write(self._descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, "No space left on device")
            os.fsync(self._descriptor)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise _failed(self.path, "written", error) from None
        self._size += len(line)


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def read(path: str) -> dict[str, Kept]:
    """Return what a journal contains, without changing or locking it. A journal that does not exist is empty. Raises JournalError."""
    try:
        with os.fdopen(_regular(path, os.O_RDONLY), "rb") as file:
            return _parsed(path, file.read(LONGEST + 1))[0]
    except FileNotFoundError:
        if Path(path).parent.is_dir():
            return {}
        raise JournalError(f"The directory of the journal does not exist: {Path(path).parent}.") from None
    except OSError as error:
        raise _failed(path, "read", error) from None


@contextmanager
def locked(path: str, deadline: Deadline) -> Iterator[Journal]:
    """Yield the journal, which is created if it does not exist. Waits until no other run uses it. Raises JournalError."""
    descriptor = _opened(path, deadline)
    try:
        kept, size = _begun(path, descriptor)
        yield Journal(path, kept, descriptor, size)
    finally:
        os.close(descriptor)


def _opened(path: str, deadline: Deadline) -> int:
    """Return the descriptor of the locked file that has this path now: another run could have replaced the file."""
    while True:
        try:
            descriptor = _regular(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        except OSError as error:
            raise _failed(path, "opened", error) from None
        try:
            _wait_for_lock(path, descriptor, deadline)
            if os.path.samestat(os.fstat(descriptor), Path(path).stat()):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _regular(path: str, flags: int) -> int:
    """Return the descriptor of a regular file, without waiting for a pipe or a device. Raises OSError, and JournalError for its mode."""
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) and not mode & stat.S_IWOTH:
        return descriptor
    os.close(descriptor)
    if stat.S_ISREG(mode):
        raise JournalError(f"The journal {path} cannot be used: every user of this machine can write to it.", _after_a_check(path))
    raise OSError(errno.EINVAL, "it is not a regular file")


def _after_a_check(path: str) -> tuple[str, ...]:
    """Return the next step for a journal to which another user could have added a confirmation ID. The mode is not corrected silently."""
    return (f"Check that nobody changed the journal, correct its mode with 'chmod o-w {path}', and run the task again.",)


def _wait_for_lock(path: str, descriptor: int, deadline: Deadline) -> None:
    while not _is_locked(path, descriptor):
        if not deadline.left():
            raise JournalLockedError(f"The journal {path} is used by another task, and the deadline was reached.")
        time.sleep(_PAUSE)


def _is_locked(path: str, descriptor: int) -> bool:
    """Lock the file, unless another process has locked it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise _failed(path, "locked", error) from None
    return True


def _begun(path: str, descriptor: int) -> tuple[dict[str, Kept], int]:
    """Return the content of the open file and its size.

    A line that was not written to its end is removed, and a new file gets its first line.
    """
    try:
        size = os.fstat(descriptor).st_size
        kept, complete = _parsed(path, os.pread(descriptor, min(size, LONGEST) + 1, 0))
        if complete < size:
            os.ftruncate(descriptor, complete)
        if not complete:
            head = (json.dumps({"format": FORMAT, "version": VERSION}) + "\n").encode()
            os.write(descriptor, head)
            _sync_folder(path)
            complete = len(head)
        os.fsync(descriptor)
    except OSError as error:
        raise _failed(path, "written", error) from None
    return kept, complete


def _sync_folder(path: str) -> None:
    folder = os.open(Path(path).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parsed(path: str, content: bytes) -> tuple[dict[str, Kept], int]:
    """Return the content of a journal, and the number of bytes up to the end of its last complete line."""
    if len(content) > LONGEST:
        raise JournalError(f"The journal {path} is larger than {LONGEST} bytes.")
    complete, _end, torn = content.rpartition(b"\n")
    if not complete and not _end:
        if torn and not json.dumps({"format": FORMAT}).encode()[:-1].startswith(torn[: len(FORMAT)]):
            raise _damaged(path, 1)
        return {}, 0
    lines = complete.split(b"\n")
    head = _entry(path, 1, lines[0])
    if head.get("format") != FORMAT:
        raise JournalError(f"{path} is not a journal of this module. Specify the path of a journal, or of a file that does not exist.")
    if head.get("version") != VERSION:
        raise JournalError(f"The version of the journal {path} is {head.get('version')!r:.20}, and this collection supports {VERSION}.")
    kept: dict[str, Kept] = {}
    for number, line in enumerate(lines[1:], start=2):
        entry = _checked(path, number, _entry(path, number, line))
        kept[entry["installation_id"]] = kept.get(entry["installation_id"], Kept()).after(entry)
    return kept, len(complete) + 1


def _entry(path: str, number: int, line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise _damaged(path, number) from None
    if not isinstance(entry, dict):
        raise _damaged(path, number)
    return entry


def _checked(path: str, number: int, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the entry. Raises JournalError if it cannot be one, because the lost information can be worth an activation."""
    texts = all(isinstance(value, str) for value in entry.values())
    if not texts or entry.get("event") not in _EVENTS or not entry.get("installation_id", "").isdigit() or not entry.get("time"):
        raise _damaged(path, number)
    if entry["event"] == ANSWERED and len(entry.get("confirmation_id", "")) not in _phone.CONFIRMATION_IDS:
        raise _damaged(path, number)
    return entry


def _damaged(path: str, number: int) -> JournalError:
    return JournalError(
        f"Line {number} of the journal {path} is damaged, so that requests of earlier runs are not known.",
        ("Restore the journal from a backup, or set journal_path to a new file if no installation ID of the task was requested before.",),
    )


def _failed(path: str, done: str, error: OSError) -> JournalError:
    # O_NOFOLLOW reports a link as a loop of links.
    reason = "it is a symbolic link, which is not followed" if error.errno == errno.ELOOP else error.strerror or error
    return JournalError(f"The journal {path} cannot be {done}: {reason}.")
