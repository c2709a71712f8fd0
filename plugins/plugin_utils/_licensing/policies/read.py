# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what the registry of a machine has of the policies a task is about, and nothing else.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..._cim.session import CimSession
from ..registry import own_keys
from ..registry import values as registry
from ..registry.values import RegistryKey
from ..state.model import OperatingSystem
from ..state.served import version_of
from .model import DesiredPolicies, Goal, PolicyState


def read_policies(session: CimSession, os: OperatingSystem, desired: DesiredPolicies) -> PolicyState:
    """One request for each key, one for each value that is there; nothing is asked for a desired state that leaves everything alone.

    Where a key is missing, or is ours and may go, the keys above are looked at too. Raises LicensingError, CimError and UnreachableError.
    """
    reader = _Reader(session, desired.goals(version_of(os)))
    return PolicyState(os, reader.read())


class _Reader:
    """One look at one machine."""

    def __init__(self, session: CimSession, goals: tuple[Goal, ...]) -> None:
        self._session = session
        self._goals = goals
        self._keys: dict[str, RegistryKey | None] = {}

    def read(self) -> dict[str, RegistryKey | None]:
        for goal in self._goals:
            upwards = (goal.place.key, *reversed(goal.place.own_keys[:-1]))
            for key in upwards:
                if not self._goes_on_above(key, removing=goal.value is None):
                    break
        return self._keys

    def _goes_on_above(self, key: str, *, removing: bool) -> bool:
        """Read a key once; whether the one above it matters too."""
        if key not in self._keys:
            self._keys[key] = self._read(key)
        found = self._keys[key]
        return found is None or (removing and own_keys.is_ours(found))

    def _read(self, key: str) -> RegistryKey | None:
        """A key that may be removed is asked for the keys below it, too."""
        here = [goal for goal in self._goals if goal.place.key == key]
        found = registry.read_key(self._session, key, [goal.place.name for goal in here])
        may_go = own_keys.is_ours(found) and not any(goal.value for goal in self._goals if key in goal.place.own_keys)
        return registry.with_subkeys(self._session, key, found) if found and may_go else found
