# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries that read the policies of a task from the registry of a machine.

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
from .model import DesiredPolicies, PolicyState, TargetValue


def read_policies(session: CimSession, os: OperatingSystem, desired: DesiredPolicies) -> PolicyState:
    """Read the policies with one request for each key and each existing value. Without managed policies, no request is sent.

    If a key is missing, or this collection created it and might remove it, the parent keys are read too. Raises LicensingError, CimError,
    and UnreachableError.
    """
    reader = _PolicyReader(session, desired.target_values(version_of(os)))
    return PolicyState(os, reader.read())


class _PolicyReader:
    """Reads the keys of one machine."""

    def __init__(self, session: CimSession, target_values: tuple[TargetValue, ...]) -> None:
        self._session = session
        self._target_values = target_values
        self._keys: dict[str, RegistryKey | None] = {}

    def read(self) -> dict[str, RegistryKey | None]:
        for target in self._target_values:
            upwards = (target.place.key, *reversed(target.place.own_keys[:-1]))
            for key in upwards:
                if not self._needs_parent(key, removing=target.value is None):
                    break
        return self._keys

    def _needs_parent(self, key: str, *, removing: bool) -> bool:
        """Read a key once, and return whether the parent key must be read too."""
        if key not in self._keys:
            self._keys[key] = self._read(key)
        found = self._keys[key]
        return found is None or (removing and own_keys.is_ours(found))

    def _read(self, key: str) -> RegistryKey | None:
        """Read a key, and also its subkeys if the key might be removed."""
        here = [target for target in self._target_values if target.place.key == key]
        found = registry.read_key(self._session, key, [target.place.name for target in here])
        is_removable = own_keys.is_ours(found) and not any(target.value for target in self._target_values if key in target.place.own_keys)
        return registry.with_subkeys(self._session, key, found) if found and is_removable else found
