# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every plan of a rearm: nothing is spent that was not meant, and what waits is not done once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError, CimSession
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.rearm import plan as rearm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.rearm.events import Rearmed
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.rearm.model import Need, RearmDesired, RearmState, Scope
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.rearm.report import describe
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import predict, settings_now
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_ID,
    WINDOWS_ID,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
)

from ...conftest import build_client, build_product, build_state

CMID = "11111111-1111-4111-8111-111111111111"
BOOTED = datetime(2026, 11, 11, 8, 0, tzinfo=timezone.utc)
WAITING = Rearmed(skipped=False, application_id=WINDOWS_ID, activation_id=None, left=2)

channels = st.sampled_from(Channel)
statuses = st.sampled_from(LicenseStatus)
wishes = st.builds(
    RearmDesired,
    cmids=st.sampled_from([(), (CMID,)]),
    max_days_left=st.sampled_from([None, 0, 7]),
    force=st.booleans(),
    lose_activation=st.booleans(),
    min_rearms_left=st.integers(0, 4),
    reboot=st.booleans(),
)


def facts(product: LicensedProduct, **changes: Any) -> RearmState:
    state = build_state(product, service={"cmid": CMID, "windows_rearms": 3})
    return RearmState(state, BOOTED, **changes)


def planned(found: RearmState, desired: RearmDesired) -> list[str]:
    """The actions of the plan for a machine that needs the rearm."""
    products = rearm.affected_products(found.state, desired)
    return [step.action for step in rearm.plan(found, desired, products, Need.FORCED).steps]


@given(channels, statuses, st.integers(0, 4), wishes)
def test_a_rearm_is_planned_only_when_enough_are_left_and_no_activation_is_lost_unmeant(
    channel: Channel, status: LicenseStatus, left: int, desired: RearmDesired
) -> None:
    found = facts(build_product(channel=channel, status=status, app_rearms=left))
    try:
        actions = planned(found, desired)
    except TaskRefusedError:
        return
    assert actions == ["rearm", *(["reboot"] if desired.reboot else [])]
    assert left - 1 >= max(desired.min_rearms_left, 0)
    paid = channel in (Channel.MAK, Channel.RETAIL, Channel.OEM, Channel.CSVLK) and status.is_activated
    assert desired.lose_activation or not paid


@given(wishes, st.booleans())
def test_what_waits_for_its_restart_is_never_done_once_more(desired: RearmDesired, hides: bool) -> None:
    found = facts(build_client(app_rearms=3), waiting=() if hides else (WAITING,), hides=hides)
    products = () if hides else rearm.affected_products(found.state, desired)
    made = rearm.plan(found, desired, products, Need.FORCED)
    assert [step.action for step in made.steps] == (["reboot"] if desired.reboot else [])
    assert made.state.was_waiting


@given(channels, statuses, st.integers(0, 100_000), wishes)
def test_no_reason_no_need(channel: Channel, status: LicenseStatus, minutes: int, desired: RearmDesired) -> None:
    product = build_product(channel=channel, status=status, grace_minutes=minutes)
    state = build_state(product, service={"cmid": CMID})
    why = rearm.need(state, desired, (product,))
    assert (why is Need.DUPLICATE_CMID) == (CMID in desired.cmids)
    if why is Need.GRACE_ENDS:
        assert minutes <= (desired.max_days_left or 0) * 1440
        assert not status.is_activated
    assert why is not None or not desired.force


def test_after_the_restart_the_reason_is_gone() -> None:
    desired = RearmDesired(cmids=(CMID,), max_days_left=7)
    fresh = build_client(status=LicenseStatus.INITIAL_GRACE, grace_minutes=10 * 1440)
    assert rearm.need(build_state(fresh, service={"cmid": "22222222-2222-4222-8222-222222222222"}), desired, (fresh,)) is None


