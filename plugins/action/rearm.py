# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rearm a machine if one of the conditions is met."""

from __future__ import annotations

from typing import Any

from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..doc_fragments._reboot import ModuleDocFragment as Rebooting
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.rearm import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.state import StateAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.rearm.model import RearmCase, RearmPlan, desired_of
from ..plugin_utils._jobs.rearm.read import plan_for
from ..plugin_utils._jobs.rearm.report import describe, trigger_of
from ..plugin_utils._licensing.plan.plan import Outcome


class ActionModule(StateAction):
    """winops.volume_activation.rearm"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Losses, Rebooting)
    ACCOUNT = ("rearms_used", "reboot_required", "rebooted")

    def plan(self, session: CimSession, options: Options) -> RearmPlan:
        """Read the licenses and, if a rearm is required, the boot time and pending rearms. Return the plan."""
        return plan_for(session, desired_of(options))

    def describe(self, plan: RearmPlan, outcome: Outcome[RearmCase], *, check_mode: bool) -> dict[str, Any]:
        """Return the common result with the trigger and the next steps."""
        return {**super().describe(plan, outcome, check_mode=check_mode), **describe(plan, outcome, check_mode=check_mode)}

    def known(self) -> dict[str, Any]:
        """Return the common keys of a failed task, and the reason of the rearm if it was planned."""
        return {"trigger": self.made and trigger_of(self.made), **super().known()}


main = ActionModule.main
