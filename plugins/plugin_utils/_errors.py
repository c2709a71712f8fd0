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

_AFTER_CONNECTION_LOSS = ("Wait until the machine responds, then run the task again.",)


class UnreachableError(VolumeActivationError):
    """The machine cannot be reached: refused or dropped connection, TLS failure, or wrong credentials."""

    error_code = "unreachable"
    category = "network"
    cause = "The machine is not running or is restarting, WinRM does not listen on the port, or the connection was interrupted."
    next_steps = ("Check that the machine is running and that WinRM listens on the port in the inventory, then run the task again.",)
    transient = True

    def with_message(self, message: str) -> UnreachableError:
        """Return the same error with a message of the caller, for a connection that was lost after the machine had responded."""
        return UnreachableError(message, _AFTER_CONNECTION_LOSS, error_code=self.error_code, cause=self.cause, transient=self.transient)


class TaskTimeoutError(VolumeActivationError):
    """Ansible ended the task, because the task exceeded its keyword `timeout`."""

    error_code = "task_timeout"
    cause = "The machine takes longer than the task allows. An operation that was already sent continues on the machine."
    next_steps = ("Run the task again with a longer timeout; it starts from the state that the machine has then.",)
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