@pytest.mark.parametrize(
    ("product", "changes", "code"),
    [
        (build_client(app_rearms=3), {"skips": True}, "skip_rearm"),
        (build_client(app_rearms=0), {}, "no_rearms_left"),
        (build_product(app_rearms=3), {}, "activation_would_be_lost"),
        (build_product(app_rearms=3, channel=Channel.CSVLK), {}, "activation_would_be_lost"),
    ],
)
def test_each_refusal_has_its_word(product: LicensedProduct, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(TaskRefusedError) as caught:
        planned(facts(product, **changes), RearmDesired(force=True))
    assert caught.value.error_code == code


def test_before_windows_8_the_count_is_that_of_the_service() -> None:
    found = facts(build_client(app_rearms=None, sku_rearms=None))
    desired = RearmDesired(force=True)
    made = rearm.plan(found, desired, rearm.affected_products(found.state, desired), Need.FORCED)
    assert (made.before["rearms_left"], made.after["rearms_left"]) == (3, 2)


def test_a_rearm_of_something_else_that_waits_is_told() -> None:
    other = Rearmed(skipped=False, application_id="0ff1ce15-a989-479d-af46-f275c6370663", activation_id=None, left=4)
    found = facts(build_client(app_rearms=3), waiting=(other,))
    desired = RearmDesired(cmids=(CMID,), reboot=True)
    made = rearm.plan(found, desired, rearm.affected_products(found.state, desired), Need.DUPLICATE_CMID)
    assert "run the task again after the reboot" in made.warnings[0]


def test_a_rearm_that_had_been_done_before_is_not_counted_as_spent_although_no_event_told_of_it() -> None:
    """Windows answers C004D302 when the log was cleared in between; the step is then not done."""
    found, desired = facts(build_client(app_rearms=3)), RearmDesired(cmids=(CMID,))
    made = rearm.plan(found, desired, rearm.affected_products(found.state, desired), Need.DUPLICATE_CMID)
    check_mode = predict(made)
    told = describe(made, replace(check_mode, changed=False), check_mode=False)
    assert (told["rearms_used"], told["reboot_required"], told["rebooted"]) == (0, True, False)
    assert describe(made, check_mode, check_mode=True)["rearms_used"] == 1


@pytest.mark.parametrize("reboot", [False, True])
@pytest.mark.parametrize("is_waiting", [False, True])
def test_check_mode_says_what_the_run_would_do_and_leave(*, reboot: bool, is_waiting: bool) -> None:
    found = facts(build_client(app_rearms=3), waiting=(WAITING,) if is_waiting else ())
    desired = RearmDesired(force=True, reboot=reboot)
    made = rearm.plan(found, desired, rearm.affected_products(found.state, desired), Need.FORCED)
    predicted = describe(made, predict(made), check_mode=True)
    assert predicted["reboot_required"] is not reboot
    assert ("would be" in predicted["msg"]) is (reboot or not is_waiting)
    assert " is rearmed" not in predicted["msg"]


def test_the_message_about_office_says_how_to_activate_office_again() -> None:
    product = replace(build_client(app_rearms=3), application=Application.OFFICE, application_id=OFFICE_ID)
    found, desired = facts(product), RearmDesired(force=True, scope=Scope.APPLICATION, application_id=OFFICE_ID)
    made = rearm.plan(found, desired, rearm.affected_products(found.state, desired), Need.FORCED)
    message = describe(made, predict(made), check_mode=True)["msg"]
    assert "Office of WEB01 would be rearmed." in message
    assert message.endswith("activate Office again with kms_client and application: office.")


class _HidingSession:
    """A machine that does not return its licenses, because a rearm is waiting for a reboot."""

    def query(self, wql: str, _namespace: str = "") -> list[Any]:
        raise CimError(0xC004D302, "A reboot is required.", wql)


def test_hidden_licenses_make_each_field_of_after_null() -> None:
    found, desired = facts(build_client(app_rearms=3)), RearmDesired(force=True)
    made = rearm.plan(found, desired, rearm.affected_products(found.state, desired), Need.FORCED)
    after = settings_now(made, cast("CimSession", _HidingSession()))
    assert after == dict.fromkeys(made.before)
    done = replace(predict(made), after=after)
    assert "activate the machine again with kms_client." in describe(made, done, check_mode=False)["msg"]
