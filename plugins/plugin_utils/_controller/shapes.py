# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the dictionaries that a site sets for the objects of a controller. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

VARIABLE = "controller_content_"
"""Beginning of the names of the variables in messages."""

NOTIFICATION_FIELDS = ("notification_type", "notification_configuration", "name", "description", "messages")
"""Fields of ``controller_content_notification``. The first two are required."""

_NAME_FIELDS = {"controller_roles": "role"}
"""Field that an object of the site must have, if it is not ``name``."""


def shape_errors(variables: Mapping[str, Any]) -> Iterator[str]:
    """Return a sentence for each part of a variable that does not have its form. `variables` have no prefix, and no empty values."""
    for kind, keys in variables.get("exclude", {}).items():
        if not isinstance(keys, (list, tuple)):
            yield f"{VARIABLE}exclude.{kind} must be a list of keys."
    for kind, objects in variables.get("override", {}).items():
        if not isinstance(objects, Mapping) or not all(isinstance(each, Mapping) for each in objects.values()):
            yield f"{VARIABLE}override.{kind} must be a dictionary with a dictionary of fields for each key."
    for name, objects in variables.get("extra_objects", {}).items():
        needed = _NAME_FIELDS.get(name, "name")
        if not isinstance(objects, (list, tuple)) or not all(isinstance(each, Mapping) and each.get(needed) for each in objects):
            yield f"{VARIABLE}extra_objects.{name} must be a list of dictionaries with the field {needed}."
    yield from _notification_errors(variables.get("notification", {}))
    if variables.get("slices", 1) < 1:
        yield f"{VARIABLE}slices must be 1 or greater."
    elif variables.get("slices", 1) > 1 and variables.get("file_host") and not variables.get("file_host_variables"):
        yield (
            f"{VARIABLE}slices is {variables['slices']}, but a slice does not have the file host in its inventory. Set "
            f"{VARIABLE}file_host_variables to the variables of its connection."
        )


def _notification_errors(notification: Mapping[str, Any]) -> Iterator[str]:
    unknown = sorted(set(notification) - set(NOTIFICATION_FIELDS))
    if unknown:
        yield f"{VARIABLE}notification has {', '.join(unknown)}, but must have keys of {', '.join(NOTIFICATION_FIELDS)}."
    missing = [name for name in NOTIFICATION_FIELDS[:2] if not notification.get(name)] if notification else []
    if missing:
        yield f"{VARIABLE}notification does not have {' and '.join(missing)}."


def answer_error(variable: str, question: Mapping[str, Any], answer: Any) -> str | None:
    """Return a sentence if a controller would refuse the answer with which a question begins, or if it is empty."""
    name = f"{VARIABLE}answers.{variable}"
    kind = question["type"]
    if answer in ("", None):
        return f"{name} is empty. Set an answer, or remove it."
    if kind in ("integer", "float"):
        is_number = isinstance(answer, int if kind == "integer" else (int, float)) and not isinstance(answer, bool)
        return None if is_number else f"{name} must be a number without quotes."
    if not isinstance(answer, str):
        return f"{name} must be a text. Write it with quotes."
    unknown = sorted(set(answer.split("\n")) - set(question["choices"])) if "choices" in question else []
    return f"{name} has {', '.join(unknown)}, but must be one of {', '.join(question['choices'])}." if unknown else None
