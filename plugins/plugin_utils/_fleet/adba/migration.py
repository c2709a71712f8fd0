# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report how far a migration from KMS to Active Directory-based activation is, for each batch and for all machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are results of activation_info, activation_check, or kms_client. A machine that a KMS host activated keeps its license until
the 180 days of the license end, so the first of these ends is the time until which the migration must be complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ....module_utils._visible import visible
from ..._errors import sentence
from ..._task_results import Result, bare_message, task_failure
from ..licenses import objects_of, way_of
from ..machines import READ, SKIPPED, Machine, is_activated, is_left_alone, natural, state_of
from ..messages import names, number
from ..outcomes.grouping import TableRow, grouped, shortened
from ..outcomes.grouping import lines as table_of

STATUSES: Mapping[str, str] = {
    "by_ad": "by Active Directory",
    "by_other": "by something else",
    "not_supported": "stays with KMS",
    "by_kms": "still by KMS",
    "not_licensed": "not licensed",
    "failed": "not read",
    "unreachable": "not reached",
    "not_run": "not run",
}
"""The statuses of a machine with their labels, in the order of the table: those that require an action come last."""

PROBLEMS = ("not_licensed", "failed", "unreachable", "not_run")
"""Statuses of machines that are not activated, or of which this is not known."""

_REMAINING = ("by_kms", *PROBLEMS)
_WORST = ("not_licensed", "by_kms", "by_ad", "not_supported", "by_other")
_OLD_WINDOWS = ("5.", "6.0", "6.1")
"""Versions before Windows 8 and Windows Server 2012, which Active Directory does not activate, and neither their Office."""

APPLICATIONS = {"windows": ("windows",), "office": ("office",), "all": ("windows", "office")}
"""The applications of the products that a run is about, by its option application."""

_DAY = 24 * 60
_WAYS = {
    "token": "a token",
    "subscription": "a subscription",
    "mak": "a MAK",
    "csvlk": "a KMS host key (CSVLK) of its own",
    "other": "another product key",
}
_TOO_OLD = "Active Directory activates Windows 8, Windows Server 2012, Office 2013, and later versions only."
_PINNED = "Set activation_type: ad, or activation_type: all, with kms_client. The machine only allows activation by {}."
_NO_OBJECT = "0xc004f081"
_UNCOVERED = "Check with activation_check and activation_objects whether an activation object covers the machine."
_REACTIVATE = "Run kms_client with reactivate: true. Windows tries Active Directory first."


@dataclass(frozen=True)
class MigrationRow:
    """One machine of a migration. `days_left` and `expires` are about the license that a KMS host or an activation object gave.

    `activation_type` is the allowed type, or None if it is not known. `batch` counts from 1, and is None for a machine without a batch.
    """

    machine: str
    status: str
    message: str
    batch: int | None = None
    activation_type: str | None = None
    object_name: str | None = None
    object_dn: str | None = None
    kms_host: str | None = None
    days_left: int | None = None
    expires: str | None = None
    next_step: str = ""
    computer_name: str = ""


def migration(results: Mapping[str, Result | None], batches: Sequence[Sequence[str]], application: str = "windows") -> dict[str, Any]:
    """Return the machines of a migration by what activated them, for each batch and for all of them.

    `results` are by the names of the machines. Without `batches`, all machines are one batch. A machine of a batch without a result did
    not run. `application` is windows, office, or all; a machine has the status of its product that needs the most work.
    """
    every = sorted({*results, *(name for batch in batches for name in batch)}, key=natural)
    places = {name: place for place, batch in enumerate(batches or [every], 1) for name in batch}
    rows = [_row(name, results.get(name), places.get(name), application) for name in every]
    groups, totals = grouped(_table_row(row) for row in rows), _totals(rows)
    table, summary, details = table_of(groups), _summary(rows), list(_details(rows, totals))
    return {
        "machine_count": len(rows),
        **totals,
        "machines": {status: [row.machine for row in rows if row.status == status] for status in STATUSES},
        "remaining_machines": [row.machine for row in rows if row.status in _REMAINING],
        "objects": _objects(rows),
        "batches": _batches(rows, len(batches or [every])),
        "rows": [_public(row) for row in rows],
        "problems": [row.machine for row in rows if row.status in PROBLEMS],
        "failures": {row.machine: shortened(row.message) for row in rows if row.status in PROBLEMS},
        "groups": groups,
        "table": table,
        "lines": details,
        "summary": summary,
        "shown": [*(details and [*details, ""]), *table, summary],
    }


