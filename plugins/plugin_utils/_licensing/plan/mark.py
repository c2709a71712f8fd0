# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark of a run that is going to spend an activation: a registry value on the machine, which every other run can see.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each run writes a value of its own, so that no run can overwrite the mark of another one. Everything that matters is in the name of
the value, and one request lists the names of all of them: when the run began by the clock of the machine, how many seconds it may
take, which run it is, and the key it is about. The data is for a person who finds it.
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
_DATA = "A task of winops.volume_activation is going to {what}. The value goes when the task ends; remove it when no such task runs."


@dataclass(frozen=True)
class Mark:
    """One mark. `name` is that of its value; `set_at` and `run` are None when the name is not one that this version writes."""

    name: str
    set_at: datetime | None = None
    seconds: int = 0
    run: str | None = None
    subject: str | None = None

    def left(self, now: datetime) -> float:
        """Seconds until it no longer counts. `now` is the clock of the machine: when it was set back meanwhile, all of them are left."""
        if self.set_at is None:
            return float("inf")
        passed = (now - self.set_at).total_seconds()
        return float(self.seconds) if passed < 0 else max(0.0, self.seconds - passed)


def new(now: datetime, seconds: int, run: str, subject: str) -> Mark:
    """The mark of a run; `run` is 12 hexadecimal digits, `subject` the last five of its keys."""
    at = now.astimezone(timezone.utc).replace(microsecond=0)
    return Mark(f"{PREFIX}{at.strftime(_TIME)}-{seconds}-{run}-{subject}", at, seconds, run, subject)


def parse(name: str) -> Mark | None:
    """The mark that a value of this name is, None for any other value."""
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
    """A key that Windows itself makes, so that none has to be made and removed: another run's mark might be in it by then."""
    numbers = tuple(int(part) for part in re.findall(r"[0-9]+", os.version)[:2])
    return registry.SPP_KEY if numbers >= _FIRST_WITH_SPP_KEY else registry.CURRENT_VERSION


def read(session: CimSession, key: str) -> tuple[Mark, ...]:
    """Every mark in the key: one request. Raises CimError, LicensingError and UnreachableError."""
    found = registry.read_key(session, key)
    names: Iterable[str] = (value.name for value in found.values.values()) if found else ()
    return tuple(mark for mark in map(parse, names) if mark is not None)


def write(session: CimSession, key: str, mark: Mark, what: str) -> None:
    """Set it. Raises CimError and CimUnknownOutcomeError."""
    registry.write_value(session, key, RegistryValue(mark.name, REG_SZ, _DATA.format(what=what)))


def remove(session: CimSession, key: str, mark: Mark) -> None:
    """Remove it; one that is gone is no failure. Raises CimError and CimUnknownOutcomeError."""
    registry.delete(session, key, mark.name)


def removal(key: str, mark: Mark) -> str:
    """The command by which a person removes it."""
    return f'reg delete "{registry.path(key)}" /v {mark.name} /f'


def query(key: str) -> str:
    """The command by which a person lists what is in the key."""
    return f'reg query "{registry.path(key)}"'
