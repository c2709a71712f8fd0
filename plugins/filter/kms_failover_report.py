# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``kms_failover_report``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.failover_report import ClientResults, client_row, lost_by, report
from ..plugin_utils._task_results import registered

_INSTALLED = {role: f"__{role}_installed" for role in ("kms_failover", "kms_key_rotation")}
"""Variables in which these roles store the result of kms_host on a host."""


def kms_failover_report(
    value: Sequence[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    hosts: Sequence[str],
    failed_hosts: Sequence[str] = (),
    prefix: str = "kms_failover_",
    application: str = "windows",
) -> dict[str, Any]:
    """Report which clients are verified, from the variables that the role set on each machine."""
    working = {name: _result_of(hostvars, name, f"{prefix}working_host") or {} for name in hosts}
    results = [_result_of(hostvars, name, f"{prefix}identified_host") or result for name, result in working.items()]
    lost = [
        row for name in hosts for role, variable in _INSTALLED.items() for row in lost_by(name, role, _result_of(hostvars, name, variable))
    ]
    return make_unsafe(report([_row(hostvars, name, results, failed_hosts, prefix, application) for name in value], working, lost))


def _row(
    hostvars: Mapping[str, Mapping[str, Any]],
    name: str,
    working: Sequence[Mapping[str, Any]],
    failed_hosts: Sequence[str],
    prefix: str,
    application: str,
) -> dict[str, Any]:
    # Ansible computes all variables of a machine at every access, so access them only once.
    own = {name: hostvars[name]} if name in hostvars else {}
    read, asked, office_asked = (_result_of(own, name, f"{prefix}{each}") for each in ("read", "asked", "office_asked"))
    return client_row(name, ClientResults(read, asked, office_asked), working, failed_hosts, application)


def _result_of(hostvars: Mapping[str, Mapping[str, Any]], machine: str, name: str) -> Mapping[str, Any] | None:
    """Return a result that a task registered on a machine, or None if the task did not run."""
    return registered(hostvars[machine].get(name)) if machine in hostvars else None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"kms_failover_report": kms_failover_report}
