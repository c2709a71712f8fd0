# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes of registry values as steps of a plan, each with its proof.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from .._cim.session import CimSession, CimValue
from . import registry
from .plan import Step


def set_multi_string(action: str, description: str, key: str, name: str, lines: tuple[str, ...]) -> Step:
    """Write a REG_MULTI_SZ value; without lines it is removed."""

    def seen(session: CimSession) -> bool:
        return (registry.multi_string(session, key, name) or ()) == lines

    where: dict[str, CimValue] = {**registry.place(key), "sValueName": name}
    method, arguments = ("SetMultiStringValue", {**where, "sValue": lines}) if lines else ("DeleteValue", where)
    return Step(action, registry.REGISTRY, method, description, arguments, seen=seen)


def set_string(action: str, description: str, key: str, name: str, value: str) -> Step:
    """Write a REG_SZ value."""

    def seen(session: CimSession) -> bool:
        return registry.string(session, key, name) == value

    return Step(action, registry.REGISTRY, "SetStringValue", description, registry.text_arguments(key, name, value), seen=seen)
