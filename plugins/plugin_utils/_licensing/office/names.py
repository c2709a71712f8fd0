# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Office product, its release, and the kind of license, from the name of a license.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The names do not depend on the display language. Observed names are "Office 14, OfficeProPlus-KMS_Client edition",
"Office 15, OfficeProPlusVL_KMS_Client edition", "Office 16, Office16ProPlusVL_KMS_Client edition", and
"Office 24, Office24ProPlus2024VL_KMS_Client_AE edition"; those of other products follow the same pattern (inferred). The functions
therefore tolerate parts that are missing or have another case, and return None for a name that they do not understand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from ..state.model import Application, Channel, LicensedProduct

PRODUCTS = (
    "ProPlus",
    "Standard",
    "ProjectPro",
    "ProjectStd",
    "VisioPrem",
    "VisioPro",
    "VisioStd",
    "Access",
    "Excel",
    "Groove",
    "InfoPath",
    "Lync",
    "OneNote",
    "Outlook",
    "PowerPoint",
    "Publisher",
    "SkypeforBusiness",
    "Word",
)
"""The products for which Microsoft published GVLKs. Groove is SharePoint Workspace 2010."""

SUITE, PROJECT, VISIO = "suite", "project", "visio"
"""The families of which a machine has one product of a release. The family of any other product is the program itself."""

_SUITES = re.compile(r"proplus|standard|mondo|.*365.*|(?:home|professional|personal).*", re.IGNORECASE)

_CANONICAL = {name.casefold(): name for name in (*PRODUCTS, "Mondo")}
_CANONICAL |= {"sharepointworkspace": "Groove", "visiopremium": "VisioPrem"}
_RELEASES = {"14": "2010", "15": "2013", "16": "2016"}
_NAME = re.compile(r"\s*Office\s+(?P<version>\d\d)\s*,\s*(?P<license>\S+?)(?:\s+edition)?\s*", re.IGNORECASE)
_LICENSE = re.compile(r"(?:Office(?P<version>1[4-9]|2\d)?)?(?P<product>[A-Za-z0-9]+?)[-_](?P<kind>\w+)", re.IGNORECASE)
_RELEASE = re.compile(r"20[12]\d")
_CLICK_TO_RUN = re.compile(r"X(?:C2R)?$", re.IGNORECASE)
_VOLUME = re.compile(r"VL$", re.IGNORECASE)
_RETAIL = re.compile(r"(?:MSDN|Demo)?R$")
_SUBSCRIPTION = re.compile(r"[OM]365", re.IGNORECASE)


class LicenseKind(Enum):
    """The kind of an Office license."""

    KMS_CLIENT = "kms_client"
    KMS_HOST = "kms_host"
    MAK = "mak"
    SUBSCRIPTION = "subscription"
    GRACE = "grace"
    RETAIL = "retail"


@dataclass(frozen=True)
class OfficeName:
    """The parts of a license name. `product` is a name such as "ProPlus", and `release` a year such as "2021".

    `is_subscription` is true for all licenses of Microsoft 365 products, also for those of their grace periods. `is_click_to_run_2016` is
    true for the licenses of the Click-to-Run edition of Project 2016 and Visio 2016, which have keys of their own.
    """

    product: str
    release: str
    kind: LicenseKind
    is_subscription: bool = False
    is_click_to_run_2016: bool = False

    @property
    def is_volume(self) -> bool:
        """Whether the license belongs to a volume edition: it is for KMS clients or for a MAK."""
        return self.kind in (LicenseKind.KMS_CLIENT, LicenseKind.MAK)

    @property
    def family(self) -> str:
        """What the product replaces in another release: a suite, Project, Visio, or the program itself."""
        lowered = self.product.casefold()
        if _SUITES.fullmatch(lowered):
            return SUITE
        return next((family for family in (PROJECT, VISIO) if lowered.startswith(family)), lowered)

    @property
    def is_suite(self) -> bool:
        """Whether the product is a suite, which contains the programs of its release."""
        return self.family == SUITE

    @property
    def is_program(self) -> bool:
        """Whether the product is a single program, which a suite can contain. No suite contains Project and Visio."""
        return self.family not in (SUITE, PROJECT, VISIO)

    @property
    def is_version_16(self) -> bool:
        """Whether the product has the version number 16.0, which all releases since 2016 share. They cannot be installed together."""
        return self.release >= "2016"

    @property
    def version(self) -> str:
        """What can be installed once: version 16.0, or the release of an earlier product."""
        return "16.0" if self.is_version_16 else self.release

    @property
    def is_click_to_run_only(self) -> bool:
        """Whether only Click-to-Run installs the product: every release since 2019, and one edition of Project 2016 and Visio 2016."""
        return self.release >= "2019" or self.is_click_to_run_2016


