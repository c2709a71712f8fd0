# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a machine behaves as the collection assumes."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.windows_conformance import DOCUMENTATION
from ..plugin_utils._cim.recording import recorded
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.windows import Options, WindowsAction
from ..plugin_utils._edge.conformance.exchanges import folder_for, names_of, shareable, write_exchanges
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.windows_conformance.collect import collect
from ..plugin_utils._jobs.windows_conformance.questions import FAULTS, READS
from ..plugin_utils._jobs.windows_conformance.report import describe


class ActionModule(WindowsAction):
    """winops.volume_activation.windows_conformance"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Ask the machine everything that the modules ask; this does not change the machine."""
        folder = folder_for(None if self._task.check_mode else options["exchange_path"])
        recorder, end = recorded(session, self.clock), self.clock() + options["deadline"]
        answers = collect(session, recorder, (*READS, *FAULTS), lambda: end - self.clock())
        names = names_of(self.host, answers, options["pseudonym_key"])
        path = write_exchanges(folder, self.host, answers, names) if folder else None
        result = describe(answers)
        return {**result, "shareable": shareable(self.host, result, names), "exchange_path": None if path is None else str(path)}
