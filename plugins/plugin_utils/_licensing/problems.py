# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that end a licensing task: a refusal before anything is sent, or a step that failed on the machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A failed activation does not raise an exception. It is part of the outcome of :mod:`apply`.
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
    cause = "The licensing service of the machine does not run, is damaged, or has a version that this collection does not support."
    next_steps = ("Check the service sppsvc and the Application log of the machine, then run activation_info.",)


class TaskRefusedError(LicensingError):
    """The task is refused before it changes the machine, because it would do harm or cannot succeed.

    `error_code` is a fixed identifier for programs, `message` the condition that prevents the task, `next_steps` what the user can do, and
    `cause` why the module checks this condition.
    """

    category = "precondition"
    cause = "The module checks the machine before it changes anything. The task would do harm, or could not succeed."
    next_steps = ("Change the options of the task, or exclude this machine from the task.",)

    def __init__(
        self, error_code: str, message: str, next_steps: tuple[str, ...] = (), *, cause: str | None = None, source: str | None = None
    ) -> None:
        super().__init__(message, next_steps, error_code=error_code, cause=cause, source=source)


class OfficeNotReadError(TaskRefusedError):
    """The licenses of Office cannot be read, so no key of Office can be changed. Windows is not concerned."""


class StepIncompleteError(LicensingError):
    """A step of several calls was not completed. The message continues "Could not ..." and names what is not done.

    `nothing_changed` is true if the machine accepted the request, but its state did not change. `might_have_consumed` is true if Microsoft
    might have counted an activation.
    """

    error_code = "step_incomplete"
    cause = "The machine accepted the request, but did not reach the desired state in time."
    nothing_changed = False
    might_have_consumed = False


class StepWithoutEffectError(StepIncompleteError):
    """The machine accepted the request of a step, but did nothing."""

    nothing_changed = True


class WrongKeyError(StepIncompleteError):
    """The machine accepted a key, and reports another type, product, or application than expected."""

    error_code = "wrong_key_type"
    category = "key"
    cause = "Windows returns the type and the product of a key only after the key is installed."


class StepNotRequiredError(LicensingError):
    """A step is not required. The message gives the reason as a warning, and the plan continues."""


class StepFailedError(LicensingError):
    """A step that changes a setting or a key failed.

    `step` is None if a query between two steps failed. `steps` are all steps of the plan with their results. `explanation` explains the
    error by its code; None uses the values of the class.
    """

    error_code = "step_failed"
    category = "other"
    cause = "The machine did not carry out the request, and did not return a code."
    next_steps = ("Read the machine with activation_info, and run the task again.",)

    def __init__(self, step: Step | None, steps: tuple[StepResult, ...], explanation: ErrorExplanation | None, message: str) -> None:
        super().__init__(message)
        self.step = step
        self.steps = steps
        self.explanation = explanation or super().explain()

    def explain(self) -> ErrorExplanation:
        """Return the explanation of the code that the machine returned, or of the class."""
        return self.explanation
