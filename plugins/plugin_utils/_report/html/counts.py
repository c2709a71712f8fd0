# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counts of KMS hosts against their thresholds, the activations of MAKs, and the versions of Windows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._licensing.catalog.thresholds import THRESHOLDS
from ..maks import MakActivations, activations
from ..model import Report
from ..texts import Texts
from .rows import MachineRow
from .tables import shown_time

_HOSTS = 30
"""Number of KMS hosts that are drawn, those with the lowest count first."""


@dataclass(frozen=True)
class KmsCount:
    """One count on a scale. `filled` and `marks` are in percent of the scale; `filled` is None if the count is not known."""

    name: str
    count: str
    result: str
    filled: float | None
    marks: Sequence[tuple[float, int]]
    tone: str
    description: str


@dataclass(frozen=True)
class MakUse:
    """The activations of one MAK. `filled` is the share of the budget, or of what was and is left, in percent; None if neither is known."""

    key: str
    product: str
    used: str
    not_licensed: str
    ledger: str
    budget: str
    left: str
    filled: float | None
    tone: str
    description: str


@dataclass(frozen=True)
class Version:
    """The machines with one version of Windows. `esu` has the programmes of Extended Security Updates with an active key."""

    name: str
    build: str
    count: str
    esu: str


def kms_counts(report: Report, texts: Texts) -> tuple[list[KmsCount], int]:
    """Return the counts of the KMS hosts and of the machines of the report, and how many KMS hosts are left out."""
    hosts = sorted(report.summary["kms_hosts"], key=lambda host: (host["current_count"] is None, host["current_count"] or 0))
    found = [count for host in hosts[:_HOSTS] for count in _of_host(host, texts)]
    return [*found, *_of_fleet(report, texts)], max(0, len(hosts) - _HOSTS)


def _of_host(host: Mapping[str, Any], texts: Texts) -> Iterator[KmsCount]:
    office = host["office_count"]
    if host["current_count"] is not None or office is None:
        yield _count(host["machine"], host["current_count"], ("server", "client"), texts)
    if office is not None:
        yield _count(f"{host['machine']} ({texts('charts.kms_office')})", office, ("office",), texts)


def _of_fleet(report: Report, texts: Texts) -> Iterator[KmsCount]:
    rows = {row["client_type"]: row for row in report.summary["kms_counts"] if row["asking"]}
    windows = tuple(kind for kind in ("server", "client") if kind in rows)
    if windows:
        yield _count(texts("charts.kms_fleet"), rows[windows[0]]["count"], windows, texts)
    if "office" in rows:
        yield _count(texts("charts.kms_of_office"), rows["office"]["count"], ("office",), texts)


def _count(name: str, count: int | None, kinds: Sequence[str], texts: Texts) -> KmsCount:
    scale = 2 * max(THRESHOLDS.values())
    marks = [(100 * THRESHOLDS[kind] / scale, THRESHOLDS[kind]) for kind in kinds]
    if count is None:
        return KmsCount(name, texts("charts.kms_unknown"), "", None, marks, "off", texts("charts.kms_unknown"))
    reached = [kind for kind in kinds if count >= THRESHOLDS[kind]]
    tone = "good" if len(reached) == len(kinds) else "mid" if reached else "bad"
    result = "; ".join(_result(count, kind, texts) for kind in kinds)
    description = texts("charts.kms_bar", count=count, scale=scale)
    return KmsCount(name, texts.number(count), result, min(100, 100 * count / scale), marks, tone, description)


def _result(count: int, kind: str, texts: Texts) -> str:
    missing, name = THRESHOLDS[kind] - count, texts(f"charts.kms_kind.{kind}")
    return texts("charts.kms_missing", kind=name, missing=missing) if missing > 0 else texts("charts.kms_reached", kind=name)


def mak_uses(report: Report, texts: Texts) -> list[MakUse]:
    """Return the activations of each MAK, with its budget and what Microsoft says is left, if they are given."""
    return [_mak(each, texts) for each in activations(report)]


def _mak(mak: MakActivations, texts: Texts) -> MakUse:
    spent, scale, budget = mak.spent, mak.scale, mak.budget
    over = budget is not None and spent > budget
    return MakUse(
        key=mak.partial_product_key,
        product=mak.programme or (texts.label("application", mak.application) if mak.application else _products(mak, texts)),
        used=texts.number(mak.used),
        not_licensed=texts.number(mak.not_licensed),
        ledger=_in_ledger(mak, texts),
        budget=texts("charts.mak_no_budget") if budget is None else texts.number(budget),
        left=_left(mak, texts),
        filled=None if scale is None else min(100, 100 * spent / scale) if scale else 100.0,
        tone="bad" if over or mak.left == 0 else "plain",
        description=_description(mak, texts),
    )


def _products(mak: MakActivations, texts: Texts) -> str:
    """Return the product of a MAK that no machine has. The ledger does not have the product of every key."""
    names = mak.ledger_use.product_names if mak.ledger_use else ()
    return names[0] if names else texts("charts.not_known")


def _in_ledger(mak: MakActivations, texts: Texts) -> str:
    use = mak.ledger_use
    if use is None:
        return texts.number(0)
    used, uncertain = texts.number(use.activations_used), texts.number(use.activations_uncertain)
    return texts("charts.mak_ledger_uncertain", used=used, uncertain=uncertain) if use.activations_uncertain else used


def _left(mak: MakActivations, texts: Texts) -> str:
    if mak.left is None:
        return texts("charts.mak_unknown")
    left = texts.number(mak.left)
    return texts("charts.mak_left_at", left=left, time=shown_time(mak.checked_time)) if mak.checked_time else left


def _description(mak: MakActivations, texts: Texts) -> str:
    if mak.budget is not None:
        return texts("charts.mak_bar", used=mak.spent, budget=mak.budget)
    return "" if mak.left is None else texts("charts.mak_bar_left", used=mak.spent, left=mak.left)


def versions(rows: Sequence[MachineRow], texts: Texts) -> list[Version]:
    """Return the machines by the version of Windows, the newest build first."""
    counted: Counter[tuple[int, str]] = Counter()
    programmes: dict[tuple[int, str], Counter[str]] = {}
    for row in rows:
        if row.facts:
            version = (int(row.facts.get("build") or 0), str(row.facts.get("caption") or ""))
            counted[version] += 1
            ends = [str(each["ends"]) for each in row.machine.result.get("esu") or () if each["licensed"]]
            programmes.setdefault(version, Counter()).update([max(ends)] if ends else [])
    return [
        Version(name, str(build), texts.number(counted[build, name]), _esu(programmes[build, name], texts))
        for build, name in sorted(counted, key=lambda version: (-version[0], version[1]))
    ]


def _esu(ends: Mapping[str, int], texts: Texts) -> str:
    return "; ".join(texts("charts.version_esu_until", count=count, date=day) for day, count in sorted(ends.items()))


__all__ = ["KmsCount", "MakUse", "Version", "kms_counts", "mak_uses", "versions"]
