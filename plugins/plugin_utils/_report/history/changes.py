# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last report.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A machine is compared only if both reports read it. A machine that was off is neither licensed nor unlicensed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..._fleet.machines import READ, Machine, is_activated, natural, state_of
from ..._fleet.messages import names, number
from ..._records.merge import MergedRecords
from ..model import Report
from ..product_facts import expiry_of, kms_of
from .model import TIME_FORMAT, RunFigures

LISTS = ("newly_unlicensed", "newly_licensed", "no_longer_read", "read_again", "new_machines", "gone_machines", "renewed")
"""The lists of machines, those that need attention first."""

MOVES = ("channel_changes", "activated_by_changes", "kms_host_changes")
"""The lists of machines with the values before and after."""

_HOUR = 60 * 60
"""Seconds by which the end of a license can differ between two readings, because Windows reports it in minutes from now."""


def changes_of(report: Report) -> dict[str, Any] | None:
    """Return what changed since the last report, or None if no earlier report is known."""
    history = report.history
    if history is None or history.previous is None or history.previous_time is None:
        return None
    before, now = _read(history.previous), _read(report.records)
    old, new = (set(records.results) for records in (history.previous, report.records))
    both = sorted(before.keys() & now.keys(), key=natural)
    figures = [*history.trend, RunFigures.of(report.summary, report.report_time)]
    return {
        "since": history.previous_time.strftime(TIME_FORMAT),
        "newly_unlicensed": [name for name in both if before[name].is_licensed and not now[name].is_licensed],
        "newly_licensed": [name for name in both if now[name].is_licensed and not before[name].is_licensed],
        "no_longer_read": sorted((before.keys() & new) - now.keys(), key=natural),
        "read_again": sorted((now.keys() & old) - before.keys(), key=natural),
        "new_machines": sorted(new - old, key=natural),
        "gone_machines": sorted(old - new, key=natural),
        "renewed": [name for name in both if _was_renewed(before[name], now[name])],
        "channel_changes": list(_moves(both, before, now, _channel)),
        "activated_by_changes": list(_moves(both, before, now, _activated_by)),
        "kms_host_changes": list(_moves(both, before, now, _kms_host)),
        "kms_count_changes": list(_counts(figures)),
        "trend": [each.as_dict() for each in figures],
    }


def lines(changes: Mapping[str, Any] | None) -> list[str]:
    """Return the changes in short sentences. Renewals are counted only, because all KMS clients renew their activation all the time."""
    if changes is None:
        return []
    found = list(_sentences(changes))
    since = f"Since {changes['since']}"
    return [f"{since}: {sentence}" for sentence in found] if found else [f"{since}: no change of a license or a KMS host."]


_TEXTS = {
    "newly_unlicensed": "no longer licensed",
    "newly_licensed": "newly licensed",
    "no_longer_read": "could be read before, and not now",
    "read_again": "could not be read before, and now",
    "new_machines": "new in the report",
    "gone_machines": "no longer in the report",
}
_MOVED = {
    "channel_changes": "with another kind of key",
    "activated_by_changes": "with a GVLK activated in another way",
    "kms_host_changes": "with another KMS host",
}


def _sentences(changes: Mapping[str, Any]) -> Iterator[str]:
    for name, text in _TEXTS.items():
        if changes[name]:
            yield f"{number(len(changes[name]))} {text}: {names(changes[name])}."
    for name, text in _MOVED.items():
        if changes[name]:
            moved = [f"{each['machine']} ({each['before']} to {each['after']})" for each in changes[name]]
            yield f"{number(len(moved))} {text}: {names(moved)}."
    for each in changes["kms_count_changes"]:
        if each["before"] is not None and each["before"] != each["after"]:
            application = " for Office" if each["application"] == "office" else ""
            yield f"KMS host {each['machine']} counts {each['after']}{application}, before {each['before']}."
    if changes["renewed"]:
        yield f"{number(len(changes['renewed']))} renewed the activation by KMS."


def _read(records: MergedRecords) -> dict[str, Machine]:
    return {name: Machine(name, result) for name, result in records.results.items() if state_of(result)[0] == READ}


def _leading(machine: Machine) -> Mapping[str, Any]:
    return next(iter(machine.leading), {})


def _channel(machine: Machine) -> str | None:
    return _leading(machine).get("channel")


def _activated_by(machine: Machine) -> str | None:
    """Return what activated a machine with a GVLK, such as "kms" or "ad", or None if this is not known."""
    product = _leading(machine)
    is_known = product and product["channel"] == "gvlk" and is_activated(product)
    return product.get("activated_by") if is_known else None


def _kms_host(machine: Machine) -> str | None:
    """Return the KMS host of a KMS client, or None. Names of hosts do not depend on upper and lower case."""
    found = kms_of(_leading(machine)) if _leading(machine) else None
    return found.lower() if found else None


def _moves(
    both: Sequence[str], before: Mapping[str, Machine], now: Mapping[str, Machine], read: Callable[[Machine], str | None]
) -> Iterator[dict[str, str]]:
    for name in both:
        old, new = read(before[name]), read(now[name])
        if old and new and old != new:
            yield {"machine": name, "before": old, "after": new}


def _was_renewed(before: Machine, now: Machine) -> bool:
    """Whether a KMS client renewed its activation: its license by KMS ends later than before."""
    old, new = _end_by_kms(before), _end_by_kms(now)
    return bool(old and new and (new - old).total_seconds() > _HOUR)


def _end_by_kms(machine: Machine) -> datetime | None:
    product = _leading(machine)
    return expiry_of(product) if product and product.get("activated_by") == "kms" else None


def _counts(figures: Sequence[RunFigures]) -> Iterator[dict[str, Any]]:
    """Yield the count of each KMS host now and in the last report that has it."""
    for application, counts in figures[-1].kms_counts.items():
        for machine, count in sorted(counts.items(), key=lambda pair: natural(pair[0])):
            earlier = [each.kms_counts[application][machine] for each in figures[:-1] if machine in each.kms_counts[application]]
            yield {"machine": machine, "application": application, "before": earlier[-1] if earlier else None, "after": count}


__all__ = ["LISTS", "MOVES", "changes_of", "lines"]