def status_of(machine: Machine, product: Result) -> str:
    """Return the status of a machine with only this product."""
    if not is_activated(product):
        return "not_licensed"
    way = way_of(product)
    if way == "kms":
        return "by_kms" if _is_supported(machine, product) else "not_supported"
    return "by_ad" if way == "ad" else "by_other"


def _is_supported(machine: Machine, product: Result) -> bool:
    """Whether Active Directory can activate a product. A product of the licensing service of Office is one of the older ones."""
    version = str((machine.result.get("machine") or {}).get("version") or "")
    return product.get("licensing_service") != "office" and not version.startswith(_OLD_WINDOWS)


def _row(name: str, result: Result | None, batch: int | None, application: str) -> MigrationRow:
    state, reason = state_of(result)
    if state != READ:
        status, error = "not_run" if state == SKIPPED else state, (result or {}).get("error") or {}
        step = next(iter(error.get("next_steps") or ()), "")
        return MigrationRow(name, status, sentence(_own(name, bare_message(result or {}, reason or ""))), batch, next_step=str(step))
    machine = Machine(name, result or {})
    found = [each for each in machine.products if each["application"] in APPLICATIONS[application] and not is_left_alone(each)]
    product = min(found, key=lambda each: (_WORST.index(status_of(machine, each)), _minutes(each)), default=None)
    if product is None:
        text = f"{'Office' if application == 'office' else 'Windows'} does not have a product key."
        return MigrationRow(name, "by_other" if application == "office" else "not_licensed", text, batch)
    return _of_product(machine, product, batch)


def _of_product(machine: Machine, product: Result, batch: int | None) -> MigrationRow:
    status, minutes, ad = status_of(machine, product), _minutes(product), product.get("ad") or {}
    is_timed = status in ("by_ad", "by_kms", "not_supported")
    kms = (product.get("kms") or {}) if status in ("by_kms", "not_supported") else {}
    message, step = _explained(machine, product, status)
    return MigrationRow(
        machine.name,
        status,
        message,
        batch,
        activation_type=product.get("activation_type"),
        object_name=ad.get("object_name") if status == "by_ad" else None,
        object_dn=ad.get("object_dn") if status == "by_ad" else None,
        kms_host=kms.get("kms_host"),
        days_left=minutes // _DAY if minutes and is_timed else None,
        expires=product.get("expires") if is_timed else None,
        next_step=step,
        computer_name=machine.computer_name,
    )


def _explained(machine: Machine, product: Result, status: str) -> tuple[str, str]:
    """Return the message and the next step. A task that failed after it had read the machine says why the machine was not moved."""
    failure, error = task_failure(machine.result), machine.result.get("error") or {}
    if failure and status in _REMAINING:
        step = next(iter(error.get("next_steps") or ()), "")
        return sentence(_own(machine.name, bare_message(machine.result, failure[1]))), str(step)
    if status == "by_ad":
        name = (product.get("ad") or {}).get("object_name")
        return (f"The activation object {visible(str(name))}." if name else "The name of the activation object is not known."), ""
    if status == "by_kms":
        host, allowed = (product.get("kms") or {}).get("kms_host"), product.get("activation_type")
        pinned = {"kms": "KMS", "token": "a token"}.get(str(allowed))
        return (f"The KMS host {visible(str(host))}." if host else "A KMS host."), _PINNED.format(pinned) if pinned else _REACTIVATE
    if status == "not_supported":
        return _TOO_OLD, ""
    if status == "by_other":
        way = way_of(product)
        is_known = way != "other" or product["channel"] != "gvlk"
        return (f"It is activated by {_WAYS[way]}." if is_known else "It is not known what activated it."), ""
    reason = product.get("reason") or {}
    text = f"{str(product['status']).replace('_', ' ').capitalize()}"
    meaning = f": {visible(str(reason['meaning'])).rstrip('.')}" if reason.get("meaning") else ""
    return f"{text}{meaning}{' [' + str(reason['code']) + ']' if reason.get('code') else ''}.", _step_for(reason.get("code"))


