# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office on one machine: which products, how they came there, which licensing service has their licenses, what the registry says.

Office facts sections 1, 1.5 and 1.7. The service of Windows has Office 2013 and later from Windows 8 on; OSPP, the service that Office
brings along, has Office 2010 everywhere, and 2013 and 2016 on Windows 7 and Server 2008 R2. Later releases do not install there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .catalog import CSVLK, Sku, activation_id
from .facts import OFFICE, OFFICE_2010
from .office_catalog import SUBSCRIPTION, VOLUME, OfficeProduct, retail_skus, subscription_skus, volume_skus
from .registry import REG_SZ, Registry

SEVEN = (6, 1)
SUBSCRIPTIONS = {
    "Microsoft 365 Apps for enterprise": "O365ProPlusRetail",
    "Microsoft 365 Apps for enterprise (no Teams)": "O365ProPlusEEANoTeamsRetail",
    "Microsoft 365 Apps for business": "O365BusinessRetail",
    "Visio Plan 2": "VisioProRetail",
    "Project Plan 3": "ProjectProRetail",
}
"""Title to product release ID."""
CONFIGURATION = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
_VERSIONS = {"2016": "16.0.4266.1001", "2019": "16.0.10410.20026", "2021": "16.0.14332.20763", "2024": "16.0.17932.20162"}
_CURRENT = "16.0.18025.20160"


@dataclass(frozen=True)
class Installation:
    """One Office product on a machine. `product` is None for Microsoft 365 Apps, which no volume key belongs to."""

    title: str
    product: OfficeProduct | None
    kind: str = VOLUME
    """volume, retail or subscription."""
    click_to_run: bool = False
    present: bool = True
    """False where only the licenses of an Office that was removed are left."""
    licenses: bool = False
    """Whether a subscription has the licenses it had before version 1910."""
    shared_computer: bool = False
    device_based: bool = False

    @property
    def release_id(self) -> str:
        """The product ID of Click-to-Run; empty for an MSI installation."""
        if not self.click_to_run:
            return ""
        if self.product is None:
            return SUBSCRIPTIONS[self.title]
        if self.product.click_to_run:
            return f"{self.product.product}XVolume"
        year = "" if self.product.year == "2016" else self.product.year
        return f"{self.product.product}{year}{'Volume' if self.kind == VOLUME else 'Retail'}"

    @property
    def year(self) -> str:
        """The release; empty for a subscription."""
        return self.product.year if self.product else ""

    def skus(self) -> tuple[Sku, ...]:
        """The licenses it brings."""
        if self.product is None:
            return subscription_skus() if self.licenses else ()
        return volume_skus(self.product) if self.kind == VOLUME else retail_skus(self.product)


def is_in_ospp(sku: Sku, generation: tuple[int, int]) -> bool:
    """Whether OSPP has a license, and not the service of Windows, which always has those of KMS hosts."""
    if sku.channel == CSVLK:
        return False
    return sku.application_id == OFFICE_2010 or (sku.application_id == OFFICE and generation <= SEVEN)


def refuse_misfit(installation: Installation, generation: tuple[int, int]) -> None:
    """Raise ValueError for an Office that does not install on this Windows."""
    if generation < SEVEN:
        raise ValueError(f"the lab has no Office on Windows {generation[0]}.{generation[1]}")
    if generation == SEVEN and (installation.product is None or installation.year >= "2019"):
        raise ValueError(f"{installation.title} does not install on Windows 7 and Server 2008 R2")


def write_office(registry: Registry, installations: Sequence[Installation]) -> None:
    """Write what setup of Office leaves in the registry."""
    present = [each for each in installations if each.present]
    for each in present:
        if not each.click_to_run and each.product is not None:
            number = {"2010": "14.0", "2013": "15.0"}.get(each.year, "16.0")
            key = rf"HKLM\SOFTWARE\Microsoft\Office\{number}\Registration\{{{activation_id('msi', each.title).upper()}}}"
            registry.set(key, "ProductName", REG_SZ, f"Microsoft {each.title}")
    for name, text in _configuration([each for each in present if each.click_to_run]):
        registry.set(CONFIGURATION, name, REG_SZ, text)


def _configuration(installed: Sequence[Installation]) -> Iterator[tuple[str, str]]:
    """The values of Click-to-Run: there is one installation of it on a machine, with all its products and one channel."""
    if not installed:
        return
    years = [each.year for each in installed if each.year in _VERSIONS and each.kind == VOLUME]
    newest = max(years, default="")
    channel = f"PerpetualVL{newest}" if newest >= "2019" else "Production::CC"
    yield "ProductReleaseIds", ",".join(each.release_id for each in installed)
    yield "Platform", "x64"
    yield "VersionToReport", _VERSIONS.get(newest, _CURRENT)
    yield "AudienceData", channel
    yield "UpdateChannel", f"http://officecdn.microsoft.com/pr/{activation_id('channel', channel)}"
    if any(each.kind == SUBSCRIPTION for each in installed):
        yield "SharedComputerLicensing", str(int(any(each.shared_computer for each in installed)))
    for each in installed:
        if each.device_based:
            yield f"{each.release_id}.DeviceBasedLicensing", "1"
