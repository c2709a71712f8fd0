# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate the arguments of an event source, before anything is read or sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An event source has no argument spec of Ansible. Its arguments come from a rulebook, often as the text of a variable, so a number, a
Boolean, or a list can also be text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ...module_utils._errors import InvalidOptionsError

FOREIGN = frozenset({"eda_feedback_queue"})
"""Arguments that ansible-rulebook adds."""

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True)
class SourceOption:
    """One argument: its type, its default (None makes it empty), and its limits. `most` is the maximum number of items of a list."""

    kind: str
    default: Any = None
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()
    most: int = 64
    check: Callable[[str], object] | None = None
    """Raises ValueError for an invalid text."""


def options_of(source: str, args: Mapping[str, Any], known: Mapping[str, SourceOption]) -> dict[str, Any]:
    """Return the values of all arguments. Raises InvalidOptionsError that names the source and everything that is wrong."""
    problems = [_unknown(name, known) for name in args if name not in known and name not in FOREIGN]
    values: dict[str, Any] = {}
    for name, option in known.items():
        given = args.get(name)
        try:
            values[name] = option.default if given is None or given == "" else _value(option, given)
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise InvalidOptionsError(f"{source}: {'; '.join(problems)}. Nothing was read or sent. Correct the arguments in the rulebook.")
    return values


def _unknown(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(str(name), list(known), n=1)
    return f"{name} is not an option" + (f" (did you mean {near[0]}?)" if near else f"; the options are {', '.join(known)}")


def _value(option: SourceOption, given: Any) -> Any:
    if option.kind == "list":
        return _list(option, given)
    if option.kind == "int":
        return _number(option, given)
    if option.kind == "bool":
        return _boolean(given)
    return _text(option, given)


def _list(option: SourceOption, given: Any) -> list[str]:
    items = [item.strip() for item in given.split(",") if item.strip()] if isinstance(given, str) else given
    if not isinstance(items, (list, tuple)):
        raise ValueError(f"invalid value {given!r}: must be a list")
    if len(items) > option.most:
        raise ValueError(f"has {len(items)} items, and the maximum is {option.most}")
    return list(dict.fromkeys(_text(option, item) for item in items))


def _number(option: SourceOption, given: Any) -> int:
    is_number = (isinstance(given, int) and not isinstance(given, bool)) or (isinstance(given, str) and given.strip().isdecimal())
    number = int(given) if is_number else None
    low, high = option.lowest or 0, option.highest
    if number is None or number < low or (high is not None and number > high):
        limits = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"invalid value {given!r}: must be a whole number {limits}")
    return number


def _boolean(given: Any) -> bool:
    found = _WORDS.get(str(given).strip().casefold()) if isinstance(given, (bool, int, str)) else None
    if found is None:
        raise ValueError(f"invalid value {given!r}: must be true or false")
    return found


def _text(option: SourceOption, given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError(f"invalid value {given!r}: must be a text")
    if option.choices and given not in option.choices:
        raise ValueError(f"invalid value {given!r}: must be one of {', '.join(option.choices)}")
    if option.check:
        option.check(given)
    return given


__all__ = ["SourceOption", "options_of"]
