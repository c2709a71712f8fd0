# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``machines_for_key``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.key_turns import Known, turn
from ..plugin_utils._task_results import registered


def machines_for_key(
    value: Sequence[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    all_machines: Sequence[str] = (),
    prefix: str = "esu_",
    result: str = "activated",
) -> Any:
    """Return which machines get their key now, which wait, and which do not get it."""
    own = {name: _known(hostvars.get(name, {}), prefix, result) for name in value}
    # The other machines are read only if a key is installed, because Ansible computes all variables of a machine at every access.
    others = [name for name in all_machines if name not in own] if any(about.installs for about in own.values()) else []
    return make_unsafe(turn(list(value), {**own, **{name: _known(hostvars.get(name, {}), prefix, result) for name in others}}))


def _known(variables: Mapping[str, Any], prefix: str, result: str) -> Known:
    checked, ran = (registered(variables.get(f"{prefix}{name}")) for name in ("check_result", result))
    return Known(checked, ran)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"machines_for_key": machines_for_key}
