# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office products, Office 2010 to LTSC 2024 and Microsoft 365: what an estate file calls them, and the licenses each brings.

Names and descriptions of licenses follow public listings (Office facts section 1.5); those of Project and Visio 2016 that Click-to-Run
installs are general knowledge. Activation IDs are made by the lab except where the facts give one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from .catalog import CSVLK, GVLK, MAK, RETAIL, HostKey, Sku, activation_id
from .facts import OFFICE, OFFICE_2010, SetupKey, setup_keys

GRACE_KEY, SUBSCRIPTION = "grace_key", "subscription"
"""Channels of keys that no customer installs: the one of a new retail Click-to-Run, and that of an old subscription."""
VOLUME = "volume"
"""How a product is licensed: volume, or retail or subscription as their channels."""

SHORT = {"2010": "14", "2013": "15", "2016": "16", "2019": "19", "2021": "21", "2024": "24"}
"""Year of a release to the number in the names of its licenses."""
_PROGRAMS = {
    "Office Professional Plus": "ProPlus", "Office Standard": "Standard", "Project Professional": "ProjectPro",
    "Project Standard": "ProjectStd", "Visio Professional": "VisioPro", "Visio Standard": "VisioStd", "Visio Premium": "VisioPrem",
    "SharePoint Workspace": "Groove",
}  # fmt: skip
SUITES = ("ProPlus", "Standard")
_CHANNELS = {
    GVLK: ("VOLUME_KMSCLIENT", "Volume:GVLK"), MAK: ("RETAIL(MAK)", "Volume:MAK"), RETAIL: ("RETAIL", "Retail"),
    GRACE_KEY: ("RETAIL(Grace)", "Retail"), SUBSCRIPTION: ("TIMEBASED_SUB", "Retail:TB:Sub"),
}  # fmt: skip
_SEEN_IDS = {
    "ProPlus 2010": "6f327760-8c5c-417c-9b61-836a98287e0c", "ProPlus 2013": "b322da9c-a2e2-4058-9e4e-f59a6970bd69",
    "ProPlus 2016": "d450596f-894d-49e0-966a-fd39ed4c4c64", "ProPlus 2019": "85dd8b5f-eaa4-4af3-a628-cce9e77c9a03",
    "ProPlus 2021": "fbdb3e18-a8ef-4fb3-9183-dffd60bd0984", "ProPlus 2024": "8d368fc1-9470-4be2-8d66-90e836cbb051",
}  # fmt: skip
"""Activation IDs of KMS client licenses that public listings show."""
_CLICK_TO_RUN_2016 = {
    "Project Standard 2016": "D8NRQ-JTYM3-7J2DX-646CT-6836M", "Project Professional 2016": "WGT24-HCNMF-FQ7XH-6M8K7-DRTW9",
    "Visio Standard 2016": "NY48V-PPYYH-3F4PX-XJRKJ-W4423", "Visio Professional 2016": "69WXN-MBYV6-22PQG-3WGHK-RM6XC",
}  # fmt: skip
"""GVLKs of the volume editions that the Office Deployment Tool installs. Source: Microsoft's page on Visio 2016 and Project 2016."""
CLICK_TO_RUN = " (Click-to-Run)"
"""Ends the title of these four."""

HOST_KEYS = {
    "Office 2010": ("bfe7a195-4f8f-4f0b-a622-cf13c7d16864", 0, "14", "OfficeKMS_KMS_Host"),
    "Office 2013": ("2e28138a-847f-42bc-9752-61b03fff33cd", 0, "15", "OfficeKMSHostVL_KMS_Host"),
    "Office 2016": ("98ebfe73-2084-4c97-932c-c0cd1643bea7", 1, "16", "OfficeKMSHostVL_KMS_Host"),
    "Office 2019": ("70512334-47b4-44db-a233-be5ea33b914c", 2, "19", "Office19KMSHost2019VL_KMS_Host_AE"),
    "Office LTSC 2021": ("47f3b983-7c53-4d45-abc6-bcd91e2dd90a", 3, "21", "Office21KMSHost2021VL_KMS_Host_AE"),
    "Office LTSC 2024": ("f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f", 4, "24", "Office24KMSHost2024VL_KMS_Host_AE"),
}
"""Office host keys: activation ID, the generation it covers with those before it, number and name of the license."""


@dataclass(frozen=True)
class OfficeProduct:
    """One volume product of one release, under the title of Microsoft's table of GVLKs."""

    title: str
    product: str
    """Its name in licenses and release IDs ("ProPlus", "VisioPro")."""
    year: str
    key: SetupKey = field(repr=False)
    click_to_run: bool = False
    """Whether it is one of the four of 2016 that have another GVLK than the MSI edition."""

    @property
    def suite(self) -> str:
        """The product whatever way it is delivered."""
        return f"{self.product} {self.year}"

    @property
    def application_id(self) -> str:
        """The application its licenses belong to."""
        return OFFICE_2010 if self.year == "2010" else OFFICE

    @property
    def level(self) -> int:
        """The generation a KMS host key must cover."""
        return HOST_KEYS[self.key.family][1]


