# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows that the subscription of a user licenses: read, reported, and not called unlicensed."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimInstance, RawValue
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import findings as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import (
    CheckData,
    CheckSettings,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key import plan as key_change
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key.model import ProductKeyDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicensePlan
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import subscription
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    ActivationState,
    ActivationType,
    Channel,
    LicensedProduct,
    LicenseStatus,
    ProductType,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.parse import read_service
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.report import describe, is_licensed
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.subscription_model import (
    STATUSES,
    TYPES,
    Subscription,
)

from ...conftest import build_client, build_product, build_state

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
ENDS = datetime(2026, 12, 20, 9, 30, tzinfo=timezone.utc)
CLIENT = {"caption": "Microsoft Windows 11 Enterprise", "product_type": ProductType.CLIENT, "build": 26100, "version": "10.0.26100"}


def retail(**changes: Any) -> LicensedProduct:
    given = {"channel": Channel.RETAIL, "description": "Windows(R) Operating System, RETAIL channel", "family": "Enterprise"}
    return build_product(**{**given, **changes})


def kms_client_of_windows_11(**changes: Any) -> LicensedProduct:
    entry = gvlk.choose_gvlk(build_state(**CLIENT).os, "Enterprise")
    return build_client(**{"family": "Enterprise", "partial_product_key": entry.partial_product_key, **changes})


def under(product: LicensedProduct, status: int = 1) -> ActivationState:
    service = {"subscription": Subscription(0, status, "Windows 11 Enterprise", ENDS)}
    return subscription.with_subscription(build_state(product, service=service, **CLIENT))


def findings(state: ActivationState, *expected: Channel) -> list[str]:
    desired = CheckSettings(expected_channels=frozenset(expected), min_days_left=30, probe=False)
    return [finding.id for finding in check.findings(CheckData(state, NOW), desired)]


def columns(**values: RawValue) -> CimInstance:
    return CimInstance("SoftwareLicensingService", {"Version": "10.0.26100.1", **values})


def test_a_service_without_the_columns_has_no_subscription_and_null_columns_are_unknown() -> None:
    assert read_service(columns()).subscription is None
    read = read_service(columns(SubscriptionStatus=None, SubscriptionType="4294967295", SubscriptionExpiry="1601-01-01T00:00:00Z"))
    assert read.subscription == Subscription(None, None, None, None)


def test_the_four_columns_are_read() -> None:
    read = read_service(
        columns(
            SubscriptionStatus="1",
            SubscriptionType="0",
            SubscriptionEdition="Windows 11 Enterprise",
            SubscriptionExpiry="2026-12-20T09:30:00Z",
        )
    )
    assert read.subscription == Subscription(0, 1, "Windows 11 Enterprise", ENDS)


@pytest.mark.parametrize("status", [*STATUSES, 7, None])
def test_only_the_status_active_licenses_windows(status: int | None) -> None:
    assert Subscription(0, status, None, None).is_active is (status == 1)


def test_numbers_are_reported_beside_the_words_that_microsoft_documents() -> None:
    (reported,) = [describe(under(retail(), status))["service"]["subscription"] for status in (110,)]
    assert reported == {
        "type": "user_based",
        "type_code": 0,
        "status": "expired",
        "status_code": 110,
        "edition": "Windows 11 Enterprise",
        "expires": "2026-12-20T09:30:00Z",
    }
    unknown = describe(build_state(retail(), service={"subscription": Subscription(2, 55, None, None)}))["service"]["subscription"]
    assert (unknown["type"], unknown["type_code"], unknown["status"], unknown["status_code"]) == (None, 2, None, 55)
    assert 2 not in TYPES


@pytest.mark.parametrize("status", [LicenseStatus.LICENSED, LicenseStatus.NOTIFICATION, LicenseStatus.UNLICENSED])
def test_a_machine_under_a_subscription_is_licensed_whatever_its_key_shows(status: LicenseStatus) -> None:
    state = under(retail(status=status, reason=0xC004F034))
    assert is_licensed(state)
    assert describe(state)["products"][0]["activated_by"] == "subscription"
    assert findings(state) == []
    assert findings(state, Channel.SUBSCRIPTION) == []
    assert findings(state, Channel.GVLK) == ["unexpected_channel"]


@pytest.mark.parametrize("status", [status for status in STATUSES if status != 1])
def test_a_subscription_that_is_not_active_excuses_nothing(status: int) -> None:
    state = under(retail(status=LicenseStatus.NOTIFICATION, reason=0xC004F034), status)
    assert not is_licensed(state)
    assert findings(state) == ["not_licensed"]
    assert describe(state)["products"][0]["activated_by"] is None


def test_a_licensed_retail_key_is_no_subscription() -> None:
    assert findings(build_state(retail(), **CLIENT), Channel.SUBSCRIPTION) == ["unexpected_channel"]


def test_a_kms_client_under_a_subscription_needs_no_renewal_and_keeps_what_windows_says_activated_it() -> None:
    kept = kms_client_of_windows_11(used_type=ActivationType.KMS, grace_minutes=60)
    plain = build_state(kept, **CLIENT)
    assert {"renewal_overdue", "expires_soon"} <= set(findings(plain))
    assert findings(under(kept)) == []
    assert describe(under(kept))["products"][0]["activated_by"] == "kms"


def test_only_the_windows_product_that_counts_is_marked() -> None:
    addon = build_product(is_addon=True, activation_id="aaaaaaaa-0000-4000-8000-000000000009")
    service = {"subscription": Subscription(0, 1, None, None)}
    state = subscription.with_subscription(build_state(addon, retail(), service=service, **CLIENT))
    assert [product.by_subscription for product in state.products] == [False, True]


KMS, MAK, KEY = "kms_client", "mak_client", "product_key"
NEW = ProductKey("MMMMM-KKKKK-MMMMM-22222-33333")


def planned(job: str, state: ActivationState, **accepted: bool) -> LicensePlan:
    if job == KMS:
        return kms_client.plan(state, kms_client.KmsClientDesired(**accepted))
    if job == MAK:
        return mak_client.plan(state, MakDesired(NEW, **accepted))
    return key_change.plan(state, ProductKeyDesired(product_key=NEW, **accepted))


@pytest.mark.parametrize("job", [KMS, MAK, KEY])
@pytest.mark.parametrize("status", [LicenseStatus.LICENSED, LicenseStatus.NOTIFICATION])
def test_an_active_subscription_is_replaced_on_purpose_only(job: str, status: LicenseStatus) -> None:
    state = under(retail(status=status))
    for not_enough in ({}, {"lose_activation": True}):
        with pytest.raises(TaskRefusedError) as refused:
            planned(job, state, **not_enough)
        assert refused.value.error_code == "subscription_active"
        assert "replace_subscription" in str(refused.value.next_steps)
    plan = planned(job, state, replace_subscription=True)
    assert [step.loses for step in plan.steps if step.loses] == [
        "the activation of Windows(R), ServerStandard edition by subscription (key ending in PPPPP)"
    ]
    assert any("only after a user with the license signs in" in warning for warning in plan.warnings)


@pytest.mark.parametrize("job", [MAK, KEY])
def test_a_mak_under_a_subscription_is_lost_by_an_option_of_its_own(job: str) -> None:
    state = under(build_product(description="Windows(R) Operating System, VOLUME_MAK channel"))
    with pytest.raises(TaskRefusedError) as refused:
        planned(job, state, replace_subscription=True)
    assert refused.value.error_code == "activation_would_be_lost"
    assert planned(job, state, replace_subscription=True, lose_activation=True).steps


def test_removing_the_key_under_a_subscription_is_refused_too() -> None:
    removing = ProductKeyDesired(present=False)
    with pytest.raises(TaskRefusedError) as refused:
        key_change.plan(under(retail()), removing)
    assert refused.value.error_code == "subscription_active"


def test_a_kms_client_under_a_subscription_that_keeps_its_key_is_not_refused() -> None:
    kept = kms_client_of_windows_11()
    assert kms_client.plan(under(kept), kms_client.KmsClientDesired(kms_host="kms1.corp.example")).steps
