# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy files of a file host to the controller, and put them back."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.kept_files import DOCUMENTATION
from ..plugin_utils._edge.actions.controller import ControllerAction, Options
from ..plugin_utils._edge.file_host.channel import FileHost
from ..plugin_utils._edge.file_host.task import run
from ..plugin_utils._edge.spec import ModuleSpec


class ActionModule(ControllerAction):
    """winops.volume_activation.kept_files"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)

    def execute(self, options: Options) -> dict[str, Any]:
        """Make the copies, or put them back."""
        host = FileHost(options["host"], self.variables, self._play_context.connection_lockfd)
        return run(options, host, check_mode=self._task.check_mode)


main = ActionModule.main
