# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which product a plan is about.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from .model import LicensedProduct


@dataclass(frozen=True)
class Target:
    """The product a plan is about, as it can be found after its steps: by the last five of its key.

    `partial_product_key` is None where Windows does not tell them: there is one product then.
    """

    class_name: str
    application_ids: tuple[str, ...]
    partial_product_key: str | None

    def is_key_of(self, product: LicensedProduct) -> bool:
        """Whether this product has the key."""
        return product.partial_product_key == self.partial_product_key and (
            self.partial_product_key is not None or product.class_name == self.class_name
        )
