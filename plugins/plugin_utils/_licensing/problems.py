# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a licensing task stops: it is refused before anything is sent, or a step failed on the machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A failed activation is no exception: it is a result of its own in the outcome of :mod:`apply`.
"""

from __future__ import annotations

from .._errors import ErrorExplanation, VolumeActivationError
from .plan.step import Step, StepResult


class LicensingError(VolumeActivationError, Exception):
    """Base class of the errors of the licensing package. The default code is for a state that cannot be read.

    It names Exception itself for pylint, which does not follow imports in packages without `__init__.py`.
    """

    error_code = "invalid_state"
    category = "service"
    cause = "The licensing service of the machine does not run, is damaged, or is of a kind this collection does not know."
    next_steps = ("Look at the service sppsvc and at the Application log of the machine, then read it with activation_info.",)


class TaskRefusedError(LicensingError):
    """The task asks for something that must not be done to this machine; nothing was changed.

    `error_code` is a short fixed identifier for programs, `message` says what stands in the way, `next_steps` what a person can do, and
    `cause` why a module looks for that before it begins.
    """

    category = "precondition"
    cause = "The module looks at the machine before it changes anything: what the task asks would do harm, or could not succeed."
    next_steps = ("Change the task, or leave this machine out of it.",)

    def __init__(
        self, error_code: str, message: str, next_steps: tuple[str, ...] = (), *, cause: str | None = None, source: str | None = None
    ) -> None:
        super().__init__(message, next_steps, error_code=error_code, cause=cause, source=source)


class StepIncompleteError(LicensingError):
    """A step that takes several calls did not come to its end; the message says what is left as it was, the steps what to do.

    `nothing_changed`: the machine took the request, and is as it was all the same.
    """

    error_code = "step_incomplete"
    cause = "The machine took the request, and it did not come to the state that was asked for in time."
    nothing_changed = False


class StepWithoutEffectError(StepIncompleteError):
    """The machine took the request of a step, and did nothing."""

    nothing_changed = True


class WrongKeyError(StepIncompleteError):
    """The machine took a key, and reports it as another one than it was taken for."""

    error_code = "wrong_key_type"
    category = "key"
    cause = "What a key is, a machine tells only once it is installed."


class StepNotRequiredError(LicensingError):
    """The machine turned out to have no need of a step; the text says why, and the plan goes on."""


class StepFailedError(LicensingError):
    """A step that changes a setting or a key failed.

    `step` is that step (None when it was a read in between), `steps` all steps of the plan with their done flags,
    `explanation` what went wrong, by its code or by a word; for None those of the class.
    """

    error_code = "step_failed"
    category = "other"
    cause = "The machine did not do what was asked, and gave no code for it."
    next_steps = ("Read the machine with activation_info, and run the task again.",)

    def __init__(self, step: Step | None, steps: tuple[StepResult, ...], explanation: ErrorExplanation | None, message: str) -> None:
        super().__init__(message)
        self.step = step
        self.steps = steps
        self.explanation = explanation or super().explain()

    def explain(self) -> ErrorExplanation:
        """What the machine gave as the reason, and where it gave none what is known."""
        return self.explanation
