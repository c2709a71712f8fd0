# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check finds about Office: missing keys, keys that are not in use, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import findings as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import renewal
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import CheckData, CheckSettings
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.route import KmsEndpoint
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.click_to_run import click_to_run_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.installed import InstalledOffice
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.report import describe_with_office
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OSPP_PRODUCT,
    OSPP_SERVICE,
    ActivationType,
    Application,
    Channel,
    KmsClient,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.report import describe_kms, describe_product

from ...conftest import build_client, build_office, build_product, build_state

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
SETTINGS = CheckSettings(min_days_left=30, probe=False, clock_tolerance=60, fail_on=frozenset({"error"}))
OFFICE_ONLY = frozenset({Application.OFFICE})

VISIO = build_office("Office21VisioPro2021VL_KMS_Client_AE")
SUITE_2019 = build_office("Office19ProPlus2019VL_KMS_Client_AE", status=LicenseStatus.NOTIFICATION, reason=0xC004F056)
SUBSCRIPTION = build_office("Office16O365ProPlusR_Subscription1", Channel.SUBSCRIPTION, grace_minutes=26 * 1440)
GRACE = build_office("Office16O365ProPlusR_Grace", Channel.RETAIL, status=LicenseStatus.NOTIFICATION, reason=0xC004F009)


def _data(*products: LicensedProduct, release_ids: str = "", applications: frozenset[Application] = frozenset(Application)) -> CheckData:
    windows = (build_client(),) if Application.WINDOWS in applications else ()
    state = replace(build_state(*windows, *products), applications=applications)
    return CheckData(state, NOW, office=InstalledOffice(click_to_run_of(release_ids)))


def _ids(data: CheckData, **settings: Any) -> list[str]:
    return [finding.id for finding in check.findings(data, replace(SETTINGS, **settings))]


def test_subscription_beside_volume_products_is_left_alone() -> None:
    assert _ids(_data(SUBSCRIPTION, GRACE, VISIO)) == ["managed_by_subscription"]
    assert _ids(_data(SUBSCRIPTION, GRACE, VISIO), expected_channels=frozenset({Channel.GVLK})) == ["managed_by_subscription"]


def test_expired_grace_license_of_a_subscription_is_not_a_finding_for_office_alone() -> None:
    data = _data(SUBSCRIPTION, GRACE, release_ids="O365ProPlusRetail", applications=OFFICE_ONLY)
    assert _ids(data) == ["managed_by_subscription"]
    assert describe_with_office(data.state, data.office)["licensed"] is True


def test_expired_grace_license_of_a_retail_edition_is_a_finding() -> None:
    retail = build_office("Office16ProPlusR_Grace", Channel.RETAIL, status=LicenseStatus.NOTIFICATION, reason=0xC004F009)
    assert _ids(_data(retail, release_ids="ProPlusRetail")) == ["not_licensed"]


def test_key_of_another_release_is_one_warning_with_its_removal() -> None:
    data = _data(VISIO, SUITE_2019, release_ids="VisioPro2021Volume")
    (finding,) = check.findings(data, SETTINGS)
    assert finding.id == "leftover_key"
    assert f"activation_id: {SUITE_2019.activation_id}" in finding.next_steps[0]
    assert f"/unpkey:{SUITE_2019.partial_product_key}" in finding.next_steps[1]
    assert [product.name for product in renewal.clients(data)] == [data.state.products[0].name, VISIO.name]


def test_removal_of_an_activated_key_says_what_is_lost() -> None:
    suite, mak = build_office("Office21ProPlus2021VL_KMS_Client_AE"), build_office("Office21ProPlus2021VL_MAK_AE", Channel.MAK)
    (finding,) = check.findings(_data(suite, mak, release_ids="ProPlus2021Volume"), SETTINGS)
    assert "lose_activation: true" in finding.next_steps[0]


@pytest.mark.parametrize(
    ("release_ids", "applications", "expected"),
    [
        ("", frozenset(Application), []),
        ("", OFFICE_ONLY, ["no_product_key"]),
        ("O365ProPlusRetail", frozenset(Application), ["managed_by_subscription"]),
        ("O365ProPlusRetail,VisioProRetail", OFFICE_ONLY, ["managed_by_subscription"]),
        ("ProPlus2021Retail", frozenset(Application), []),
        ("ProPlus2021Volume", frozenset(Application), ["office_no_key"]),
        ("ProPlus2021Volume,VisioPro2021Volume", OFFICE_ONLY, ["office_no_key", "office_no_key"]),
        ("O365ProPlusRetail,VisioPro2021Volume", frozenset(Application), ["office_no_key", "managed_by_subscription"]),
    ],
)
def test_office_without_a_key(release_ids: str, applications: frozenset[Application], expected: list[str]) -> None:
    assert _ids(_data(release_ids=release_ids, applications=applications)) == expected


