# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Product keys in the lab: which license of which machine a key fits.

GVLKs are the public ones. Every other key is made up by the lab and looks it: MAKs begin MMMMM-KKKKK-MMMMM, KMS host
keys CCCCC-VVVVV-KKKKK, retail and OEM keys RRRRR-TTTTT-RRRRR. Nothing here can be derived from or used for a real key.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from .catalog import CSVLK, MAK, Sku
from .editions import Os, parse_os
from .facts import WINDOWS
from .office_catalog import find_product, suite_of_key
from .wmi_faults import LicensingError

ALPHABET = "BCDFGHJKMPQRTVWXY2346789"
FORM = re.compile(r"[BCDFGHJKMNPQRTVWXY2346789]{5}(-[BCDFGHJKMNPQRTVWXY2346789]{5}){4}")
PREFIXES = {MAK: "MMMMM-KKKKK-MMMMM", CSVLK: "CCCCC-VVVVV-KKKKK"}
OTHER_PREFIX = "RRRRR-TTTTT-RRRRR"

SL_E_INVALID_PRODUCT_KEY = 0xC004F050
SL_E_PKEY_INVALID_CONFIG = 0xC004E016
SL_E_MISMATCHED_PRODUCT_SKU = 0xC004F069
SL_E_NOT_FOR_THIS_WINDOWS = 0xC004F015
"""What the facts say a server answers to the KMS host key for Windows 10."""


@dataclass
class LabKey:
    """A key of the lab. `fits` names products as an estate file does: "Server 2019 Standard", "Server 2022" (a host key), an Office title.

    `activations` is how often Microsoft's service activates it in all; `blocked` is "", "install" or "activate";
    `extension_exceeded` is a MAK that has used up what Microsoft added to its limit, too.
    """

    key: str = field(repr=False)
    channel: str
    fits: tuple[str, ...]
    activations: int = 1_000_000
    blocked: str = ""
    used: int = 0
    extension_exceeded: bool = False
    hosts: Counter[str] = field(default_factory=Counter)
    """How often which machine activated it."""

    @property
    def is_of_addon(self) -> bool:
        """Whether it is for an add-on of Windows."""
        return any(product.startswith("ESU ") for product in self.fits)

    @property
    def used_up(self) -> bool:
        """Whether no activation is left."""
        return self.extension_exceeded or self.used >= self.activations

    def count(self, machine: str) -> None:
        """One activation was spent."""
        self.used += 1
        self.hosts[machine] += 1

    def host_may_activate(self, machine: str) -> bool:
        """The contract of a KMS host key: six machines, ten activations on each."""
        return self.hosts[machine] < 10 if machine in self.hosts else len(self.hosts) < 6


def invent(channel: str, product: str, number: int = 0) -> str:
    """A made-up key in the lab's obvious form, the same every time."""
    digest = hashlib.sha256(f"{channel}/{product}/{number}".encode()).digest()
    tail = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:10])
    return f"{PREFIXES.get(channel, OTHER_PREFIX)}-{tail[:5]}-{tail[5:]}"


class KeyRing:
    """All keys of an estate that are not GVLKs."""

    def __init__(self, keys: Iterable[LabKey] = ()) -> None:
        self._keys: dict[str, LabKey] = {}
        self._by_product: dict[tuple[str, str], LabKey] = {}
        for key in keys:
            self._add(key)

    def _add(self, key: LabKey) -> None:
        self._keys[key.key] = key
        for product in key.fits:
            self._by_product.setdefault((key.channel, product), key)

    def all(self) -> tuple[LabKey, ...]:
        """Every key made up so far."""
        return tuple(self._keys.values())

    def of(self, text: str) -> LabKey | None:
        """The lab key with this text."""
        return self._keys.get(text)

    def for_product(self, channel: str, product: str) -> LabKey:
        """A key of this channel for a product, invented when the estate lists none.

        A KMS host key activates on six hosts, ten times on each.
        """
        found = self._by_product.get((channel, product))
        if found is None:
            found = LabKey(invent(channel, product), channel, (product,), activations=60 if channel == CSVLK else 1_000_000)
            self._add(found)
        return found

    def match(self, text: str, os: Os, skus: Iterable[Sku], *, any_edition: bool = False) -> Sku:
        """The license among `skus` that a key installs into on this Windows.

        Raises LicensingError: C004F050 when it has not the form of a key or is a host key this Windows does not know
        (the one for Windows 10 on a server: C004F015), C004E016 when no installed product knows it, C004F069 when it belongs to
        another edition of the same release, or to another delivery of the same Office product
        (real Windows 10 and later can change the edition instead; the lab refuses unless `any_edition`).
        Facts: licensing sections 4 and 10.1.
        """
        if FORM.fullmatch(text) is None:
            raise LicensingError(SL_E_INVALID_PRODUCT_KEY)
        lab_key = self._keys.get(text)
        for sku in skus:
            if _takes(sku, text, lab_key, os):
                is_windows = sku.application_id == WINDOWS and sku.host_key is None and not sku.addon
                if is_windows and sku.family != os.edition.edition_id and not any_edition:
                    raise LicensingError(SL_E_MISMATCHED_PRODUCT_SKU)
                return sku
        if _suite(text, lab_key) & {sku.suite for sku in skus if sku.suite}:
            raise LicensingError(SL_E_MISMATCHED_PRODUCT_SKU)
        unknown_host_key = lab_key is not None and (lab_key.channel == CSVLK or lab_key.is_of_addon)
        if lab_key is not None and unknown_host_key and os.server and "Windows 10" in lab_key.fits:
            raise LicensingError(SL_E_NOT_FOR_THIS_WINDOWS)
        raise LicensingError(SL_E_INVALID_PRODUCT_KEY if unknown_host_key else SL_E_PKEY_INVALID_CONFIG)


def _suite(text: str, lab_key: LabKey | None) -> set[str]:
    """The Office product a key is for, however that is delivered: a volume key on a retail installation is known, and does not fit."""
    if lab_key is None:
        return {suite_of_key(text)} - {""}
    return set() if lab_key.channel == CSVLK else {find_product(fit).suite for fit in lab_key.fits if not _of_windows(fit)}


def _of_windows(fit: str) -> bool:
    return fit.startswith(("Server ", "Windows ", "ESU "))


def _takes(sku: Sku, text: str, lab_key: LabKey | None, os: Os) -> bool:
    if lab_key is None:
        return sku.setup_key is not None and sku.setup_key.key == text
    if sku.channel != lab_key.channel:
        return False
    if sku.host_key is not None:
        return sku.host_key.name in lab_key.fits
    if sku.application_id != WINDOWS or sku.addon:
        return sku.title in lab_key.fits
    return any((fit.release.name, fit.edition.edition_id) == (os.release.name, sku.family) for fit in _windows_products(lab_key.fits))


@cache
def _windows_products(fits: tuple[str, ...]) -> tuple[Os, ...]:
    return tuple(parse_os(product) for product in fits if product.startswith(("Server ", "Windows ")))
