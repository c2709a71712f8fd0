# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License files (xrm-ms): documents that look like real ones, and what a licensing service does with one.

Microsoft does not document the format. The names of elements and namespaces are those of public files; what is signed and how is not
simulated. A document of the lab has the signature LAB, and any other signature, also a real one, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .catalog import RETAIL, Sku
from .facts import OFFICE, OFFICE_2010, WINDOWS
from .token_licenses import CATEGORY, TokenLicense, file_fields, from_file
from .wmi_faults import LicensingError

SL_E_LICENSE_SIGNATURE_VERIFICATION_FAILED = 0xC004F01D
SL_E_INVALID_LICENSE = 0xC004F01F
PUBLISHING, USE = "msft:sl/PL/GENERIC/PUBLIC", "msft:sl/EUL/GENERIC/PUBLIC"

_R = "urn:mpeg:mpeg21:2003:01-REL-R-NS"
_TM = "http://www.microsoft.com/DRM/XrML2/TM/v2"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_SIGNATURE = "LAB"


@dataclass
class Licenses:
    """What was installed in one licensing service: the titles of the files in order, the products they made known, issuance licenses."""

    titles: list[str] = field(default_factory=list)
    skus: dict[str, Sku] = field(default_factory=dict)
    tokens: dict[str, TokenLicense] = field(default_factory=dict)
    """Issuance licenses of token-based activation by the ID of the license."""


def document(
    title: str,
    activation_id: str = "",
    application_id: str = WINDOWS,
    *,
    category: str = PUBLISHING,
    product: str = "Lab product",
    family: str = "Lab",
    signature: str = _SIGNATURE,
    more: Mapping[str, str] | None = None,
) -> str:
    """A license file. Without an activation ID it names no product, as a file with the configuration of keys."""
    named = {"productSkuId": activation_id, "applicationId": application_id} if activation_id else {}
    texts = {"licenseCategory": category, "productName": product, "Family": family, **(more or {})}
    info = "".join(f'<tm:infoStr name="{name}">{{{value}}}</tm:infoStr>' for name, value in named.items())
    info += "".join(f'<tm:infoStr name="{name}">{escape(value)}</tm:infoStr>' for name, value in texts.items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rg:licenseGroup xmlns:rg="{_R}"><r:license xmlns:r="{_R}" xmlns:tm="{_TM}">'
        f"<r:title>{escape(title)}</r:title><r:issuer><Signature xmlns='{_DSIG}'><SignatureValue>{signature}</SignatureValue></Signature>"
        f'</r:issuer><r:otherInfo><tm:infoTables><tm:infoList tag="#global">{info}</tm:infoList></tm:infoTables></r:otherInfo>'
        "</r:license></rg:licenseGroup>"
    )


def issuance_license(issued: TokenLicense, *, application_id: str = WINDOWS, signature: str = _SIGNATURE) -> str:
    """A license file with an issuance license of token-based activation."""
    return document("Token issuance license", issued.activation_id, application_id, category=CATEGORY, signature=signature,
                    more=file_fields(issued))  # fmt: skip


def install(licenses: Licenses, applications: tuple[str, ...], text: str) -> None:
    """InstallLicense: take a document in whole, or raise LicensingError and take nothing of it."""
    found = [_read(element, applications) for element in _licenses(text)]
    for title, content in found:
        licenses.titles.append(title)
        if isinstance(content, Sku):
            licenses.skus[content.id] = content
        elif content is not None:
            licenses.tokens[content.license_id] = content


def applications_of(generation: tuple[int, int], *, of_office: bool) -> tuple[str, ...]:
    """The applications whose files a licensing service takes."""
    if not of_office:
        return (WINDOWS, OFFICE)
    return (OFFICE_2010, OFFICE) if generation <= (6, 1) else (OFFICE_2010,)


def _licenses(text: str) -> list[ElementTree.Element]:
    if "<!DOCTYPE" in text:
        raise LicensingError(SL_E_INVALID_LICENSE)
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError:
        raise LicensingError(SL_E_INVALID_LICENSE) from None
    if root.tag not in (f"{{{_R}}}licenseGroup", f"{{{_R}}}license"):
        raise LicensingError(SL_E_INVALID_LICENSE)
    found = [root] if root.tag.endswith("}license") else root.findall(f"{{{_R}}}license")
    if not found:
        raise LicensingError(SL_E_INVALID_LICENSE)
    return found


def _read(element: ElementTree.Element, applications: tuple[str, ...]) -> tuple[str, Sku | TokenLicense | None]:
    """The title of a license, and the product that it makes known, or an issuance license; others make nothing known."""
    if element.findtext(f".//{{{_DSIG}}}SignatureValue", "").strip() != _SIGNATURE:
        raise LicensingError(SL_E_LICENSE_SIGNATURE_VERIFICATION_FAILED)
    title = element.findtext(f"{{{_R}}}title", "")
    info = {str(each.get("name")): (each.text or "").strip() for each in element.iter(f"{{{_TM}}}infoStr")}
    identity, application = (info.get(name, "").strip("{}").casefold() for name in ("productSkuId", "applicationId"))
    if identity and application not in applications:
        raise LicensingError(SL_E_INVALID_LICENSE)
    if info.get("licenseCategory") == CATEGORY:
        return title, _issuance(info)
    if not identity or not info.get("licenseCategory", "").startswith("msft:sl/PL/"):
        return title, None
    name, family = info.get("productName", ""), info.get("Family", "")
    return title, Sku(identity, name, f"{name}, RETAIL channel", application, family, RETAIL, "Retail")


def _issuance(info: Mapping[str, str]) -> TokenLicense:
    try:
        return from_file(info)
    except ValueError:
        raise LicensingError(SL_E_INVALID_LICENSE) from None
