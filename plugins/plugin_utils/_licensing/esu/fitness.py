# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a programme of Extended Security Updates is for a machine, and whether the machine is prepared for it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A machine has the license of a programme, without a key, after the updates of the programme are installed. The license is therefore the
proof that the machine is prepared. The updates are read only to complete the message about a license that is missing.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from ..._cim.session import CimSession
from ..catalog import esu, evaluation
from ..catalog.esu import Programme
from ..problems import TaskRefusedError
from ..state import scope
from ..state.edition import edition_of
from ..state.model import ActivationState, LicensedProduct, LicenseStatus, OperatingSystem
from ..state.read import read_license
from ..state.servicing import NOT_READ, Servicing, read_revision, read_updates

NOT_FOR_THIS_WINDOWS = "esu_not_for_this_windows"
PREPARATION_MISSING = "esu_preparation_missing"
WINDOWS_NOT_ACTIVATED = "windows_not_activated"

_EXCLUDE = "Exclude this machine from the task."
_CAUSE = (
    "Each programme of Extended Security Updates is for certain versions of Windows, and Windows has a license only for these programmes."
)
_NOT_PREPARED = "Windows has the license of a programme only after the updates that prepare it for the programme, and a restart."
_WINDOWS_FIRST = "Extended Security Updates are an add-on license of Windows, which Windows activates only if it is activated itself."
_SOURCE = "Microsoft Learn: Enable Extended Security Updates (ESU)"


def refuse_unfit(state: ActivationState, programme: Programme) -> None:
    """Raise TaskRefusedError if the programme is not for the Windows of the machine."""
    os, edition = state.os, edition_of(state)
    system = programme.system_of(os)
    if system and not programme.excludes(edition):
        return
    runs = f"{os.computer_name} runs {os.caption} (build: {os.build}{f', edition: {edition}' if edition else ''})"
    raise TaskRefusedError(
        NOT_FOR_THIS_WINDOWS,
        f"{runs}. {_sentence_start(str(programme))} are not for this Windows, but for {_systems(programme)}.",
        why_unfit(os, programme, edition),
        cause=_CAUSE,
        source=_SOURCE,
    )


def why_unfit(os: OperatingSystem, programme: Programme, edition: str | None) -> tuple[str, ...]:
    """Return the next steps for a machine that the programme is not for."""
    if programme.excludes(edition):
        return (f"{_EXCLUDE} LTSC editions are not part of the programme. They have a support period of their own.",)
    older = programme.older_system_of(os)
    if older:
        return (f"Update the machine to {older.name} first.",)
    others = [other.name for other in esu.for_system(os)]
    return (f"Use a programme for this Windows: {', '.join(others)}.", _EXCLUDE) if others else (_EXCLUDE,)


def refuse_windows_not_activated(state: ActivationState, what: str) -> None:
    """Raise TaskRefusedError if Windows itself is not activated; `what` is the add-on as the subject of a sentence."""
    primary = state.primary
    if primary is not None and (primary.status.is_activated or primary.by_subscription):
        return
    status = f"the status of Windows is {primary.status.name.lower()}" if primary else "Windows does not have a product key"
    raise TaskRefusedError(
        WINDOWS_NOT_ACTIVATED,
        f"{state.os.computer_name} is not activated: {status}. {what} can be activated only after Windows itself. No activation was used.",
        (_recovery(primary),),
        cause=_WINDOWS_FIRST,
        source=_SOURCE,
    )


def _recovery(primary: LicensedProduct | None) -> str:
    if primary is not None and primary.status is LicenseStatus.NON_GENUINE_GRACE:
        return "Windows failed the genuine validation: recover it with the playbook recover_nongenuine, and run the task again."
    return "Activate Windows with kms_client or mak_client, and run the task again."


def read_license_of(session: CimSession, state: ActivationState, activation_id: str) -> LicensedProduct:
    """Read the license with an activation ID, with or without a key. One request, and up to two more if the machine does not have it.

    Raises TaskRefusedError if the machine does not have it. For a license of a programme, the error has the updates that bring it.
    """
    found, programme = read_license(session, activation_id), esu.of_id(activation_id)
    if found is None and programme:
        refuse_unfit(state, programme)
        refuse_unprepared(state, programme, read_preparation(session, state, programme))
    return found or scope.refuse_unknown_id(state, activation_id)


