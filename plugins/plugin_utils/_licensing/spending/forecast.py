# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Add up the activations that a play will use, of all its MAKs, of each MAK, and of each programme of Extended Security Updates.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..catalog import esu
from .machine import ACTIVATING, KINDS, UNREAD, MachineForecast, Result, kind_of
from .maks import MakNumbers, maks_of


@dataclass(frozen=True)
class PlayState:
    """A play, by the variables of its machines.

    `forecasts`: the check mode result of every machine; None for a machine that was not read yet. `play_hosts`: the machines that are still
    in the play. `batch`: the machines that were read now. `questions`: the options that each machine was read with; a result for other
    options is from an earlier play, and is ignored. `extended_pids`: those that the user set for the MAKs of machines.
    """

    forecasts: Mapping[str, Result | None]
    play_hosts: Iterable[str]
    batch: Sequence[str] = ()
    questions: Mapping[str, Any] = field(default_factory=dict)
    extended_pids: Mapping[str, Any] = field(default_factory=dict)

    def machines(self) -> list[MachineForecast]:
        """Return what is known about each machine, sorted by name."""
        now, remaining = [self.questions.get(name) for name in self.batch], frozenset(self.play_hosts)
        return [self._machine(name, now, is_in_play=name in remaining) for name in sorted(self.forecasts)]

    def _machine(self, name: str, now: Sequence[Any], *, is_in_play: bool) -> MachineForecast:
        fits = self.forecasts[name] if not now or self.questions.get(name) in now else None
        return MachineForecast(name, kind_of(fits, is_in_play=is_in_play), fits, str(self.extended_pids.get(name) or "").strip() or None)

    def programme_of(self, machine: MachineForecast) -> str | None:
        """Return the programme of Extended Security Updates that a machine was read for, by its options or its result; None for none."""
        question = self.questions.get(machine.name)
        asked = [name for name in esu.names() if isinstance(question, (list, tuple)) and name in question]
        shown = [esu.of_id(product.get("activation_id")) for product in machine.products() if product.get("is_addon")]
        return next(iter((*asked, *(each.name for each in shown if each))), None)


def add_up(play: PlayState, numbers: MakNumbers | None = None) -> dict[str, Any]:
    """Return the number of activations that a play will use, with Microsoft's numbers for its MAKs."""
    machines = play.machines()
    programmes: dict[str, list[MachineForecast]] = {}
    for machine in machines:
        programme = play.programme_of(machine)
        if programme:
            programmes.setdefault(programme, []).append(machine)
    maks = maks_of(machines, numbers or MakNumbers())
    return {
        **_total(machines),
        "programmes": {name: _total(programmes[name]) for name in esu.names() if name in programmes},
        "maks": [mak.as_dict() for mak in maks],
        "lines": [mak.line for mak in maks if mak.is_concerned],
    }


def _total(machines: Iterable[MachineForecast]) -> dict[str, Any]:
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for machine in machines:
        found[machine.kind].append(machine.name)
    return {"machines": found, "planned_activations": len(found[ACTIVATING]) + len(found[UNREAD])}
