# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machines lose their activation object with an object.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The machines are those that the task names: results of activation_info, or their facts. No machine is asked. What is not known counts
against deleting: a machine that was not read, and an object of an unknown product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidOptionsError
from .._licensing.catalog import coverage
from .._licensing.office.names import parse
from .._licensing.state.model import Channel
from .model import ActivationObject

_CLIENT, _OTHERS = "client", ("server", "domain_controller")
_KINDS = (_CLIENT, *_OTHERS)

Covers = Callable[[str | None], bool | None]
"""Returns whether the CSVLK of a product activates something, None if it is not known."""


@dataclass(frozen=True)
class CoveredMachine:
    """A machine with what Active Directory can activate on it. `build` None: the machine was not read.

    `uses_windows` is false if Windows has another key than a GVLK. `office_releases` are the releases of Office with a GVLK.
    """

    name: str
    build: int | None
    is_server: bool = True
    edition_id: str | None = None
    uses_windows: bool = True
    office_releases: tuple[str, ...] = ()


@dataclass(frozen=True)
class CoverageLoss:
    """A machine that no other object covers. `what` is its Windows or its Office. `is_certain` is false if it is not known."""

    machine: str
    what: str
    is_certain: bool


def machines_of(given: Iterable[Any]) -> tuple[CoveredMachine, ...]:
    """Return the machines of an option. Raises InvalidOptionsError for an item that is neither a result nor facts."""
    return tuple(_machine(item, number) for number, item in enumerate(given, 1))


def losses(target: ActivationObject, others: Sequence[ActivationObject], machines: Iterable[CoveredMachine]) -> tuple[CoverageLoss, ...]:
    """Return what none of the other objects covers, and the target covers or might cover."""
    products = [item.product_name for item in others]
    found = []
    for machine in machines:
        for what, covers in _needs(machine):
            answer = covers(target.product_name)
            if answer is not False and not any(covers(product) for product in products):
                found.append(CoverageLoss(machine.name, what, is_certain=answer is True))
    return tuple(found)


def _needs(machine: CoveredMachine) -> list[tuple[str, Covers]]:
    """Return what needs an activation object on a machine, with the function that decides whether a product covers it."""
    if machine.build is None:
        return [("a machine that was not read", lambda _product: None)]
    system = coverage.SystemFacts(machine.build, machine.is_server, machine.edition_id)
    if not coverage.supports_ad_activation(system):
        return []
    windows: list[tuple[str, Covers]] = [("Windows", lambda product: coverage.covers(product, system))] if machine.uses_windows else []
    return windows + [(f"Office {release}", _office(release)) for release in machine.office_releases]


def _office(release: str) -> Covers:
    return lambda product: coverage.covers_office(product, release)


def _machine(item: Any, number: int) -> CoveredMachine:
    if not isinstance(item, Mapping):
        raise InvalidOptionsError(
            f"machines: item {number} is not a dictionary: neither a result of activation_info nor facts of a machine."
        )
    facts = item["machine"] if isinstance(item.get("machine"), Mapping) else item
    name = str(item.get("name") or facts.get("name") or facts.get("computer_name") or f"item {number}")
    build, kind, edition = facts.get("build"), facts.get("product_type"), facts.get("edition_id")
    if build is None:
        return CoveredMachine(name, None)
    if not str(build).isascii() or not str(build).isdigit() or kind not in _KINDS:
        raise InvalidOptionsError(f"machines: {name}: build must be a number, and product_type one of {', '.join(_KINDS)}.")
    products = [product for product in item.get("products") or () if isinstance(product, Mapping) and product.get("partial_product_key")]
    windows = [product for product in products if product.get("application") == "windows" and not product.get("is_addon")]
    return CoveredMachine(
        name,
        int(build),
        is_server=kind != _CLIENT,
        edition_id=str(edition) if edition else None,
        uses_windows=not windows or any(product.get("channel") == Channel.GVLK.value for product in windows),
        office_releases=tuple(sorted(_releases(products))),
    )


def _releases(products: Iterable[Mapping[str, Any]]) -> set[str]:
    of_clients = (product for product in products if product.get("channel") == Channel.GVLK.value)
    return {found.release for product in of_clients if (found := parse(str(product.get("name") or "")))}


__all__ = ["CoverageLoss", "CoveredMachine", "losses", "machines_of"]
