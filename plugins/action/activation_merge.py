# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put record files together, and summarize the machines in them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_merge import DOCUMENTATION
from ..plugin_utils._edge.actions.controller import ControllerAction, Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._report.merging import run


class ActionModule(ControllerAction):
    """winops.volume_activation.activation_merge"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)

    def execute(self, options: Options) -> dict[str, Any]:
        """Read the record files, and write the newest record of each machine."""
        return run(options, datetime.now(timezone.utc), check_mode=self._task.check_mode)


main = ActionModule.main
