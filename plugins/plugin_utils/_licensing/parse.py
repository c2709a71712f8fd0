# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One CIM instance to one value of the model: names, sentinels and what older Windows leaves out.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

"""

from __future__ import annotations

from datetime import datetime, timezone
from enum import IntEnum
from typing import TypeVar

from ...module_utils import _hosts as hosts
from .._cim.session import CimInstance
from .model import (
    WINDOWS_ID,
    ActivationType,
    AdActivation,
    Application,
    Channel,
    Feature,
    KmsClient,
    KmsHost,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
    OperatingSystem,
    ProductType,
    RequestCounts,
)
from .subscription_model import Subscription

_NOT_SET = (0xFFFFFFFF, -1)
_NUMBER = TypeVar("_NUMBER", bound=IntEnum)

# Order matters: VOLUME_KMSCLIENT contains VOLUME_KMS, and a MAK of Office is RETAIL(MAK). The words are those slmgr looks
# for in Description; TIMEBASED_SUB is Microsoft 365, every other TIMEBASED_ licence ends on a fixed day.
_BY_DESCRIPTION = (
    ("VOLUME_KMSCLIENT", Channel.GVLK),
    ("VOLUME_KMS", Channel.CSVLK),
    ("MAK", Channel.MAK),
    ("VIRTUAL_MACHINE_ACTIVATION", Channel.AVMA),
    ("TIMEBASED_SUB", Channel.SUBSCRIPTION),
    ("TIMEBASED_", Channel.EVALUATION),
    ("RETAIL", Channel.RETAIL),
    ("OEM", Channel.OEM),
)
_BY_KEY_CHANNEL = (
    ("Volume:GVLK", Channel.GVLK),
    ("Volume:CSVLK", Channel.CSVLK),
    ("Volume:MAK", Channel.MAK),
    ("Retail:TB:Sub", Channel.SUBSCRIPTION),
    ("Retail:TB", Channel.EVALUATION),
    ("Retail", Channel.RETAIL),
    ("OEM", Channel.OEM),
)
URLS = (
    ("processor_certificate", "ProcessorURL"),
    ("machine_certificate", "MachineURL"),
    ("use_license", "UseLicenseURL"),
    ("product_key_certificate", "ProductKeyURL"),
    ("validation", "ValidationURL"),
)


def read_operating_system(instance: CimInstance) -> OperatingSystem:
    """Win32_OperatingSystem; a machine that reports no clock gets the controller's."""
    return OperatingSystem(
        computer_name=instance.text("CSName") or "",
        caption=(instance.text("Caption") or "").strip(),
        version=instance.text("Version") or "0.0",
        build=instance.integer("BuildNumber") or 0,
        product_type=ProductType(instance.integer("ProductType") or ProductType.CLIENT),
        language=instance.integer("OSLanguage"),
        time=instance.moment("LocalDateTime") or datetime.now(timezone.utc),
        utc_offset=instance.integer("CurrentTimeZone") or 0,
    )


def read_service(instance: CimInstance) -> LicensingService:
    """SoftwareLicensingService or OfficeSoftwareProtectionService."""
    return LicensingService(
        version=instance.text("Version") or "",
        cmid=instance.text("ClientMachineID"),
        kms=_read_kms_client(instance),
        kms_host=_read_kms_host(instance),
        host_caching=instance.boolean("KeyManagementServiceHostCaching"),
        listening_port=_port(instance, "KeyManagementServiceListeningPort"),
        dns_publishing=instance.boolean("KeyManagementServiceDnsPublishing"),
        low_priority=instance.boolean("KeyManagementServiceLowPriority"),
        windows_rearms=_number(instance, "RemainingWindowsReArmCount"),
        oem_marker_status=_number(instance, "OA2xBiosMarkerStatus"),
        oem_marker_minor_version=_number(instance, "OA2xBiosMarkerMinorVersion"),
        policy_cache_refresh_required=instance.boolean("PolicyCacheRefreshRequired"),
        subscription=_read_subscription(instance),
        features=_read_features(instance),
        class_name=instance.class_name,
    )


def read_product(instance: CimInstance) -> LicensedProduct:
    """SoftwareLicensingProduct or OfficeSoftwareProtectionProduct."""
    application_id = (instance.text("ApplicationID") or "").lower()
    description = instance.text("Description") or ""
    return LicensedProduct(
        activation_id=(instance.text("ID") or "").lower(),
        application=Application.WINDOWS if application_id == WINDOWS_ID else Application.OFFICE,
        application_id=application_id,
        name=instance.text("Name") or "",
        description=description,
        channel=channel_of(description, instance.text("ProductKeyChannel")),
        channel_name=instance.text("ProductKeyChannel") or _channel_word(description),
        family=instance.text("LicenseFamily"),
        status=LicenseStatus(instance.integer("LicenseStatus") or 0),
        partial_product_key=instance.text("PartialProductKey"),
        is_addon=bool(instance.boolean("LicenseIsAddon")),
        extended_pid=instance.text("ProductKeyID"),
        installation_id=instance.text("OfflineInstallationId"),
        reason=_reason(instance),
        grace_minutes=_number(instance, "GracePeriodRemaining") or 0,
        evaluation_end=instance.moment("EvaluationEndDate"),
        trusted_time=instance.moment("TrustedTime"),
        genuine_status=_number(instance, "GenuineStatus"),
        allowed_type=_member(ActivationType, _number(instance, "VLActivationTypeEnabled")),
        used_type=_member(ActivationType, _number(instance, "VLActivationType") or None),
        kms=_read_kms_client(instance),
        kms_host=_read_kms_host(instance),
        ad=_read_ad(instance),
        app_rearms=_number(instance, "RemainingAppReArmCount"),
        sku_rearms=_number(instance, "RemainingSkuReArmCount"),
        urls=tuple((name, instance.text(column)) for name, column in URLS),
        class_name=instance.class_name,
    )


