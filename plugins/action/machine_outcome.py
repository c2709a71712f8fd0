# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End the play for a machine with one line."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.machine_outcome import DOCUMENTATION
from ..plugin_utils._edge.actions.controller import ControllerAction, Options
from ..plugin_utils._edge.endings import StoppedActionError
from ..plugin_utils._edge.redact import mask_keys
from ..plugin_utils._edge.spec import ModuleSpec


class ActionModule(ControllerAction):
    """winops.volume_activation.machine_outcome"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)
    BYPASS_HOST_LOOP = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the message; raises StoppedActionError to end the play for the machine."""
        result = super().run(tmp, task_vars)
        if "error" not in result and (result.get("failed") or result.get("unreachable")):
            raise StoppedActionError(result)
        return result

    def execute(self, options: Options) -> dict[str, Any]:
        """Return the result with the status."""
        status = options["status"]
        return {"changed": False, "msg": mask_keys(options["msg"]), **({} if status == "ok" else {status: True})}


main = ActionModule.main
