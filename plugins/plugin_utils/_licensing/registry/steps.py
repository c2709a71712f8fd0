# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan steps that write registry values, with their verification.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..._cim.session import CimSession, CimValue
from ..plan.step import Step
from ..plan.timer import RetryTimer
from . import values as registry
from .values import RegistryValue


def set_multi_string(action: str, description: str, key: str, name: str, lines: tuple[str, ...]) -> Step:
    """Return a step that writes a REG_MULTI_SZ value, or removes the value if there are no lines."""

    def verify(session: CimSession) -> bool:
        return (registry.multi_string(session, key, name) or ()) == lines

    where: dict[str, CimValue] = {**registry.place(key), "sValueName": name}
    method, arguments = ("SetMultiStringValue", {**where, "sValue": lines}) if lines else ("DeleteValue", where)
    return Step(action, registry.REGISTRY, method, description, arguments, verify=verify)


def set_value(action: str, description: str, key: str, value: RegistryValue) -> Step:
    """Return a step that writes a value of any type."""

    def verify(session: CimSession) -> bool:
        found = registry.read_key(session, key, (value.name,))
        now = found.value(value.name) if found else None
        return now is not None and (now.kind, now.data) == (value.kind, value.data)

    return Step(action, registry.REGISTRY, registry.setter(value), description, registry.value_arguments(key, value), verify=verify)


def remove_value(action: str, description: str, key: str, name: str) -> Step:
    """Return a step that removes a value of any type. A value that does not exist is not an error."""

    def verify(session: CimSession) -> bool:
        found = registry.read_key(session, key)
        return found is None or found.value(name) is None

    def remove(session: CimSession, _timer: RetryTimer) -> None:
        registry.delete(session, key, name)

    return Step(action, registry.REGISTRY, "DeleteValue", description, verify=verify, run=remove)
