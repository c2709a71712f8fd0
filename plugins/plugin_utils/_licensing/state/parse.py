# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of CIM instances to values of the model: names, sentinels, and columns that older Windows versions do not have.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from datetime import datetime, timezone

from ....module_utils import _hosts as hosts
from ..._cim.session import CimInstance
from ..catalog import esu
from ..kms.model import KmsClient
from ..tokens.parse import read_token_activation
from .columns import DWORD, VERSION, check_class, identity, matching, member, minutes, number, one_of, partial_product_key, port, reason
from .model import (
    OSPP_PRODUCT,
    OSPP_SERVICE,
    SPP_PRODUCT,
    SPP_SERVICE,
    WINDOWS_ID,
    ActivationType,
    AdActivation,
    Application,
    Channel,
    Feature,
    KmsHost,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
    OperatingSystem,
    ProductType,
    RequestCounts,
)
from .subscription_model import Subscription

_A_DAY = 24 * 60
_BUILDS = 1_000_000
# The order matters: VOLUME_KMSCLIENT contains VOLUME_KMS, and a MAK of Office is RETAIL(MAK). slmgr looks for the same texts in
# Description. TIMEBASED_SUB is Microsoft 365. Every other TIMEBASED_ license ends on a fixed day.
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
    """Read Win32_OperatingSystem. If the machine does not report its time, use the clock of the controller."""
    return OperatingSystem(
        computer_name=instance.required("CSName"),
        caption=(instance.text("Caption") or "").strip(),
        version=matching(instance, "Version", VERSION, "a version such as 10.0.20348"),
        build=instance.integer("BuildNumber", 0, _BUILDS) or 0,
        product_type=one_of(instance, "ProductType", ProductType) or ProductType.CLIENT,
        language=instance.integer("OSLanguage", 0, DWORD),
        time=instance.moment("LocalDateTime") or datetime.now(timezone.utc),
        utc_offset=instance.integer("CurrentTimeZone", -_A_DAY, _A_DAY) or 0,
    )


def read_service(instance: CimInstance) -> LicensingService:
    """Read SoftwareLicensingService or OfficeSoftwareProtectionService."""
    check_class(instance, SPP_SERVICE, OSPP_SERVICE)
    return LicensingService(
        version=matching(instance, "Version", VERSION, "a version such as 10.0.20348.1"),
        cmid=instance.text("ClientMachineID"),
        kms=_read_kms_client(instance),
        kms_host=_read_kms_host(instance),
        host_caching=instance.boolean("KeyManagementServiceHostCaching"),
        listening_port=port(instance, "KeyManagementServiceListeningPort"),
        dns_publishing=instance.boolean("KeyManagementServiceDnsPublishing"),
        low_priority=instance.boolean("KeyManagementServiceLowPriority"),
        windows_rearms=number(instance, "RemainingWindowsReArmCount"),
        oem_marker_status=number(instance, "OA2xBiosMarkerStatus"),
        oem_marker_minor_version=number(instance, "OA2xBiosMarkerMinorVersion"),
        policy_cache_refresh_required=instance.boolean("PolicyCacheRefreshRequired"),
        subscription=_read_subscription(instance),
        features=_read_features(instance),
        class_name=instance.class_name,
    )


def read_product(instance: CimInstance) -> LicensedProduct:
    """Read SoftwareLicensingProduct or OfficeSoftwareProtectionProduct."""
    check_class(instance, SPP_PRODUCT, OSPP_PRODUCT)
    application_id = identity(instance, "ApplicationID")
    description, activation_id = instance.text("Description") or "", identity(instance, "ID")
    return LicensedProduct(
        activation_id=activation_id,
        application=Application.WINDOWS if application_id == WINDOWS_ID else Application.OFFICE,
        application_id=application_id,
        name=instance.text("Name") or "",
        description=description,
        channel=channel_of(description, instance.text("ProductKeyChannel")),
        channel_name=instance.text("ProductKeyChannel") or _channel_in(description),
        family=instance.text("LicenseFamily"),
        status=_status(instance),
        partial_product_key=partial_product_key(instance),
        is_addon=bool(instance.boolean("LicenseIsAddon")) or esu.of_id(activation_id) is not None,
        extended_pid=instance.text("ProductKeyID"),
        installation_id=instance.text("OfflineInstallationId"),
        reason=reason(instance),
        grace_minutes=minutes(instance, "GracePeriodRemaining") or 0,
        evaluation_end=instance.moment("EvaluationEndDate"),
        trusted_time=instance.moment("TrustedTime"),
        genuine_status=number(instance, "GenuineStatus"),
        allowed_type=member(ActivationType, number(instance, "VLActivationTypeEnabled")),
        used_type=member(ActivationType, number(instance, "VLActivationType") or None),
        kms=_read_kms_client(instance),
        kms_host=_read_kms_host(instance),
        ad=_read_ad(instance),
        token=read_token_activation(instance),
        app_rearms=number(instance, "RemainingAppReArmCount"),
        sku_rearms=number(instance, "RemainingSkuReArmCount"),
        urls=tuple((name, instance.text(column)) for name, column in URLS),
        class_name=instance.class_name,
    )


