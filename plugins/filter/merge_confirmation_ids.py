# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``merge_confirmation_ids``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._proxy import merge
from ..plugin_utils._proxy.filters import filter_errors, plain, records_of


def merge_confirmation_ids(value: Any, returned: Any) -> Any:
    """Return the existing records with the returned confirmation IDs."""
    with filter_errors("merge_confirmation_ids"):
        merged = merge.answered(records_of(value), records_of(returned, "the returned records"))
        return make_unsafe({"records": plain(merged.records), "is_changed": merged.changed, "replaced": plain(merged.replaced)})


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"merge_confirmation_ids": merge_confirmation_ids}
