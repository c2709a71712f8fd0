# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However runs from several controllers interleave, and whichever of them are killed: one activation is spent, and marks go."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimPath, UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import VolumeActivationError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan import mark as activation_mark
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import Activation
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.claim import OPERATION_SECONDS, claim_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicensePlan, RollbackPolicy
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.step import Step
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.timer import RetryTimer
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.turn import Messages, in_turn
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry import values as registry
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.target import Target

from ...conftest import build_state
from .interleaved import START, Killed, Machine, PlanRun, run_all

PRODUCT = CimPath("SoftwareLicensingProduct", {"ID": "a"})
TARGET = Target("SoftwareLicensingProduct", (), "TTWX3")
MARK = f"WinopsActivation-{START:%Y%m%dT%H%M%SZ}-240-0123456789ab-TTWX3"


def planned(run: PlanRun) -> LicensePlan:
    """What a task that wants the product activated makes of the machine as it is."""
    wanted = None if run.see_whether_licensed() else Activation("activate the MAK ending in TTWX3 online", consumes="1 activation")
    return LicensePlan(build_state(time=run.machine.time), (), {}, {}, target=TARGET, activation=wanted)


def activate(run: PlanRun, plan: LicensePlan) -> str:
    if plan.activation is None:
        return "nothing to do"
    run.invoke(PRODUCT, "Activate", {})
    return "activated"


def work(run: PlanRun) -> str:
    """A task from its first reading to its end."""
    plan, time = planned(run), RetryTimer(run.clock, run.sleep)
    messages = Messages(run.warnings.append, run.shown.append)
    return in_turn(run, plan, lambda: planned(run), lambda made: activate(run, made), time, messages)[1]


@example(seed=4, deaths=[35, 4, None], seconds=59.0, off=timedelta(days=-400))
@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    deaths=st.lists(st.none() | st.integers(1, 40), min_size=2, max_size=3),
    seconds=st.sampled_from([0.1, 1.0, 7.0, 59.0, 200.0]),
    off=st.sampled_from([timedelta(), timedelta(days=-400), timedelta(days=4000)]),
)
def test_one_activation_is_spent_however_runs_interleave_and_whichever_are_killed(
    seed: int, deaths: list[int | None], seconds: float, off: timedelta
) -> None:
    chance = random.Random(seed)
    machine = Machine(activate_seconds=seconds, clock_skew=off)
    runs = [PlanRun(machine, work, dies_at) for dies_at in deaths]
    run_all(machine, runs, iter(lambda: chance.randrange(1000), None))
    assert machine.spent <= 1
    living = [run for run in runs if not isinstance(run.error, Killed)]
    dead = len(runs) - len(living)
    refused = [run for run in living if isinstance(run.error, TaskRefusedError)]
    assert [run.error for run in living if run.error] == [run.error for run in refused]
    # A run waits as long as one other may take; a dead one and a slow one after the other take longer.
    assert not refused or (dead and len(runs) > 2)
    assert machine.is_licensed or len(refused) == len(living)
    assert sorted(run.result for run in living if run.result == "activated") in ([], ["activated"])
    assert len(machine.values) <= 2 * dead, "a run that dies while it renews its mark leaves the old one and the new one"


def one(machine: Machine, lost: str = "") -> PlanRun:
    run = PlanRun(machine, work)
    run.lost.update(filter(None, [lost]))
    run_all(machine, [run], itertools.repeat(0))
    if run.error and not isinstance(run.error, VolumeActivationError):
        raise run.error
    return run


def test_a_run_alone_pays_with_three_requests_and_one_more_reading() -> None:
    machine = Machine()
    run = one(machine)
    assert (run.result, run.warnings, machine.values) == ("activated", [], {})
    assert run.requests == ["SetStringValue", "EnumValues", "Activate", "DeleteValue"]


def test_a_plan_that_spends_nothing_asks_and_writes_nothing() -> None:
    machine = Machine(ends=[-1.0])
    run = one(machine)
    assert (run.result, run.requests) == ("nothing to do", [])


def test_a_run_that_was_killed_before_it_activated_is_waited_for_and_its_mark_is_removed() -> None:
    machine = Machine(values={MARK: "", "SomethingElse": ""})
    run = one(machine)
    assert (run.result, list(machine.values)) == ("activated", ["SomethingElse"])
    assert OPERATION_SECONDS <= machine.now < OPERATION_SECONDS + 60
    assert "which started at 2026-11-20 09:30:00 UTC" in run.warnings[0]


def test_a_run_that_was_killed_in_the_middle_of_activate_is_waited_for_only_until_the_machine_is_done() -> None:
    machine = Machine(values={MARK: ""}, ends=[30.0], spent=1)
    run = one(machine)
    assert (run.result, machine.spent, machine.values) == ("nothing to do", 1, {})
    assert machine.now < 60


def test_the_mark_of_a_run_that_ended_long_ago_is_not_waited_for() -> None:
    machine = Machine(values={MARK: ""}, now=OPERATION_SECONDS + 1.0)
    run = one(machine)
    assert (run.result, machine.values) == ("activated", {})
    assert machine.now < OPERATION_SECONDS + 5


