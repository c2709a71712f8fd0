# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office products become KMS clients: requests, lost responses, and that one failure does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.action.kms_client import ActionModule
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.kms_client import plan_for
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.spec import ModuleSpec
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office import run
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.run import ClientsOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError

Sessions = Callable[[str], Any]
SPEC: ModuleSpec = ActionModule.SPEC
KMS1 = "suite.corp.example"


def plan(session: Any, application: str, **options: Any) -> Any:
    return plan_for(session, SPEC.validate({"application": application, **options}))


def converge(session: Any, application: str = "office", **options: Any) -> ClientsOutcome:
    """What the module does; the prediction of check mode must come true if nothing fails."""
    made = plan(session, application, **options)
    predicted, outcome = run.predict(made), run.carry_out(made, session)
    if not outcome.failed:
        assert predicted.changed == outcome.changed
        assert predicted.after == outcome.after
    return outcome


@pytest.mark.parametrize("application", ["office", "all"])
def test_a_machine_in_the_desired_state_costs_five_requests_and_no_write(session: Sessions, application: str) -> None:
    machine = session("office19")
    converge(machine, application, kms_host=KMS1)
    machine.requests.clear()
    again = converge(machine, application, kms_host=KMS1)
    assert (again.changed, again.steps, machine.writes) == (False, (), [])
    assert len(machine.requests) == 5


def test_a_machine_without_office_is_refused_only_if_the_task_is_about_office(session: Sessions) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        plan(session("client22"), "office", kms_host=KMS1)
    assert refused.value.error_code == "no_office"
    assert converge(session("client22"), "all", kms_host=KMS1).plan.office == ()
