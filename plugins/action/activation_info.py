# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the activation state of a machine."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_info import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.windows import Options, WindowsAction
from ..plugin_utils._edge.reading.info import read_machine
from ..plugin_utils._edge.spec import ModuleSpec


class ActionModule(WindowsAction):
    """winops.volume_activation.activation_info"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Read and describe the activation state; this does not change the machine."""
        return read_machine(session, options)


main = ActionModule.main