def test_a_clock_that_was_set_back_makes_a_mark_count_in_full_and_no_longer() -> None:
    machine = Machine(values={MARK: ""}, clock_skew=timedelta(hours=-3))
    mark = activation_mark.parse(MARK)
    assert mark is not None
    assert mark.left(machine.time) == OPERATION_SECONDS
    run = one(machine)
    assert (run.result, machine.values) == ("activated", {})
    assert OPERATION_SECONDS <= machine.now <= OPERATION_SECONDS + 70


@pytest.mark.parametrize("name", ["WinopsActivation-from-the-future", "WINOPSACTIVATION-20261399T000000Z-240-0123456789ab-TTWX3"])
def test_a_mark_that_never_stops_counting_ends_in_a_refusal_that_says_how_to_remove_it(name: str) -> None:
    machine = Machine(values={name: ""})
    run = one(machine)
    assert isinstance(run.error, TaskRefusedError)
    assert (run.error.error_code, machine.spent, list(machine.values)) == ("activation_under_way", 0, [name])
    assert f'reg delete "HKLM\\{registry.SPP_KEY}" /v {name} /f' in run.error.next_steps[1]


@pytest.mark.parametrize("method", ["SetStringValue", "EnumValues"])
def test_a_machine_that_lets_nobody_mark_it_is_activated_with_a_warning(method: str) -> None:
    machine = Machine(refuses=frozenset({method}))
    run = one(machine)
    assert (run.result, machine.values) == ("activated", {})
    assert "cannot check whether another run activates the machine" in run.warnings[0]


def test_a_mark_that_cannot_be_removed_is_said_with_the_command_that_removes_it() -> None:
    machine = Machine(refuses=frozenset({"DeleteValue"}))
    run = one(machine)
    assert run.result == "activated"
    (left,) = machine.values
    assert f"/v {left} /f" in run.warnings[0]
    assert "until 2026-11-20 09:34" in run.warnings[0]


@pytest.mark.parametrize("method", ["SetStringValue", "DeleteValue"])
def test_a_lost_answer_about_the_mark_is_no_harm(method: str) -> None:
    machine = Machine()
    run = one(machine, lost=method)
    assert (run.result, run.warnings, machine.values, machine.spent) == ("activated", [], {}, 1)


@pytest.mark.parametrize("method", ["EnumValues", "Activate"])
def test_a_mark_that_stays_because_nobody_reaches_the_machine_is_said_with_the_command_that_removes_it(method: str) -> None:
    machine = Machine()
    run = PlanRun(machine, work)
    run.unreachable_at = method
    run_all(machine, [run], itertools.repeat(0))
    assert isinstance(run.error, UnreachableError)
    (left,) = machine.values
    (warning,) = run.warnings
    assert f"/v {left} /f" in warning
    assert "stays on the machine" in warning
    assert "until 2026-11-20 09:34" in warning


def test_a_run_that_waits_for_another_one_says_so_when_it_begins_to_wait() -> None:
    run = one(Machine(values={MARK: ""}, ends=[30.0], spent=1))
    (shown,) = run.shown
    assert f"waits up to {OPERATION_SECONDS + 60} seconds for another run" in shown
    assert one(Machine()).shown == []


def test_a_plan_that_may_go_back_to_a_fallback_key_is_claimed_under_that_key_for_two_activations() -> None:
    rollback_policy = RollbackPolicy(lambda _product: None, after_failure=True, consumes="WXKW3")
    plan = LicensePlan(
        build_state(), (), {}, {}, activation=Activation("activate through KMS", retry_timeout=30), rollback_policy=rollback_policy
    )
    claim = claim_of(plan)
    assert claim is not None
    assert (claim.subject, claim.seconds) == ("WXKW3", 2 * OPERATION_SECONDS + 30)
    assert claim_of(replace(plan, rollback_policy=replace(rollback_policy, consumes=None))) is None


def test_installing_a_key_of_ones_own_is_claimed_and_a_public_one_is_not() -> None:
    state = build_state()

    def plan_with(key: str) -> LicensePlan:
        return LicensePlan(state, (Step("install_product_key", PRODUCT, "InstallProductKey", "install it", key=ProductKey(key)),), {}, {})

    claim = claim_of(plan_with("MMMMM-KKKKK-MMMMM-MKC22-TTWX3"))
    assert claim is not None
    assert (claim.subject, claim.seconds) == ("TTWX3", OPERATION_SECONDS)
    assert claim_of(LicensePlan(state, (), {}, {})) is None
    waiting = LicensePlan(state, (), {}, {}, target=TARGET, activation=Activation("activate", retry_timeout=60, consumes="1"))
    assert claim_of(waiting) is not None
    assert getattr(claim_of(waiting), "seconds", 0) == OPERATION_SECONDS + 60


@pytest.mark.parametrize(
    ("version", "key"), [("10.0.20348", registry.SPP_KEY), ("6.1.7601", registry.SPP_KEY), ("5.2.3790", registry.CURRENT_VERSION)]
)
def test_the_mark_lies_in_a_key_that_windows_makes_itself(version: str, key: str) -> None:
    assert activation_mark.key_on(build_state(version=version).os) == key
