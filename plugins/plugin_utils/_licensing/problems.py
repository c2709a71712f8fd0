# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a licensing task stops: it is refused before anything is sent, or a step failed on the machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A failed activation is no exception: it is a result of its own in the outcome of :mod:`apply`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._errors import VolumeActivationError

if TYPE_CHECKING:
    from .errors import ErrorExplanation
    from .plan import Step, StepResult


class LicensingError(VolumeActivationError, Exception):
    """Anything the licensing room has to say when it cannot go on.

    It names Exception itself for pylint, which does not follow imports in packages without `__init__.py`.
    """


class Refusal(LicensingError):
    """The task asks for something that must not be done to this machine; nothing was changed.

    `code` is a short fixed word for programs, `message` says what stands in the way, `next_steps` what a person can do.
    """

    def __init__(self, code: str, message: str, next_steps: tuple[str, ...] = ()) -> None:
        self.code = code
        self.message = message
        self.next_steps = next_steps
        super().__init__(" ".join((message, *next_steps)))


class NotDone(LicensingError):
    """A step that takes several calls did not come to its end; the text says what is left as it was and what to do."""


class Superfluous(LicensingError):
    """The machine turned out to have no need of a step; the text says why, and the plan goes on."""


class StepFailed(LicensingError):
    """A step that changes a setting or a key failed.

    `step` is that step (None when it was a read in between), `steps` all steps of the plan with their done flags,
    `done_steps` those that were carried out, `explanation` the error code in words, or None when the machine gave no code.
    """

    def __init__(self, step: Step | None, steps: tuple[StepResult, ...], explanation: ErrorExplanation | None, message: str) -> None:
        self.step = step
        self.steps = steps
        self.done_steps = tuple(result for result in steps if result.done)
        self.explanation = explanation
        self.message = message
        super().__init__(message)
