# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configure or remove a KMS host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..doc_fragments._activation import ModuleDocFragment as Activating
from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.kms_host import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.state import Runner, StateAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.kms_host import report
from ..plugin_utils._jobs.kms_host import run as kms_host_run
from ..plugin_utils._jobs.kms_host.run import HostOutcome
from ..plugin_utils._licensing.hosting.model import HostPlan


class ActionModule(StateAction):
    """winops.volume_activation.kms_host"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Activating, Losses)
    ACCOUNT = ("activations_used", "service_restarted")
    EMPTY: ClassVar[Mapping[str, Any]] = {"products": [], "activations": []}
    RUNNER = Runner(kms_host_run.predict, kms_host_run.carry_out, kms_host_run.settings_now)

    def plan(self, session: CimSession, options: Options) -> HostPlan:
        """Read the KMS host keys and settings, and return the plan."""
        return kms_host_run.plan_for(session, kms_host_run.desired_of(options, self.budget_of(options), is_retried=self.is_retried))

    def extra_results(self, _plan: HostPlan, outcome: HostOutcome) -> dict[str, Any]:
        """Return the KMS host, its keys, and the results of their activations."""
        return report.describe(outcome)


main = ActionModule.main
