# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report what became of every machine that a play activates Extended Security Updates on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_deep
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.esu_report import EsuRow, report, row_of
from ..plugin_utils._task_results import begun, registered


def esu_report(value: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], prefix: str = "esu_") -> Any:
    """Return the outcome of every machine."""
    made = report([_row(machine, hostvars, prefix) for machine in value])
    interrupted = begun(hostvars, made["machines"]["unreachable"], f"{prefix}activated")
    return make_unsafe(mask_deep({**made, "interrupted": interrupted}))


def _row(machine: str, hostvars: Mapping[str, Mapping[str, Any]], prefix: str) -> EsuRow:
    if machine not in hostvars:
        return row_of(machine, None, None, None, None)
    own = hostvars[machine]  # Ansible computes all variables of a machine at every access, so they are accessed once
    names = ("check_result_options", "check_result", "activated", "proof")
    options, checked, activated, proof = (registered(own.get(f"{prefix}{name}")) for name in names)
    return row_of(machine, str(options[-1]) if options else None, checked, activated, proof)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"esu_report": esu_report}
