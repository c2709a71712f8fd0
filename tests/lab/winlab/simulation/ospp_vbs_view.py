# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reading half of ospp.vbs: what /dstatus shows of a product, with the labels of public output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .slmgr_text import ERRORS

Values = Mapping[str, Any]
PROCESSING = "---Processing--------------------------"
EXITING = "---Exiting-----------------------------"
RULE = "---------------------------------------"
DAY_MINUTES = 1440
_STATUS = ("UNLICENSED", "LICENSED", "OOB_GRACE", "OOT_GRACE", "NON_GENUINE_GRACE", "NOTIFICATIONS", "EXTENDED_GRACE")
_TEXTS = {
    0x4004F00C: "The application runs within its grace period.",
    0x4004F00D: "The application runs within the grace period after its validity ended.",
    0xC004E016: "The product key is invalid for this computer.",
    0xC004F009: "The grace period expired.",
    0xC004F014: "The product key is not available.",
    0xC004F069: "The product SKU is not found.",
}
"""The lab's wording."""
_TYPES = ("ALL", "AD", "KMS", "TOKEN")


def error_lines(code: int) -> list[str]:
    """A code with its text."""
    known = _TEXTS.get(code) or ERRORS.get(code, {}).get("en", "Run /ddescr with this code.")
    return [f"ERROR CODE: 0x{code:08X}", f"ERROR DESCRIPTION: {known}"]


def about(product: Values) -> Iterator[str]:
    """Which product a line is about."""
    yield f"SKU ID: {product['ID']}"
    yield f"LICENSE NAME: {product['Name']}"
    yield f"LICENSE DESCRIPTION: {product['Description']}"
    if product["PartialProductKey"]:
        yield f"Last 5 characters of installed product key: {product['PartialProductKey']}"


def describe(service: Values, product: Values) -> Iterator[str]:
    """The lines of /dstatus for one product."""
    yield f"PRODUCT ID: {product['ProductKeyID'] or ''}"
    yield f"SKU ID: {product['ID']}"
    yield f"LICENSE NAME: {product['Name']}"
    yield f"LICENSE DESCRIPTION: {product['Description']}"
    if product["EvaluationEndDate"].year > 1601:
        yield f"BETA EXPIRATION: {product['EvaluationEndDate']:%m/%d/%Y}"
    status, minutes = product["LicenseStatus"], product["GracePeriodRemaining"]
    yield f"LICENSE STATUS:  ---{_STATUS[status]}--- "
    if status != 1:
        yield from error_lines(product["LicenseStatusReason"])
    if minutes:
        yield f"REMAINING GRACE: {minutes // DAY_MINUTES} days  ({minutes} minute(s) before expiring)"
    if not product["PartialProductKey"]:
        return
    yield f"Last 5 characters of installed product key: {product['PartialProductKey']}"
    if "VOLUME_KMSCLIENT" in product["Description"]:
        yield from _client(service, product)


def _client(service: Values, product: Values) -> Iterator[str]:
    if "VLActivationTypeEnabled" in product:
        yield f"Activation Type Configuration: {_TYPES[product['VLActivationTypeEnabled']]}"
    found, port = product["DiscoveredKeyManagementServiceMachineName"], product["DiscoveredKeyManagementServiceMachinePort"]
    yield f"\tKMS machine name from DNS: {found}:{port}" if found else "\tDNS auto-discovery: KMS name not available"
    own = product["KeyManagementServiceMachine"]
    if own:
        yield f"\tKMS machine registry override defined: {own}:{product['KeyManagementServicePort'] or 1688}"
    if product.get("KeyManagementServiceLookupDomain"):
        yield f"\tKMS SRV record lookup domain: {product['KeyManagementServiceLookupDomain']}"
    yield f"\tActivation Interval: {product['VLActivationInterval']} minutes"
    yield f"\tRenewal Interval: {product['VLRenewalInterval']} minutes"
    yield f"\tKMS host caching: {'Enabled' if service['KeyManagementServiceHostCaching'] else 'Disabled'}"
