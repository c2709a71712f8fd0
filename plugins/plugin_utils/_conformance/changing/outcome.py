# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide whether a machine may be changed, change it or predict it, and return the result and what was seen.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..._cim.session import CimSession
from ..._edge import result as _result
from ..._errors import VolumeActivationError
from ..._licensing.plan.step import StepResult
from ..._licensing.problems import LicensingError
from ..._licensing.state.model import ActivationState, LicensedProduct
from ..._licensing.state.read import each_once
from ..model import Answers
from .items import Item
from .record import RecordedMachine, open_record
from .refusals import refuse_other_computer, refuse_unfit
from .run import ChangeRun, Changing, planned

_UNREAD = "The licensing state of the machine could not be read, so the module does not change it."


def change(session: CimSession, host: str, answers: Answers, changing: Changing) -> tuple[Answers, dict[str, Any]]:
    """Return the answers with what the changes showed, and the keys of the result about them.

    A refusal and a problem are in the result, with `failed` and `error`, so that what was read is not lost.
    """
    try:
        run = _prepared(session, host, answers, changing)
        steps = planned(run) if changing.check_mode else []
    except VolumeActivationError as problem:
        return answers, {**_result.failure(problem, host), **_account(changing, [])}
    if changing.check_mode:
        return answers, {"changed": True, **_account(changing, steps), "msg": _prediction(steps)}
    run.run()
    found = Answers({**answers.by_name, **run.answers}, answers.encrypted)
    result = {"changed": changing.account.changed, **_account(changing, changing.account.steps)}
    if run.warnings:
        result["warnings"] = [f"{host}: {warning}" for warning in run.warnings]
    if run.problem:
        done = f"{changing.account.completed_summary()}{_left_text(changing)}"
        return found, {**result, **_result.failure(run.problem, host, done), "changed": changing.account.changed}
    return found, {**result, "msg": f"The machine was changed in {len(changing.account.steps)} steps and is as before."}


def _prepared(session: CimSession, host: str, answers: Answers, changing: Changing) -> ChangeRun:
    """Return the run for a machine that may be changed. Raises TaskRefusedError, RecordError, and LicensingError."""
    state = answers.value("state")
    if not isinstance(state, ActivationState):
        problem = answers.by_name["state"].error if "state" in answers.by_name else None
        raise LicensingError(f"{_UNREAD} {problem or ''}".strip())
    refuse_other_computer(state.os.computer_name, changing.computer_names)
    product = refuse_unfit(state, _of_office(answers))
    record = open_record(changing.restore_path, RecordedMachine(host, state.os.computer_name))
    changing.record = record
    return ChangeRun(session, state, product, changing, record)


def _of_office(answers: Answers) -> tuple[LicensedProduct, ...]:
    """Return the products of the older licensing service of Office. Raises MalformedResponseError."""
    return each_once(answers.value("office_products") or [])


def left_behind(items: Iterable[Item]) -> list[dict[str, str]]:
    """Return what is not restored and the command that restores it by hand, the last change first, which is the order of the commands."""
    return [{"change": item.undo, "command": item.by_hand} for item in reversed(list(items))]


def _account(changing: Changing, steps: Iterable[StepResult]) -> dict[str, Any]:
    left = () if changing.check_mode else changing.left
    return {
        "steps": [step.as_dict() for step in steps],
        "changes_left": left_behind(left),
        "restore_path": str(changing.record.path) if changing.record and left else None,
    }


def _left_text(changing: Changing) -> str:
    """Return what is left and how to restore it, as sentences with a leading space; that nothing is left without any."""
    if not changing.left or changing.record is None:
        return " Everything that the test changed is as before."
    left = left_behind(changing.left)
    changes, commands = ("; ".join(each[name] for each in left) for name in ("change", "command"))
    return f" Not restored: {changes}. By hand: {commands}. Record: {changing.record.path}."


def _prediction(steps: list[StepResult]) -> str:
    return f"Would change the machine in {len(steps)} steps and restore it, see 'steps'."


__all__ = ["change", "left_behind"]
