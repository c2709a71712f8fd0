# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of a WMI method: from the texts that a request brought to values of the declared types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .schema import CimClass, Method
from .wmi_faults import schema_mismatch, wrong_arguments

Argument = str | int | bool | tuple[str, ...] | None
_LIMITS = {"uint8": 0xFF, "uint16": 0xFFFF, "uint32": 0xFFFFFFFF, "uint64": 0xFFFFFFFFFFFFFFFF}


def _scalar(cim_type: str, text: str) -> str | int | bool:
    if cim_type == "string":
        return text
    if cim_type == "boolean":
        truth = {"true": True, "1": True, "false": False, "0": False}.get(text.strip().casefold())
        if truth is None:
            raise schema_mismatch()
        return truth
    number = text.strip()
    if not number.isascii() or not number.isdigit() or int(number) > _LIMITS[cim_type]:
        raise schema_mismatch()
    return int(number)


def bind(cim: CimClass, method: Method, given: Mapping[str, Sequence[str | None]]) -> dict[str, Argument]:
    """Values by parameter name, None for one that was left out.

    Raises WmiFault: schema mismatch for a parameter the method does not have or a text that is no value of its type,
    invalid parameters when one that must be there is not.
    """
    values: dict[str, Argument] = dict.fromkeys(method.inputs)
    for known, texts in given.items():
        if known not in method.inputs:
            raise schema_mismatch()
        cim_type = method.inputs[known]
        present = [text for text in texts if text is not None]
        if cim_type.endswith("[]"):
            values[known] = tuple(str(_scalar(cim_type[:-2], text)) for text in present)
        elif len(present) > 1:
            raise schema_mismatch()
        elif present:
            values[known] = _scalar(cim_type, present[0])
    if not method.optional and any(value is None for value in values.values()):
        raise wrong_arguments(cim.name, method.name)
    return values
