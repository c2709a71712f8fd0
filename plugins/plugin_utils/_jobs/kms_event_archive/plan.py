# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that saves the Key Management Service log of a KMS host to a file on the KMS host.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An existing file is never overwritten, because the log might no longer contain its events.
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
from ..._licensing.state.wmi_classes import NO_SUCH_METHOD
from .messages import EXISTS, explain_not_saved

_METHOD, _OTHER_SPELLING = "BackupEventlog", "BackupEventLog"

SERVED = Served("cannot be a KMS host", "Use Windows Server 2008 R2 or later.")

USUAL_NAME = "Archive-Key Management Service-{date}.evtx"
"""The file name that Windows uses for its own archives, with a date."""
DATE = "{date}"
EXTENSION = ".evtx"
_LONGEST_PATH = 259


@dataclass(frozen=True)
class DesiredArchive:
    """The location of the archive.

    `path` is a directory or a file, or None for the directory of the log. `file_name` can contain the date.
    """

    path: str | None = None
    file_name: str | None = None

    @classmethod
    def of(cls, path: str | None, file_name: str | None) -> DesiredArchive:
        """Return the desired archive. Raises TaskRefusedError if both options contain a file name."""
        if path and file_name and path.lower().endswith(EXTENSION):
            message = f"path contains the file name {path}, and file_name is {file_name}."
            raise TaskRefusedError("conflicting_file_names", message, ("Set path to a directory, or do not specify file_name.",))
        return cls(path, file_name)

    def file_on(self, log: LogFile, os: OperatingSystem) -> str:
        """Return the full path on a machine. The date is in the time zone of the machine."""
        path = self.path or log.path.rpartition("\\")[0]
        if not path.lower().endswith(EXTENSION):
            path = f"{path.rstrip(chr(92))}\\{self.file_name or USUAL_NAME}"
        folder, _slash, name = path.rpartition("\\")
        return f"{folder}\\{name.replace(DATE, local_day(os))}"


@dataclass(frozen=True)
class Archive:
    """A saved log: its size in bytes and its creation time, or None if the machine does not report them."""

    size: int | None
    created_time: datetime | None


@dataclass(frozen=True)
class ArchiveState:
    """A machine, whether it is a KMS host, its log, and the file at `path`, or None if the file does not exist."""

    os: OperatingSystem
    is_host: bool
    log: LogFile
    path: str
    has_folder: bool
    archive: Archive | None = None


def local_day(os: OperatingSystem) -> str:
    """Return the date in the time zone of the machine, such as 2026-11-20."""
    return (os.time + timedelta(minutes=os.utc_offset)).date().isoformat()


def read_archive_state(session: CimSession, desired: DesiredArchive) -> ArchiveState:
    """Read the data of the plan. Five queries, or four if the file exists.

    Raises TaskRefusedError for a machine without the log, CimError, and UnreachableError.
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
    """Read a file by its full name, or return None if it does not exist. One query. A query by other properties searches the disk."""
    found = session.query(f"SELECT Name,FileSize,CreationDate FROM CIM_DataFile WHERE Name={wql.literal(path)}")
    return Archive(found[0].integer("FileSize", 0), found[0].moment("CreationDate")) if found else None


def _has_folder(session: CimSession, folder: str) -> bool:
    name = f"{folder}\\" if folder.endswith(":") else folder
    return bool(session.query(f"SELECT Name FROM Win32_Directory WHERE Name={wql.literal(name)}"))


def plan(state: ArchiveState) -> Plan[ArchiveState]:
    """Return a plan with one step, or without steps if the file exists. Raises TaskRefusedError."""
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
    """Return the data for before and after."""
    return {"path": state.path, "exists": state.archive is not None, "size": state.archive.size if state.archive else None}


_ON_A_HOST = ("Run the task on a KMS host. In the activation_info result of a KMS host, service.is_kms_host is true.",)


def _refuse(state: ArchiveState) -> None:
    name = state.os.computer_name
    if not state.is_host and not state.log.record_count:
        raise TaskRefusedError("not_a_kms_host", f"{name} is not a KMS host, and its log Key Management Service is empty.", _ON_A_HOST)
    if len(state.path) > _LONGEST_PATH:
        message = f"{state.path} has {len(state.path)} characters. The maximum is {_LONGEST_PATH}."
        raise TaskRefusedError("path_too_long", message, ("Choose a shorter path or file_name.",))
    if not state.has_folder:
        folder = state.path.rpartition("\\")[0]
        message = f"The directory {folder} does not exist on {name}."
        raise TaskRefusedError(
            "directory_not_found", message, ("Create the directory, or do not specify path: the directory of the log always exists.",)
        )


def _invoke(session: CimSession, where: CimPath, path: str) -> None:
    """Call the method in the spelling of Microsoft's MOF, or in that of Microsoft's pages if the machine does not have it."""
    try:
        session.invoke(where, _METHOD, {"ArchiveFileName": path})
    except CimError as error:
        if error.code not in NO_SUCH_METHOD:
            raise
        session.invoke(where, _OTHER_SPELLING, {"ArchiveFileName": path})


def _save(state: ArchiveState) -> Step:
    def verify(session: CimSession) -> bool:
        return find(session, state.path) is not None

    def run(session: CimSession, _timer: RetryTimer) -> None:
        try:
            _invoke(session, where, state.path)
        except CimError as error:
            if error.code in EXISTS and verify(session):
                return  # another run, or a request whose response was lost, created the file
            raise
        if not verify(session):
            raise StepWithoutEffectError(
                "Windows reported success, but the file does not exist.", ("Check the directory and the disk of the machine.",)
            )

    where = CimPath(event_log.FILE_CLASS, {"Name": state.log.path})
    description = f"save the log Key Management Service to {state.path}"
    return Step(
        "archive_log",
        where,
        _METHOD,
        description,
        verify=verify,
        run=run,
        explain=lambda code: explain_not_saved(code, state.path),
    )


def describe(state: ArchiveState, *, changed: bool) -> dict[str, Any]:
    """Return the result data of this module. If `changed` is true, the file contains the current content of the log."""
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
