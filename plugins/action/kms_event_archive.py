# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Save the Key Management Service log of a KMS host."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.kms_event_archive import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.state import StateAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.kms_event_archive import plan as kms_archive
from ..plugin_utils._jobs.kms_event_archive.plan import ArchiveState, DesiredArchive
from ..plugin_utils._licensing.plan.plan import Outcome, Plan


class ActionModule(StateAction):
    """winops.volume_activation.kms_event_archive"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)
    IS_RECORDED = False

    def plan(self, session: CimSession, options: Options) -> Plan[ArchiveState]:
        """Read the log and the status of the file, and return the plan."""
        return kms_archive.plan(kms_archive.read_archive_state(session, DesiredArchive.of(options["path"], options["file_name"])))

    def extra_results(self, _plan: Plan[ArchiveState], outcome: Outcome[ArchiveState]) -> dict[str, Any]:
        """Return the archive of the log."""
        return kms_archive.describe(outcome.state, changed=outcome.changed)


main = ActionModule.main
