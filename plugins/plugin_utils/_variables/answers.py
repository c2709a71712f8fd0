# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a survey as values of options: an empty text is no answer, and a text with lines or commas is a list. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

AWX passes every answer as a text in an extra variable, and an empty text for a question without an answer. An extra variable has
precedence over every other variable, so that a role cannot replace it, but only read it in another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_int

EMPTY_VALUES: Mapping[str, frozenset[str]] = {
    "activation_check": frozenset({"engine"}),
    "kms_client": frozenset({"lookup_domain"}),
    "kms_failover": frozenset({"domains"}),
}
"""By the name of a role or module: options for which an empty text is a value with a meaning, which their description documents."""

LIMIT = "max_activations"
"""The option that limits activations. An empty one is refused, because without a limit, a run can use any number of them."""

_SEPARATORS = re.compile(r"[,\r\n]")


def is_empty(value: Any) -> bool:
    """Whether a value is an empty text, or a text of blanks and line breaks. An empty list and None are not."""
    return isinstance(value, str) and not value.strip()


def has_empty_value(role: str, option: str) -> bool:
    """Whether an empty text is a value of an option of a role or module. `option` is its name without the name of the role."""
    return option in EMPTY_VALUES.get(role, ())


def items(value: Any) -> list[Any]:
    """Return a list. A text has one item on each line, or commas between its items; blanks around an item and empty items are ignored."""
    if isinstance(value, str):
        return [item for part in _SEPARATORS.split(value) if (item := part.strip())]
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        return [value]
    return [item.strip() if isinstance(item, str) else item for item in value]


def answer(value: Any, default: Any = None) -> Any:
    """Return the value in the type of its default; the default for an empty text and for None.

    A text becomes true, false, or a whole number if the default is one, and a list if the default is a list. Raises ValueError with a
    readable message if a text is neither.
    """
    if value is None or is_empty(value):
        return default
    if isinstance(default, bool):
        return _converted(value, check_type_bool, "true or false")
    if isinstance(default, int):
        return _converted(value, check_type_int, "a whole number")
    return items(value) if isinstance(default, (list, tuple)) else value


@dataclass(frozen=True)
class Kind:
    """What has to be known about an option to read an answer. `parts` are its suboptions.

    `is_secret` is true for a secret, and for a list of dictionaries with one, such as `host_keys`.
    """

    is_list: bool = False
    is_secret: bool = False
    parts: Mapping[str, Kind] = field(default_factory=dict)

    @classmethod
    def of(cls, option: Mapping[str, Any]) -> Kind:
        """Return the kind of an option of an argument spec."""
        is_list, parts = option.get("type") == "list", kinds_of(option.get("options") or {})
        return cls(is_list, bool(option.get("no_log")) or (is_list and any(part.is_secret for part in parts.values())), parts)


def kinds_of(options: Mapping[str, Mapping[str, Any]]) -> dict[str, Kind]:
    """Return the kinds of the options of an argument spec."""
    return {name: Kind.of(option) for name, option in options.items()}


@dataclass(frozen=True)
class SurveyAnswers:
    """The options with an answer, and the empty ones that must have one: secrets and limits.

    A suboption has the names before it: "host_keys: item 1: product_key".
    """

    values: Mapping[str, Any]
    empty_secrets: tuple[str, ...] = ()
    empty_limits: tuple[str, ...] = ()


def read(owner: str, given: Mapping[str, Any], kinds: Mapping[str, Kind]) -> SurveyAnswers:
    """Return the answers in the values of options. `owner` is the role or module that has the options.

    None is an empty answer, too: AWX marks every text as unsafe, and ansible-core 2.19 and later read the YAML ``!unsafe ""`` as null.
    """
    secrets: list[str] = []
    limits: list[str] = []

    def answered(values: Mapping[str, Any], parts: Mapping[str, Kind], where: str) -> dict[str, Any]:
        found = {}
        for name, value in values.items():
            kind, option = parts.get(name, Kind()), name.removeprefix(f"{owner}_")
            is_needed = kind.is_secret or option == LIMIT
            if is_needed and (value is None or is_empty(value)):
                (secrets if kind.is_secret else limits).append(f"{where}{name}")
            elif not is_empty(value) or has_empty_value(owner, option):
                found[name] = one(value, kind, f"{where}{name}: ")
        return found

    def one(value: Any, kind: Kind, where: str) -> Any:
        if isinstance(value, str):
            return items(value) if kind.is_list and not kind.parts else value
        if kind.parts and isinstance(value, Mapping):
            return answered(value, kind.parts, where)
        if kind.parts and isinstance(value, (list, tuple)):
            return [one(item, kind, f"{where}item {number}: ") for number, item in enumerate(value, 1)]
        return value

    values = answered(given, kinds, "")
    return SurveyAnswers(values, tuple(secrets), tuple(limits))


def _converted(value: Any, convert: Callable[[Any], Any], kind: str) -> Any:
    try:
        return convert(value.strip() if isinstance(value, str) else value)
    except TypeError:
        raise ValueError(f"{value!r} is not {kind}") from None


__all__ = ["EMPTY_VALUES", "LIMIT", "Kind", "SurveyAnswers", "answer", "has_empty_value", "is_empty", "items", "kinds_of", "read"]
