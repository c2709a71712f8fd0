# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machines a play is about, or why it must not begin. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible ignores a pattern that matches nobody, and a play without machines is a play that went well. A playbook says here which
variables name machines. What is wrong with them is found before the first machine is asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import VolumeActivationError

_SHOWN = 5


class NoHostsError(VolumeActivationError):
    """A variable that names machines cannot be meant, or the limit of the run contradicts it."""


@dataclass(frozen=True)
class Named:
    """What a variable names: the machines it matches, and the parts of it that match no machine and no group."""

    option: str
    pattern: str
    machines: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    is_optional: bool = False
    is_needed: bool = False
    """Whether the playbook needs every machine the variable names."""
    is_single: bool = False
    """Whether the variable has to be the name of one machine."""
    example: str = ""
    """What to give to ansible-playbook with ``-e``; empty for a variable that is a pattern."""


@dataclass(frozen=True)
class Run:
    """What is known of a run before its first play."""

    left: Collection[str]
    """The machines that the limit leaves."""
    limit: str = ""
    allow_empty: bool = False
    prefix: str = ""
    """What the names of the variables of the playbook begin with."""
    serial: Any = ""
    max_fail_percentage: Any = ""


def check(named: Sequence[Named], run: Run) -> bool:
    """Whether anybody takes part. Raises NoHostsError where nobody does, or where somebody is missing whom the playbook needs.

    The last of the variables names the machines that the work is done on, those before it the machines that it takes.
    """
    asked = [one for one in named if one.pattern or not one.is_optional]
    unset = [one for one in asked if not one.pattern]
    if unset:
        raise NoHostsError(f"{_not_set(unset)} {_END}")
    if run.allow_empty and not any(_taking_part(one, run) for one in asked):
        return False
    complaints = [complaint for one in asked if (complaint := _complaint(one, run, may_be_empty=run.allow_empty and one is asked[-1]))]
    complaints += _about_batches(run)
    if complaints:
        raise NoHostsError(" ".join([*complaints, _END]))
    return True


_END = "Nothing was changed."
_BATCH = re.compile(r"[0-9]+%?")
_PERCENTAGE = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def _about_batches(run: Run) -> list[str]:
    """What is wrong with the size of a batch, which would end Ansible with an exception, and the failures in it, which would count as 0."""
    complaints = []
    sizes = run.serial if isinstance(run.serial, (list, tuple)) else [run.serial]
    if not all(_is_written(_BATCH, size) for size in sizes):
        complaints.append(
            f"{run.prefix}serial must be a number of machines, a percentage such as 25%, or a list of them,"
            f" and is {run.serial}. Correct it."
        )
    if not _is_written(_PERCENTAGE, run.max_fail_percentage):
        name = f"{run.prefix}max_fail_percentage"
        complaints.append(f"{name} must be a number without a percent sign, such as 25, and is {run.max_fail_percentage}. Correct it.")
    return complaints


def _is_written(form: re.Pattern[str], value: Any) -> bool:
    """Whether a value has the form; an empty one is that of a question that was not answered."""
    return value is None or value == "" or form.fullmatch(str(value).strip()) is not None


def _not_set(unset: Sequence[Named]) -> str:
    verb, them = ("is", "it") if len(unset) == 1 else ("are", "them")
    examples = (one.example or f"{one.option}={'MACHINE' if one.is_single else 'GROUP'}" for one in unset)
    return (
        f"{_list([one.option for one in unset])} must name machines of the inventory, and {verb} not set."
        f" Set {them}, for example {' '.join(f'-e {example}' for example in examples)}."
    )


def _taking_part(one: Named, run: Run) -> bool:
    return any(name in run.left for name in one.machines)


def _complaint(one: Named, run: Run, *, may_be_empty: bool) -> str:
    """What is wrong with one variable, in a sentence."""
    excluded = [name for name in one.machines if name not in run.left]
    if one.is_needed and excluded:
        return _excluded(one, excluded, run.limit)
    return "" if may_be_empty else _wrong(one, run)


def _wrong(one: Named, run: Run) -> str:
    """Why a variable names nobody, or not everybody it seems to."""
    if one.is_single and one.machines != (one.pattern,):
        return f"{one.option} must be the name of one machine of the inventory, and is {one.pattern}. Correct the name."
    if one.strangers:
        strangers = _list(one.strangers, "or")
        return f"{one.option} is {one.pattern}, and the inventory has no machine and no group {strangers}. Correct the pattern."
    if not one.machines:
        return f"{one.option} is {one.pattern}, which matches no machine of the inventory. Correct the pattern."
    if not _taking_part(one, run):
        or_allow = f", or set {run.prefix}allow_empty: true for a slice of a job" if run.prefix else ""
        return f"The limit {run.limit} leaves no machine of {one.option}, which is {one.pattern}. Change the limit{or_allow}."
    return ""


def _excluded(one: Named, machines: Sequence[str], limit: str) -> str:
    """Where a playbook has a machine of its own, the variable is that machine."""
    if one.option == one.pattern:
        return f"The limit {limit} excludes {one.pattern}, on which the playbook works: leave the limit out, or add {one.pattern} to it."
    return (
        f"The limit {limit} excludes {_list(machines)}, which {one.option} names and the playbook needs: leave the limit out,"
        f" and name fewer machines in {one.option} if you mean fewer."
    )


def _list(names: Sequence[str], last: str = "and") -> str:
    """Names in a sentence, and how many more there are."""
    shown = [*names[:_SHOWN], f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN + 1 else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"
