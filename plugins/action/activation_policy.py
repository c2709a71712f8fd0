# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set the activation policies."""

from __future__ import annotations

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_policy import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.state import StateAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.activation_policy import plan as policy
from ..plugin_utils._licensing.plan.plan import Plan
from ..plugin_utils._licensing.policies.model import DesiredPolicies, PolicyState
from ..plugin_utils._licensing.policies.read import read_policies
from ..plugin_utils._licensing.state.read import read_os


class ActionModule(StateAction):
    """winops.volume_activation.activation_policy"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)
    IS_RECORDED = False

    def plan(self, session: CimSession, options: Options) -> Plan[PolicyState]:
        """Read the policies, and return the plan."""
        desired = DesiredPolicies(**options)
        return policy.plan(read_policies(session, read_os(session), desired), desired)


main = ActionModule.main
