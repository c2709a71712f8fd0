# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``kms_client_verification``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.failover_office import verify_machine
from ..plugin_utils._task_results import registered


def kms_client_verification(
    value: Mapping[str, Any], working_hosts: Sequence[Mapping[str, Any]], failed_hosts: Sequence[str] = (), application: str = "windows"
) -> dict[str, Any]:
    """Verify that a client is activated by one of the KMS hosts that work."""
    return make_unsafe(verify_machine(registered(value), [registered(host) for host in working_hosts], failed_hosts, application))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"kms_client_verification": kms_client_verification}
