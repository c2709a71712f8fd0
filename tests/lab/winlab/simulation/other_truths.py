# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that is told another truth than the usual one (winlab.truths): what goes out is changed here, at the edge of WMI."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from ..interfaces import Instance, MethodAnswer, QueryAnswer, Value, WmiFault
from ..truths import USUAL, Truths
from . import wmi_faults
from .clock import NEVER
from .wmi_faults import own_fault

UNSET_TEXTS = ("KeyManagementServiceMachine", "KeyManagementServiceLookupDomain")
"""The texts of which the captures show both NULL and empty."""
_PROVIDER_SHAPES = {"nested": "winrm2", "wmi_error": "winrm3", "plain": "plain", "text": "text"}
_SERVICE_NOT_RUNNING = 0x80070426
_NOT_FOUND = 2
_CODES = {
    wmi_faults.WBEM_E_INVALID_CLASS: "missing_class",
    wmi_faults.WBEM_E_INVALID_NAMESPACE: "missing_namespace",
    wmi_faults.WBEM_E_INVALID_QUERY: "missing_column",
    wmi_faults.WBEM_E_INVALID_METHOD: "missing_method",
}
_COLUMNS = re.compile(r"SELECT\s+(?P<columns>.+?)\s+FROM\s", re.IGNORECASE)
_ABSENT: Any = object()


def answer(truths: Truths, found: QueryAnswer) -> QueryAnswer:
    """The answer of a query as this truth has it."""
    if truths is USUAL:
        return found
    return QueryAnswer(found.class_name, [instance(truths, each) for each in found.instances], found.projected)


def instance(truths: Truths, found: Instance) -> Instance:
    """One instance as this truth has it."""
    if truths is USUAL:
        return found
    changed = {name: _value(truths, found.class_name, name, value) for name, value in found.values.items()}
    return Instance(found.class_name, {name: value for name, value in changed.items() if value is not _ABSENT})


def rows(
    truths: Truths, class_name: str, found: Iterable[Mapping[str, Value]], unseen: Collection[str] = ()
) -> Iterable[Mapping[str, Value]]:
    """The rows of a class before a query selects among them, with the properties that show something else, without unseen licenses."""
    if unseen and class_name == "SoftwareLicensingProduct":
        found = [row for row in found if row["ID"] not in unseen]
    told = {name: value for name, value in truths.shown.items() if value is not None and name.startswith(f"{class_name.casefold()}.")}
    if not told:
        return found
    return [{name: told.get(f"{class_name}.{name}".casefold(), value) for name, value in row.items()} for row in found]


def _value(truths: Truths, class_name: str, name: str, value: Value) -> Any:
    key = f"{class_name}.{name}".casefold()
    if key in truths.shown:
        told = truths.shown[key]
        return _ABSENT if told is None else told
    if name in UNSET_TEXTS and not value:
        return {"nil": None, "empty": "", "absent": _ABSENT, "blank": "  "}.get(truths.unset_text, value)
    if name == "InsertionStrings" and value:
        return {"reversed": tuple(reversed(value)), "missing": ()}.get(truths.event_strings, value)  # type: ignore[arg-type]
    if isinstance(value, datetime):
        return _moment(truths, name, value)
    return value


def _moment(truths: Truths, name: str, value: datetime) -> datetime | None:
    if value == NEVER and truths.never == "nil":
        return None
    return value.replace(microsecond=0) if name == "LocalDateTime" and truths.local_time == "whole" else value


def without_unknown_columns(truths: Truths, wql: str, known: Mapping[str, str]) -> str | None:
    """The query without the columns its class does not have, None unless this truth leaves them out."""
    match = _COLUMNS.match(wql)
    if truths.unknown_column != "left_out" or match is None:
        return None
    columns = [name for name in match["columns"].split(",") if name.strip().casefold() in known]
    return wql.replace(match["columns"], ",".join(columns) or "*", 1)


def fault(truths: Truths, failure: WmiFault) -> WmiFault:
    """The failure of a query or a call as this truth has it."""
    name = _CODES.get(failure.hresult)
    code = getattr(truths, name) if name else 0
    if code:
        failure = own_fault(code, "HRESULT")
    if truths.fault_code == "none":
        failure.shape = "no_code"
    return failure


def licensing_fault(truths: Truths, failure: WmiFault) -> MethodAnswer:
    """The failure of a licensing method as this truth has it: a return value, or raised as a WmiFault of this shape."""
    if truths.method_fault == "return_value":
        return MethodAnswer(failure.hresult)
    failure.shape = "no_code" if truths.fault_code == "none" else _PROVIDER_SHAPES.get(truths.method_fault, failure.shape)
    raise failure


def method_name(truths: Truths, method: str) -> str:
    """The name by which the class knows a method: this truth may spell BackupEventlog otherwise."""
    usual, other = USUAL.archive_method, truths.archive_method
    if other == usual or method not in (usual, other):
        return method
    return usual if method == other else other


def registry_answer(truths: Truths, run: Callable[[], MethodAnswer]) -> MethodAnswer:
    """The answer of StdRegProv as this truth has it. One that finds no key reads and writes none."""
    if truths.registry == "empty":
        return MethodAnswer(_NOT_FOUND)
    found = run()
    if found.return_value == _NOT_FOUND and truths.missing_registry_value:
        return MethodAnswer(truths.missing_registry_value)
    return found


def check_service(truths: Truths, class_name: str, stopped: bool) -> None:
    """Raise WmiFault for a licensing class while its service is stopped, if this truth does not start or answer for it."""
    if stopped and truths.stopped_service == "fails" and class_name.casefold().startswith("softwarelicensing"):
        raise wmi_faults.provider_fault(_SERVICE_NOT_RUNNING)
