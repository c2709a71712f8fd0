# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry keys that this collection creates. It marks them, and removes them when they contain only the mark.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The mark is a value in the key. It is removed with the key, so a key that another program creates later with the same name does not have the
mark.
"""

from __future__ import annotations

from collections.abc import Collection

from ..._cim.session import CimSession
from ..plan.step import Step
from ..plan.timer import RetryTimer
from ..problems import StepIncompleteError
from . import values as registry
from .values import REG_SZ, RegistryKey, RegistryValue

MARK = "WinopsCreated"
_MARK = RegistryValue(MARK, REG_SZ, "1")


def is_ours(key: RegistryKey | None) -> bool:
    """Return whether this collection created the key."""
    return key is not None and key.value(MARK) is not None


def is_empty(key: RegistryKey, without_values: Collection[str] = (), without_keys: Collection[str] = ()) -> bool:
    """Return whether the key contains only the mark without these values and subkeys. False if the subkeys were not read."""
    if key.subkeys is None:
        return False
    values = set(key.values) - {name.lower() for name in (MARK, *without_values)}
    return not values and {name.lower() for name in key.subkeys} <= {name.lower() for name in without_keys}


def create(key: str) -> Step:
    """Return a step that creates a key and marks it."""

    def make(session: CimSession, _timer: RetryTimer) -> None:
        registry.create_key(session, key)
        registry.write_value(session, key, _MARK)

    def verify(session: CimSession) -> bool:
        return is_ours(registry.read_key(session, key))

    return Step("create_key", registry.REGISTRY, "CreateKey", f"create the key {registry.path(key)}", verify=verify, run=make)


def remove(key: str) -> Step:
    """Return a step that removes an empty key of this collection. If the key is no longer empty, the step keeps it."""

    def unmake(session: CimSession, _timer: RetryTimer) -> None:
        found = registry.read_key(session, key)
        if found is None:
            return
        if not is_ours(found) or not is_empty(registry.with_subkeys(session, key, found)):
            raise StepIncompleteError("the key is no longer empty, so it is not removed.", ("Run the task again.",))
        registry.delete_key(session, key)

    def verify(session: CimSession) -> bool:
        return registry.read_key(session, key) is None

    description = f"remove the empty key {registry.path(key)}, which this collection created"
    return Step("remove_key", registry.REGISTRY, "DeleteKey", description, verify=verify, run=unmake)
