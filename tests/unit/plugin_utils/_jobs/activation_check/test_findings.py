# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check finds, rule by rule: from data made by hand to named findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import findings as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import (
    CheckData,
    CheckFinding,
    CheckSettings,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.findings import FINDINGS, SEVERITIES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.kms import RequestSent, ResponseProcessed
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.publication import Publication
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.model import (
    DesiredPolicies,
    PolicyState,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry.values import (
    SPP_KEY,
    RegistryKey,
    RegistryValue,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.genuine import CheckEvent
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_ID,
    ActivationType,
    Application,
    Channel,
    KmsHost,
    LicensedProduct,
    LicenseStatus,
    ProductType,
)

from ...conftest import build_client, build_product, build_state

Products = Callable[..., LicensedProduct]
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
WISH = CheckSettings(min_days_left=30, probe=False, clock_tolerance=60, fail_on=frozenset({"error"}))
CSVLK = {"channel": Channel.CSVLK, "kms_host": KmsHost(enabled=True, current_count=31), "kms": KmsClient(required_count=25)}


def data(*products: LicensedProduct, **changes: Any) -> CheckData:
    state_changes = changes.pop("state", {})
    return CheckData(build_state(*products, **state_changes), changes.pop("now", NOW), **changes)


def ids(found: CheckData, desired: CheckSettings = WISH) -> list[str]:
    return [finding.id for finding in check.findings(found, desired)]


def only(found: CheckData, desired: CheckSettings = WISH) -> CheckFinding:
    (finding,) = check.findings(found, desired)
    return finding


def request(product: LicensedProduct, result: int = 0, **changes: Any) -> RequestSent:
    sent = RequestSent(result, 0, "kms1.corp.example:1688", "cmid", NOW - timedelta(hours=3), False, 2, 0, product.activation_id, 5)
    return replace(sent, **changes)


def response(result: int = 0, count: int = 31) -> ResponseProcessed:
    return ResponseProcessed(result, 0, True, count, 120, 10080, NOW - timedelta(hours=3))


def test_a_machine_in_order_has_no_findings() -> None:
    for product in (build_client(), build_product(), build_product(channel=Channel.RETAIL)):
        assert ids(data(product)) == []


def test_a_kms_host_in_order_has_no_findings() -> None:
    assert ids(data(build_product(**CSVLK), kms_requests=4, publications=(Publication("corp.example", NOW),))) == []


def test_windows_without_a_key_is_told_once() -> None:
    assert only(data()).id == "no_product_key"


def test_office_without_a_key_is_told_when_office_alone_was_asked_for() -> None:
    state = replace(build_state(), applications=frozenset({Application.OFFICE}))
    told = only(CheckData(state, NOW))
    assert (told.id, told.message) == ("no_product_key", "Office does not have a product key.")
    assert "application: office" in told.next_steps[0]
    both = replace(build_state(build_product()), applications=frozenset(Application))
    assert ids(CheckData(both, NOW)) == []


@pytest.mark.parametrize("status", [status for status in LicenseStatus if not status.is_activated and status.name != "NON_GENUINE_GRACE"])
def test_a_status_that_is_not_licensed_is_named(status: LicenseStatus) -> None:
    finding = only(data(build_product(status=status, reason=0xC004F00F, grace_minutes=3 * 1440)))
    assert finding.id == "not_licensed"
    assert status.name.lower() in finding.message
    assert "0xC004F00F SL_E_HARDWARE_OUT_OF_TOLERANCE" in finding.message or "0xC004F00F" in finding.message
    assert "3 days left in the grace period" in finding.message
    assert finding.next_steps


def test_a_kms_client_that_is_not_licensed_tells_what_its_last_request_came_to() -> None:
    client = build_client(status=LicenseStatus.NOTIFICATION, reason=0xC004F009, grace_minutes=0)
    silent = only(data(client, events=(request(client, 0x800706BA),)))
    assert silent.error is not None
    assert silent.error["code"] == "0xC004F074"
    assert "kms1.corp.example:1688 returned 0x800706BA" in silent.message
    waiting = only(data(client, events=(response(0xC004F038, 3), request(client))))
    assert waiting.error is not None
    assert waiting.error["code"] == "0xC004F038"
    assert "counted 3 of 5" in waiting.message


def test_the_answer_to_another_products_request_is_not_taken_for_ones_own() -> None:
    client = build_client()
    other = request(client, activation_id="another")
    assert ids(data(client, events=(response(0xC004F038), other, response(), request(client)))) == []
    assert ids(data(client, events=(response(), other, request(client)))) == ["last_request_unanswered"]


@pytest.mark.parametrize(
    ("sent", "answer", "expected"),
    [
        (0, 0, []),
        (0, None, ["last_request_unanswered"]),
        (0, 0xC004F038, ["last_request_failed"]),
        (0x800706BA, None, ["last_request_failed"]),
        (0xC004F06C, None, ["last_request_failed"]),
    ],
)
def test_a_licensed_client_whose_last_request_failed_is_found(sent: int, answer: int | None, expected: list[str]) -> None:
    client = build_client()
    newest = () if answer is None else (response(answer),)
    assert ids(data(client, events=(*newest, request(client, sent)))) == expected


def test_an_older_failure_that_was_followed_by_a_success_is_none() -> None:
    client = build_client()
    assert ids(data(client, events=(response(), request(client), request(client, 0x800706BA)))) == []


def test_a_request_of_this_minute_may_still_wait_for_its_answer() -> None:
    client = build_client()
    assert ids(data(client, events=(request(client, time=NOW - timedelta(minutes=1)),))) == []


@pytest.mark.parametrize(("days_ago", "interval", "expected"), [(14, None, []), (17, None, ["renewal_overdue"]), (17, 20160, [])])
def test_a_renewal_that_did_not_happen_shows_by_the_time_that_is_left(days_ago: int, interval: int | None, expected: list[str]) -> None:
    client = build_client(grace_minutes=(180 - days_ago) * 1440, kms=KmsClient(renewal_interval=interval))
    assert ids(data(client)) == expected


def test_a_license_that_ends_soon_is_found_whatever_its_kind() -> None:
    assert ids(data(build_client(grace_minutes=29 * 1440))) == ["expires_soon", "renewal_overdue"]
    assert ids(data(build_product(channel=Channel.SUBSCRIPTION, grace_minutes=29 * 1440))) == ["expires_soon"]
    assert ids(data(build_client(grace_minutes=29 * 1440)), replace(WISH, min_days_left=0)) == ["renewal_overdue"]


def test_renewal_is_not_looked_at_when_nobody_asks_or_active_directory_does_it() -> None:
    old = {"grace_minutes": 100 * 1440}
    assert ids(data(build_client(**old)), replace(WISH, renewal=False)) == []
    assert ids(data(build_client(**old, used_type=ActivationType.AD))) == ["activated_by_ad"]
    assert ids(data(build_client(**old, allowed_type=ActivationType.TOKEN))) == []


@pytest.mark.parametrize(
    ("minutes", "tolerance", "expected"), [(61, 60, ["clock_skew"]), (-61, 60, ["clock_skew"]), (59, 60, []), (999, 0, [])]
)
def test_a_clock_is_off_in_both_directions_and_only_a_kms_machine_cares(minutes: int, tolerance: int, expected: list[str]) -> None:
    desired = replace(WISH, clock_tolerance=tolerance)
    off = NOW + timedelta(minutes=minutes)
    assert ids(data(build_client(), now=off), desired) == expected
    assert ids(data(build_product(), now=off), desired) == []


def test_a_key_of_another_channel_than_expected_is_found() -> None:
    desired = replace(WISH, expected_channels=frozenset({Channel.GVLK, Channel.CSVLK}))
    finding = only(data(build_product()), desired)
    assert finding.id == "unexpected_channel"
    assert "channel mak (ending in PPPPP), expected: csvlk, gvlk" in finding.message
    assert ids(data(build_client()), desired) == ids(data(build_product(**CSVLK)), desired) == []


UNUSED = {**CSVLK, "status": LicenseStatus.INITIAL_GRACE, "kms_host": KmsHost()}


@pytest.mark.parametrize("status", [LicenseStatus.LICENSED, LicenseStatus.INITIAL_GRACE])
def test_a_host_key_on_a_client_without_kms_host_is_misplaced(status: LicenseStatus) -> None:
    client = {"product_type": ProductType.CLIENT}
    found = ids(data(build_product(**{**UNUSED, "status": status}), state=client))
    assert found[0] == "csvlk_on_client"


def test_a_host_key_of_a_server_that_is_not_activated_advises_kms_host() -> None:
    finding = only(data(build_product(**UNUSED)))
    assert finding.id == "not_licensed"
    assert "The KMS host key (CSVLK) of" in finding.message
    assert "is not activated (initial_grace" in finding.message
    assert "kms_host" in finding.next_steps[0]
    assert "If the machine must not be a KMS host" in finding.next_steps[1]


@pytest.mark.parametrize("product_type", [ProductType.CLIENT, ProductType.SERVER])
def test_an_office_host_key_beside_an_active_kms_host_advises_kms_host(product_type: ProductType) -> None:
    windows = build_product(**CSVLK)
    office = build_product(**UNUSED, application_id=OFFICE_ID, activation_id="office", name="Office KMS host")
    found_data = data(windows, office, state={"product_type": product_type})
    found = [finding for finding in check.findings(found_data, WISH) if finding.product_name == office.name]
    assert [finding.id for finding in found] == ["not_licensed"]
    assert "kms_host" in found[0].next_steps[0]
    assert not any("kms_client" in step for step in found[0].next_steps)


def test_a_host_key_of_a_server_is_an_unexpected_channel_if_not_expected() -> None:
    desired = replace(WISH, expected_channels=frozenset({Channel.GVLK}))
    assert ids(data(build_product(**CSVLK)), desired) == ["unexpected_channel"]
    assert ids(data(build_product(**CSVLK)), replace(WISH, expected_channels=frozenset({Channel.CSVLK}))) == []


def test_a_gvlk_of_another_edition_or_build_is_found_and_one_nobody_knows_is_not() -> None:
    assert ids(data(build_client(), edition_id="ServerDatacenter")) == ["gvlk_mismatch"]
    assert ids(data(build_client(), state={"build": 26100})) == ["gvlk_mismatch"]
    assert ids(data(build_client(), edition_id="ServerStandard")) == []
    assert ids(data(build_client(partial_product_key="ZZZZZ"), edition_id="ServerDatacenter")) == []


def test_a_machine_that_is_not_genuine_is_told_with_the_reason_of_event_8209() -> None:
    marked = build_product(status=LicenseStatus.NON_GENUINE_GRACE, reason=0xC004F200, grace_minutes=20 * 1440)
    finding = only(data(marked, genuine_events=(CheckEvent(8209, 0xC004C003, NOW),)))
    assert finding.id == "not_genuine"
    assert "event 8209 contains 0xC004C003" in finding.message
    assert "Install another MAK" in finding.next_steps[0]
    tampered = only(data(marked, genuine_events=(CheckEvent(8209, 0x8004FE21, NOW),)))
    assert "Reinstall Windows" in tampered.next_steps[0]
    assert "no event contains the reason" in only(data(marked)).message
    assert ids(data(build_product(genuine_status=1))) == ["awaiting_validation"]
    unknown = only(data(build_product(genuine_status=9)))
    assert (unknown.id, unknown.severity.value) == ("unknown_genuine_status", "warning")
    assert "genuine status 9," in unknown.message


def test_a_mak_that_is_not_activated_tells_why_microsoft_refused_it() -> None:
    mak = build_product(status=LicenseStatus.OUT_OF_TOLERANCE_GRACE, reason=0xC004F00F, grace_minutes=1440)
    told = only(data(mak, failures={mak.activation_id: 0xC004C020}))
    assert told.error is not None
    assert told.error["code"] == "0xC004C020"


def test_an_evaluation_is_told_as_one() -> None:
    assert ids(data(build_product(channel=Channel.EVALUATION, grace_minutes=100 * 1440))) == ["evaluation"]


def test_a_missing_windows_marker_matters_only_while_kms_has_not_activated() -> None:
    service = {"service": {"oem_marker_status": 2}}
    assert ids(data(build_client(), state=service)) == []
    unlicensed = build_client(status=LicenseStatus.INITIAL_GRACE, reason=0x4004F00C)
    assert ids(data(unlicensed, state=service)) == ["not_licensed", "oem_marker_missing"]


def test_the_alarms_of_a_kms_host_are_found() -> None:
    low = build_product(**{**CSVLK, "kms_host": KmsHost(enabled=True, current_count=4)})
    failed = Publication("corp.example", NOW, 0x80072338)
    found = check.findings(data(low, kms_requests=0, publications=(failed,), start_failure=0x800706BA, timer_failure=0x80070005), WISH)
    assert [finding.id for finding in found] == [
        "dns_publishing_failed",
        "kms_host_failed_to_start",
        "renewal_timer_failed",
        "count_below_threshold",
        "no_kms_activity",
    ]
    assert "counted 4 of the 25" in found[3].message
    assert "0x80072338" in found[0].message
    assert "0x80070005" in found[2].message
    assert "sppsvc" in found[2].next_steps[-1]


def test_a_policy_that_is_not_as_it_should_be_is_named_with_what_is_there() -> None:
    desired = replace(WISH, policy=DesiredPolicies(skip_rearm="absent", notifications="enabled"))
    state = build_state(build_product())
    key = RegistryKey({"skiprearm": RegistryValue("SkipRearm", 4, "1")})
    found = CheckData(state, NOW, policy=PolicyState(state.os, {SPP_KEY: key}))
    told = [finding.message for finding in check.findings(found, desired) if finding.id == "policy_mismatch"]
    assert any("skip_rearm" in text and "SkipRearm" in text for text in told)
    assert ids(CheckData(state, NOW, policy=PolicyState(state.os, {SPP_KEY: key})), WISH) == []


def test_an_event_log_that_is_refused_is_a_finding_and_not_silence() -> None:
    assert ids(data(build_client(), events=None)) == ["events_not_read"]


def test_what_fails_is_chosen_by_severity_or_by_name() -> None:
    finding = only(data())
    for chosen, fails in (({"error"}, True), ({"no_product_key"}, True), ({"warning", "not_licensed"}, False), (set(), False)):
        assert replace(WISH, fail_on=frozenset(chosen)).is_failure(finding) is fails


@given(
    st.sampled_from(LicenseStatus),
    st.sampled_from(Channel),
    st.integers(0, 259200),
    st.none() | st.integers(0, 0xFFFFFFFF),
    st.integers(-600, 600),
)
def test_every_machine_yields_known_findings_in_order_with_something_to_do(
    status: LicenseStatus, channel: Channel, grace: int, reason: int | None, skew: int
) -> None:
    product = build_product(status=status, channel=channel, grace_minutes=grace, reason=reason)
    found = check.findings(data(product, now=NOW + timedelta(minutes=skew)), WISH)
    order = list(FINDINGS)
    assert [finding.id for finding in found] == sorted({finding.id for finding in found}, key=order.index)
    for finding in found:
        assert finding.severity.value in SEVERITIES
        assert finding.next_steps
        assert set(check.describe(finding)) == {"id", "severity", "message", "product_name", "next_steps", "error"}
