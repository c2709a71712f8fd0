# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the result of the genuine validation."""

from __future__ import annotations

from typing import Any

from ..doc_fragments._time_range import ModuleDocFragment as TimeRange
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.genuine_info import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.windows import Options, WindowsAction
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._licensing.events.log import SkippedRecords
from ..plugin_utils._licensing.events.visibility import HIDDEN, might_be_hidden
from ..plugin_utils._licensing.state import genuine
from ..plugin_utils._licensing.state.read import read_state


class ActionModule(WindowsAction):
    """winops.volume_activation.genuine_info"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, TimeRange)

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Read the state and the events of the genuine validation; this does not change the machine."""
        state = read_state(session, served=genuine.SERVED)
        skipped = SkippedRecords()
        found = genuine.read_events(session, state, options["since"] or genuine.USUAL, skipped)
        finding = genuine.check(state, found)
        if finding.genuine_state.needs_recovery and skipped.saw_nothing and might_be_hidden(session, state.os.time):
            self.task_warnings = (HIDDEN,)
        return {"changed": False, **genuine.describe(finding), "skipped_records": skipped.count}


main = ActionModule.main
