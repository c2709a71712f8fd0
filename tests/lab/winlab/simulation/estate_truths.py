# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry `truths` of a machine of an estate file."""

from __future__ import annotations

from typing import Any

from ..truths import CHOICES, CODES, USUAL, Truths
from .estate_file import Node


def read_truths(node: Node) -> Truths:
    """Return the truths of an entry; raises EstateError for a switch or a value that there is not."""
    given = node.mapping((*CHOICES, *CODES, "shown"))
    found: dict[str, Any] = {}
    for name in given:
        child = node.child(str(name))
        if name in CHOICES:
            found[name] = child.one_of(*CHOICES[name])
        elif name in CODES:
            found[name] = child.integer(1, 0xFFFFFFFF)
        else:
            found[name] = _shown(child)
    return Truths(**found) if found else USUAL


def _shown(node: Node) -> dict[str, str | int | None]:
    values = node.mapping()
    for name, value in values.items():
        if str(name).count(".") != 1 or not isinstance(value, (str, int, type(None))):
            raise node.fail(f"{name}: must be Class.Property with a text, a number, or null")
    return {str(name).casefold(): value for name, value in values.items()}