def _folded(title: str) -> tuple[frozenset[str], str]:
    """A title without the order of its words: Microsoft's tables write "Project 2013 Professional" and "Project Professional 2010"."""
    words = title.casefold().replace(CLICK_TO_RUN.casefold(), " (c2r)").split()
    year = next((word for word in words if word in SHORT), "")
    return frozenset(words) - {year, "ltsc"}, year


def _product(key: SetupKey, *, click_to_run: bool = False) -> OfficeProduct:
    words = key.edition.split()
    year = next(word for word in words if word in SHORT)
    stem = " ".join(word for word in words if word not in (year, "LTSC"))
    title = key.edition + (CLICK_TO_RUN if click_to_run else "")
    return OfficeProduct(title, _PROGRAMS.get(stem, stem.replace(" ", "")), year, key, click_to_run)


@cache
def products() -> tuple[OfficeProduct, ...]:
    """Every volume product."""
    keys = [key for key in setup_keys() if key.kind == "office"]
    found = [_product(key) for key in keys]
    for title, text in _CLICK_TO_RUN_2016.items():
        found.append(_product(SetupKey("Office 2016", title, text, "office", OFFICE, office_version=16), click_to_run=True))
    return tuple(found)


@cache
def find_product(title: str) -> OfficeProduct:
    """The product with this title; the word LTSC and the place of the year do not matter. Raises ValueError when unknown."""
    for product in products():
        if _folded(product.title) == _folded(title):
            return product
    raise ValueError(f"{title!r}: known Office products are {', '.join(product.title for product in products())}")


def suite_of_key(text: str) -> str:
    """The product a GVLK of Office belongs to, however delivered; empty when it is none."""
    return next((product.suite for product in products() if product.key.key == text), "")


def _family(product: OfficeProduct, channel: str) -> str:
    """LicenseFamily, which is the license's name in short."""
    name, year, short = product.product, product.year, SHORT[product.year]
    if year == "2010":
        return f"Office{name}-{ {GVLK: 'KMS_Client', MAK: 'MAK'}.get(channel, 'Retail') }"
    if product.click_to_run:
        return f"Office16{name}XC2RVL_{ {GVLK: 'KMS_ClientC2R', MAK: 'MAKC2R'}[channel] }"
    head = "Office" if year == "2013" else f"Office{short}"
    infix, tail = (year, "_AE") if year >= "2019" else ("", "")
    if channel in (GVLK, MAK):
        return f"{head}{name}{infix}VL_{ {GVLK: 'KMS_Client', MAK: 'MAK'}[channel] }{tail}"
    return f"{head}{name}{infix}R_{ {RETAIL: 'Retail', GRACE_KEY: 'Grace'}[channel] }"


@cache
def product_sku(product: OfficeProduct, channel: str) -> Sku:
    """The license of a product for one channel of keys."""
    short, family = SHORT[product.year], _family(product, channel)
    shown, channel_name = _CHANNELS[channel]
    client = channel == GVLK
    identity = _SEEN_IDS.get(product.suite) if client else None
    return Sku(
        identity or activation_id(product.title, channel), f"Office {short}, {family} edition", f"Office {short}, {shown} channel",
        product.application_id, family, channel, channel_name, 5 if client else 0, product.level,
        setup_key=product.key if client else None, title=product.title, suite=product.suite,
    )  # fmt: skip


@cache
def volume_skus(product: OfficeProduct) -> tuple[Sku, ...]:
    """The licenses a volume product brings. Suites of Office 2010 bring those of their programs, too."""
    brought = [product]
    if product.year == "2010" and product.product in SUITES:
        apart = (*SUITES, "ProjectPro", "ProjectStd", "VisioPro", "VisioStd", "VisioPrem")
        brought += [each for each in products() if each.year == "2010" and each.product not in apart]
    return tuple(product_sku(each, channel) for each in brought for channel in (GVLK, MAK))


@cache
def retail_skus(product: OfficeProduct) -> tuple[Sku, ...]:
    """The licenses a retail product brings, which take no volume key."""
    return tuple(product_sku(product, channel) for channel in (RETAIL, GRACE_KEY))


@cache
def subscription_skus() -> tuple[Sku, ...]:
    """The licenses Microsoft 365 Apps put into the licensing service of Windows before version 1910."""
    names = {SUBSCRIPTION: "Office16O365ProPlusR_Subscription1", GRACE_KEY: "Office16O365ProPlusR_Grace"}
    return tuple(
        Sku(activation_id("Microsoft 365", channel), f"Office 16, {name} edition", f"Office 16, {_CHANNELS[channel][0]} channel", OFFICE,
            name, channel, _CHANNELS[channel][1], title="Microsoft 365", suite="Microsoft 365")
        for channel, name in names.items()
    )  # fmt: skip


@cache
def host_sku(family: str) -> Sku:
    """The KMS host license of an Office generation (part of its Volume License Pack)."""
    identity, level, short, name = HOST_KEYS[family]
    application = OFFICE_2010 if family == "Office 2010" else OFFICE
    host = HostKey(family, level, "VOLUME_KMS", oldest=min(level, 1))
    return Sku(identity, f"Office {short}, {name} edition", f"Office {short}, VOLUME_KMS channel", application, name, CSVLK,
               "Volume:CSVLK", host_key=host)  # fmt: skip
