# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Licensing state of one machine: what is stored, and how the passing of time changes it.

Rules: licensing facts sections 2 and 10. Grace lengths are 30 days everywhere (server editions are not settled in the
facts); KMS validity is 180 days, then 30 days out-of-tolerance grace, then notification.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..truths import USUAL, Truths
from .catalog import Sku
from .editions import Os
from .token_licenses import SL_E_TKA_GRANT_NOT_FOUND, TokenGrant

UNLICENSED, LICENSED, OOB_GRACE, OOT_GRACE, NON_GENUINE, NOTIFICATION, EXTENDED_GRACE = range(7)

REASON_PRODUCT_USER_RIGHT = 0x4004F040
REASON_OOB_GRACE = 0x4004F00C
REASON_OOT_GRACE = 0x4004F00D
REASON_GRACE_EXPIRED = 0xC004F009
REASON_OUT_OF_TOLERANCE = 0xC004F00F
REASON_NO_KEY = 0xC004F014
REASON_NO_LICENSE = 0xC004F034
REASON_NOT_GENUINE = 0xC004F200

GRACE = timedelta(days=30)
KMS_VALIDITY = timedelta(days=180)
AD_RENEWAL = timedelta(days=7)
UNSET = 0xFFFFFFFF
OFFICE_REARMS = 5
"""How often Office may be rearmed."""
DEFAULT_ACTIVATION_INTERVAL = 120
DEFAULT_RENEWAL_INTERVAL = 10080
INTERVALS = range(15, 43201)
"""Minutes an activation or renewal interval may have."""


def first_rearms(os: Os) -> int:
    """How often a new installation may be rearmed."""
    return 3 if os.generation == (6, 1) else 1000


@dataclass
class KmsSettings:
    """What an administrator set about KMS, on the service or on one product. port 0 = not set."""

    host: str = ""
    port: int = 0
    lookup_domain: str = ""
    activation_type: int = 0

    def over(self, base: KmsSettings) -> KmsSettings:
        """These settings, and those of a wider level where this one has none. A port belongs to the host beside it."""
        return KmsSettings(
            self.host or base.host,
            self.port if self.host or self.port else base.port,
            self.lookup_domain or base.lookup_domain,
            self.activation_type or base.activation_type,
        )


_NOTHING = KmsSettings()


@dataclass(frozen=True)
class AdActivation:
    """The activation object that activated a product, as it was then."""

    name: str
    dn: str
    sku_id: str
    extended_pid: str


