# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the events of the licensing service."""

from __future__ import annotations

from typing import Any

from ..doc_fragments._time_range import ModuleDocFragment as TimeRange
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_events_info import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.windows import Options, WindowsAction
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.activation_events.report import describe
from ..plugin_utils._jobs.activation_events.search import EventQuery, find
from ..plugin_utils._licensing.events.catalog import LOGS
from ..plugin_utils._licensing.events.visibility import HIDDEN


def _desired(options: Options) -> EventQuery:
    event_ids = tuple(options["event_ids"]) if options["event_ids"] else None
    return EventQuery(options["since"], options["max_events"], event_ids, tuple(options["logs"]) or tuple(LOGS), options["activation_id"])


class ActionModule(WindowsAction):
    """winops.volume_activation.activation_events_info"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, TimeRange)

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Read and describe the events; this does not change the machine."""
        found = find(session, _desired(options))
        self.task_warnings = (HIDDEN,) if found.might_be_hidden else ()
        return {"changed": False, **describe(found)}


main = ActionModule.main
