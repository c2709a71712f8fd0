# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find variables whose names resemble an option of a role or playbook, which Ansible would ignore without a message. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .catalog import VariableScope

MOST_EDITS = 2
"""Edits between a name and the option that was meant: a character more, less, or other, or two neighbors swapped."""

_SMALL_BATCH = 100
_MOST_SUGGESTIONS = 3
_MOST_NAMES = 5
_MOST_MACHINES = 5


@dataclass(frozen=True)
class Misspelling:
    """A variable with the options that its name resembles, nearest first, and the machines that have it; none if all have it."""

    name: str
    suggestions: tuple[str, ...]
    machines: tuple[str, ...] = ()


def to_look_at(machines: Sequence[str], batch: Sequence[str], machine: str) -> list[str]:
    """Return the machines whose variables a task looks at, which runs for `machine`, a machine of the `batch` of all `machines`.

    The task runs once for a batch, on its first machine. In the first batch it looks at all machines, before one of them is changed, and
    later at those of the batch. If it runs on another machine, Ansible might run it on every machine, as the strategy `free` does: then it
    looks at a small batch, or at this machine only, because the work would otherwise grow with the square of the number of machines.
    """
    if batch and machine != batch[0]:
        return list(batch) if len(batch) <= _SMALL_BATCH else [machine]
    return list(machines if not batch or machines[:1] == batch[:1] else batch)


def names_by_machine(hostvars: Mapping[str, Mapping[str, Any]], machines: Iterable[str], prefixes: tuple[str, ...]) -> dict[str, list[str]]:
    """Return which machines have each variable whose name begins with a prefix. No value is templated."""
    found: dict[str, list[str]] = {}
    for machine in filter(hostvars.__contains__, machines):
        for name in hostvars[machine]:
            if name.startswith(prefixes):
                found.setdefault(str(name), []).append(machine)
    return found


def misspelled(
    of_task: Iterable[str], of_machines: Mapping[str, Collection[str]], machines: int, scope: VariableScope, is_known: Callable[[str], bool]
) -> tuple[Misspelling, ...]:
    """Return the misspelled variables in alphabetical order.

    `of_task` are the names of the variables that the task reads, and `of_machines` the machines that have each variable of the inventory,
    of `machines` machines that were looked at. A name that `is_known` is correct, whatever it resembles.
    """
    in_task = {name for name in of_task if name.startswith(scope.prefixes)}
    found = []
    for name in sorted(in_task | {name for name in of_machines if name.startswith(scope.prefixes)}):
        suggestions = () if name in scope.options else similar(name, scope.options)
        if suggestions and not is_known(name):
            having = tuple(of_machines.get(name, ()))
            found.append(Misspelling(name, suggestions, () if len(having) == machines else having))
    return tuple(found)


def similar(name: str, options: Iterable[str]) -> tuple[str, ...]:
    """Return the nearest options that a few edits lead to; several if they are equally near."""
    distances = {option: distance for option in options if (distance := edits(name, option)) <= MOST_EDITS}
    nearest = min(distances.values(), default=0)
    return tuple(sorted(option for option, distance in distances.items() if distance == nearest)[:_MOST_SUGGESTIONS])


def edits(one: str, other: str) -> int:
    """Return the number of edits between two names: the optimal string alignment distance, or MOST_EDITS + 1 for any greater distance."""
    if abs(len(one) - len(other)) > MOST_EDITS:
        return MOST_EDITS + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        previous, row = row, [i]
        for j, against in enumerate(other, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (char != against))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = previous
        if min(row) > MOST_EDITS:
            return MOST_EDITS + 1
    return min(row[-1], MOST_EDITS + 1)


def messages(found: Sequence[Misspelling], prefixes: Iterable[str]) -> list[str]:
    """Return one sentence for each variable, and what to do; nothing if nothing was found."""
    if not found:
        return []
    shown = [_sentence(one) for one in found[:_MOST_NAMES]]
    more = len(found) - _MOST_NAMES
    shown += [f"{more} more {'variable is' if more == 1 else 'variables are'} misspelled."] if more > 0 else []
    used = [prefix for prefix in prefixes if any(one.name.startswith(prefix) for one in found)]
    wrong = "name" if len(found) == 1 else "names"
    return [*shown, f"Correct the {wrong}. A variable of your own must not begin with {' or '.join(used)}."]


def _sentence(one: Misspelling) -> str:
    where = f" It is set for {_listed(one.machines)}." if one.machines else ""
    return f"{one.name} is not a variable of this collection: did you mean {' or '.join(one.suggestions)}?{where}"


def _listed(machines: Sequence[str]) -> str:
    more = len(machines) - _MOST_MACHINES
    # "and 1 more" would not be shorter than the name.
    return ", ".join(machines) if more <= 1 else f"{', '.join(machines[:_MOST_MACHINES])}, and {more} more machines"


__all__ = ["MOST_EDITS", "Misspelling", "edits", "messages", "misspelled", "names_by_machine", "similar", "to_look_at"]
