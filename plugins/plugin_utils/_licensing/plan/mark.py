# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark of a run that will use an activation: a registry value on the machine, which every other run can read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each run writes a value of its own, so that no run can overwrite the mark of another run. The name of the value contains the start of the
run by the clock of the machine, its maximum duration in seconds, its identifier, and the key. One request lists the names of all values.
The data of the value explains the mark to an administrator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from ..._cim.session import CimSession
from ..registry import values as registry
from ..registry.values import REG_SZ, RegistryValue
from ..state.model import OperatingSystem

PREFIX = "WinopsActivation-"
_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(rf"{PREFIX}([0-9]{{8}}T[0-9]{{6}}Z)-([0-9]{{1,6}})-([0-9a-f]{{12}})-([0-9A-Za-z+]{{1,64}})", re.IGNORECASE)
_FIRST_WITH_SPP_KEY = (6, 1)
_DATA = "A task of winops.volume_activation will {what}. The task removes this value when it ends. Remove the value if no such task runs."


@dataclass(frozen=True)
class Mark:
    """One mark. `name` is the name of its value. `set_at` and `run` are None if this version cannot parse the name."""

    name: str
    set_at: datetime | None = None
    seconds: int = 0
    run: str | None = None
    subject: str | None = None

    def left(self, now: datetime) -> float:
        """Return the seconds for which the mark is valid; the full duration if the clock of the machine, `now`, was set back."""
        if self.set_at is None:
            return float("inf")
        passed = (now - self.set_at).total_seconds()
        return float(self.seconds) if passed < 0 else max(0.0, self.seconds - passed)


def new(now: datetime, seconds: int, run: str, subject: str) -> Mark:
    """Return the mark of a run. `run` is 12 hexadecimal digits, `subject` the partial product keys."""
    at = now.astimezone(timezone.utc).replace(microsecond=0)
    return Mark(f"{PREFIX}{at.strftime(_TIME)}-{seconds}-{run}-{subject}", at, seconds, run, subject)


def parse(name: str) -> Mark | None:
    """Return the mark with this name; None if the name is not the name of a mark."""
    if not name.lower().startswith(PREFIX.lower()):
        return None
    found = _NAME.fullmatch(name)
    if found is None:
        return Mark(name)
    try:
        at = datetime.strptime(found[1].upper(), _TIME).replace(tzinfo=timezone.utc)
    except ValueError:
        return Mark(name)
    return Mark(name, at, int(found[2]), found[3].lower(), found[4])


def key_on(os: OperatingSystem) -> str:
    """Return the registry key for marks. Windows creates the key itself, so the module never removes a key with the mark of another run."""
    numbers = tuple(int(part) for part in re.findall(r"[0-9]+", os.version)[:2])
    return registry.SPP_KEY if numbers >= _FIRST_WITH_SPP_KEY else registry.CURRENT_VERSION


def read(session: CimSession, key: str) -> tuple[Mark, ...]:
    """Return all marks in the key, with one request. Raises CimError, LicensingError, and UnreachableError."""
    found = registry.read_key(session, key)
    names: Iterable[str] = (value.name for value in found.values.values()) if found else ()
    return tuple(mark for mark in map(parse, names) if mark is not None)


def write(session: CimSession, key: str, mark: Mark, what: str) -> None:
    """Write a mark. Raises CimError and CimUnknownOutcomeError."""
    registry.write_value(session, key, RegistryValue(mark.name, REG_SZ, _DATA.format(what=what)))


def remove(session: CimSession, key: str, mark: Mark) -> None:
    """Remove a mark, if it exists. Raises CimError and CimUnknownOutcomeError."""
    registry.delete(session, key, mark.name)


def removal(key: str, mark: Mark) -> str:
    """Return the command that removes a mark."""
    return f'reg delete "{registry.path(key)}" /v {mark.name} /f'


def query(key: str) -> str:
    """Return the command that lists the values of the key."""
    return f'reg query "{registry.path(key)}"'
