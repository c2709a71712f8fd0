# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configure and activate a KMS client."""

from __future__ import annotations

from ..doc_fragments._activation import ModuleDocFragment as Activating
from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..doc_fragments._probe import ModuleDocFragment as Probing
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.kms_client import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.license import LicenseAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.kms_client.plan import SERVED
from ..plugin_utils._licensing.plan.plan import LicensePlan
from ..plugin_utils._licensing.state.edition import with_edition_id
from ..plugin_utils._licensing.state.read import read_state
from ..plugin_utils._probing.verification import verified_plan


class ActionModule(LicenseAction):
    """winops.volume_activation.kms_client"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Probing, Activating, Losses)

    def plan(self, session: CimSession, options: Options) -> LicensePlan:
        """Read the products, and the edition in the registry if it is unknown. Probe KMS hosts if the plan loses an activation."""
        return verified_plan(session, with_edition_id(session, read_state(session, served=SERVED)), options)
