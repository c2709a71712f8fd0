# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``csvlk_products``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._licensing.catalog.coverage import product_of_license


def csvlk_products(value: Any) -> Any:
    """Return the product names of the KMS host licenses of a machine, by activation ID."""
    products = value.get("products") if isinstance(value, Mapping) else value
    if not isinstance(products, list | tuple) or not all(isinstance(product, Mapping) for product in products):
        raise AnsibleFilterError("csvlk_products: the input must be a result of activation_info, or its list products.")
    found = {str(product.get("activation_id") or ""): _name(product) for product in products}
    return make_unsafe({known: name for known, name in sorted(found.items()) if known and name})


def _name(product: Mapping[str, Any]) -> str | None:
    return product_of_license(str(product.get("description") or ""), str(product.get("name") or ""), product.get("activation_id"))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"csvlk_products": csvlk_products}
