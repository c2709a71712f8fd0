# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reading half of slmgr: /dli, /dlv, /xpr."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .os_classes import zone
from .slmgr_text import moment, say

if TYPE_CHECKING:
    from .machine import Machine

Values = Mapping[str, Any]
DAY_MINUTES = 1440
UNSET = 0xFFFFFFFF
_STATUS_COUNTERS = ("Unlicensed", "Licensed", "OOBGrace", "OOTGrace", "NonGenuineGrace", "Notification")

_WAYS: Mapping[int, tuple[str, tuple[tuple[str, str], ...]]] = {
    1: ("ad_client", (
        ("ad_name", "ADActivationObjectName"), ("ad_dn", "ADActivationObjectDN"), ("ad_pid", "ADActivationCsvlkPid"),
        ("ad_id", "ADActivationCsvlkSkuId"),
    )),
    3: ("token_client", (
        ("token_ilid", "TokenActivationILID"), ("token_ilvid", "TokenActivationILVID"), ("token_grant", "TokenActivationGrantNumber"),
        ("token_thumbprint", "TokenActivationCertificateThumbprint"),
    )),
}  # fmt: skip
"""What is shown of a product that something else than KMS activated, by VLActivationType."""


def _days(minutes: int) -> int:
    """slmgr rounds days up."""
    return math.ceil(minutes / DAY_MINUTES)


def local(machine: Machine, value: datetime) -> str:
    """A moment as the script prints it in the time of the machine."""
    return moment(value.astimezone(zone(machine)), machine.language)


def is_kms_client(product: Values) -> bool:
    """Whether slmgr takes a product for a KMS client."""
    return "VOLUME_KMSCLIENT" in product["Description"]


def _status(machine: Machine, product: Values) -> Iterator[str]:
    language, status, minutes = machine.language, product["LicenseStatus"], product["GracePeriodRemaining"]
    yield say(language, f"status_{status}")
    if status == 5:
        reason = product["LicenseStatusReason"]
        name = {0xC004F009: "reason_expired", 0xC004F200: "reason_non_genuine"}.get(reason, "reason")
        yield say(language, name, f"{reason:08X}")
    if status == 1 and minutes:
        yield say(language, "tb_expires" if "TIMEBASED_" in product["Description"] else "vl_expires", minutes, _days(minutes))
    elif status in (2, 3, 4, 6):
        yield say(language, "remaining", minutes, _days(minutes))


def _details(machine: Machine, product: Values) -> Iterator[str]:
    language = machine.language
    yield say(language, "activation_id", product["ID"])
    yield say(language, "application_id", product["ApplicationID"])
    yield say(language, "pid", product["ProductKeyID"] or "")
    if product.get("ProductKeyChannel"):
        yield say(language, "channel", product["ProductKeyChannel"])
    yield say(language, "iid", product["OfflineInstallationId"] or "")
    if "ValidationURL" in product:
        yield say(language, "use_url", product["UseLicenseURL"])
        yield say(language, "validation_url", product["ValidationURL"])
        return
    for name, url in (
        ("processor_url", "ProcessorURL"),
        ("machine_url", "MachineURL"),
        ("use_url", "UseLicenseURL"),
        ("key_url", "ProductKeyURL"),
    ):
        yield say(language, name, product[url])


def _verbose_end(machine: Machine, service: Values, product: Values) -> Iterator[str]:
    language = machine.language
    if product["EvaluationEndDate"].year > 1601:
        yield say(language, "evaluation_end", local(machine, product["EvaluationEndDate"]))
    if "RemainingAppReArmCount" in product:
        yield say(language, "windows_rearms", product["RemainingAppReArmCount"])
        yield say(language, "sku_rearms", product["RemainingSkuReArmCount"])
    else:
        yield say(language, "windows_rearms", service["RemainingWindowsReArmCount"])
    yield say(language, "trusted_time", local(machine, product["TrustedTime"]))


