# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``outcome_report``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_deep
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.outcomes.from_results import outcome_of
from ..plugin_utils._fleet.outcomes.report import MachineOutcome, report
from ..plugin_utils._task_results import registered


def outcome_report(
    value: Sequence[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    results: Sequence[str],
    checks: Sequence[str] = (),
    decision: str | None = None,
) -> Any:
    """Return what became of every machine."""
    return make_unsafe(mask_deep(report(_outcome(name, hostvars, results, checks, decision) for name in value)))


def _outcome(
    name: str, hostvars: Mapping[str, Mapping[str, Any]], results: Sequence[str], checks: Sequence[str], decision: str | None
) -> MachineOutcome:
    # Ansible computes all variables of a machine at every access, so they are accessed once.
    own = hostvars[name] if name in hostvars else {}  # noqa: SIM401 - hostvars has no default
    checked, found = ([registered(own.get(each)) for each in names] for names in (checks, results))
    return outcome_of(name, checked, found, own.get(decision) if decision else None)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"outcome_report": outcome_report}