def _step_for(code: Any) -> str:
    """Return what to do about a machine that is not licensed. A record can have any text as the code."""
    return _UNCOVERED if str(code).casefold() == _NO_OBJECT else _REACTIVATE


def _own(name: str, message: str) -> str:
    return message.removeprefix(f"{name}: ")


def _minutes(product: Result) -> int:
    return int(product.get("grace_minutes") or 0)


def _table_row(row: MigrationRow) -> TableRow:
    return TableRow(row.machine, list(STATUSES).index(row.status), STATUSES[row.status], row.message, row.next_step, row.computer_name)


def _totals(rows: Sequence[MigrationRow]) -> dict[str, Any]:
    """Return the counts, whether no machine remains, and the first and the last end of the licenses from KMS hosts."""
    timed = sorted((row for row in rows if row.status == "by_kms" and row.days_left is not None), key=_end)
    return {
        "complete": not any(row.status in _REMAINING for row in rows),
        "counts": {status: sum(row.status == status for row in rows) for status in STATUSES},
        "earliest_expiry": _expiry(timed[0]) if timed else None,
        "latest_expiry": _expiry(timed[-1]) if timed else None,
    }


def _end(row: MigrationRow) -> tuple[Any, ...]:
    return (row.days_left or 0, row.expires or "", natural(row.machine))


def _expiry(row: MigrationRow) -> dict[str, Any]:
    return {"machine": row.machine, "expires": row.expires, "days_left": row.days_left}


def _batches(rows: Sequence[MigrationRow], count: int) -> list[dict[str, Any]]:
    found = ((place, [row for row in rows if row.batch == place]) for place in range(1, count + 1))
    return [{"number": place, "machines": [row.machine for row in own], **_totals(own), "summary": _summary(own)} for place, own in found]


def _objects(rows: Sequence[MigrationRow]) -> list[dict[str, Any]]:
    return objects_of((row.machine, {"ad": {"object_name": row.object_name, "object_dn": row.object_dn}}) for row in rows)


def _public(row: MigrationRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "computer_name"}


def _details(rows: Sequence[MigrationRow], totals: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each activation object, one about the licenses from KMS hosts, and one for each batch if there are several."""
    for each in _objects(rows):
        name = visible(str(each["object_name"] or each["object_dn"]))
        yield f"Activation object {shortened(name)}: {number(each['count'])} ({names(each['machines'])})."
    first, last = totals["earliest_expiry"], totals["latest_expiry"]
    if first:
        between = "" if first["days_left"] == last["days_left"] else f", and the last for {number(last['days_left'], 'more day')}"
        held = f"{number(totals['counts']['by_kms'])} still licensed by KMS"
        yield f"{held}: {first['machine']} for {number(first['days_left'], 'more day')} (until {first['expires']}){between}."
    batches = sorted({row.batch for row in rows if row.batch})
    for place in batches if len(batches) > 1 else ():
        yield f"Batch {place}: {_summary([row for row in rows if row.batch == place])}"


def _summary(rows: Sequence[MigrationRow]) -> str:
    counts = {status: sum(row.status == status for row in rows) for status in STATUSES}
    return f"{number(len(rows))}: {', '.join(f'{count} {STATUSES[status]}' for status, count in counts.items() if count) or 'none'}."


__all__ = ["APPLICATIONS", "PROBLEMS", "STATUSES", "MigrationRow", "migration", "status_of"]