@dataclass
class ProductState:
    """Everything about one license that differs from the catalog; exists only where something does."""

    sku: Sku
    settings: KmsSettings = field(default_factory=KmsSettings)
    key: str = field(default="", repr=False)
    extended_pid: str = ""
    installation_id: str = ""
    status: int = UNLICENSED
    reason: int = REASON_NO_KEY
    ends: datetime | None = None
    discovered_host: str = ""
    discovered_port: int = 0
    discovered_address: str = ""
    discovered_in: str = ""
    """The domain whose SRV records named the discovered host."""
    host_pid: str = ""
    activation_interval: int = DEFAULT_ACTIVATION_INTERVAL
    renewal_interval: int = DEFAULT_RENEWAL_INTERVAL
    activated_by: int = 0
    ad: AdActivation | None = None
    """By which object it was activated (activated_by 1)."""
    token: TokenGrant | None = None
    """By what a token activated it (activated_by 3)."""
    next_attempt: datetime | None = None
    rearms_left: int = 1001
    is_unseen: bool = False
    """Whether WMI shows the license with its key only after the service has started again (winlab.truths)."""

    @property
    def keyed(self) -> bool:
        """Whether a key is installed."""
        return bool(self.key)

    @property
    def partial_key(self) -> str | None:
        """The last five characters of the key."""
        return self.key[-5:] or None

    def minutes_left(self, now: datetime) -> int:
        """GracePeriodRemaining: whole minutes until something changes, 0 when nothing will."""
        return 0 if self.ends is None else max(0, math.ceil((self.ends - now) / timedelta(minutes=1)))

    def settle(self, now: datetime) -> None:
        """Apply what the passing of time did: validity over -> out-of-tolerance grace -> notification."""
        while self.ends is not None and now >= self.ends:
            if self.status == LICENSED and self.sku.volume_client:
                self.status, self.reason, self.ends = OOT_GRACE, REASON_OOT_GRACE, self.ends + GRACE
            else:
                reason = REASON_NOT_GENUINE if self.status == NON_GENUINE else REASON_GRACE_EXPIRED
                self.status, self.reason, self.ends = NOTIFICATION, reason, None

    def begin_grace(self, now: datetime) -> None:
        """Initial grace, as after the first start or a key change; a volume client begins to look for a KMS host.

        An add-on has no grace: it is unlicensed until it is activated.
        """
        if self.sku.addon:
            self.status, self.reason, self.ends = UNLICENSED, REASON_NO_LICENSE, None
            return
        self.status, self.reason, self.ends = OOB_GRACE, REASON_OOB_GRACE, now + GRACE
        self.retry_later(now)

    def retry_later(self, now: datetime) -> None:
        """A volume client asks again after the activation interval; other licenses never ask by themselves."""
        self.next_attempt = now + timedelta(minutes=self.activation_interval) if self.sku.volume_client else None

    def license_forever(self) -> None:
        """Permanently licensed (MAK, retail, OEM, KMS host key)."""
        volume = self.sku.channel in ("mak", "csvlk")
        self.status, self.reason, self.ends = LICENSED, REASON_PRODUCT_USER_RIGHT if volume else 0, None

    def leave_tolerance(self, now: datetime) -> None:
        """The hardware changed too much: out-of-tolerance grace, and for an add-on, which has none, the end of its license."""
        if self.sku.addon:
            self.status, self.reason, self.ends = UNLICENSED, REASON_OUT_OF_TOLERANCE, None
            return
        self.status, self.reason, self.ends = OOT_GRACE, REASON_OUT_OF_TOLERANCE, now + GRACE

    def license_by_kms(self, now: datetime) -> None:
        """Licensed for 180 days, to be renewed after the renewal interval."""
        self.status, self.reason, self.ends = LICENSED, REASON_PRODUCT_USER_RIGHT, now + KMS_VALIDITY
        self.activated_by, self.token, self.ad = 2, None, None
        self.next_attempt = now + timedelta(minutes=self.renewal_interval)

    def license_by_object(self, now: datetime, ad: AdActivation) -> None:
        """Licensed for 180 days by an activation object, to be renewed after seven."""
        self.forget_host()
        self.status, self.reason, self.ends = LICENSED, REASON_PRODUCT_USER_RIGHT, now + KMS_VALIDITY
        self.activated_by, self.ad = 1, ad
        self.next_attempt = now + AD_RENEWAL

    def lose_object(self) -> None:
        """The computer left the domain that activated it: nothing is licensed, and there is no grace left."""
        self.forget_host()
        self.status, self.reason, self.ends = NOTIFICATION, REASON_NO_LICENSE, None

    def license_by_token(self, grant: TokenGrant) -> None:
        """Licensed as long as the issuance license lasts; nothing renews it by itself."""
        self.status, self.reason, self.ends = LICENSED, REASON_PRODUCT_USER_RIGHT, grant.issued.expires
        self.activated_by, self.token, self.next_attempt = 3, grant, None

    def lose_token(self) -> None:
        """The issuance license that activated it was removed."""
        self.forget_host()
        self.status, self.reason, self.ends = NOTIFICATION, SL_E_TKA_GRANT_NOT_FOUND, None

    def forget_host(self) -> None:
        """Forget by whom the license was activated."""
        self.host_pid = self.discovered_host = self.discovered_address = self.discovered_in = ""
        self.discovered_port = self.activated_by = 0
        self.token = self.ad = None

    def remove_key(self) -> None:
        """Back to a license without a key; settings made by an administrator stay."""
        self.key = self.extended_pid = self.installation_id = ""
        self.forget_host()
        self.status, self.reason, self.ends, self.next_attempt = UNLICENSED, REASON_NO_KEY, None, None


