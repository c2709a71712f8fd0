# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate the variables of a playbook that name machines. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible ignores a pattern that does not match any machine, and a play without machines succeeds. A playbook passes the variables that name
machines to this code, which finds errors before Ansible connects to a machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import VolumeActivationError
from .outcomes.ending import FailOnError, statuses_of, truth_of

_SHOWN = 5


class NoHostsError(VolumeActivationError):
    """A variable that names machines is not valid, or the limit of the run excludes its machines."""


@dataclass(frozen=True)
class Named:
    """A variable that names machines: the machines that it matches, and the parts that do not match any machine or group."""

    option: str
    pattern: str
    machines: tuple[str, ...] = ()
    unknown_parts: tuple[str, ...] = ()
    is_optional: bool = False
    is_needed: bool = False
    """Whether the playbook needs every machine the variable names."""
    is_single: bool = False
    """Whether the variable must be the name of one machine."""
    example: str = ""
    """Example for ansible-playbook with ``-e``; empty for a variable that is a pattern."""


@dataclass(frozen=True)
class Job:
    """A job of AWX, by the variables that AWX gives to it; without any, the run is not a job."""

    job_id: str = ""
    workflow: str = ""
    """Name of the workflow job that the job belongs to."""
    template: str = ""
    """Name of the job template."""

    @property
    def looks_like_a_slice(self) -> bool:
        """Whether the job is probably a slice: AWX gives the workflow job that contains the slices the name of the job template."""
        return bool(self.job_id and self.template) and self.workflow == self.template


@dataclass(frozen=True)
class PlayRun:
    """Settings of a run that are known before its first play."""

    left: Collection[str]
    """Names of the machines that the limit does not exclude."""
    limit: str = ""
    allow_empty: bool = False
    prefix: str = ""
    """First part of the names of the variables of the playbook."""
    serial: Any = ""
    max_fail_percentage: Any = ""
    fail_on: Any = ""
    fail_on_unreachable: Any = ""
    job: Job = Job()


def check(named: Sequence[Named], run: PlayRun) -> bool:
    """Whether the run has machines. Raises NoHostsError if it has none, or if a machine that the playbook needs is missing.

    The last of the variables names the machines that the playbook manages, the others the machines that it needs for this.
    """
    checked = [one for one in named if one.pattern or not one.is_optional]
    unset = [one for one in checked if not one.pattern]
    if unset:
        raise NoHostsError(f"{_not_set(unset)} {_END}")
    if run.allow_empty and not any(_has_machines(one, run) for one in checked):
        return False
    problems = [problem for one in checked if (problem := _problem(one, run, may_be_empty=run.allow_empty and one is checked[-1]))]
    problems += [*_of_slice(checked, run), *_batch_problems(run), *_ending_problems(run)]
    if problems:
        raise NoHostsError(" ".join([*problems, _END]))
    return True


_END = "Nothing was changed."
_SLICED = (
    "If the job template has more than one job slice, this is the reason: each slice has only a part of the inventory. Set the number of"
    " job slices to 1."
)
_BATCH = re.compile(r"[0-9]+%?")
_PERCENTAGE = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def _batch_problems(run: PlayRun) -> list[str]:
    """Return problems of the batch size, for which Ansible would raise an exception, and of the percentage, which would count as 0."""
    problems = []
    sizes = run.serial if isinstance(run.serial, (list, tuple)) else [run.serial]
    if not all(_has_form(_BATCH, size) for size in sizes):
        problems.append(
            f"{run.prefix}serial must be a number of machines, a percentage such as 25%, or a list of them,"
            f" and is {run.serial}. Correct it."
        )
    if not _has_form(_PERCENTAGE, run.max_fail_percentage):
        name = f"{run.prefix}max_fail_percentage"
        problems.append(f"{name} must be a number without a percent sign, such as 25, and is {run.max_fail_percentage}. Correct it.")
    return problems


def _ending_problems(run: PlayRun) -> list[str]:
    """Return the problems of the variables that decide which machines make the run fail, of a playbook that has such variables."""
    given = ((statuses_of, run.fail_on), (truth_of, run.fail_on_unreachable))
    return [problem for reader, value in given if (problem := _refusal(reader, run.prefix.rstrip("_"), value))]


