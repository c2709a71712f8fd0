# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugins that run once for a play on the controller, for all of its machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The task belongs to the first machine of the play, as with `run_once`, but sends nothing over the connection of this machine. What makes
this connection impossible, such as `become`, is therefore ignored.
"""

from __future__ import annotations

import traceback
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ..._errors import TaskTimeoutError, VolumeActivationError
from .. import result as _result
from ..applicability import reject_unsupported_keywords
from ..file_host.places import named_if_copied
from ..option_check import check_standard_input
from ..secrets import SecretMask, arguments_of
from ..spec import ModuleSpec
from ..worker import freeze_inherited_objects

Options = Mapping[str, Any]

_PLACE = "the controller"
"""The place of a failure in messages, because the machine to which the task belongs is not its cause."""


class ControllerAction(ActionBase):  # type: ignore[misc]
    """One task for a play; a subclass sets `SPEC` and implements :meth:`execute`. `variables` are those of the first machine."""

    SPEC: ClassVar[ModuleSpec]
    variables: Mapping[str, Any]
    mask: SecretMask

    BYPASS_HOST_LOOP = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task, and hide secrets in its result."""
        del tmp
        freeze_inherited_objects()
        self.variables = task_vars or {}
        arguments = arguments_of(self._task)
        mask = self.mask = SecretMask(self.SPEC.secrets(arguments))
        # Ansible passes the arguments to callbacks and rescue blocks: this copy does not contain keys.
        self._task.args = mask.apply(arguments)
        result = named_if_copied({**self._attempt(arguments, mask), "invocation": {"module_args": arguments}})
        shown: dict[str, Any] = mask.apply(result)
        return shown

    @classmethod
    def main(cls) -> None:
        """Check the options in the standard input, for ansible-lint."""
        check_standard_input(cls.SPEC)

    @abstractmethod
    def execute(self, options: Options) -> dict[str, Any]:
        """Do the work and return the result of the task."""

    def _attempt(self, arguments: Mapping[str, Any], mask: SecretMask) -> dict[str, Any]:
        try:
            reject_unsupported_keywords(self.SPEC.name, self._task, None)
            return self.execute(self.SPEC.validate(self.SPEC.answered(arguments, self.variables)))
        except VolumeActivationError as error:
            return _result.failure(error, _PLACE)
        except Exception as error:  # noqa: BLE001 - the message is human-readable, and -vvv shows the details without secrets
            self._display.vvv(mask.apply_to_lines(traceback.format_exc()))
            return _result.unexpected(self.SPEC.name, error, _PLACE)
        except BaseException as end:  # Ansible ends a task after its timeout, or a user ends the run
            timeout = self._task.timeout
            if not timeout or isinstance(end, (KeyboardInterrupt, SystemExit, GeneratorExit)):
                raise
            problem = TaskTimeoutError(f"{self.SPEC.name} did not complete within its timeout of {timeout} seconds.")
            return {**_result.failure(problem, _PLACE), "timedout": {"frame": None, "period": timeout}}


__all__ = ["ControllerAction", "Options"]
