# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licensing state of a machine as frozen values.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Numbers that mean "not set" (4294967295, the year 1601, port 0) are None here, and so are values that an older Windows does not report.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, IntEnum
from functools import cached_property

from ..._cim.session import CimPath
from ..kms.model import ApplicationKms, KmsClient
from ..tokens.model import TokenActivation
from .generation import SPP, Generation
from .subscription_model import Subscription

WINDOWS_ID = "55c92734-d682-4d71-983e-d6ec3f16059f"
OFFICE_ID = "0ff1ce15-a989-479d-af46-f275c6370663"
OFFICE_2010_ID = "59a52881-a989-479d-af46-f275c6370663"

SPP_SERVICE = "SoftwareLicensingService"
SPP_PRODUCT = "SoftwareLicensingProduct"
OSPP_SERVICE = "OfficeSoftwareProtectionService"
OSPP_PRODUCT = "OfficeSoftwareProtectionProduct"


class Application(Enum):
    """The licensed application. Office 2010 has its own application ID, and all later versions of Office share one."""

    WINDOWS = "windows"
    OFFICE = "office"

    @property
    def ids(self) -> tuple[str, ...]:
        """The ApplicationID values in lower case, the current one first."""
        return (WINDOWS_ID,) if self is Application.WINDOWS else (OFFICE_ID, OFFICE_2010_ID)


class Channel(Enum):
    """The channel of a key, read from Description or ProductKeyChannel, which do not depend on the display language."""

    GVLK = "gvlk"
    MAK = "mak"
    CSVLK = "csvlk"
    RETAIL = "retail"
    OEM = "oem"
    SUBSCRIPTION = "subscription"
    EVALUATION = "evaluation"
    AVMA = "avma"
    UNKNOWN = "unknown"


class LicenseStatus(IntEnum):
    """SoftwareLicensingProduct.LicenseStatus. Value 6 exists since Windows 7."""

    UNLICENSED = 0
    LICENSED = 1
    INITIAL_GRACE = 2
    OUT_OF_TOLERANCE_GRACE = 3
    NON_GENUINE_GRACE = 4
    NOTIFICATION = 5
    EXTENDED_GRACE = 6

    @property
    def is_activated(self) -> bool:
        """Whether the product is licensed or in extended grace, which slmgr reports as activated too."""
        return self in (LicenseStatus.LICENSED, LicenseStatus.EXTENDED_GRACE)


class ActivationType(IntEnum):
    """VLActivationTypeEnabled (the allowed types) and VLActivationType (the used type, never ALL)."""

    ALL = 0
    AD = 1
    KMS = 2
    TOKEN = 3


class ProductType(IntEnum):
    """Win32_OperatingSystem.ProductType."""

    CLIENT = 1
    DOMAIN_CONTROLLER = 2
    SERVER = 3


class Feature(Enum):
    """A feature that not every generation of the licensing service has. It is detected by the properties that the service reports."""

    KMS_PORT = "a separate KMS port"
    LOOKUP_DOMAIN = "a KMS lookup domain"
    HOST_CACHING = "KMS host caching"
    ACTIVATION_TYPE = "a choice of the activation type"


@dataclass(frozen=True)
class OperatingSystem:
    """The operating system. `time` is its clock in UTC, `utc_offset` the difference of its local time to UTC in minutes, `edition_id` the
    EditionID of the registry, or None if it was not read."""

    computer_name: str
    caption: str
    version: str
    build: int
    product_type: ProductType
    language: int | None
    time: datetime
    edition_id: str | None = None
    utc_offset: int = 0

    @property
    def is_server(self) -> bool:
        """Whether the machine is a server or a domain controller."""
        return self.product_type is not ProductType.CLIENT


@dataclass(frozen=True)
class RequestCounts:
    """Cumulative requests to a KMS host, by the license status of the client, or None if the machine is not a KMS host."""

    total: int | None = None
    failed: int | None = None
    unlicensed: int | None = None
    licensed: int | None = None
    initial_grace: int | None = None
    expired_or_hardware_out_of_tolerance: int | None = None
    non_genuine_grace: int | None = None
    notification: int | None = None


@dataclass(frozen=True)
class KmsHost:
    """The KMS host data of a product or of the service. `current_count` is None before the first request."""

    enabled: bool = False
    current_count: int | None = None
    requests: RequestCounts = RequestCounts()


@dataclass(frozen=True)
class AdActivation:
    """The activation object of Active Directory that activated a product."""

    object_name: str | None
    object_dn: str | None
    csvlk_extended_pid: str | None
    csvlk_activation_id: str | None


