# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SoftwareLicensingService and SoftwareLicensingProduct show of the licensing state.

A license without a key shows a template shared by all machines of the release; only what differs is built per machine.
Sentinels as in the facts (section 1): an unset uint32 is 4294967295, an unset date 1601-01-01, an unset port 0, an unset
host name NULL on 6.1 and 6.2 and empty text later (both occur; which release does which is not known).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from ..interfaces import Value
from . import kms_host
from .catalog import Sku
from .clock import NEVER
from .computer import Computer
from .editions import Os
from .facts import WINDOWS
from .identity import product_id
from .schema import CimClass, licensing_class
from .state import UNSET, KmsSettings, ProductState, ServiceState

SPP_PRODUCT = "SoftwareLicensingProduct"
ZERO: Mapping[str, Value] = {"string": None, "uint32": 0, "boolean": False, "datetime": NEVER, "string[]": ()}
"""What a property shows that nothing is known of, by its type."""
_URLS = {
    "ProcessorURL": "http://go.microsoft.com/fwlink/?LinkID=88342", "MachineURL": "http://go.microsoft.com/fwlink/?LinkID=88343",
    "UseLicenseURL": "http://go.microsoft.com/fwlink/?LinkID=88345", "ProductKeyURL": "http://go.microsoft.com/fwlink/?LinkID=88344",
}  # fmt: skip
_COUNTERS = (
    ("KeyManagementServiceUnlicensedRequests", 0), ("KeyManagementServiceLicensedRequests", 1), ("KeyManagementServiceOOBGraceRequests", 2),
    ("KeyManagementServiceOOTGraceRequests", 3), ("KeyManagementServiceNonGenuineGraceRequests", 4),
    ("KeyManagementServiceNotificationRequests", 5),
)  # fmt: skip
ADDONS_DEPEND_ON = "dcb88f6f-b090-405b-850e-dabcccf3693f"
"""What an add-on of Windows shows as the license it depends on: a choice of the lab, as the real value is not in the facts."""
_MARKER_STATUS = {"none": 0, "present": 1, "missing": 2}
"""OA2xBiosMarkerStatus: no SLIC table, a Windows marker, a table without one. Community knowledge, not documented."""
UNSET_NUMBERS = {name: UNSET for name, _index in _COUNTERS} | {
    "KeyManagementServiceTotalRequests": UNSET, "KeyManagementServiceFailedRequests": UNSET, "KeyManagementServiceCurrentCount": UNSET,
    "RequiredClientCount": UNSET, "ExtendedGrace": UNSET, "TokenActivationILVID": UNSET, "TokenActivationGrantNumber": UNSET,
}  # fmt: skip


def _class_of(name: str, os: Os) -> CimClass:
    found = licensing_class(name, os.version)
    assert found is not None
    return found


def _unset_text(os: Os) -> str | None:
    return None if os.generation <= (6, 2) else ""


@cache
def _product_template(sku: Sku, os: Os, class_name: str) -> Mapping[str, Value]:
    known: dict[str, Value] = {
        **UNSET_NUMBERS, **_URLS,
        "ID": sku.id, "Name": sku.name, "Description": sku.description, "ApplicationID": sku.application_id, "LicenseFamily": sku.family,
        "LicenseStatusReason": 0xC004F014, "VLActivationInterval": 120, "VLRenewalInterval": 10080,
        "KeyManagementServiceMachine": _unset_text(os),
        "KeyManagementServiceLookupDomain": _unset_text(os), "RemainingAppReArmCount": 1000, "RemainingSkuReArmCount": 1001,
        "ProductKeyChannel": None, "ValidationURL": "http://go.microsoft.com/fwlink/?LinkID=187557",
        "LicenseIsAddon": sku.addon, "LicenseDependsOn": ADDONS_DEPEND_ON if sku.addon else None, "GenuineStatus": 0,
    }  # fmt: skip
    return {name: known.get(name, ZERO[cim_type]) for name, cim_type in _class_of(class_name, os).properties.items()}


@cache
def _service_template(os: Os) -> Mapping[str, Value]:
    known: dict[str, Value] = {**UNSET_NUMBERS, "Version": os.service_version, "KeyManagementServiceDnsPublishing": True}
    return {name: known.get(name, ZERO[cim_type]) for name, cim_type in _class_of("SoftwareLicensingService", os).properties.items()}


def _requests(prefix: dict[str, Value], computer: Computer, product: ProductState, now: datetime) -> None:
    role = computer.service.hosts.get(product.sku.id)
    if role is None:
        return
    forced = computer.context.faults.get(computer.name, "kms_count")
    prefix["IsKeyManagementServiceMachine"] = 1
    if role.total or role.outside_clients or forced is not None:
        prefix["KeyManagementServiceCurrentCount"] = kms_host.current_count(role, now, None if forced is None else int(forced["value"]))
        prefix["RequiredClientCount"] = role.largest_threshold or UNSET
    prefix["KeyManagementServiceTotalRequests"], prefix["KeyManagementServiceFailedRequests"] = role.total, role.failed
    prefix.update({name: role.by_status[index] for name, index in _COUNTERS})


def product_values(computer: Computer, sku: Sku, now: datetime, class_name: str = SPP_PRODUCT) -> Mapping[str, Value]:
    """Every property of one product, as its class shows it. `now` is the machine's own time."""
    service, template = computer.service_of(sku), _product_template(sku, computer.os, class_name)
    product = service.products.get(sku.id)
    inherits = sku.volume_client and service.settings != KmsSettings()
    if product is None and not inherits:
        return template
    changed: dict[str, Value] = {}
    if sku.volume_client:
        changed.update(_client_settings(service, product or ProductState(sku), computer.os))
    if product is not None and product.keyed:
        changed.update(_keyed(computer, product, now))
        _requests(changed, computer, product, now)
    values = dict(template)
    values.update({name: value for name, value in changed.items() if name in template})
    return values


