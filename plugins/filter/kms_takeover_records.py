# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``kms_takeover_records``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.failover import takeover


def kms_takeover_records(value: Sequence[Mapping[str, Any]], failed_host: str, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the record that a replacement takes over in each domain."""
    return make_unsafe(takeover(value, failed_host, record))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"kms_takeover_records": kms_takeover_records}