def license_name(product: LicensedProduct) -> OfficeName | None:
    """Return the parts of the name of an Office license, or None for Windows and for a name of another format."""
    if product.application is not Application.OFFICE:
        return None
    found = parse(product.name)
    if found and product.channel is Channel.SUBSCRIPTION and not found.is_subscription:
        return OfficeName(found.product, found.release, LicenseKind.SUBSCRIPTION, is_subscription=True)
    return found


def parse(name: str) -> OfficeName | None:
    """Return the parts of the name of a license, or None if the name has another format."""
    named = _NAME.fullmatch(name)
    found = _LICENSE.fullmatch(named["license"]) if named else None
    if named is None or found is None:
        return None
    release, rest = _take(_RELEASE, found["product"])
    rest = _VOLUME.sub("", rest)
    kind = _kind(found["kind"])
    product, is_click_to_run = _product(rest)
    release = release or _release_of(found["version"] or named["version"])
    is_subscription = kind is LicenseKind.SUBSCRIPTION or bool(_SUBSCRIPTION.search(product))
    return OfficeName(product, release, kind, is_subscription, is_click_to_run and release == "2016") if product and release else None


def is_subscription(product: LicensedProduct) -> bool:
    """Return whether a product is an Office license of a Microsoft 365 subscription, also if the license is only for its grace period."""
    found = license_name(product)
    return product.application is Application.OFFICE and (
        product.channel is Channel.SUBSCRIPTION or (found is not None and found.is_subscription)
    )


def canonical(product: str) -> str:
    """Return the usual notation of a product name, such as ProPlus for proplus. A name that is not known is returned unchanged."""
    return _CANONICAL.get(product.casefold(), product)


def _release_of(version: str) -> str | None:
    """Return the release of a version number. Office 2019 and later use the last two digits of their year."""
    return _RELEASES.get(version) or (f"20{version}" if int(version) >= 19 else None)


def _take(pattern: re.Pattern[str], text: str) -> tuple[str | None, str]:
    found = pattern.search(text)
    return (found.group(), text[: found.start()] + text[found.end() :]) if found else (None, text)


def _product(text: str) -> tuple[str, bool]:
    """Return the product without the letters for retail, and whether its name contains the mark of Click-to-Run."""
    if text.casefold() in _CANONICAL:
        return canonical(text), False
    plain = _CLICK_TO_RUN.sub("", text)
    if plain != text:
        return canonical(plain), True
    return canonical(_RETAIL.sub("", text)), False


def _kind(text: str) -> LicenseKind:
    lowered = text.casefold()
    for start, kind in _KINDS:
        if lowered.startswith(start):
            return kind
    return LicenseKind.RETAIL


_KINDS = (
    ("kms_client", LicenseKind.KMS_CLIENT),
    ("kms_host", LicenseKind.KMS_HOST),
    ("mak", LicenseKind.MAK),
    ("sub", LicenseKind.SUBSCRIPTION),
    ("grace", LicenseKind.GRACE),
)
"""The beginnings of the last part of a name. Retail licenses have several, such as Retail, OEM_Perp, and Trial."""