@dataclass
class HostRole:
    """What a KMS host remembers for one host key: whom it saw when, and how often it was asked what."""

    outside_clients: int = 0
    seen: dict[str, datetime] = field(default_factory=dict)
    largest_threshold: int = 0
    total: int = 0
    failed: int = 0
    by_status: list[int] = field(default_factory=lambda: [0] * 7)


@dataclass
class Subscription:
    """Subscription activation as the service shows it: the documented numbers of Get-SubscriptionLicenseInfo."""

    status: int
    type: int
    edition: str
    ends: datetime


@dataclass
class ServiceState:
    """State of the licensing service of one machine."""

    cmid: str
    settings: KmsSettings = field(default_factory=KmsSettings)
    applications: dict[str, KmsSettings] = field(default_factory=dict)
    """Settings of one application, which are in the registry only, by application ID."""
    host_caching: bool = True
    listening_port: int = 0
    listening_since_start: int | None = None
    """The port the running service took when it started, where the setting has changed since."""
    dns_publishing: bool = True
    publishing_since_start: bool | None = None
    """What the running service took when it started, where the setting has changed since."""
    publish_list: tuple[str, ...] = ()
    """Lines of DnsDomainPublishList as the service read them when it started."""
    low_priority: bool = False
    activation_disabled: bool = False
    activation_interval: int = DEFAULT_ACTIVATION_INTERVAL
    renewal_interval: int = DEFAULT_RENEWAL_INTERVAL
    rearms_left: int = 1000
    """3 on 6.1, 1000 later."""
    office_rearms_left: int = OFFICE_REARMS
    """How often all of Office may still be rearmed."""
    office_rearms_made: int = 0
    not_genuine: set[str] = field(default_factory=set)
    """Applications that Microsoft's validation found not to be genuine."""
    tampered: bool = False
    """Whether system files were changed."""
    rearming: set[str] = field(default_factory=set)
    """Applications and licenses whose rearm takes effect at the next restart."""
    stale: bool = False
    truths: Truths = USUAL
    subscription: Subscription | None = None
    products: dict[str, ProductState] = field(default_factory=dict)
    hosts: dict[str, HostRole] = field(default_factory=dict)
    """KMS host roles by activation ID of the host key."""

    @property
    def rearm_pending(self) -> bool:
        """Whether a rearm waits for the restart."""
        return bool(self.rearming)

    @property
    def port_in_use(self) -> int:
        """The port the running service listens on, 0 = the default: a changed setting counts from its next start."""
        return self.listening_port if self.listening_since_start is None else self.listening_since_start

    @property
    def publishing_in_use(self) -> bool:
        """Whether the running service publishes SRV records: a changed setting counts from its next start."""
        return self.dns_publishing if self.publishing_since_start is None else self.publishing_since_start

    def keyed(self) -> list[ProductState]:
        """Products with a key."""
        return [product for product in self.products.values() if product.key]

    def started(self) -> None:
        """The service takes its settings, and WMI shows every license with a key."""
        self.listening_since_start = self.publishing_since_start = None
        for product in self.products.values():
            product.is_unseen = False

    def effective(self, product: ProductState) -> KmsSettings:
        """Settings that count for a product: its own first, then those of its application, then the service's."""
        return product.settings.over(self.applications.get(product.sku.application_id, _NOTHING).over(self.settings))

    def shown(self, product: ProductState) -> KmsSettings:
        """What a product shows of them: WMI knows nothing of the settings of an application."""
        if self.truths.application_settings == "shown":
            return self.effective(product)
        return product.settings if self.truths.service_settings == "hidden" else product.settings.over(self.settings)