@dataclass(frozen=True)
class LicensedProduct:
    """One SoftwareLicensingProduct or OfficeSoftwareProtectionProduct.

    `reason` is an unsigned HRESULT. `grace_minutes` is the remaining time of the grace period or of the KMS activation.
    `partial_product_key` is None for a license without a key. `by_subscription` is true if a subscription licenses Windows now.
    `token` is None unless a token activated the product. `hides_key` is true if a key is installed that Windows does not show.
    """

    activation_id: str
    application: Application
    application_id: str
    name: str
    description: str
    channel: Channel
    channel_name: str | None
    family: str | None
    status: LicenseStatus
    partial_product_key: str | None = None
    is_addon: bool = False
    extended_pid: str | None = None
    installation_id: str | None = None
    reason: int | None = None
    grace_minutes: int = 0
    evaluation_end: datetime | None = None
    trusted_time: datetime | None = None
    genuine_status: int | None = None
    allowed_type: ActivationType | None = None
    used_type: ActivationType | None = None
    kms: KmsClient = field(default_factory=KmsClient)
    kms_host: KmsHost = KmsHost()
    ad: AdActivation | None = None
    token: TokenActivation | None = None
    app_rearms: int | None = None
    sku_rearms: int | None = None
    urls: tuple[tuple[str, str | None], ...] = ()
    class_name: str = SPP_PRODUCT
    by_subscription: bool = False
    hides_key: bool = False

    @property
    def path(self) -> CimPath:
        """The WMI path for the methods of the product."""
        return CimPath(self.class_name, {"ID": self.activation_id})

    @property
    def has_key(self) -> bool:
        """Whether a key is installed."""
        return bool(self.partial_product_key) or self.hides_key

    @property
    def is_permanent(self) -> bool:
        """Whether the license does not expire, by the rule of slmgr /xpr."""
        return self.status is LicenseStatus.LICENSED and self.grace_minutes == 0


@dataclass(frozen=True)
class LicensingService:
    """SoftwareLicensingService, or OfficeSoftwareProtectionService for Office on Windows 7 and Office 2010."""

    version: str
    cmid: str | None = None
    kms: KmsClient = field(default_factory=KmsClient)
    kms_host: KmsHost = KmsHost()
    host_caching: bool | None = None
    listening_port: int | None = None
    dns_publishing: bool | None = None
    low_priority: bool | None = None
    windows_rearms: int | None = None
    oem_marker_status: int | None = None
    oem_marker_minor_version: int | None = None
    policy_cache_refresh_required: bool | None = None
    subscription: Subscription | None = None
    features: frozenset[Feature] = frozenset()
    class_name: str = SPP_SERVICE

    @property
    def path(self) -> CimPath:
        """The WMI path for the methods of the service."""
        return CimPath(self.class_name, {"Version": self.version})

    @property
    def oem_marker_present(self) -> bool | None:
        """Whether the SLIC table of the firmware contains the Windows marker, or None if there is no SLIC table or it is not known.

        OA2xBiosMarkerStatus: 0 no SLIC table, 1 marker, 2 no marker, 3 damaged table (community knowledge, not documented).
        """
        return {1: True, 2: False, 3: False}.get(-1 if self.oem_marker_status is None else self.oem_marker_status)


@dataclass(frozen=True)
class ActivationState:
    """The licensing data of one machine, for the requested `applications`. `notes` lists the data of Office that could not be read.

    `application_kms` are the KMS settings of whole applications, which only the registry has; empty if they were not read.
    """

    os: OperatingSystem
    service: LicensingService
    products: tuple[LicensedProduct, ...]
    applications: frozenset[Application] = frozenset({Application.WINDOWS})
    office_service: LicensingService | None = field(default=None)
    generation: Generation = SPP
    notes: tuple[str, ...] = ()
    application_kms: tuple[ApplicationKms, ...] = ()

    @cached_property
    def primary(self) -> LicensedProduct | None:
        """The Windows product with a key, without add-ons. Of several (after an in-place upgrade), the activated one, then a GVLK."""
        candidates = self.keyed(Application.WINDOWS, addons=False)
        return min(candidates, key=precedence, default=None)

    def keyed(self, application: Application, *, addons: bool = True) -> tuple[LicensedProduct, ...]:
        """Return the products of an application that have a key."""
        return tuple(
            product
            for product in self.products
            if product.application is application and product.has_key and (addons or not product.is_addon)
        )

    def service_of(self, product: LicensedProduct) -> LicensingService:
        """Return the licensing service of a product. That of Office is empty if it could not be read."""
        if product.class_name == OSPP_PRODUCT:
            return self.office_service or LicensingService("", class_name=OSPP_SERVICE)
        return self.service

    def application_kms_of(self, product: LicensedProduct | None) -> ApplicationKms | None:
        """Return the KMS settings of the application of a product, or of Windows if it is None; None if they were not read."""
        wanted = (product.class_name, product.application_id) if product else (SPP_PRODUCT, WINDOWS_ID)
        return next((found for found in self.application_kms if (found.class_name, found.application_id) == wanted), None)

    def expires(self, product: LicensedProduct) -> datetime | None:
        """Return the end of the grace period or of the KMS activation by the clock of the machine, or None if there is no end."""
        return self.os.time + timedelta(minutes=product.grace_minutes) if product.grace_minutes else None


def precedence(product: LicensedProduct) -> tuple[bool, bool, str]:
    """Return a sort key for products of which one is in use: the activated one, then a GVLK."""
    return (not product.status.is_activated, product.channel is not Channel.GVLK, product.activation_id)
