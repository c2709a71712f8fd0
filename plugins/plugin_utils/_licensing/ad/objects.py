# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation objects that a task already knows, and what they activate.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The objects are read by adba_object_info. They are stored in the configuration partition of a forest, so each object is for all
domains of the forest, and its distinguished name ends with the root domain of the forest ([MS-ADTS], section 6.1.1.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ....module_utils._visible import visible
from ..catalog import coverage, host_matrix
from ..office.names import parse
from ..state.model import Application, LicensedProduct, OperatingSystem

_LONGEST = 1024
_FOREST = re.compile(r"(?<!\\),CN=Configuration((?:,DC=[^,=+\"\\<>;]+)+)\Z", re.IGNORECASE)
_SEPARATOR = re.compile(r",DC=", re.IGNORECASE)


@dataclass(frozen=True)
class KnownObject:
    """One activation object. `product_name` is a name of :mod:`host_matrix`, or None if it is not known what its CSVLK is for."""

    name: str
    dn: str
    product_name: str | None

    @property
    def forest(self) -> str | None:
        """The root domain of the forest, in lower case, or None if the distinguished name does not contain it."""
        return forest_of(self.dn)

    @property
    def application(self) -> Application | None:
        """The application that the object is for, or None if it is not known."""
        kind = host_matrix.find_kind(self.product_name)
        return kind.application if kind else None

    def covers(self, product: LicensedProduct, os: OperatingSystem) -> bool | None:
        """Return whether the object activates a product, or None if it is not known."""
        return _covers(self.product_name, product, os)


def known_object(value: Mapping[str, Any]) -> KnownObject:
    """Return an item of RV(objects) of adba_object_info, as the validator of an option.

    Raises ValueError for an item that is none, with a human-readable message.
    """
    name, dn, product = value.get("name"), value.get("dn"), value.get("product_name")
    if not isinstance(name, str) or not isinstance(dn, str) or not dn.strip():
        raise ValueError("an item does not have the name and the dn of an activation object, as adba_object_info returns them")
    shown = visible(name)[:_LONGEST]
    if product is not None and (not isinstance(product, str) or host_matrix.find_kind(product) is None):
        known = ", ".join(host_matrix.names())
        raise ValueError(f"the product_name of the activation object {shown!r} is not one of {known}, or null")
    return KnownObject(shown, visible(dn)[:_LONGEST], str(product) if product is not None else None)


def forest_of(dn: str | None) -> str | None:
    """Return the root domain of the forest, in lower case, from the distinguished name of an object in its configuration partition."""
    found = _FOREST.search(dn or "")
    return ".".join(_SEPARATOR.split(found.group(1))[1:]).casefold() if found else None


def is_below(domain: str, root: str) -> bool:
    """Return whether a DNS domain is this domain or one below it. A forest can also contain domains with other names."""
    plain = domain.rstrip(".").casefold()
    return plain == root or plain.endswith(f".{root}")


def in_forest_of(domain: str | None, objects: Sequence[KnownObject]) -> tuple[KnownObject, ...]:
    """Return the objects of the forest of a machine, or all objects if the names do not show which forest it is."""
    own = [each for each in objects if domain and each.forest and is_below(domain, each.forest)]
    return tuple(own or objects)


def covered(product: LicensedProduct, os: OperatingSystem, objects: Sequence[KnownObject]) -> bool | None:
    """Return whether one of the objects activates a product; None if this is not known of one of them, and no other one does."""
    return coverage.any_covers(each.covers(product, os) for each in objects)


def newest(objects: Sequence[KnownObject]) -> KnownObject | None:
    """Return the object with the newest key. The table of keys has the newest first."""
    order = host_matrix.names()
    known = [each for each in objects if each.application]
    return min(known, key=lambda each: order.index(host_matrix.kind_named(str(each.product_name)).name), default=None)


def required_key(product: LicensedProduct, os: OperatingSystem) -> str | None:
    """Return the product name of the oldest key that activates a product, or None if no key is known to."""
    return coverage.oldest_key(lambda name: _covers(name, product, os))


def can_use_ad(product: LicensedProduct, os: OperatingSystem) -> bool:
    """Return whether Active Directory can activate a product. The older licensing service of Office does not support it."""
    return coverage.supports_ad_activation(os) and product.class_name == LicensedProduct.class_name


def covers_license(product_name: str | None, application: Application, license_name: str, os: coverage.System) -> bool | None:
    """Return whether the CSVLK of a product activates a license of Windows or Office, or None if it is not known."""
    if application is Application.OFFICE:
        name = parse(license_name)
        return coverage.covers_office(product_name, name.release if name else None)
    return coverage.covers(product_name, os)


def with_edition(os: OperatingSystem, edition_id: str | None) -> OperatingSystem:
    """Return the operating system with its edition, by which builds of the same number are told apart."""
    return replace(os, edition_id=edition_id or os.edition_id)


def _covers(product_name: str | None, product: LicensedProduct, os: OperatingSystem) -> bool | None:
    return covers_license(product_name, product.application, product.name, os)


__all__ = [
    "KnownObject",
    "can_use_ad",
    "covered",
    "covers_license",
    "forest_of",
    "in_forest_of",
    "is_below",
    "known_object",
    "newest",
    "required_key",
    "with_edition",
]
