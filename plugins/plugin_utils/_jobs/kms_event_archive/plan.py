# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving the Key Management Service log of a KMS host in a file there: which file, whether it is there already, and what stands in the way.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A file of the name that is asked for is never written again: what it holds may be gone from the log by now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..._cim.session import CimError, CimPath, CimSession
from ..._licensing.events import log as event_log
from ..._licensing.events.catalog import KEY_MANAGEMENT_SERVICE
from ..._licensing.events.log import LogFile
from ..._licensing.plan.plan import Plan
from ..._licensing.plan.step import Step
from ..._licensing.plan.timer import RetryTimer
from ..._licensing.problems import StepWithoutEffectError, TaskRefusedError
from ..._licensing.state import wql
from ..._licensing.state.model import OperatingSystem
from ..._licensing.state.read import read_state
from ..._licensing.state.report import iso
from ..._licensing.state.served import Served
from .messages import EXISTS, why_not_saved

SERVED = Served("cannot be a KMS host", "Use Windows Server 2008 R2 or later.")

USUAL_NAME = "Archive-Key Management Service-{date}.evtx"
"""As Windows names what it archives itself, with a day behind it."""
DATE = "{date}"
EXTENSION = ".evtx"
_LONGEST_PATH = 259


@dataclass(frozen=True)
class DesiredArchive:
    """Where the log is to be saved. `path` names a folder or a file, None the folder of the log; `file_name` may hold the day."""

    path: str | None = None
    file_name: str | None = None

    @classmethod
    def of(cls, path: str | None, file_name: str | None) -> DesiredArchive:
        """What a task asks for; raises TaskRefusedError when both options name a file."""
        if path and file_name and path.lower().endswith(EXTENSION):
            words = f"path contains the file name {path}, and file_name is {file_name}."
            raise TaskRefusedError("conflicting_file_names", words, ("Set path to a directory, or do not specify file_name.",))
        return cls(path, file_name)

    def file_on(self, log: LogFile, os: OperatingSystem) -> str:
        """The full path on a machine; the day is the one its own clock and time zone show."""
        path = self.path or log.path.rpartition("\\")[0]
        if not path.lower().endswith(EXTENSION):
            path = f"{path.rstrip(chr(92))}\\{self.file_name or USUAL_NAME}"
        folder, _slash, name = path.rpartition("\\")
        return f"{folder}\\{name.replace(DATE, local_day(os))}"


@dataclass(frozen=True)
class Archive:
    """A saved log: its size in bytes and its creation time, None where the machine does not report them."""

    size: int | None
    created_time: datetime | None


@dataclass(frozen=True)
class ArchiveState:
    """A machine, whether it serves KMS clients, its log, and the file at `path`, None when there is none."""

    os: OperatingSystem
    is_host: bool
    log: LogFile
    path: str
    has_folder: bool
    archive: Archive | None = None


def local_day(os: OperatingSystem) -> str:
    """2026-11-20, where the machine is."""
    return (os.time + timedelta(minutes=os.utc_offset)).date().isoformat()


def look(session: CimSession, desired: DesiredArchive) -> ArchiveState:
    """Read what the plan needs to know: five queries, four when the file is there.

    Raises TaskRefusedError for a machine without the log, CimError and UnreachableError.
    """
    state = read_state(session, frozenset(), served=SERVED)
    log = event_log.file_of(session, KEY_MANAGEMENT_SERVICE)
    if log is None:
        raise TaskRefusedError("no_kms_log", f"{state.os.computer_name} does not have the log Key Management Service.", _ON_A_HOST)
    path = desired.file_on(log, state.os)
    archive = find(session, path)
    has_folder = archive is not None or _has_folder(session, path.rpartition("\\")[0])
    return ArchiveState(state.os, state.service.kms_host.enabled, log, path, has_folder, archive)


def find(session: CimSession, path: str) -> Archive | None:
    """The file of this full name, None when there is none; one query, by the name alone, for any other searches the disk."""
    found = session.query(f"SELECT Name,FileSize,CreationDate FROM CIM_DataFile WHERE Name={wql.literal(path)}")
    return Archive(found[0].integer("FileSize", 0), found[0].moment("CreationDate")) if found else None


def _has_folder(session: CimSession, folder: str) -> bool:
    name = f"{folder}\\" if folder.endswith(":") else folder
    return bool(session.query(f"SELECT Name FROM Win32_Directory WHERE Name={wql.literal(name)}"))


def plan(state: ArchiveState) -> Plan[ArchiveState]:
    """One step, or none when the file is there. Raises TaskRefusedError."""
    _refuse(state)
    is_there = state.archive is not None
    return Plan(
        state=state,
        steps=() if is_there else (_save(state),),
        before=settings_dict(state),
        after=settings_dict(state) if is_there else {"path": state.path, "exists": True, "size": None},
        reread=lambda session, before: replace(before, archive=find(session, before.path)),
        compare=settings_dict,
        subject="event log",
        next_step="Check the directory on the machine, and run the task again.",
    )


def settings_dict(state: ArchiveState) -> Mapping[str, Any]:
    """What a person compares."""
    return {"path": state.path, "exists": state.archive is not None, "size": state.archive.size if state.archive else None}


_ON_A_HOST = ("Run the task on a KMS host. In the activation_info result of a KMS host, service.is_kms_host is true.",)


def _refuse(state: ArchiveState) -> None:
    name = state.os.computer_name
    if not state.is_host and not state.log.record_count:
        raise TaskRefusedError("not_a_kms_host", f"{name} is not a KMS host, and its log Key Management Service is empty.", _ON_A_HOST)
    if len(state.path) > _LONGEST_PATH:
        words = f"{state.path} has {len(state.path)} characters. The maximum is {_LONGEST_PATH}."
        raise TaskRefusedError("path_too_long", words, ("Choose a shorter path or file_name.",))
    if not state.has_folder:
        folder = state.path.rpartition("\\")[0]
        words = f"The directory {folder} does not exist on {name}."
        raise TaskRefusedError(
            "directory_not_found", words, ("Create the directory, or do not specify path: the directory of the log always exists.",)
        )


def _save(state: ArchiveState) -> Step:
    def verify(session: CimSession) -> bool:
        return find(session, state.path) is not None

    def run(session: CimSession, _timer: RetryTimer) -> None:
        try:
            session.invoke(where, "BackupEventlog", {"ArchiveFileName": state.path})
        except CimError as error:
            if error.code in EXISTS and verify(session):
                return  # another run, or a request whose answer was lost, has made it meanwhile
            raise
        if not verify(session):
            raise StepWithoutEffectError(
                "Windows reported success, but the file does not exist.", ("Check the directory and the disk of the machine.",)
            )

    where = CimPath(event_log.FILE_CLASS, {"Name": state.log.path})
    words = f"save the log Key Management Service to {state.path}"
    return Step("archive_log", where, "BackupEventlog", words, verify=verify, run=run, explain=lambda code: why_not_saved(code, state.path))


def describe(state: ArchiveState, *, changed: bool) -> dict[str, Any]:
    """What the result has besides that of all changers. `changed`: the file holds what is in the log now."""
    log, archive = state.log, state.archive
    return {
        "archive": {
            "path": state.path,
            "exists": archive is not None,
            "size": archive.size if archive else None,
            "created_time": iso(archive.created_time) if archive else None,
            "record_count": log.record_count if changed else None,
            "local_date": local_day(state.os),
        },
        "event_log": {
            "name": "Key Management Service",
            "path": log.path,
            "record_count": log.record_count,
            "size": log.size,
            "maximum_size": log.maximum_size,
            "overwrites": log.overwrites,
        },
    }