def channel_of(description: str, key_channel: str | None) -> Channel:
    """The channel by the words of Description, and where that has none by ProductKeyChannel (Windows 8 and later)."""
    for word, channel in _BY_DESCRIPTION:
        if word in description:
            return channel
    for start, channel in _BY_KEY_CHANNEL:
        if (key_channel or "").startswith(start):
            return channel
    return Channel.UNKNOWN


def _channel_word(description: str) -> str | None:
    """VOLUME_MAK from "Windows(R) Operating System, VOLUME_MAK channel"."""
    word = description.rpartition(", ")[2].removesuffix(" channel")
    return word if word and word != description else None


def _read_kms_client(instance: CimInstance) -> KmsClient:
    stored = instance.text("KeyManagementServiceMachine")
    host, port_in_name = hosts.split_port(stored) if stored else (None, None)
    return KmsClient(
        host=host,
        port=_port(instance, "KeyManagementServicePort") or port_in_name,
        lookup_domain=instance.text("KeyManagementServiceLookupDomain"),
        discovered_host=instance.text("DiscoveredKeyManagementServiceMachineName"),
        discovered_port=_port(instance, "DiscoveredKeyManagementServiceMachinePort"),
        discovered_address=instance.text("DiscoveredKeyManagementServiceMachineIpAddress"),
        host_extended_pid=instance.text("KeyManagementServiceProductKeyID"),
        activation_interval=_number(instance, "VLActivationInterval"),
        renewal_interval=_number(instance, "VLRenewalInterval"),
        required_count=_number(instance, "RequiredClientCount"),
    )


def _read_kms_host(instance: CimInstance) -> KmsHost:
    prefix = "KeyManagementService"
    return KmsHost(
        enabled=instance.integer("IsKeyManagementServiceMachine") == 1,
        current_count=_number(instance, f"{prefix}CurrentCount"),
        requests=RequestCounts(
            total=_number(instance, f"{prefix}TotalRequests"),
            failed=_number(instance, f"{prefix}FailedRequests"),
            unlicensed=_number(instance, f"{prefix}UnlicensedRequests"),
            licensed=_number(instance, f"{prefix}LicensedRequests"),
            initial_grace=_number(instance, f"{prefix}OOBGraceRequests"),
            expired_or_hardware_out_of_tolerance=_number(instance, f"{prefix}OOTGraceRequests"),
            non_genuine_grace=_number(instance, f"{prefix}NonGenuineGraceRequests"),
            notification=_number(instance, f"{prefix}NotificationRequests"),
        ),
    )


def _read_ad(instance: CimInstance) -> AdActivation | None:
    found = AdActivation(
        object_name=instance.text("ADActivationObjectName"),
        object_dn=instance.text("ADActivationObjectDN"),
        csvlk_extended_pid=instance.text("ADActivationCsvlkPid"),
        csvlk_activation_id=instance.text("ADActivationCsvlkSkuId"),
    )
    return found if found.object_name or found.object_dn else None


def _read_subscription(instance: CimInstance) -> Subscription | None:
    if not instance.has("SubscriptionStatus"):
        return None
    return Subscription(
        type=_number(instance, "SubscriptionType"),
        status=_number(instance, "SubscriptionStatus"),
        edition=instance.text("SubscriptionEdition"),
        expires=instance.moment("SubscriptionExpiry"),
    )


def _read_features(instance: CimInstance) -> frozenset[Feature]:
    """By what the service reports. The activation type is a column of the products, of the same age as the lookup domain."""
    features = set()
    if instance.has("KeyManagementServiceHostCaching"):
        features |= {Feature.HOST_CACHING, Feature.KMS_PORT}
    if instance.has("KeyManagementServicePort"):
        features.add(Feature.KMS_PORT)
    if instance.has("KeyManagementServiceLookupDomain"):
        features |= {Feature.LOOKUP_DOMAIN, Feature.ACTIVATION_TYPE}
    return frozenset(features)


def _number(instance: CimInstance, name: str) -> int | None:
    value = instance.integer(name)
    return None if value in _NOT_SET else value


def _port(instance: CimInstance, name: str) -> int | None:
    """Port 0 and "not set" mean the same."""
    return _number(instance, name) or None


def _reason(instance: CimInstance) -> int | None:
    """Zero says "nothing to say" (a licensed retail product)."""
    value = instance.integer("LicenseStatusReason")
    return value & 0xFFFFFFFF if value else None


def _member(kind: type[_NUMBER], value: int | None) -> _NUMBER | None:
    """A number this collection does not know yet is reported as nothing rather than as an error."""
    try:
        return None if value is None else kind(value)
    except ValueError:
        return None
