# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a task that a role of this collection passes on, and that can be answers of a survey.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A role passes its variables to modules as they are. An option with an empty text is then omitted, and a text of several lines is a list. An
empty key is an error, because it would be omitted without a message. In a task of a user, an empty text is a value as any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import InvalidOptionsError
from .._variables.answers import Kind, read

_COLLECTION = "winops.volume_activation"
_PLACE = "ansible_collection_name"
"""The variable that Ansible sets to the collection of the role of a task. No other variable has precedence over it."""


def is_task_of_role(variables: Mapping[str, Any]) -> bool:
    """Return whether a task with these variables is part of a role of this collection."""
    return str(variables.get(_PLACE, "")) == _COLLECTION


def understood(module: str, arguments: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Return the options of a module without those that were not answered. Raises InvalidOptionsError for an empty secret or limit."""
    found = read(module, arguments, kinds)
    empty = ", ".join((*found.empty_secrets, *found.empty_limits))
    if empty:
        raise InvalidOptionsError(f"{module}: {empty} is empty: set the variable of the role, or remove it")
    return dict(found.values)


__all__ = ["is_task_of_role", "understood"]
