# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install license files from the controller on a machine."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.license_file import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.state import StateAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.license_files import read_files
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.license_file import plan as license_job
from ..plugin_utils._jobs.license_file.model import DesiredLicenses, LicenseState
from ..plugin_utils._licensing.plan.plan import Plan
from ..plugin_utils._licensing.state.model import Application


class ActionModule(StateAction):
    """winops.volume_activation.license_file"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)
    IS_RECORDED = False

    def plan(self, session: CimSession, options: Options) -> Plan[LicenseState]:
        """Read the files and the products that the machine lists, and return the plan."""
        files = read_files(options["src"], partial(self._find_needle, "files"))
        desired = DesiredLicenses(files, Application(options["application"]), reinstall=options["reinstall"])
        return license_job.plan_for(session, desired)

    def extra_results(self, plan: Plan[LicenseState], _outcome: Any) -> dict[str, Any]:
        """Return the files, and the products of the files that the machine listed."""
        return license_job.describe(plan.state)


main = ActionModule.main