@pytest.mark.parametrize("applications", [frozenset(Application), OFFICE_ONLY])
def test_volume_licenses_without_a_key_are_an_office_without_a_key(applications: frozenset[Application]) -> None:
    unkeyed = [build_office(name, partial_product_key=None) for name in ("Office16ProPlusVL_KMS_Client", "Office16StandardVL_KMS_Client")]
    data = replace(_data(applications=applications), office=InstalledOffice(unkeyed=tuple(unkeyed[:1])))
    assert _ids(data) == ["office_no_key"]
    assert _ids(replace(data, office=InstalledOffice(unkeyed=tuple(unkeyed)))) == ["office_no_key"]


def test_windows_alone_has_no_finding_about_office() -> None:
    assert _ids(_data(release_ids="ProPlus2021Volume", applications=frozenset({Application.WINDOWS}))) == []


def test_message_says_that_the_activation_of_microsoft_365_is_not_visible() -> None:
    data = _data(release_ids="O365ProPlusRetail")
    found = describe_with_office(data.state, data.office)
    assert "WMI does not show it" in found["msg"]
    assert [each["managed_by"] for each in found["office_installations"]] == ["subscription"]


def test_products_of_a_subscription_are_marked() -> None:
    state = _data(SUBSCRIPTION, GRACE, VISIO).state
    assert [describe_product(state, product)["managed_by"] for product in state.products] == [None, "subscription", "subscription", None]


def test_office_uses_the_settings_of_its_own_licensing_service() -> None:
    own = build_office("OfficeProPlus-KMS_Client", class_name=OSPP_PRODUCT, grace_minutes=100 * 1440)
    office = LicensingService("14.0.370.400", class_name=OSPP_SERVICE, kms=KmsClient(host="kms14.corp.lab", renewal_interval=300))
    state = replace(
        build_state(build_client(), own, VISIO, service={"kms": KmsClient(host="kms1.corp.lab", required_count=25)}),
        applications=frozenset(Application),
        office_service=office,
    )
    data = CheckData(state, NOW)
    assert describe_kms(state, own)["kms_host"] == "kms14.corp.lab"
    assert renewal.route_of(state, own, None).fixed == KmsEndpoint("kms14.corp.lab", 1688)
    assert renewal.route_of(state, VISIO, None).fixed == KmsEndpoint("kms1.corp.lab", 1688)
    assert describe_kms(state, VISIO)["required_count"] == 5
    assert [(finding.id, finding.product_name) for finding in check.findings(data, SETTINGS)] == [("renewal_overdue", own.name)]


def test_service_of_office_that_could_not_be_read_is_not_that_of_windows() -> None:
    own = build_office("OfficeProPlus-KMS_Client", class_name=OSPP_PRODUCT)
    state = build_state(build_client(), own, service={"kms": KmsClient(host="kms1.corp.lab")})
    assert describe_kms(state, own)["kms_host"] is None


def test_active_directory_and_kms_of_office_are_told_apart() -> None:
    by_ad = replace(VISIO, used_type=ActivationType.AD)
    assert _ids(_data(by_ad)) == ["activated_by_ad"]
    assert build_product() not in renewal.clients(_data(by_ad))


def test_next_steps_about_office_name_the_application() -> None:
    late = replace(VISIO, grace_minutes=20 * 1440)
    steps = {finding.id: finding.next_steps for finding in check.findings(_data(late), SETTINGS)}
    assert "Run kms_client with application: office and reactivate: true." in steps["expires_soon"]
    assert "Run kms_client with application: office and reactivate: true to renew now." in steps["renewal_overdue"]
    unlicensed = replace(VISIO, status=LicenseStatus.INITIAL_GRACE, grace_minutes=1440)
    (finding,) = check.findings(_data(unlicensed), SETTINGS)
    assert finding.next_steps == ("Run kms_client with application: office and activate: true.",)
    (finding,) = check.findings(_data(build_office("Office21ProPlus2021VL_MAK_AE", Channel.MAK, status=LicenseStatus.UNLICENSED)), SETTINGS)
    assert finding.next_steps[0].startswith("Run mak_client with application: office, or use")


def test_next_steps_about_windows_do_not() -> None:
    late = replace(build_client(), grace_minutes=20 * 1440)
    found = check.findings(CheckData(replace(build_state(late, VISIO), applications=frozenset(Application)), NOW), SETTINGS)
    assert found
    assert "application: office" not in " ".join(step for finding in found for step in finding.next_steps)


def test_an_office_that_could_not_be_read_is_a_warning_and_not_silence() -> None:
    data = _data(build_client())
    unread = replace(data, state=replace(data.state, notes=("The licensing classes of Office could not be read: 0x80041001",)))
    (finding,) = check.findings(unread, SETTINGS)
    assert (finding.id, finding.severity.value, finding.message[-11:]) == ("office_not_read", "warning", "0x80041001.")
    unread = replace(data, office=InstalledOffice(notes=("The Click-to-Run installation of Office could not be read: denied",)))
    assert _ids(unread) == ["office_not_read"]
