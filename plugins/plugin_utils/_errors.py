# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of this collection, which have one base class.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Every package raises a subclass of :class:`VolumeActivationError`. Only `_edge/actions` and `module_utils/_module.py` convert such an
exception to an Ansible result.
"""

from __future__ import annotations

from ..module_utils._errors import (
    ErrorExplanation,
    InternalError,
    InvalidOptionsError,
    VolumeActivationError,
    sentence,
    with_next_step,
)


class UnreachableError(VolumeActivationError):
    """The machine could not be asked at all: refused or dropped connection, TLS failure, wrong credentials."""

    error_code = "unreachable"
    category = "network"
    cause = "The machine is down or restarting, WinRM does not listen there, or the connection was cut on the way."
    next_steps = ("Check that the machine is up and that WinRM listens where the inventory says, then run the task again.",)
    transient = True

    def with_message(self, message: str) -> UnreachableError:
        """The same error with what a caller knows besides, such as what was done before."""
        return UnreachableError(message, self.next_steps, error_code=self.error_code, cause=self.cause, transient=self.transient)


class TaskTimeoutError(VolumeActivationError):
    """Ansible ended the task, because it took longer than the task's keyword `timeout` allows."""

    error_code = "task_timeout"
    cause = "The machine, or what it waits for, takes longer than the task allows. What was sent to it goes on there."
    next_steps = ("Run the task again with a longer timeout; it starts from what the machine has by then.",)
    transient = True


__all__ = [
    "ErrorExplanation",
    "InternalError",
    "InvalidOptionsError",
    "TaskTimeoutError",
    "UnreachableError",
    "VolumeActivationError",
    "sentence",
    "with_next_step",
]
