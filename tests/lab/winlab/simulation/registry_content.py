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

from .build_revisions import shows_revision
from .catalog import CSVLK, Sku
from .editions import Os
from .facts import OFFICE, WINDOWS
from .office_installation import write_office
from .registry import REG_DWORD, REG_MULTI_SZ, REG_SZ, Data, Key, Registry, build_base
from .state import DEFAULT_ACTIVATION_INTERVAL, DEFAULT_RENEWAL_INTERVAL, INTERVALS, KmsSettings, ProductState, ServiceState

if TYPE_CHECKING:
    from .computer import Computer

COMPUTER_NAME = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName"
TCPIP = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
SPP = CURRENT_VERSION + r"\SoftwareProtectionPlatform"
WOW_SPP = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
NAME, PORT, LOOKUP = "KeyManagementServiceName", "KeyManagementServicePort", "KeyManagementServiceLookupDomain"
OSPP = r"HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform"
WOW_OSPP = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\OfficeSoftwareProtectionPlatform"
CACHING = "DisableKeyManagementServiceHostCaching"
PUBLISH_LIST, HOST_VERSION = "DnsDomainPublishList", "KeyManagementServiceVersion"


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
        version |= {"CurrentMajorVersionNumber": (REG_DWORD, major), "CurrentMinorVersionNumber": (REG_DWORD, minor)}
    return build_base({
        CURRENT_VERSION: version,
        SPP: {"InactivityShutdownDelay": (REG_DWORD, 30)},
        SPP + r"\Activation": {},
        WOW_SPP: {},
        r"HKLM\SOFTWARE\Policies\Microsoft": {},
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies": {},
        COMPUTER_NAME: {},
        r"HKLM\SYSTEM\CurrentControlSet\Services\sppsvc": {"Start": (REG_DWORD, 2)},
        TCPIP: {},
        r"HKU\S-1-5-20\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform": {},
    })  # fmt: skip


def product_path(sku: Sku) -> str:
    """Where the settings of one product are."""
    return rf"{SPP}\{sku.application_id}\{sku.id}"


def write_settings(registry: Registry, path: str, settings: KmsSettings) -> None:
    """Write KMS settings as the WMI methods do; a setting that is not set has no value."""
    texts = {NAME: settings.host, PORT: str(settings.port) if settings.port else "", LOOKUP: settings.lookup_domain}
    for name, text in texts.items():
        _put(registry, path, name, text)
    _put(registry, path, "VLActivationType", settings.activation_type)


def _put(registry: Registry, path: str, name: str, data: str | int) -> None:
    """Write a text or a number; an empty one or 0 is no value at all."""
    if data:
        registry.set(path, name, REG_SZ if isinstance(data, str) else REG_DWORD, data)
    else:
        registry.delete_value(path, name)


def write_service(registry: Registry, service: ServiceState) -> None:
    """Write everything the licensing service keeps in the registry."""
    write_settings(registry, SPP, service.settings)
    flags: dict[str, int] = {
        "DisableDnsPublishing": int(not service.dns_publishing),
        "EnableKmsLowPriority": int(service.low_priority),
        CACHING: int(not service.host_caching),
        "VLActivationInterval": service.activation_interval if service.activation_interval != DEFAULT_ACTIVATION_INTERVAL else 0,
        "VLRenewalInterval": service.renewal_interval if service.renewal_interval != DEFAULT_RENEWAL_INTERVAL else 0,
    }
    for name, number in flags.items():
        _put(registry, SPP, name, number)
    _put(registry, SPP, "KeyManagementServiceListeningPort", str(service.listening_port or ""))
    for product in service.products.values():
        path = product_path(product.sku)
        if product.settings != KmsSettings() or registry.key(path) is not None:
            write_settings(registry, path, product.settings)


def application_path(application: str) -> str:
    """Where the settings of one application are, all of Office or all of Windows."""
    return rf"{SPP}\{application}"


def ospp_path(sku: Sku) -> str:
    """Where the settings of one product of OSPP are, by analogy with those of Windows."""
    return rf"{OSPP}\{sku.application_id}\{sku.id}"


def write_ospp(computer: Computer) -> None:
    """Write everything OSPP keeps in the registry. Like its names, it follows the service of Windows."""
    if computer.office_licenses is None:
        return
    registry, service = computer.registry, computer.ospp
    write_settings(registry, OSPP, service.settings)
    _put(registry, OSPP, CACHING, int(not service.host_caching))
    for product in service.products.values():
        path = ospp_path(product.sku)
        if product.settings != KmsSettings() or registry.key(path) is not None:
            write_settings(registry, path, product.settings)


def read_ospp(computer: Computer) -> None:
    """What osppsvc does when it starts: take its settings from the registry, also those of a 32-bit Office."""
    registry, service = computer.registry, computer.ospp
    service.settings = _read_settings(registry, OSPP).over(_read_settings(registry, WOW_OSPP))
    for sku in computer.ospp_skus().values():
        settings = _read_settings(registry, ospp_path(sku))
        if sku.id in service.products or settings != KmsSettings():
            service.products.setdefault(sku.id, ProductState(sku)).settings = settings
    caching = registry.get(OSPP, CACHING)
    service.host_caching = caching is None or not caching.data


