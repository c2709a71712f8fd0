# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configure and activate a KMS client."""

from __future__ import annotations

from typing import Any

from ..doc_fragments._activation import ModuleDocFragment as Activating
from ..doc_fragments._kms_settings import ModuleDocFragment as Settings
from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..doc_fragments._office import ModuleDocFragment as Office
from ..doc_fragments._probe import ModuleDocFragment as Probing
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.kms_client import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge import kms_client
from ..plugin_utils._edge.actions.state import StateAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.office.clients import ClientsPlan
from ..plugin_utils._licensing.plan.plan import LicensePlan


class ActionModule(StateAction):
    """winops.volume_activation.kms_client"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Probing, Activating, Settings, Office, Losses)
    ACCOUNT = ("activations_used", "rolled_back")
    EMPTY = kms_client.EMPTY
    RUNNER = kms_client.RUNNER

    def plan(self, session: CimSession, options: Options) -> LicensePlan | ClientsPlan:
        """Read the products, and the edition in the registry if it is unknown. Probe KMS hosts if the plan loses an activation."""
        return kms_client.plan_for(session, options)

    def extra_results(self, plan: LicensePlan | ClientsPlan, outcome: Any) -> dict[str, Any]:
        """Return the products of the task, and their activations."""
        return kms_client.describe(plan, outcome)


main = ActionModule.main
