# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delete an activation object, for a task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any

from ..._adba import covering, removal
from ..._adba.model import ActivationObject
from ..._errors import InvalidOptionsError, VolumeActivationError
from ..._jobs.adba_object.plan import describe
from ..._licensing.plan.step import StepResult
from .forest import Forest
from .opening import Options

_IDENTIFIERS = ("guid", "name", "activation_id", "partial_product_key")
ACTION = "delete_activation_object"


def remove(forest: Forest, options: Options, account: Deletion) -> dict[str, Any]:
    """Delete the object of the task, except in check mode, and return the result.

    `account` shows what was done, also if an exception ends the task. Raises TaskRefusedError, and what the directory raises.
    """
    wanted = _wanted(options)
    # A list without machines, such as that of an empty group, proves nothing.
    machines = covering.machines_of(options["machines"]) if options["machines"] else None
    objects = forest.objects()
    target = removal.select(objects, wanted)
    if target is None:
        text = f"{forest.described['server']}: nothing to do. {forest.described['account']} sees no activation object {wanted}."
        return {**_result(forest, None, account), "changed": False, "msg": text}
    others = tuple(item for item in objects if item is not target)
    if not options["force"]:
        _refuse(target, others, machines)
    account.plan(target)
    if account.is_check:
        return {**_result(forest, target, account), "changed": True, "msg": f"{forest.described['server']}: would {account.description}."}
    with account:
        was_there = removal.delete(forest.directory, target, forest.learned, forest.reopen)
    account.finish(done=was_there)
    text = f"Done: {account.description}" if was_there else f"nothing to do. The activation object {target.label} is already absent"
    return {**_result(forest, target, account), "changed": was_there, "msg": f"{forest.described['server']}: {text}."}


def _refuse(target: ActivationObject, others: tuple[ActivationObject, ...], machines: tuple[covering.CoveredMachine, ...] | None) -> None:
    if machines is None:
        removal.refuse_last(target, others)
    else:
        removal.refuse_losses(target, covering.losses(target, others, machines))


def _wanted(options: Options) -> removal.WantedObject:
    given = {name: options[name] for name in _IDENTIFIERS}
    if given["partial_product_key"] is None and options["product_key"] is not None:
        given["partial_product_key"] = options["product_key"].partial_product_key
    if not any(given.values()):
        raise InvalidOptionsError(f"adba_object: with state: absent, at least one option must name the object: {', '.join(_IDENTIFIERS)}.")
    return removal.WantedObject(**given)


def _result(forest: Forest, target: ActivationObject | None, account: Deletion) -> dict[str, Any]:
    found = forest.describe(target)
    return {
        "machine": None,
        "object": found,
        "directory": forest.described,
        "installation_id": None,
        "activations_used": 0,
        "steps": account.steps(),
        "before": describe(target),
        "after": describe(None),
    }


class Deletion:
    """The one step of a task that deletes an object; a context manager around the request, which notes whether its outcome is known."""

    def __init__(self, *, is_check: bool) -> None:
        self.is_check = is_check
        self.description = ""
        self._is_sent = False
        self._is_done = False

    def plan(self, target: ActivationObject) -> None:
        """Set the object that the task will delete."""
        self.description = f"delete the activation object {target.label}"

    def finish(self, *, done: bool) -> None:
        """Set whether the object was deleted by this task."""
        self._is_done, self._is_sent = done, False

    @property
    def is_uncertain(self) -> bool:
        """Whether the object might have been deleted."""
        return self._is_sent and not self._is_done

    def steps(self) -> list[dict[str, Any]]:
        """Return the steps of the result."""
        if not self.description:
            return []
        return [StepResult(ACTION, self.description, None, self._is_done, uncertain=self.is_uncertain).as_dict()]

    def __enter__(self) -> Deletion:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # The timeout of the task, and an unexpected error, can end the task after the delete was sent.
        is_known = error is None or isinstance(error, VolumeActivationError)
        self._is_sent = isinstance(error, removal.OutcomeUnknownError) or not is_known


__all__ = ["Deletion", "remove"]
