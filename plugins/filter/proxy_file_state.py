# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``proxy_file_state``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._proxy import state
from ..plugin_utils._proxy.filters import filter_errors


def proxy_file_state(value: str, before: Mapping[str, Any] | None = None) -> Any:
    """Return the state of the text of a file, and the changes since `before`."""
    with filter_errors("proxy_file_state"):
        now = state.state_of(value)
        earlier = now if before is None else state.given(before)
        return make_unsafe(
            {
                "checksum": now.checksum,
                "digests": sorted(now.digests),
                "is_changed": now.checksum != earlier.checksum,
                "changed_machines": list(state.changed_machines(value, earlier)),
            }
        )


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"proxy_file_state": proxy_file_state}