def _read_settings(registry: Registry, path: str) -> KmsSettings:
    def text(name: str) -> str:
        found = registry.get(path, name)
        return "" if found is None else str(found.data)

    port, kind = text(PORT), registry.get(path, "VLActivationType")
    return KmsSettings(
        text(NAME), int(port) if port.isdecimal() else 0, text(LOOKUP), int(kind.data) if kind and isinstance(kind.data, int) else 0
    )


def _named(settings: KmsSettings) -> KmsSettings:
    """Of the settings of an application only the host and the port are documented; the lab passes over others."""
    return KmsSettings(settings.host, settings.port)


def _number(registry: Registry, name: str) -> int:
    found = registry.get(SPP, name)
    return found.data if found is not None and isinstance(found.data, int) else 0


def _interval(registry: Registry, name: str, default: int) -> int:
    minutes = _number(registry, name)
    return minutes if minutes in INTERVALS else default


def read_service(computer: Computer) -> None:
    """What sppsvc does when it starts: take its settings from the registry."""
    registry, service = computer.registry, computer.service
    service.settings = _read_settings(registry, SPP)
    for sku in computer.skus().values():
        settings = _read_settings(registry, product_path(sku))
        if sku.id in service.products or settings != KmsSettings():
            service.products.setdefault(sku.id, ProductState(sku)).settings = settings
    for application in (WINDOWS, OFFICE):
        service.applications[application] = _named(_read_settings(registry, application_path(application)))
    service.host_caching = not _number(registry, CACHING)
    service.dns_publishing = not _number(registry, "DisableDnsPublishing")
    service.low_priority = bool(_number(registry, "EnableKmsLowPriority"))
    service.activation_interval = _interval(registry, "VLActivationInterval", DEFAULT_ACTIVATION_INTERVAL)
    service.renewal_interval = _interval(registry, "VLRenewalInterval", DEFAULT_RENEWAL_INTERVAL)
    port = registry.get(SPP, "KeyManagementServiceListeningPort")
    service.listening_port = int(str(port.data)) if port is not None and str(port.data).isdecimal() else 0
    lines = registry.get(SPP, PUBLISH_LIST)
    service.publish_list = lines.data if lines is not None and isinstance(lines.data, tuple) else ()


FIREWALL_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall"
_POLICY_OF = {1: "DomainProfile", 2: "StandardProfile", 4: "PublicProfile"}


def local_rules_ignored(registry: Registry, profile: int) -> bool:
    """Whether Group Policy lets only its own firewall rules count in this profile (the lab has none of those)."""
    merge = registry.get(rf"{FIREWALL_POLICY}\{_POLICY_OF[profile]}", "AllowLocalPolicyMerge")
    return merge is not None and merge.data == 0


def write_names(registry: Registry, computer: Computer) -> None:
    """Write under which names the machine goes."""
    registry.set(COMPUTER_NAME, "ComputerName", REG_SZ, computer.name.upper())
    registry.set(TCPIP, "Hostname", REG_SZ, computer.name)
    registry.set(TCPIP, "Domain", REG_SZ, computer.domain)


def write_revision(registry: Registry, computer: Computer) -> None:
    """Write the revision of the build, which Windows shows nowhere else."""
    if shows_revision(computer.os):
        registry.set(CURRENT_VERSION, "UBR", REG_DWORD, computer.ubr)


def fresh_registry(computer: Computer) -> Registry:
    """The registry of a machine with a licensing service as it is when first looked at."""
    registry = Registry(_base(computer.os))
    write_names(registry, computer)
    write_revision(registry, computer)
    registry.set(CURRENT_VERSION, "ProductId", REG_SZ, computer.product_id)
    registry.set(SPP, "ServiceSessionId", REG_SZ, computer.service.cmid)
    if computer.service.publish_list:
        registry.set(SPP, PUBLISH_LIST, REG_MULTI_SZ, computer.service.publish_list)
    if any(product.sku.channel == CSVLK for product in computer.service.keyed()):  # the work of the slmgr that made it a KMS host
        registry.set(SPP, HOST_VERSION, REG_SZ, computer.os.service_version)
        registry.set(WOW_SPP, HOST_VERSION, REG_SZ, computer.os.service_version)
    write_service(registry, computer.service)
    for application, settings in computer.service.applications.items():
        write_settings(registry, application_path(application), settings)
    write_office(registry, computer.office)
    return registry


def note_host_version(computer: Computer, version: str) -> None:
    """Registry upkeep of slmgr after a key change: KeyManagementServiceVersion exists while a KMS host key is installed."""
    host = any(product.sku.channel == CSVLK for product in computer.service.keyed())
    for path in (SPP, WOW_SPP):
        if host:
            computer.registry.set(path, HOST_VERSION, REG_SZ, version)
        else:
            computer.registry.delete_value(path, HOST_VERSION)
