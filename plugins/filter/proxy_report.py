# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``proxy_report``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap
from types import MappingProxyType
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_deep
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.outcomes.grouping import WIDTH, TableRow, grouped, lines
from ..plugin_utils._proxy import report
from ..plugin_utils._proxy.filters import filter_errors, left_by, records_of
from ..plugin_utils._proxy.maks import maks_of
from ..plugin_utils._proxy.outcome import Rows
from ..plugin_utils._proxy.problems import ProxyError
from ..plugin_utils._proxy.requested import requested_rows
from ..plugin_utils._task_results import begun

_NONE: Mapping[str, Any] = MappingProxyType({})


def proxy_report(
    value: Sequence[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    records: Any,
    phase: str = report.DEPOSIT,
    application: str = "windows",
    check_mode: bool = False,
    prefix: str = "proxy_activation_",
    requested: Mapping[str, Any] = _NONE,
    collected: bool = False,
    left_after: Sequence[Mapping[str, Any]] = (),
) -> Any:
    """Return the outcome of every machine and of every record."""
    with filter_errors("proxy_report"):
        if phase not in (report.COLLECT, report.REQUEST, report.DEPOSIT):
            raise ProxyError(f"the phase is {phase!r}, and must be {report.COLLECT}, {report.REQUEST}, or {report.DEPOSIT}.")
        asked = requested.get("records") or ()
        rows = Rows(records_of(records), value, application, asked)
        if phase == report.REQUEST:
            given = requested_rows(asked, records_of(list(asked)))
        elif phase == report.COLLECT:
            given = _collected(rows, value, hostvars, prefix, check_mode)
        else:
            given = _deposited(rows, value, hostvars, prefix, check_mode if collected else None)
        made = report.report(phase, given, maks_of(requested, left_after, check_mode=check_mode))
        made["interrupted"] = begun(hostvars, made["machines"]["unreachable"], f"{prefix}collected", f"{prefix}deposited")
        return make_unsafe(mask_deep({**made, **_table(made, given)}))


def _table(made: Mapping[str, Any], given: Sequence[report.ReportRow]) -> dict[str, Any]:
    """Return the rows as a table. The records of machines that are not in this run do not have a row in it."""
    order = list(report.STATUSES)
    rows = [each for each in given if each.status != "not_in_run"]
    groups = grouped(
        TableRow(each.machine, order.index(each.status), report.STATUSES[each.status], report.details(each), " ".join(each.next_steps[:1]))
        for each in rows
    )
    table = lines(groups)
    maks = [part for mak in made["maks"] for part in wrap(mak["line"], WIDTH, subsequent_indent="  ", break_on_hyphens=False)]
    return {"groups": groups, "table": table, "shown": [*(maks and [*maks, ""]), *table, made["summary"]]}


def _collected(rows: Rows, machines: Sequence[str], hostvars: Any, prefix: str, check_mode: bool) -> list[report.ReportRow]:
    left = ((name, left_by(hostvars, name, f"{prefix}collected")[0]) for name in machines)
    return [rows.collected(name, result, check_mode=check_mode) for name, result in left]


def _deposited(rows: Rows, machines: Sequence[str], hostvars: Any, prefix: str, check_mode: bool | None) -> list[report.ReportRow]:
    """Return the rows of a deposit; `check_mode` is None if the same run did not collect the installation IDs."""
    names = (f"{prefix}decision", f"{prefix}deposited", f"{prefix}read", f"{prefix}collected")
    left = {name: left_by(hostvars, name, *names) for name in machines}
    told = [
        rows.deposited(name, decision, result, None if check_mode is None else collected, check_mode=bool(check_mode))
        for name, (decision, result, _read, collected) in left.items()
    ]
    return told + rows.of_no_machine({name: read for name, (_decision, _result, read, _collected) in left.items()}, hostvars)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"proxy_report": proxy_report}
