# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugins that use Active Directory from the controller, and no machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Unlike a task that runs once for a play, each machine can have its own directory, and a task can have a loop over forests. Nothing is sent
over the connection of the task. What makes this connection impossible, such as `become`, is therefore ignored.
"""

from __future__ import annotations

from typing import Any

from ..secrets import SecretMask, hidden_item_warning, loop_item_holds_key
from .controller import ControllerAction, Options


class DirectoryAction(ControllerAction):
    """One task about a directory; a subclass sets `SPEC` and implements :meth:`execute`."""

    BYPASS_HOST_LOOP = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task, and hide secrets in its result; an item of a loop with a secret is hidden completely."""
        result = super().run(tmp, task_vars)
        mask: SecretMask = self.mask
        if not (self._task.loop and loop_item_holds_key(task_vars or {}, mask)):
            return result
        host = str((task_vars or {}).get("inventory_hostname", "localhost"))
        self._display.warning(hidden_item_warning(host, self.SPEC.name, result))
        self._task.no_log = True  # see WindowsAction
        return {**result, "_ansible_no_log": True}


__all__ = ["DirectoryAction", "Options"]