def read_preparation(session: CimSession, state: ActivationState, programme: Programme) -> Servicing:
    """Read what a machine without the license shows of the updates. One query, and none for a Windows that the programme is not for."""
    system = programme.system_of(state.os)
    if system is None:
        return NOT_READ
    if any(update.revision is not None for update in system.updates):
        return read_revision(session)
    return read_updates(session, (update.name for update in system.updates))


def refuse_unprepared(state: ActivationState, programme: Programme, found: Servicing) -> NoReturn:
    """Raise TaskRefusedError, because the machine was read and does not have the license of the programme."""
    system = programme.system_of(state.os)
    updates = system.updates if system else ()
    needed = " and ".join(update_label(state.os, update) for update in updates)
    lacks = f"{state.os.computer_name} does not have the license {programme.activation_id} of {programme}"
    raise TaskRefusedError(
        PREPARATION_MISSING,
        f"{lacks}, which Windows has after {needed or 'an update'}. {_shown(state, updates, found)}The key was not sent.",
        _preparation_steps(state, updates, found),
        cause=_NOT_PREPARED,
        source=_SOURCE,
    )


def warnings(programme: Programme, now: datetime) -> tuple[str, ...]:
    """Return a warning if the year has ended; `now` is the clock of the machine, as for all times of a result."""
    if not programme.has_ended(now):
        return ()
    current = esu.current_year(programme, now)
    instead = f" For these updates, the machine needs {current.name}." if current else " No later year has a key."
    return (f"{programme} ended on {programme.ends}. The license is not for updates that were released later.{instead}",)


def update_label(os: OperatingSystem, update: esu.EsuUpdate) -> str:
    """Return the name of an update, with the build that has it. A later cumulative update contains it too."""
    if update.revision is None:
        return update.name
    return f"{update.name} (build {os.build}.{update.revision}) or a later cumulative update"


def _shown(state: ActivationState, updates: tuple[esu.EsuUpdate, ...], found: Servicing) -> str:
    """Return what the machine shows of the updates, as a sentence with a space at its end."""
    if any(update.revision is not None for update in updates):
        if found.revision is None:
            return "The revision of its build could not be read. "
        return f"The machine has build {state.os.build}.{found.revision}. "
    if found.updates is None:
        return "Its installed updates could not be read. " if updates else ""
    present = [update.name for update in updates if update.name in found.updates]
    return f"Of these, the machine lists {' and '.join(present) if present else 'none'}. "


def _preparation_steps(state: ActivationState, updates: tuple[esu.EsuUpdate, ...], found: Servicing) -> tuple[str, ...]:
    restart = "Restart the machine, and run the task again."
    edition = edition_of(state)
    if _shows_all(updates, found) and evaluation.is_evaluation(edition):
        return (f"The updates are installed, but {edition} is an evaluation edition.", *evaluation.conversion_steps(state.os, edition))
    if _shows_all(updates, found):
        offered = f" Check that the programme is offered for its edition{f' ({edition})' if edition else ''}."
        return (restart, f"The updates are installed. If the license is still missing after a restart, install the newest update.{offered}")
    missing = [update for update in updates if update.name not in (found.updates or ())]
    named = ", ".join(update_label(state.os, update) for update in missing) or "the updates of the programme"
    return (
        f"Install {named} in this order, and restart the machine." if len(missing) > 1 else f"Install {named}, and restart the machine.",
    )


def _shows_all(updates: tuple[esu.EsuUpdate, ...], found: Servicing) -> bool:
    def is_shown(update: esu.EsuUpdate) -> bool:
        if update.revision is not None:
            return found.revision is not None and found.revision >= update.revision
        return found.updates is not None and update.name in found.updates

    return bool(updates) and all(map(is_shown, updates))


def _systems(programme: Programme) -> str:
    return " and ".join(f"{system.name} (build {', '.join(map(str, sorted(system.builds)))})" for system in programme.systems)


def _sentence_start(text: str) -> str:
    return text[:1].upper() + text[1:]