def channel_of(description: str, key_channel: str | None) -> Channel:
    """Return the channel from Description, or from ProductKeyChannel (Windows 8 and later) if Description does not contain it."""
    for word, channel in _BY_DESCRIPTION:
        if word in description:
            return channel
    for start, channel in _BY_KEY_CHANNEL:
        if (key_channel or "").startswith(start):
            return channel
    return Channel.UNKNOWN


def _channel_in(description: str) -> str | None:
    """Return VOLUME_MAK for "Windows(R) Operating System, VOLUME_MAK channel"."""
    word = description.rpartition(", ")[2].removesuffix(" channel")
    return word if word and word != description else None


def _setting(instance: CimInstance, name: str) -> str | None:
    """Return a setting that somebody made. Windows shows one that is not set as NULL or as an empty text; blanks are no name either."""
    return (instance.text(name) or "").strip() or None


def _read_kms_client(instance: CimInstance) -> KmsClient:
    stored = _setting(instance, "KeyManagementServiceMachine")
    host, port_in_name = hosts.split_port(stored) if stored else (None, None)
    return KmsClient(
        host=host,
        port=port(instance, "KeyManagementServicePort") or port_in_name,
        lookup_domain=_setting(instance, "KeyManagementServiceLookupDomain"),
        discovered_host=instance.text("DiscoveredKeyManagementServiceMachineName"),
        discovered_port=port(instance, "DiscoveredKeyManagementServiceMachinePort"),
        discovered_address=instance.text("DiscoveredKeyManagementServiceMachineIpAddress"),
        host_extended_pid=instance.text("KeyManagementServiceProductKeyID"),
        activation_interval=minutes(instance, "VLActivationInterval"),
        renewal_interval=minutes(instance, "VLRenewalInterval"),
        required_count=number(instance, "RequiredClientCount"),
    )


def _read_kms_host(instance: CimInstance) -> KmsHost:
    prefix = "KeyManagementService"
    return KmsHost(
        enabled=instance.integer("IsKeyManagementServiceMachine", 0, DWORD) == 1,
        current_count=number(instance, f"{prefix}CurrentCount"),
        requests=RequestCounts(
            total=number(instance, f"{prefix}TotalRequests"),
            failed=number(instance, f"{prefix}FailedRequests"),
            unlicensed=number(instance, f"{prefix}UnlicensedRequests"),
            licensed=number(instance, f"{prefix}LicensedRequests"),
            initial_grace=number(instance, f"{prefix}OOBGraceRequests"),
            expired_or_hardware_out_of_tolerance=number(instance, f"{prefix}OOTGraceRequests"),
            non_genuine_grace=number(instance, f"{prefix}NonGenuineGraceRequests"),
            notification=number(instance, f"{prefix}NotificationRequests"),
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
        type=number(instance, "SubscriptionType"),
        status=number(instance, "SubscriptionStatus"),
        edition=instance.text("SubscriptionEdition"),
        expires=instance.moment("SubscriptionExpiry"),
    )


def _read_features(instance: CimInstance) -> frozenset[Feature]:
    """Return the features by the properties of the service.

    The activation type is a column of the products, which exists since the same version as the lookup domain.
    """
    features = set()
    if instance.has("KeyManagementServiceHostCaching"):
        features |= {Feature.HOST_CACHING, Feature.KMS_PORT}
    if instance.has("KeyManagementServicePort"):
        features.add(Feature.KMS_PORT)
    if instance.has("KeyManagementServiceLookupDomain"):
        features |= {Feature.LOOKUP_DOMAIN, Feature.ACTIVATION_TYPE}
    return frozenset(features)


def _status(instance: CimInstance) -> LicenseStatus:
    """Return LicenseStatus, which every product must have."""
    instance.required("LicenseStatus")
    found = one_of(instance, "LicenseStatus", LicenseStatus)
    return LicenseStatus.UNLICENSED if found is None else found
