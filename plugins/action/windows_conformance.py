# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a machine behaves as the collection assumes."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.windows_conformance import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._conformance.action import changing_of, known_changes
from ..plugin_utils._conformance.changing.run import Changing
from ..plugin_utils._conformance.files import folder_for
from ..plugin_utils._conformance.kit import examine
from ..plugin_utils._edge.actions.windows import Options, WindowsAction
from ..plugin_utils._edge.spec import ModuleSpec


class ActionModule(WindowsAction):
    """winops.volume_activation.windows_conformance"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)
    changing: Changing | None = None

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Ask the machine everything that the modules ask, and if the user allows it, change it and restore it."""
        folder = folder_for(None if self._task.check_mode else options["exchange_path"])
        self.changing = changing_of(options, self, lambda text: self._display.display(f"{self.host}: {text}"), check=self._task.check_mode)
        return examine(session, self.host, options["deadline"], folder, options["pseudonym_key"], self.clock, self.changing)

    def known(self) -> dict[str, Any]:
        """Return what was changed and is not restored."""
        return known_changes(self.account, self.changing)


main = ActionModule.main
