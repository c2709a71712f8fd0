# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product of a plan.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from .model import ActivationState, LicensedProduct


@dataclass(frozen=True)
class Target:
    """The product of a plan, which can be found after the steps by the last five characters of its key.

    `partial_product_key` is None if Windows does not show these characters. The machine then has one product.
    """

    class_name: str
    application_ids: tuple[str, ...]
    partial_product_key: str | None

    def is_key_of(self, product: LicensedProduct) -> bool:
        """Return whether this product has the key."""
        return product.partial_product_key == self.partial_product_key and (
            self.partial_product_key is not None or product.class_name == self.class_name
        )


def license_in(state: ActivationState, product: LicensedProduct) -> LicensedProduct | None:
    """Return a license as a state shows it that was read at another time; None if the machine did not show the license then."""
    same = (each for each in state.products if (each.class_name, each.activation_id) == (product.class_name, product.activation_id))
    return next(same, None)
