# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a machine a KMS host, or a client again."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.kms_host import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge import result as _result
from ..plugin_utils._edge.action import Options, WindowsAction
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.kms_host import run as kms_host_run


class ActionModule(WindowsAction):
    """winops.volume_activation.kms_host"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)
    ACCOUNT = ("activations_spent", "restarted")

    def converse(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Read, plan, and unless in check mode carry out."""
        planned, check = partial(kms_host_run.plan_for, session, kms_host_run.desired_of(options)), bool(self._task.check_mode)
        plan = planned()
        outcome = kms_host_run.foresee(plan) if check else self.in_turn(session, plan, planned, kms_host_run.carry_out)[1]
        result = _result.host_outcome(outcome, self.host, foreseen=check)
        return {**result, "diff": _result.diff(result)} if self._task.diff else result
