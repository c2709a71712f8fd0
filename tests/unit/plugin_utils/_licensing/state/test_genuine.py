# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status says whether Windows is genuine, event 8209 says why it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import genuine
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.genuine import CheckEvent, GenuineState
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Channel, LicenseStatus

from ...conftest import build_product, build_state

BAD = LicenseStatus.NON_GENUINE_GRACE
BLOCKED, FILES = 0xC004C4A2, 0x8004FE21


def state_of(*events: CheckEvent, status: LicenseStatus = BAD, genuine_status: int | None = 1, reason: int | None = None) -> GenuineState:
    product = build_product(status=status, genuine_status=genuine_status, reason=reason)
    return genuine.check(build_state(product), events).genuine_state


def event(number: int, code: int | None = None) -> CheckEvent:
    return CheckEvent(number, code)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((event(8209, BLOCKED),), GenuineState.BLOCKED_KEY),
        ((event(8209, FILES),), GenuineState.TAMPERED),
        ((event(8209, 0xC004D402),), GenuineState.TAMPERED),
        ((event(8209), event(8208, BLOCKED)), GenuineState.BLOCKED_KEY),
        ((event(8208, BLOCKED), event(8209, FILES)), GenuineState.TAMPERED),
        ((event(12305), event(8209, FILES)), GenuineState.UNCLEAR),
        ((event(8209, 0x80072EE7),), GenuineState.UNCLEAR),
        ((), GenuineState.UNCLEAR),
    ],
)
def test_the_newest_reason_since_the_last_passed_check_counts_and_8209_before_8208(
    events: tuple[CheckEvent, ...], expected: GenuineState
) -> None:
    assert state_of(*events) is expected


@given(st.sampled_from(LicenseStatus), st.sampled_from([None, 0, 1]), st.sampled_from([None, 0xC004F009, 0xC004F200]))
def test_no_event_makes_a_machine_bad_whose_status_is_not(status: LicenseStatus, genuine_status: int | None, reason: int | None) -> None:
    found = state_of(event(8209, BLOCKED), status=status, genuine_status=genuine_status, reason=reason)
    assert found.needs_recovery == (
        status is BAD or (status is LicenseStatus.NOTIFICATION and (reason == 0xC004F200 or genuine_status == 1))
    )
    assert (found is GenuineState.GENUINE) == (not found.needs_recovery and not genuine_status)


@pytest.mark.parametrize("channel", Channel)
def test_every_kind_of_key_has_a_way_out(channel: Channel) -> None:
    product = build_product(channel=channel, status=BAD, genuine_status=1)
    told = genuine.describe(genuine.check(build_state(product), (event(8209, BLOCKED),)))
    assert told["recovery_method"] == {"csvlk": "kms_host", "gvlk": "kms_client", "mak": "mak"}.get(channel.value, "other")
    assert told["next_steps"][0] in told["msg"]


def test_a_machine_without_a_key_has_nothing_to_check() -> None:
    with pytest.raises(TaskRefusedError, match="does not have a Windows product key"):
        genuine.check(build_state(), ())


@pytest.mark.parametrize("number", [7, 255, 4294967295])
@pytest.mark.parametrize("status", [LicenseStatus.LICENSED, LicenseStatus.INITIAL_GRACE, LicenseStatus.NOTIFICATION])
def test_a_genuine_status_that_is_not_known_is_named_with_its_number_and_needs_no_recovery(number: int, status: LicenseStatus) -> None:
    product = build_product(status=status, genuine_status=number)
    found = genuine.describe(genuine.check(build_state(product), ()))
    assert (found["genuine"], found["genuine_state"], found["recovery_method"]) == (False, "unknown_status", None)
    assert f"genuine status {number}," in found["msg"]
    assert "slmgr /dlv" in found["next_steps"][0]


def test_a_machine_that_failed_the_validation_stays_so_with_any_number() -> None:
    assert state_of(event(8209, BLOCKED), genuine_status=7) is GenuineState.BLOCKED_KEY
    assert (
        state_of(event(8209, BLOCKED), status=LicenseStatus.NOTIFICATION, genuine_status=7, reason=0xC004F200) is GenuineState.BLOCKED_KEY
    )
