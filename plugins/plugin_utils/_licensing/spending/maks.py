# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MAKs of a play: which machines activate each, and what Microsoft has left for it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A MAK is known by the last five characters of its key. Microsoft knows it by its extended product ID, which only a machine with the
MAK shows. A machine that was not read counts for each MAK that other machines activate, or else for each that they show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..plan.step import ACTIVATE
from .balance import MakBalance, balance_of
from .machine import UNREAD, MachineForecast, Result

_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class MakNumbers:
    """The results of mak_activations_info before and after the run, by extended product ID, and the results of the run by machine.

    `results` is None before the run.
    """

    left: Mapping[str, Result] = field(default_factory=dict)
    after: Mapping[str, Result] = field(default_factory=dict)
    results: Mapping[str, Result | None] | None = None

    def used_by(self, machines: Iterable[str]) -> tuple[int | None, int]:
        """Return the number of activations that machines used, None before the run, and of attempts that Microsoft might have counted."""
        if self.results is None:
            return None, 0
        found = [self.results.get(name) or {} for name in machines]
        return sum(int(result.get("activations_used") or 0) for result in found), sum(map(_unknown_in, found))


@dataclass(frozen=True)
class PlayMak:
    """A MAK, its extended product ID if it is known, the machines that activate it, and its numbers."""

    partial_product_key: str | None
    extended_pid: str | None
    machines: Sequence[str]
    balance: MakBalance

    @property
    def is_concerned(self) -> bool:
        """Whether the play can use an activation of the MAK, or has used one."""
        return bool(self.balance.planned or self.balance.used)

    @property
    def line(self) -> str:
        """One line of text."""
        return self.balance.line(f"MAK ending in {self.partial_product_key}" if self.partial_product_key else f"MAK {self.extended_pid}")

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "partial_product_key": self.partial_product_key,
            "extended_pid": self.extended_pid,
            "machines": list(self.machines),
            "planned_activations": self.balance.planned,
            **self.balance.as_dict(),
            "line": self.line,
        }


def maks_of(machines: Sequence[MachineForecast], numbers: MakNumbers) -> list[PlayMak]:
    """Return the MAKs that machines show or will activate, sorted by their last five characters."""
    unread = [machine for machine in machines if machine.kind == UNREAD]
    activating: dict[str, list[MachineForecast]] = {}
    shown: dict[str, set[str]] = {}
    for machine in machines:
        for partial, pid in machine.maks():
            shown.setdefault(partial, set()).add(pid)
        if machine.mak:
            activating.setdefault(machine.mak, []).append(machine)
    of_unread = activating or shown
    found = [
        _mak(partial, activating.get(partial, ()), unread if partial in of_unread else (), shown.get(partial, ()), numbers)
        for partial in sorted({*shown, *activating})
    ]
    return found if found or not unread else [_mak(None, (), unread, (), numbers)]


def _mak(
    partial: str | None, own: Sequence[MachineForecast], unread: Sequence[MachineForecast], shown: Iterable[str], numbers: MakNumbers
) -> PlayMak:
    """Return a MAK. An extended product ID that the user set for one of its machines is preferred to those that machines show."""
    concerned = [*own, *unread]
    pid = _chosen({machine.given_pid for machine in own or unread if machine.given_pid} or shown, numbers.left)
    used, unknown = numbers.used_by(machine.name for machine in concerned)
    before, after = numbers.left.get(pid or "", _NOTHING), numbers.after.get(pid or "")
    balance = balance_of(before, after, planned=len(concerned), used=used, unknown=unknown)
    return PlayMak(partial, pid, [machine.name for machine in own], balance)


def _chosen(pids: Iterable[str], asked: Mapping[str, Any]) -> str | None:
    """Return one of several extended product IDs of a MAK: one that Microsoft was asked about, or else the first."""
    ordered = sorted(pids)
    return next((pid for pid in ordered if pid in asked), next(iter(ordered), None))


def _unknown_in(result: Result) -> int:
    """Return the number of activations that a task has requested with an unknown result."""
    return sum(1 for step in result.get("steps") or () if step.get("action") == ACTIVATE and step.get("consumes") and step.get("uncertain"))
