# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that a machine is in the desired activation state, and will stay in it."""

from __future__ import annotations

from typing import Any

from ..doc_fragments._probe import ModuleDocFragment as Probing
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_check import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.windows import Options, WindowsAction
from ..plugin_utils._edge.reading.check import check_machine
from ..plugin_utils._edge.spec import ModuleSpec


class ActionModule(WindowsAction):
    """winops.volume_activation.activation_check"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Probing)

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Read the machine, and return the findings; this does not change the machine."""
        return check_machine(session, options, self.host)


main = ActionModule.main
