# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``select_confirmation_ids``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._proxy.deposit import decisions
from ..plugin_utils._proxy.filters import filter_errors, left_by, records_of
from ..plugin_utils._proxy.register import Register, numbered


def select_confirmation_ids(
    value: Any,
    machines: Sequence[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    application: str = "windows",
    all_machines: Sequence[str] = (),
    prefix: str = "proxy_activation_",
) -> Any:
    """Return the decision for each machine and each possible product key: its confirmation ID, or the reason why there is none."""
    with filter_errors("select_confirmation_ids"):
        records = records_of(value)
        register, numbers = Register(records, [*machines, *all_machines]), numbered(records)
        found = {}
        for name in machines:
            (read,) = left_by(hostvars, name, f"{prefix}read")
            made = decisions(read, register.of(name, read, application), application)
            found[name] = {partial_product_key: decision.as_dict(numbers) for partial_product_key, decision in made.items()}
        return make_unsafe(found)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"select_confirmation_ids": select_confirmation_ids}