def _client_settings(service: ServiceState, product: ProductState, os: Os) -> dict[str, Value]:
    settings = service.shown(product)
    return {
        "KeyManagementServiceMachine": settings.host or _unset_text(os),
        "KeyManagementServicePort": settings.port,
        "KeyManagementServiceLookupDomain": settings.lookup_domain or _unset_text(os),
        "VLActivationTypeEnabled": settings.activation_type,
        "VLActivationInterval": product.activation_interval,
        "VLRenewalInterval": product.renewal_interval,
    }


def _keyed(computer: Computer, product: ProductState, now: datetime) -> dict[str, Value]:
    service = computer.service_of(product.sku)
    product.settle(now)
    of_application = service.rearms_left if product.sku.application_id == WINDOWS else service.office_rearms_left
    values: dict[str, Any] = {
        "PartialProductKey": product.partial_key, "ProductKeyID": product.extended_pid, "OfflineInstallationId": product.installation_id,
        "ProductKeyChannel": product.sku.channel_name, "ProductKeyID2": product_id(computer.os, product.sku, computer.installation),
        "LicenseStatus": product.status,
        "LicenseStatusReason": product.reason, "GracePeriodRemaining": product.minutes_left(now), "TrustedTime": now.replace(microsecond=0),
        "RemainingAppReArmCount": of_application, "RemainingSkuReArmCount": product.rearms_left,
        "GenuineStatus": int(product.sku.application_id in service.not_genuine),
    }  # fmt: skip
    if product.sku.channel == "eval" and product.ends is not None:
        values["EvaluationEndDate"] = product.ends.replace(microsecond=0)
    if product.sku.volume_client:
        values.update({
            "KeyManagementServiceProductKeyID": product.host_pid or None,
            "DiscoveredKeyManagementServiceMachineName": product.discovered_host or None,
            "DiscoveredKeyManagementServiceMachinePort": product.discovered_port,
            "DiscoveredKeyManagementServiceMachineIpAddress": product.discovered_address or None,
            "VLActivationType": product.activated_by,
            "RequiredClientCount": product.sku.required_count,
            **(product.token.values() if product.token else {}),
            **({} if product.ad is None else {
                "ADActivationObjectName": product.ad.name, "ADActivationObjectDN": product.ad.dn,
                "ADActivationCsvlkPid": product.ad.extended_pid, "ADActivationCsvlkSkuId": product.ad.sku_id,
            }),
        })  # fmt: skip
    return values


def _first(computer: Computer, wanted: Callable[[ProductState], bool]) -> ProductState | None:
    """The keyed product the service speaks of: a Windows one if there is one."""
    found = [product for product in computer.service.keyed() if wanted(product)]
    return next((product for product in found if product.sku.application_id == WINDOWS), found[0] if found else None)


def service_values(computer: Computer, now: datetime) -> Mapping[str, Value]:
    """Every property of the one SoftwareLicensingService. `now` is the machine's own time."""
    service, os, settings = computer.service, computer.os, computer.service.settings
    template = _service_template(os)
    marker = "missing" if computer.fault("oem_marker_missing") else computer.oem_marker
    client = _first(computer, lambda product: product.sku.volume_client)
    host = _first(computer, lambda product: product.sku.id in service.hosts)
    changed: dict[str, Value] = {
        "ClientMachineID": service.cmid, "KeyManagementServiceMachine": settings.host or _unset_text(os),
        "KeyManagementServicePort": settings.port,
        "KeyManagementServiceLookupDomain": settings.lookup_domain or _unset_text(os),
        "KeyManagementServiceHostCaching": service.host_caching,
        "KeyManagementServiceListeningPort": service.listening_port, "KeyManagementServiceDnsPublishing": service.dns_publishing,
        "KeyManagementServiceLowPriority": service.low_priority, "KeyManagementServiceActivationDisabled": service.activation_disabled,
        "RemainingWindowsReArmCount": service.rearms_left, "PolicyCacheRefreshRequired": int(service.stale),
        "VLActivationInterval": service.activation_interval, "VLRenewalInterval": service.renewal_interval,
        "OA2xBiosMarkerStatus": _MARKER_STATUS[marker], "OA2xBiosMarkerMinorVersion": int(marker == "present"),
    }  # fmt: skip
    if service.subscription is not None:
        changed.update({
            "SubscriptionStatus": service.subscription.status, "SubscriptionType": service.subscription.type,
            "SubscriptionEdition": service.subscription.edition, "SubscriptionExpiry": service.subscription.ends.replace(microsecond=0),
        })  # fmt: skip
    if client is not None:
        changed.update({
            "DiscoveredKeyManagementServiceMachineName": client.discovered_host or None,
            "DiscoveredKeyManagementServiceMachinePort": client.discovered_port,
            "DiscoveredKeyManagementServiceMachineIpAddress": client.discovered_address or None,
            "KeyManagementServiceProductKeyID": client.host_pid or None,
            "RequiredClientCount": client.sku.required_count,
            **(client.token.values() if client.token else {}),
        })  # fmt: skip
    if host is not None:
        _requests(changed, computer, host, now)
    values = dict(template)
    values.update({name: value for name, value in changed.items() if name in template})
    return values
