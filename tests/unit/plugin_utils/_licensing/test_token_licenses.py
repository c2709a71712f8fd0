# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issuance licenses as a machine returns them: known forms are understood, and everything else is an error with its column."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimInstance, MalformedResponseError, RawValue
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.token_license import plan as token_job
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.token_license.model import IssuanceLicense, TokenLicenseDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.parse import read_token_license
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.read import read_token_licenses
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.report import describe_token_licenses

CLASS = "SoftwareLicensingTokenActivationLicense"
ILID = "2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42"


def instance(class_name: str = CLASS, **changes: RawValue) -> CimInstance:
    values: dict[str, RawValue] = {
        "ID": "5E9F2C47-0B6D-4D1A-9C38-7A4E1F8B2D60", "ILID": f"{{{ILID.upper()}}}", "ILVID": "3", "AuthorizationStatus": "0",
        "ExpirationDate": "1601-01-01T00:00:00Z", "Description": "", "AdditionalInfo": " ",
    }  # fmt: skip
    return CimInstance(class_name, {**values, **changes})


class Machine:
    """Answers each query with the same instances."""

    def __init__(self, *found: CimInstance) -> None:
        self.found = list(found)

    def query(self, _text: str, _namespace: str = "root/cimv2") -> list[CimInstance]:
        return self.found


def test_braces_case_and_values_that_say_not_set_do_not_matter_and_the_key_stays_as_it_is() -> None:
    read = read_token_license(instance())
    assert (read.issuance, read.authorization_status, read.expires) == (IssuanceLicense(ILID, 3), None, None)
    assert read.path.keys == {"ID": "5E9F2C47-0B6D-4D1A-9C38-7A4E1F8B2D60"}
    (shown,) = describe_token_licenses([read])
    assert (shown["license_id"], shown["description"], shown["additional_info"]) == ("5e9f2c47-0b6d-4d1a-9c38-7a4e1f8b2d60", None, None)


@pytest.mark.parametrize("status", ["-1073417466", "3221549830"])
def test_a_status_is_an_unsigned_code_with_its_name(status: str) -> None:
    (shown,) = describe_token_licenses([read_token_license(instance(AuthorizationStatus=status))])
    assert shown["authorization_status"]["symbol"] == "SL_E_TKA_INVALID_SKU_ID"


@pytest.mark.parametrize(
    "changes",
    [
        {"ID": None}, {"ID": "' OR 1=1"}, {"ILID": "contoso"}, {"ILID": None}, {"ILVID": None}, {"ILVID": "4294967295"}, {"ILVID": "-1"},
        {"ILVID": "three"}, {"AuthorizationStatus": "9999999999"}, {"ExpirationDate": "tomorrow"},
    ],
)  # fmt: skip
def test_a_value_that_is_not_valid_is_an_error_with_its_column(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedResponseError, match=next(iter(changes))):
        read_token_license(instance(**changes))


def test_an_instance_of_another_class_and_a_license_that_is_listed_twice_are_errors() -> None:
    with pytest.raises(MalformedResponseError, match="instead of"):
        read_token_license(instance("Win32_Process"))
    with pytest.raises(MalformedResponseError, match="more than once"):
        read_token_licenses(Machine(instance(), instance(ILVID="4")))  # type: ignore[arg-type]


def test_windows_vista_does_not_show_its_licenses() -> None:
    vista = CimInstance("Win32_OperatingSystem", {"CSName": "PC", "Caption": "Vista", "Version": "6.0.6002", "BuildNumber": "6002"})
    with pytest.raises(TaskRefusedError, match="does not show its issuance licenses") as refused:
        token_job.plan_for(Machine(vista), TokenLicenseDesired(IssuanceLicense(ILID, 3)))  # type: ignore[arg-type]
    assert refused.value.error_code == "not_supported_by_windows"
