# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activates a machine with a MAK."""

from __future__ import annotations

from typing import Any

from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.mak_client import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.action import Options, StateAction
from ..plugin_utils._edge.generations import plan_mak
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._licensing.mak.budget import Budget
from ..plugin_utils._licensing.mak.model import MakDesired, Method
from ..plugin_utils._licensing.plan.plan import LicenseOutcome, LicensePlan
from ..plugin_utils._licensing.state.model import Application
from ..plugin_utils._licensing.state.report import describe_machine


class ActionModule(StateAction):
    """winops.volume_activation.mak_client"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Losses.DOCUMENTATION, Losses.CLIENT)
    ACCOUNT = ("activations_used", "rolled_back")

    def plan(self, session: CimSession, options: Options) -> LicensePlan:
        """Read the application, and before a key is installed which editions of Windows take a MAK here."""
        desired = dict(options)
        limit, planned = desired.pop("max_activations"), desired.pop("planned_activations")
        budget = None if limit is None else Budget(limit, self.machines, planned, self.is_repeated)
        named = {"method": Method(desired["method"]), "application": Application(desired["application"])}
        return plan_mak(session, MakDesired(**{**desired, **named}, budget=budget, is_retried=self.is_retried))

    def extra_results(self, plan: LicensePlan, outcome: LicenseOutcome) -> dict[str, Any]:
        """What it costs, and the machine it was for."""
        return {"activations_used": outcome.activations_used, "rolled_back": outcome.rolled_back, "host": describe_machine(plan.state)}
