# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets the policies about activation."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_policy import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge import result as _result
from ..plugin_utils._edge.action import Options, WindowsAction
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.activation_policy import plan as policy
from ..plugin_utils._jobs.activation_policy import run as policy_run
from ..plugin_utils._licensing.policies.model import PolicyWish
from ..plugin_utils._licensing.policies.read import read_policies
from ..plugin_utils._licensing.state.read import read_os


class ActionModule(WindowsAction):
    """winops.volume_activation.activation_policy"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)

    def converse(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Read the values, plan, and unless in check mode carry out."""
        wish = PolicyWish(**options)
        plan = policy.plan(read_policies(session, read_os(session), wish), wish)
        check = bool(self._task.check_mode)
        outcome = policy_run.foresee(plan) if check else policy_run.carry_out(plan, session, self.clock, self.sleep, self.account)
        result = _result.policy_outcome(outcome)
        return {**result, "diff": _result.diff(result)} if self._task.diff else result
