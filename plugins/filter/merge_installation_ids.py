# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``merge_installation_ids``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._proxy import merge
from ..plugin_utils._proxy.filters import filter_errors, left_by, plain, records_of, without_keys
from ..plugin_utils._proxy.model import ProxyRecord
from ..plugin_utils._proxy.problems import InvalidFieldError
from ..plugin_utils._proxy.results import record_from, will_show_id
from ..plugin_utils._task_results import Result


def merge_installation_ids(
    value: Any,
    machines: Sequence[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    collected_time: str,
    all_machines: Sequence[str] = (),
    prefix: str = "proxy_activation_",
) -> Any:
    """Return the existing records with the records of the machines that showed an installation ID."""
    with filter_errors("merge_installation_ids"):
        read = [_found(name, left_by(hostvars, name, f"{prefix}collected")[0], collected_time) for name in machines]
        found = [record for record in read if record]
        merged = merge.collected(records_of(value), found, all_machines)
        shown = {record.identity for record in found}
        of_machines = [record for record in merged.records if record.identity in shown]
        return make_unsafe(
            {
                "records": plain(merged.records),
                "is_changed": merged.changed,
                "of_machines": plain(of_machines),
                "later": _later(merged.records, machines, hostvars, prefix),
            }
        )


def _later(records: Iterable[ProxyRecord], machines: Sequence[str], hostvars: Mapping[str, Any], prefix: str) -> list[str]:
    """Return the machines that show their installation ID after the MAK is installed, and have no confirmation ID in the file."""
    known = {record.machine.casefold() for record in records if record.answered}
    return [name for name in machines if name.casefold() not in known and will_show_id(left_by(hostvars, name, f"{prefix}collected")[0])]


def _found(machine: str, result: Result | None, collected_time: str) -> ProxyRecord | None:
    """Return the record of a machine, or None without a valid installation ID, which the report contains."""
    try:
        record = record_from(machine, result, collected_time)
    except InvalidFieldError:
        return None
    return without_keys(record) if record else None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"merge_installation_ids": merge_installation_ids}
