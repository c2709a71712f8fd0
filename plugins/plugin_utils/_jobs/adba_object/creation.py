# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request that creates an activation object, and what a failure means.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The request goes out once. If its response is lost, the directory decides. Windows asks Microsoft and writes to the directory in one call,
so that Microsoft might have counted an attempt that failed at the directory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..._cim.session import CimError, CimPath, CimSession, CimUnknownOutcomeError
from ..._errors import ErrorExplanation, VolumeActivationError
from ..._licensing.catalog.errors import ACTIVATION_OBJECT, explain
from ..._licensing.plan.activation import may_have_arrived
from ..._licensing.plan.step import Step
from ..._licensing.plan.timer import RetryTimer
from ..._licensing.problems import StepIncompleteError

_LOST_SECONDS = 120.0
"""How long the directory is read after a lost response: Windows might still be waiting for Microsoft."""

_SHOWN_SECONDS = 15.0
"""How long the directory is read after success, until it shows the object. Replication between domain controllers can take longer."""

_AD = "ad"
COUNTED = "Microsoft might have counted an activation of the key."

_READ_FIRST = (
    "Read the directory with adba_object_info after several minutes, because the object might still appear.",
    "Run the task again only if no object has the key. Microsoft might have counted an activation of the key.",
)
"""Next steps after an unknown outcome."""

IsThere = Callable[[], bool]
"""Returns whether the directory has the object. Raises DirectoryError."""


class ObjectNotCreatedError(StepIncompleteError):
    """Windows returned an error. `explanation` explains its code."""

    def __init__(self, explanation: ErrorExplanation, *, might_have_consumed: bool) -> None:
        counted = f" {COUNTED}" if might_have_consumed else ""
        super().__init__(f"{explanation.label}: {explanation.meaning}{counted} Next: {explanation.next_steps[0]}")
        self.explanation = explanation
        self.might_have_consumed = might_have_consumed

    def explain(self) -> ErrorExplanation:
        """Return the explanation of the code of Windows."""
        return self.explanation


class ObjectOutcomeUnknownError(StepIncompleteError):
    """The response was lost, and the directory does not show the object."""

    error_code = "unknown_outcome"
    category = "network"
    cause = "After the request was sent, the connection broke, or the machine did not respond in time."
    # What repeats transient errors would use another activation.
    transient = False
    might_have_consumed = True


def create(step: Step, is_there: IsThere) -> Callable[[CimSession, RetryTimer], None]:
    """Return the function that carries out the step. It raises ObjectNotCreatedError and ObjectOutcomeUnknownError."""

    def run(session: CimSession, timer: RetryTimer) -> None:
        try:
            session.invoke(step.target, step.method, step.sent_arguments())
        except CimUnknownOutcomeError as lost:
            if not _appears(is_there, timer, _LOST_SECONDS):
                message = f"the response was lost ({lost.reason}), and the directory does not show the object."
                raise ObjectOutcomeUnknownError(message, _READ_FIRST) from lost
        except CimError as error:
            raise _failed(error.code, consumes=step.consumes is not None) from error
        else:
            _appears(is_there, timer, _SHOWN_SECONDS)

    return run


def read_installation_id(session: CimSession, service: CimPath, product_key: str) -> str:
    """Return the installation ID of the forest for a key, which the machine computes without installing the key.

    Raises ObjectNotCreatedError with the explained code of Windows.
    """
    try:
        found = session.invoke(service, "GenerateActiveDirectoryOfflineActivationId", {"ProductKey": product_key}, read_only=True)
    except CimError as error:
        raise _failed(error.code, consumes=False) from error
    return found.outputs.required("InstallationID")


def _failed(code: int, *, consumes: bool) -> ObjectNotCreatedError:
    explanation = explain(code, context=ACTIVATION_OBJECT)
    might = consumes and (may_have_arrived(code) or explanation.category == _AD)
    return ObjectNotCreatedError(explanation if not might else replace(explanation, transient=False), might_have_consumed=might)


def _appears(is_there: IsThere, timer: RetryTimer, seconds: float) -> bool:
    """Read the directory until it shows the object; return whether it does. A directory that cannot be read shows nothing."""
    wait = timer.delays(timer.clock() + seconds)
    while True:
        try:
            if is_there():
                return True
        except VolumeActivationError:
            pass
        if not wait():
            return False


__all__ = ["COUNTED", "ObjectNotCreatedError", "ObjectOutcomeUnknownError", "create", "read_installation_id"]