def _client(machine: Machine, service: Values, product: Values) -> Iterator[str]:
    language = machine.language
    yield ""
    if "VLActivationTypeEnabled" in product:
        yield say(language, f"type_{product['VLActivationTypeEnabled']}")
        yield ""
    if product["LicenseStatus"] != 1:
        yield say(language, "please_activate")
        return
    if "VLActivationTypeEnabled" in product:
        yield say(language, "most_recent")
    if product.get("VLActivationType") in _WAYS:
        name, fields = _WAYS[product["VLActivationType"]]
        yield say(language, name)
        yield from ("    " + say(language, line, product[shown]) for line, shown in fields)
        return
    yield say(language, "kms_client")
    yield "    " + say(language, "cmid", service["ClientMachineID"])
    if product.get("KeyManagementServiceLookupDomain"):
        yield "    " + say(language, "kms_domain", product["KeyManagementServiceLookupDomain"])
    for line in _where_from(product):
        yield "    " + say(language, *line)
    yield "    " + say(language, "kms_pid", product["KeyManagementServiceProductKeyID"] or "")
    yield "    " + say(language, "activation_interval", product["VLActivationInterval"])
    yield "    " + say(language, "renewal_interval", product["VLRenewalInterval"])
    yield "    " + say(language, "caching_on" if service["KeyManagementServiceHostCaching"] else "caching_off")


def _where_from(product: Values) -> Iterator[tuple[Any, ...]]:
    if product["KeyManagementServiceMachine"]:
        yield "kms_registered", product["KeyManagementServiceMachine"], product["KeyManagementServicePort"] or 1688
    elif product["DiscoveredKeyManagementServiceMachineName"]:
        yield "kms_dns", product["DiscoveredKeyManagementServiceMachineName"], product["DiscoveredKeyManagementServiceMachinePort"]
    else:
        yield ("kms_dns_none",)
    if "DiscoveredKeyManagementServiceMachineIpAddress" in product:
        address = product["DiscoveredKeyManagementServiceMachineIpAddress"]
        yield ("kms_ip", address) if address else ("kms_ip_none",)


def _host(machine: Machine, service: Values, product: Values) -> Iterator[str]:
    language = machine.language
    count = product["KeyManagementServiceCurrentCount"]
    yield ""
    yield say(language, "kms_host")
    yield "    " + say(language, "current_count", -1 if count == UNSET else count)
    yield "    " + say(language, "listening", service["KeyManagementServiceListeningPort"] or 1688)
    yield "    " + say(language, "publishing_on" if service["KeyManagementServiceDnsPublishing"] else "publishing_off")
    yield "    " + say(language, "priority_low" if service["KeyManagementServiceLowPriority"] else "priority_normal")
    if product["KeyManagementServiceTotalRequests"] == UNSET:
        return
    yield ""
    yield say(language, "requests")
    yield "    " + say(language, "requests_total", product["KeyManagementServiceTotalRequests"])
    yield "    " + say(language, "requests_failed", product["KeyManagementServiceFailedRequests"])
    for index, name in enumerate(_STATUS_COUNTERS):
        yield "    " + say(language, f"requests_{index}", product[f"KeyManagementService{name}Requests"])


def describe(machine: Machine, service: Values, product: Values, verbose: bool) -> Iterator[str]:
    """The lines of /dli or /dlv for one product."""
    language = machine.language
    yield say(language, "name", product["Name"])
    yield say(language, "description", product["Description"])
    if verbose:
        yield from _details(machine, product)
    if not product["PartialProductKey"]:
        yield say(language, "not_in_use")
        return
    yield say(language, "partial", product["PartialProductKey"])
    yield from _status(machine, product)
    if verbose:
        yield from _verbose_end(machine, service, product)
    if is_kms_client(product):
        yield from _client(machine, service, product)
    elif product["IsKeyManagementServiceMachine"] == 1:
        yield from _host(machine, service, product)


def expiry(machine: Machine, product: Values) -> Iterator[str]:
    """The lines of /xpr for one product."""
    status, minutes = product["LicenseStatus"], product["GracePeriodRemaining"]
    end = local(machine, machine.now() + timedelta(minutes=minutes))
    name = f"xpr_{status}"
    if status == 1 and minutes:
        name = "xpr_1_tb" if "TIMEBASED_" in product["Description"] else "xpr_1_vl"
    yield f"{product['Name']}:"
    yield "    " + say(machine.language, name, end)
