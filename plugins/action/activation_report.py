# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a report about the machines of record files."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..doc_fragments._report_files import ModuleDocFragment as Files
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_report import DOCUMENTATION
from ..plugin_utils._edge.actions.controller import ControllerAction, Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._report.task import run


class ActionModule(ControllerAction):
    """winops.volume_activation.activation_report"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Files)

    def execute(self, options: Options) -> dict[str, Any]:
        """Read the record files, and write the report."""
        return run(options, datetime.now(timezone.utc), check_mode=self._task.check_mode)


main = ActionModule.main
