# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind a WMI class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..interfaces import MethodAnswer, Value
from .arguments import Argument
from .catalog import Sku
from .computer import Computer
from .schema import CimClass
from .state import ServiceState
from .wql import Comparison

Row = Mapping[str, Value]
Rows = Callable[[Computer, Sequence[Comparison]], Iterable[Row]]
Call = Callable[[Computer, Mapping[str, str], str, Mapping[str, Argument]], MethodAnswer]
Put = Callable[[Computer, Mapping[str, str], Mapping[str, Argument]], Row]


@dataclass(frozen=True)
class Provider:
    """Where the instances of a class come from, who runs its methods and who writes its properties."""

    rows: Rows
    call: Call | None = None
    put: Put | None = None


class Served(NamedTuple):
    """The classes of a generation of Windows: who stands behind each, and those that the licensing facts do not describe."""

    providers: Mapping[str, Provider]
    declared: Mapping[str, CimClass]
    """By name in lower case."""


def wanted(tests: Sequence[Comparison], name: str) -> str | None:
    """The text a property (in lower case) must equal in every selected row, if the query says so; in lower case."""
    for test in tests:
        if test.name.casefold() == name and test.operator == "=" and isinstance(test.literal, (str, int)):
            return str(test.literal).casefold()
    return None


def selected_skus(tests: Sequence[Comparison], skus: Callable[[], Mapping[str, Sku]], service: ServiceState) -> Iterable[Sku]:
    """The licenses of a service that a query can select: it looks for those with a key, or for one, or through all."""
    keyed_only = wanted(tests, "partialproductkey") is not None or any(
        test.name.casefold() == "partialproductkey" and test.operator in ("<>", "like") for test in tests
    )
    identity = wanted(tests, "id")
    if keyed_only:
        return [product.sku for product in service.keyed()]
    if identity is not None:
        found = skus().get(identity)
        return [] if found is None else [found]
    return list(skus().values())


def by_name(*classes: CimClass) -> Mapping[str, CimClass]:
    """Classes by their names in lower case."""
    return {cim.name.casefold(): cim for cim in classes}
