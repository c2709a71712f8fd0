# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install or remove an issuance license of token-based activation."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.token_license import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.state import StateAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.license_files import read_files
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.token_license import plan as token_job
from ..plugin_utils._jobs.token_license.model import TokenLicenseDesired, TokenLicenseState
from ..plugin_utils._licensing.plan.plan import Outcome, Plan


class ActionModule(StateAction):
    """winops.volume_activation.token_license"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Losses)
    IS_RECORDED = False

    def plan(self, session: CimSession, options: Options) -> Plan[TokenLicenseState]:
        """Read the files and the issuance licenses of the machine, and return the plan."""
        is_present = options["state"] == "present"
        files = read_files(options["src"], partial(self._find_needle, "files"), self.SPEC.name) if is_present else ()
        return token_job.plan_for(session, TokenLicenseDesired.of(options, {file.path: file.text for file in files}))

    def extra_results(self, _plan: Plan[TokenLicenseState], outcome: Outcome[TokenLicenseState]) -> dict[str, Any]:
        """Return the issuance licenses of the machine after the task."""
        return token_job.describe(outcome.state)


main = ActionModule.main
