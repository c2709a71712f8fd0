# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activate a machine with a MAK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..doc_fragments._activation import ModuleDocFragment as Activating
from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..doc_fragments._selection import ModuleDocFragment as Selecting
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.mak_client import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.license import LicenseAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.generations import plan_mak
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._licensing.esu.licenses import describe_esu
from ..plugin_utils._licensing.mak.model import desired_of
from ..plugin_utils._licensing.plan.plan import LicenseOutcome, LicensePlan


class ActionModule(LicenseAction):
    """winops.volume_activation.mak_client"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Selecting, Activating, Losses)

    EMPTY: ClassVar[Mapping[str, Any]] = {**LicenseAction.EMPTY, "esu": []}

    def plan(self, session: CimSession, options: Options) -> LicensePlan:
        """Read the products of the application and, if a key is installed, the editions that support a MAK. Return the plan."""
        return plan_mak(session, desired_of(options, self.budget_of(options), is_retried=self.is_retried))

    def extra_results(self, plan: LicensePlan, outcome: LicenseOutcome) -> dict[str, Any]:
        """Return also the licenses for Extended Security Updates."""
        return {**super().extra_results(plan, outcome), "esu": describe_esu(outcome.state.products)}
