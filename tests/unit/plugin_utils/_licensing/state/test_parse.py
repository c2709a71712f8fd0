# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From CIM text to the model: sentinels, what old Windows leaves out, channels, and the values slmgr prints."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimInstance, RawValue
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    WINDOWS_ID,
    ActivationType,
    Application,
    Channel,
    Feature,
    LicenseStatus,
    ProductType,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.parse import (
    channel_of,
    read_operating_system,
    read_product,
    read_service,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.model import TokenActivation


def product(**properties: RawValue) -> CimInstance:
    return CimInstance(
        "SoftwareLicensingProduct",
        {"ID": "FED62577-3BEF-4309-90E8-671ABDC076D8", "ApplicationID": WINDOWS_ID, "LicenseStatus": "0", **properties},
    )


def service(**properties: RawValue) -> CimInstance:
    return CimInstance("SoftwareLicensingService", {"Version": "10.0.20348.1", **properties})


@pytest.mark.parametrize(
    ("description", "key_channel", "expected"),
    [
        ("Windows(R) Operating System, VOLUME_KMSCLIENT channel", "Volume:GVLK", Channel.GVLK),
        ("Windows Operating System - Windows(R) 7, VOLUME_KMSCLIENT channel", None, Channel.GVLK),
        ("Windows Operating System - Windows Server(R), VOLUME_KMS_C channel", None, Channel.CSVLK),
        ("Windows(R) Operating System, VOLUME_KMS_2012-R2_WIN10 channel", "Volume:CSVLK", Channel.CSVLK),
        ("Windows(R) Operating System, VOLUME_KMS_WS22 channel", "Volume:CSVLK", Channel.CSVLK),
        ("Windows(R) Operating System, VOLUME_MAK channel", "Volume:MAK", Channel.MAK),
        ("Windows(R) Operating System, VIRTUAL_MACHINE_ACTIVATION channel", "Volume:GVLK", Channel.AVMA),
        ("Windows(R) Operating System, TIMEBASED_EVAL channel", "Retail:TB:Eval", Channel.EVALUATION),
        ("Windows(R) Operating System, RETAIL channel", "Retail", Channel.RETAIL),
        ("Windows(R) Operating System, OEM_DM channel", "OEM:DM", Channel.OEM),
        ("Office 16, VOLUME_KMSCLIENT channel", "Volume:GVLK", Channel.GVLK),
        ("Office 16, VOLUME_KMS channel", "Volume:CSVLK", Channel.CSVLK),
        ("Office 14, RETAIL(MAK) channel", None, Channel.MAK),
        ("Office 24, RETAIL(MAK) channel", "Volume:MAK", Channel.MAK),
        ("Office 16, RETAIL(Grace) channel", "Retail", Channel.RETAIL),
        ("Office 16, TIMEBASED_SUB channel", "Retail:TB:Sub", Channel.SUBSCRIPTION),
        ("", "Retail:TB:Sub", Channel.SUBSCRIPTION),
        ("", "Volume:MAK", Channel.MAK),
        ("", "Retail:TB:Eval", Channel.EVALUATION),
        ("", None, Channel.UNKNOWN),
    ],
)
def test_the_channel_comes_from_words_that_are_the_same_in_every_display_language(
    description: str, key_channel: str | None, expected: Channel
) -> None:
    assert channel_of(description, key_channel) is expected


def test_numbers_and_dates_that_say_not_set_are_none() -> None:
    read = read_product(
        product(
            KeyManagementServiceCurrentCount="4294967295",
            KeyManagementServiceTotalRequests="4294967295",
            KeyManagementServicePort="0",
            EvaluationEndDate="1601-01-01T00:00:00Z",
            TrustedTime="2009-04-28T14:32:10Z",
            RemainingSkuReArmCount="-1",
            VLActivationType="0",
            VLActivationTypeEnabled="0",
            LicenseStatusReason="0",
        )
    )
    assert (read.kms_host.current_count, read.kms_host.requests.total, read.kms.port, read.sku_rearms) == (None, None, None, None)
    assert read.evaluation_end is None
    assert read.trusted_time == datetime(2009, 4, 28, 14, 32, 10, tzinfo=timezone.utc)
    assert (read.used_type, read.allowed_type, read.reason) == (None, ActivationType.ALL, None)


def test_a_negative_reason_is_an_unsigned_hresult() -> None:
    assert read_product(product(LicenseStatusReason="-1073418232")).reason == 0xC004F008
    assert read_product(product(LicenseStatusReason="1074065472")).reason == 0x4004F040


def test_a_product_of_windows_6_0_without_kms_columns_reads_as_nothing_set() -> None:
    read = read_product(product(Name="Windows", LicenseStatus="1", PartialProductKey="ABCDE"))
    assert read.status is LicenseStatus.LICENSED
    assert (read.kms.host, read.kms.activation_interval, read.allowed_type, read.app_rearms, read.ad) == (None, None, None, None, None)


TOKEN: dict[str, RawValue] = {
    "TokenActivationILID": "{2A5D8CF1-7B3E-4C9A-8F60-3D1E5B7A9C42}",
    "TokenActivationILVID": "3",
    "TokenActivationGrantNumber": "1",
    "TokenActivationCertificateThumbprint": "0123456789ABCDEF0123456789ABCDEF01234567",
}


def test_a_token_activation_names_its_issuance_license_and_certificate() -> None:
    read = read_product(product(**TOKEN, TokenActivationAdditionalInfo="Site 4"))
    assert read.token == TokenActivation("2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42", 3, 1, "0123456789ABCDEF0123456789ABCDEF01234567", "Site 4")
    bare = read_product(product(**{**TOKEN, "TokenActivationGrantNumber": "4294967295", "TokenActivationCertificateThumbprint": ""}))
    assert bare.token == TokenActivation("2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42", 3)


@pytest.mark.parametrize("changed", [{"TokenActivationILVID": "4294967295"}, {"TokenActivationILVID": None}, {"TokenActivationILID": " "}])
def test_without_the_version_or_the_id_of_an_issuance_license_no_token_activated_a_product(changed: dict[str, RawValue]) -> None:
    assert read_product(product(**{**TOKEN, **changed})).token is None


def test_windows_6_0_keeps_the_port_inside_the_machine_name() -> None:
    read = read_service(service(KeyManagementServiceMachine="kms1.corp.example:1689"))
    assert (read.kms.host, read.kms.port) == ("kms1.corp.example", 1689)
    assert read.features == frozenset()


def test_an_ipv6_host_loses_its_brackets() -> None:
    read = read_service(service(KeyManagementServiceMachine="[2001:db8::1]", KeyManagementServicePort="1689"))
    assert (read.kms.host, read.kms.port) == ("2001:db8::1", 1689)


def test_what_a_service_can_do_shows_in_the_columns_it_has_be_they_null() -> None:
    seven = service(KeyManagementServiceHostCaching="true")
    eight = service(KeyManagementServiceHostCaching="true", KeyManagementServiceLookupDomain=None, KeyManagementServicePort="0")
    assert read_service(seven).features == {Feature.HOST_CACHING, Feature.KMS_PORT}
    assert read_service(eight).features == frozenset(Feature)


@pytest.mark.parametrize(("status", "present"), [("0", None), ("1", True), ("2", False), ("3", False), (None, None), ("4294967295", None)])
def test_the_oem_marker_is_missing_only_where_a_slic_table_lacks_it(status: str | None, present: bool | None) -> None:
    assert read_service(service(OA2xBiosMarkerStatus=status)).oem_marker_present is present


def test_ids_are_compared_in_lower_case() -> None:
    read = read_product(product())
    assert read.activation_id == "fed62577-3bef-4309-90e8-671abdc076d8"
    assert read.path.keys == {"ID": "fed62577-3bef-4309-90e8-671abdc076d8"}
    assert read.application is Application.WINDOWS
    assert read_product(product(ApplicationID="0ff1ce15-a989-479d-af46-f275c6370663")).application is Application.OFFICE


def test_a_domain_controller_is_told_from_a_server_and_the_clock_is_the_machines() -> None:
    read = read_operating_system(
        CimInstance(
            "Win32_OperatingSystem",
            {"CSName": "DC01", "Caption": "Windows ", "Version": "10.0.20348", "BuildNumber": "20348", "ProductType": "2",
             "OSLanguage": "1041", "LocalDateTime": "2026-11-20T18:30:00.5+09:00"},
        )
    )  # fmt: skip
    assert read.product_type is ProductType.DOMAIN_CONTROLLER
    assert read.is_server
    assert (read.caption, read.language, read.build) == ("Windows", 1041, 20348)
    assert read.time == datetime(2026, 11, 20, 9, 30, 0, 500000, tzinfo=timezone.utc)
