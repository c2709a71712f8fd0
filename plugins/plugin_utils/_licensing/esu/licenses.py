# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licenses for Extended Security Updates of a machine, as values and as plain data.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Extended Security Updates that Azure, Azure Arc, Windows 365, or the consumer programme provide do not have a key, and WMI does not
show them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..catalog import esu
from ..catalog.esu import Programme
from ..state.model import LicensedProduct


@dataclass(frozen=True)
class EsuLicense:
    """A license with a key for one year of a programme."""

    programme: Programme
    product: LicensedProduct

    @property
    def is_licensed(self) -> bool:
        """Whether the license is activated."""
        return self.product.status.is_activated


def licenses_of(products: Iterable[LicensedProduct]) -> tuple[EsuLicense, ...]:
    """Return the licenses with a key for Extended Security Updates, in the order of the programmes and years."""
    keyed = {product.activation_id: product for product in products if product.has_key and product.is_addon}
    programmes = map(esu.named, esu.names())
    return tuple(EsuLicense(programme, keyed[programme.activation_id]) for programme in programmes if programme.activation_id in keyed)


def describe_esu(products: Iterable[LicensedProduct]) -> list[dict[str, Any]]:
    """Return `esu` of a result."""
    return [
        {
            "programme": each.programme.name,
            "year": each.programme.year,
            "licensed": each.is_licensed,
            "ends": each.programme.ends.isoformat(),
        }
        for each in licenses_of(products)
    ]
