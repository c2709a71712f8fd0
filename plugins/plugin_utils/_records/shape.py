# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a result that summaries and reports read, with their types.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A record file comes from another controller or another release, or was edited. A part that is missing is not known; a part of another type
is refused with its place, so that no function behind it meets a text where it expects a list. Other parts are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Shape:
    """The type of one part. `needed` are the names that a dictionary must have, `words` the values that a text can have."""

    kind: type[Any]
    name: str
    parts: Mapping[str, Shape] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    items: Shape | None = None

    def problems(self, value: Any, place: str) -> Iterator[str]:
        """Yield what is wrong with a value, which can be None unless its owner needs it."""
        if value is None:
            return
        if not isinstance(value, self.kind) or isinstance(value, bool) is not (self.kind is bool):
            yield f"{place} is not {self.name}"
            return
        if self.words and value not in self.words:
            yield f"{place} is none of {', '.join(sorted(self.words))}"
        if self.items is not None:
            for number, item in enumerate(value):
                yield from [f"{place}[{number}] is null"] if item is None else self.items.problems(item, f"{place}[{number}]")
        for name in self.needed:
            if value.get(name) is None:
                yield f"{place} does not have {name}"
        for name, shape in self.parts.items():
            yield from shape.problems(value.get(name), f"{place}.{name}" if place else name)


def _dictionary(needed: tuple[str, ...] = (), **parts: Shape) -> Shape:
    return Shape(dict, "a dictionary", parts, frozenset(needed))


def _list(items: Shape) -> Shape:
    return Shape(list, "a list", items=items)


def _one_of(*words: str) -> Shape:
    return Shape(str, "a text", words=frozenset(words))


_TEXT, _NUMBER, _BOOLEAN = Shape(str, "a text"), Shape(int, "a whole number"), Shape(bool, "true or false")
_APPLICATION = _one_of("windows", "office")
_STATUS = _one_of(
    "unlicensed", "licensed", "initial_grace", "out_of_tolerance_grace", "non_genuine_grace", "notification", "extended_grace"
)
_ERROR = _dictionary(code=_TEXT, symbol=_TEXT, meaning=_TEXT, cause=_TEXT, next_steps=_list(_TEXT))
_SERVICE = _dictionary(
    cmid=_TEXT,
    is_kms_host=_BOOLEAN,
    windows_rearms_left=_NUMBER,
    current_count=_NUMBER,
    required_count=_NUMBER,
    request_counters=_dictionary(total=_NUMBER, failed=_NUMBER),
)
_PRODUCT = _dictionary(
    ("application", "channel", "status"),
    name=_TEXT,
    application=_APPLICATION,
    application_id=_TEXT,
    activation_id=_TEXT,
    channel=_TEXT,
    is_addon=_BOOLEAN,
    primary=_BOOLEAN,
    partial_product_key=_TEXT,
    extended_pid=_TEXT,
    installation_id=_TEXT,
    status=_STATUS,
    reason=_dictionary(code=_TEXT, symbol=_TEXT, meaning=_TEXT),
    grace_minutes=_NUMBER,
    expires=_TEXT,
    permanent=_BOOLEAN,
    activated_by=_TEXT,
    managed_by=_TEXT,
    licensing_service=_TEXT,
    activation_type=_TEXT,
    kms=_dictionary(kms_host=_TEXT, kms_port=_NUMBER, source=_TEXT),
    host_role=_dictionary(current_count=_NUMBER),
    ad=_dictionary(object_name=_TEXT, object_dn=_TEXT),
)
_COVERAGE = _dictionary(activation_id=_TEXT, covered=_BOOLEAN)
_FINDING = _dictionary(
    ("id", "severity", "message"),
    id=_TEXT,
    severity=_one_of("error", "warning", "info"),
    message=_TEXT,
    next_steps=_list(_TEXT),
    error=_ERROR,
)
_MACHINE = _dictionary(
    computer_name=_TEXT,
    caption=_TEXT,
    version=_TEXT,
    build=_NUMBER,
    edition_id=_TEXT,
    product_type=_one_of("client", "server", "domain_controller"),
    language=_NUMBER,
)
_ESU = _dictionary(("programme", "year", "licensed", "ends"), programme=_TEXT, year=_NUMBER, licensed=_BOOLEAN, ends=_TEXT)
_OFFICE = _dictionary(("product", "kind"), product=_TEXT, release=_TEXT, kind=_TEXT)
_RESULT = _dictionary(
    msg=_TEXT,
    unreachable=_BOOLEAN,
    failed=_BOOLEAN,
    skipped=_BOOLEAN,
    licensed=_BOOLEAN,
    activations_used=_NUMBER,
    machine=_MACHINE,
    service=_SERVICE,
    office_service=_SERVICE,
    windows_product_activation=_dictionary(evaluation_days=_NUMBER),
    products=_list(_PRODUCT),
    findings=_list(_FINDING),
    object_coverage=_list(_COVERAGE),
    esu=_list(_ESU),
    office_installations=_list(_OFFICE),
    error=_ERROR,
)


def problem_in(result: Mapping[str, Any]) -> str | None:
    """Return the first problem in a result of JSON, or None if every part has its type."""
    return next(_RESULT.problems(result, ""), None)


__all__ = ["problem_in"]
