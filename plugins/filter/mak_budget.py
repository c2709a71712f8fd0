# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``mak_budget``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._licensing.spending.forecast import PlayState, add_up
from ..plugin_utils._licensing.spending.maks import MakNumbers
from ..plugin_utils._task_results import is_collected, registered

Maks = Sequence[Mapping[str, Any]]


def mak_budget(
    value: Sequence[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    play_hosts: Collection[str],
    batch: Collection[str] = (),
    variable: str = "mak_client_check_result",
    left: Maks = (),
    result_variable: str = "",
    left_after: Maks = (),
) -> dict[str, Any]:
    """Return how many activations the machines of a play use together. A machine whose failure was collected has left the play."""
    names = (variable, f"{variable}_options", f"{variable}_extended_pid", result_variable)
    own = {machine: hostvars[machine] for machine in value}  # Ansible computes all variables of a machine at every access
    forecasts, options, pids, results = ({machine: found.get(name) for machine, found in own.items()} for name in names)
    remaining = [machine for machine in play_hosts if not is_collected(forecasts.get(machine))]
    play = PlayState(_registered(forecasts), remaining, tuple(batch), options, pids)
    return make_unsafe(add_up(play, MakNumbers(_by_pid(left), _by_pid(left_after), _registered(results) if result_variable else None)))


def _registered(results: Mapping[str, Any]) -> dict[str, Any]:
    return {machine: registered(result) for machine, result in results.items()}


def _by_pid(maks: Maks) -> dict[str, Mapping[str, Any]]:
    return {str(mak.get("extended_pid")): mak for mak in maks}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"mak_budget": mak_budget}