def _refusal(reader: Callable[[str, Any], Any], prefix: str, value: Any) -> str:
    """Return why a value is not valid, or an empty text."""
    try:
        if value is not None and value != "":
            reader(prefix, value)
    except FailOnError as error:
        return str(error)
    return ""


def _of_slice(checked: Sequence[Named], run: PlayRun) -> list[str]:
    """Return that the job is a slice, if the playbook needs all machines that its last variable names."""
    if run.allow_empty or not run.job.looks_like_a_slice or not checked[-1].is_needed:
        return []
    slice_of = (
        f"This job is probably a slice: its workflow job has the name of the job template, {run.job.template}, as that of slices has."
    )
    left_out = f"A slice has only a part of the inventory, so the other machines of {checked[-1].option} would be left out."
    return [f"{slice_of} {left_out} Set the number of job slices of the job template to 1. If the job is not sliced, rename the workflow."]


def _has_form(form: re.Pattern[str], value: Any) -> bool:
    """Whether a value has the form, or is empty, as an empty field of a survey."""
    return value is None or value == "" or form.fullmatch(str(value).strip()) is not None


def _not_set(unset: Sequence[Named]) -> str:
    verb, them = ("is", "it") if len(unset) == 1 else ("are", "them")
    examples = (one.example or f"{one.option}={'MACHINE' if one.is_single else 'GROUP'}" for one in unset)
    return (
        f"{_list([one.option for one in unset])} must name machines of the inventory, and {verb} not set."
        f" Set {them}, for example {' '.join(f'-e {example}' for example in examples)}."
    )


def _has_machines(one: Named, run: PlayRun) -> bool:
    return any(name in run.left for name in one.machines)


def _problem(one: Named, run: PlayRun, *, may_be_empty: bool) -> str:
    """Return the problem of one variable as a message, or an empty text."""
    excluded = [name for name in one.machines if name not in run.left]
    if one.is_needed and excluded:
        return _excluded(one, excluded, run.limit)
    problem = "" if may_be_empty else _pattern_problem(one, run)
    return f"{problem} {_SLICED}" if problem and one.is_needed and run.job.job_id else problem


def _pattern_problem(one: Named, run: PlayRun) -> str:
    """Return why a pattern does not match the intended machines, or an empty text."""
    if one.is_single and one.machines != (one.pattern,):
        return f"{one.option} must be the name of one machine of the inventory, and is {one.pattern}. Correct the name."
    if one.unknown_parts:
        unknown = _list(one.unknown_parts, "or")
        return f"{one.option} is {one.pattern}, and the inventory does not contain a machine or a group {unknown}. Correct the pattern."
    if not one.machines:
        return f"{one.option} is {one.pattern}, which does not match a machine of the inventory. Correct the pattern."
    if not _has_machines(one, run) and not run.limit:
        return f"{one.option} is {one.pattern}, which Ansible did not read completely. Correct what the warnings about the inventory show."
    if not _has_machines(one, run):
        or_allow = f", or set {run.prefix}allow_empty: true for a slice of a job" if run.prefix else ""
        return f"The limit {run.limit} excludes all machines of {one.option}, which is {one.pattern}. Change the limit{or_allow}."
    return ""


def _excluded(one: Named, machines: Sequence[str], limit: str) -> str:
    """Return the message about excluded machines. If a playbook requires a fixed machine, the name of the variable is that machine."""
    if one.option == one.pattern:
        return f"The limit {limit} excludes {one.pattern}, which the playbook needs. Omit the limit, or add {one.pattern} to it."
    return (
        f"The limit {limit} excludes these machines of {one.option}, which the playbook needs: {_list(machines)}. Omit the limit."
        f" To select fewer machines, change {one.option}."
    )


def _list(names: Sequence[str], last: str = "and") -> str:
    """Return the first names as part of a sentence, and the number of the other names."""
    shown = [*names[:_SHOWN], f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN + 1 else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"
