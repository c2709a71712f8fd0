# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rearms a machine when it needs it."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.rearm import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge import result as _result
from ..plugin_utils._edge.action import Options, WindowsAction
from ..plugin_utils._edge.spec import BadOptions, ModuleSpec
from ..plugin_utils._jobs.rearm import run as rearm_run
from ..plugin_utils._jobs.rearm.model import RearmDesired, Scope


def _wish(options: Options) -> RearmDesired:
    if options["cmid"] is None and options["when_days_left"] is None and not options["force"]:
        raise BadOptions("rearm: say when the machine needs it, by cmid, when_days_left or force: true")
    return RearmDesired(**{**options, "scope": Scope(options["scope"]), "cmid": tuple(options["cmid"] or ())})


class ActionModule(WindowsAction):
    """winops.volume_activation.rearm"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)
    ACCOUNT = ("rearms_spent", "restart_required", "restarted")

    def converse(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Read, plan, and unless in check mode carry out."""
        plan, check = rearm_run.plan_for(session, _wish(options)), bool(self._task.check_mode)
        outcome = rearm_run.foresee(plan) if check else rearm_run.carry_out(plan, session, self.clock, self.sleep, self.account)
        result = _result.rearm_outcome(plan, outcome, self.host, foreseen=check)
        return {**result, "diff": _result.diff(result)} if self._task.diff else result
