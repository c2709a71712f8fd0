# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the registry of a machine: facts of the installation, and the licensing settings (licensing facts section 8).

The licensing service reads its settings when it starts; WMI methods write both its state and the registry. Writing the
registry alone changes nothing until sppsvc restarts, as on real Windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from .editions import Os
from .registry import REG_DWORD, REG_SZ, Data, Key, Registry, build_base
from .state import KmsSettings, ProductState

if TYPE_CHECKING:
    from .computer import Computer

CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
SPP = CURRENT_VERSION + r"\SoftwareProtectionPlatform"
WOW_SPP = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
NAME, PORT, LOOKUP = "KeyManagementServiceName", "KeyManagementServicePort", "KeyManagementServiceLookupDomain"


@cache
def _base(os: Os) -> Mapping[str, Key]:
    major, minor, build = os.version
    version: dict[str, tuple[int, Data]] = {
        "ProductName": (REG_SZ, os.caption.removeprefix("Microsoft ").rstrip()),
        "EditionID": (REG_SZ, os.edition.edition_id),
        "InstallationType": (REG_SZ, "Server" if os.server else "Client"),
        "CurrentBuild": (REG_SZ, str(build)),
        "CurrentBuildNumber": (REG_SZ, str(build)),
        "CurrentVersion": (REG_SZ, f"{major}.{minor}" if major < 10 else "6.3"),
        "SystemRoot": (REG_SZ, r"C:\Windows"),
        "RegisteredOwner": (REG_SZ, "winlab"),
        "RegisteredOrganization": (REG_SZ, "winlab"),
    }
    if major >= 10:
        version |= {"CurrentMajorVersionNumber": (REG_DWORD, major), "CurrentMinorVersionNumber": (REG_DWORD, minor), "UBR": (REG_DWORD, 1)}
    return build_base({
        CURRENT_VERSION: version,
        SPP: {"InactivityShutdownDelay": (REG_DWORD, 30)},
        SPP + r"\Activation": {},
        WOW_SPP: {},
        r"HKLM\SOFTWARE\Policies\Microsoft": {},
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies": {},
        r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName": {},
        r"HKLM\SYSTEM\CurrentControlSet\Services\sppsvc": {"Start": (REG_DWORD, 2)},
        r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters": {},
        r"HKU\S-1-5-20\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform": {},
    })  # fmt: skip


def product_path(product: ProductState) -> str:
    """Where the settings of one product are."""
    return rf"{SPP}\{product.sku.application_id}\{product.sku.id}"


def write_settings(registry: Registry, path: str, settings: KmsSettings) -> None:
    """Write KMS settings as the WMI methods do; a setting that is not set has no value."""
    texts = {NAME: settings.host, PORT: str(settings.port) if settings.port else "", LOOKUP: settings.lookup_domain}
    for name, text in texts.items():
        if text:
            registry.set(path, name, REG_SZ, text)
        else:
            registry.delete_value(path, name)
    if settings.activation_type:
        registry.set(path, "VLActivationType", REG_DWORD, settings.activation_type)
    else:
        registry.delete_value(path, "VLActivationType")


def write_service(computer: Computer) -> None:
    """Write everything the licensing service keeps in the registry."""
    registry, service = computer.registry, computer.service
    write_settings(registry, SPP, service.settings)
    flags: dict[str, int] = {
        "DisableDnsPublishing": int(not service.dns_publishing),
        "EnableKmsLowPriority": int(service.low_priority),
        "DisableKeyManagementServiceHostCaching": int(not service.host_caching),
        "VLActivationInterval": service.activation_interval if service.activation_interval != 120 else 0,
        "VLRenewalInterval": service.renewal_interval if service.renewal_interval != 10080 else 0,
    }
    for name, number in flags.items():
        if number:
            registry.set(SPP, name, REG_DWORD, number)
        else:
            registry.delete_value(SPP, name)
    if service.listening_port:
        registry.set(SPP, "KeyManagementServiceListeningPort", REG_SZ, str(service.listening_port))
    else:
        registry.delete_value(SPP, "KeyManagementServiceListeningPort")
    for product in service.products.values():
        if product.settings != KmsSettings() or registry.key(product_path(product)) is not None:
            write_settings(registry, product_path(product), product.settings)


def _read_settings(registry: Registry, path: str) -> KmsSettings:
    def text(name: str) -> str:
        found = registry.get(path, name)
        return "" if found is None else str(found.data)

    port, kind = text(PORT), registry.get(path, "VLActivationType")
    return KmsSettings(
        text(NAME), int(port) if port.isdecimal() else 0, text(LOOKUP), int(kind.data) if kind and isinstance(kind.data, int) else 0
    )


def read_service(computer: Computer) -> None:
    """What sppsvc does when it starts: take its settings from the registry."""
    registry, service = computer.registry, computer.service
    service.settings = _read_settings(registry, SPP)
    for product in service.products.values():
        product.settings = _read_settings(registry, product_path(product))
    caching = registry.get(SPP, "DisableKeyManagementServiceHostCaching")
    service.host_caching = caching is None or caching.data == 0
    publishing = registry.get(SPP, "DisableDnsPublishing")
    service.dns_publishing = publishing is None or publishing.data == 0
    port = registry.get(SPP, "KeyManagementServiceListeningPort")
    service.listening_port = int(str(port.data)) if port is not None and str(port.data).isdecimal() else 0


def fresh_registry(computer: Computer) -> Registry:
    """The registry of a machine as it is when first looked at."""
    registry = Registry(_base(computer.os))
    registry.set(r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName", "ComputerName", REG_SZ, computer.name.upper())
    tcpip = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
    registry.set(tcpip, "Hostname", REG_SZ, computer.name)
    registry.set(tcpip, "Domain", REG_SZ, computer.domain)
    registry.set(CURRENT_VERSION, "ProductId", REG_SZ, computer.product_id)
    registry.set(SPP, "ServiceSessionId", REG_SZ, computer.service.cmid)
    return registry
