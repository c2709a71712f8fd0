# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which issuance license a product needs, and what is wrong with it; other licenses and other machines do not matter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import tokens as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import CheckData, CheckSettings
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OSPP_PRODUCT,
    ActivationType,
    Application,
    LicenseStatus,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.model import (
    OSPP_TOKEN_LICENSE,
    IssuanceLicense,
    TokenActivation,
    TokenLicense,
)

from ...conftest import build_client, build_state

ILID, OTHER = "2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42", "9c42aaaa-7b3e-4c9a-8f60-3d1e5b7a0001"
STATE = build_state()
NOW = STATE.os.time
BY_TOKEN: dict[str, Any] = {"used_type": ActivationType.TOKEN, "token": TokenActivation(ILID, 3)}
ONLY_TOKEN: dict[str, Any] = {"allowed_type": ActivationType.TOKEN, "status": LicenseStatus.NOTIFICATION}


def issued(version: int = 3, days: int | None = 100, status: int | None = None, **more: Any) -> TokenLicense:
    ends = None if days is None else NOW + timedelta(days=days)
    return TokenLicense(f"{version}", IssuanceLicense(ILID, version), status, ends, **more)


def found(product: dict[str, Any], *licenses: TokenLicense, days: int = 0) -> list[Any]:
    data = CheckData(build_state(build_client(**product)), NOW, token_licenses=licenses)
    return list(check.findings(data, CheckSettings(min_days_left=days)))


def ids(product: dict[str, Any], *licenses: TokenLicense, days: int = 0) -> list[str]:
    return [finding.id for finding in found(product, *licenses, days=days)]


@pytest.mark.parametrize("product", [BY_TOKEN, ONLY_TOKEN])
@pytest.mark.parametrize("days", [None, 100])
def test_a_usable_license_is_no_finding(product: dict[str, Any], days: int | None) -> None:
    assert ids(product, issued(days=days)) == []
    assert ids(product, issued(days=days), days=99) == []


@pytest.mark.parametrize("product", [{}, {"used_type": ActivationType.KMS}, {"allowed_type": ActivationType.ALL}])
def test_a_machine_without_token_based_activation_needs_no_license_and_no_query(product: dict[str, Any]) -> None:
    assert ids(product, issued(days=-1)) == ids(product) == []
    assert check.classes_needed(CheckData(build_state(build_client(**product)), NOW)) == ()


def test_a_product_that_a_token_activated_needs_its_own_license() -> None:
    (missing,) = found(BY_TOKEN, issued(version=4))
    assert (missing.id, ILID in missing.message, "version 3" in missing.message) == ("token_license_missing", True, True)


def test_a_product_that_only_allows_tokens_needs_one_usable_license() -> None:
    assert ids(ONLY_TOKEN) == ["token_license_missing"]
    assert ids(ONLY_TOKEN, issued(2, days=-1), issued(3, status=0xC004F306), issued(4)) == []
    assert ids(ONLY_TOKEN, issued(2, days=-1), issued(3, status=0xC004F306)) == [
        "token_license_expires_soon",
        "token_license_not_authorized",
    ]


def test_windows_7_needs_the_license_that_it_shows() -> None:
    seven = {"used_type": None, "token": TokenActivation(ILID, 3)}
    assert (ids(seven), ids(seven, issued())) == (["token_license_missing"], [])
    assert ids({**seven, "status": LicenseStatus.NOTIFICATION}) == []


@pytest.mark.parametrize(("days", "wanted"), [(29, ["token_license_expires_soon"]), (30, []), (0, ["token_license_expires_soon"])])
def test_a_license_ends_soon_by_min_days_left_and_ended_always(days: int, wanted: list[str]) -> None:
    assert ids(BY_TOKEN, issued(days=days), days=30) == wanted
    assert ids(BY_TOKEN, issued(days=days)) == (wanted if days == 0 else [])


def test_windows_can_say_that_a_license_has_expired_before_the_clock_does() -> None:
    (finding,) = found(BY_TOKEN, issued(days=1, status=0xC004FC07))
    assert (finding.id, "has expired:" in finding.message) == ("token_license_expires_soon", True)


def test_what_windows_does_not_authorize_is_explained() -> None:
    (finding,) = found(BY_TOKEN, issued(status=0xC004F306))
    assert (finding.id, finding.error["symbol"]) == ("token_license_not_authorized", "SL_E_TKA_INVALID_SKU_ID")


def test_office_with_its_own_service_needs_a_license_there_and_another_command() -> None:
    office = {**ONLY_TOKEN, "class_name": OSPP_PRODUCT, "application": Application.OFFICE}
    assert ids(office, issued()) == ["token_license_missing"]
    assert ids(office, issued(class_name=OSPP_TOKEN_LICENSE)) == []
    (finding,) = found(office, issued(days=-1, class_name=OSPP_TOKEN_LICENSE))
    assert "ospp.vbs /tokact:<thumbprint>" in finding.next_steps[1]


def test_licenses_that_were_not_read_are_no_finding() -> None:
    data = CheckData(build_state(build_client(**BY_TOKEN)), NOW)
    assert list(check.findings(data, CheckSettings(min_days_left=30))) == []
    assert check.classes_needed(data) == ("SoftwareLicensingTokenActivationLicense",)
