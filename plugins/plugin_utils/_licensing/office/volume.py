# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Office products of a machine that KMS can activate, and the keys that older products left behind.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The evidence is the licenses of the machine, and the products that Click-to-Run installed. Office 2016 and later share version 16.0,
of which a machine has one installation: if Click-to-Run installed a product, a license of these releases that Click-to-Run did not install
is a leftover, with a key and without one. Office 2010 and Office 2013 can be installed beside every other release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..catalog.gvlk import Gvlk
from ..catalog.office import gvlk_for, title_of
from ..state.model import ActivationState, Application, Channel, LicensedProduct
from .click_to_run import VOLUME, Installation
from .installed import InstalledOffice
from .leftovers import keys_of_other_releases
from .names import LicenseKind, OfficeName, is_subscription, license_name


@dataclass(frozen=True)
class OfficeMachine:
    """A machine with its Office licenses: those with a key, and the licenses for KMS clients without a key.

    `office` has what Click-to-Run installed, and the data that could not be read.
    """

    licenses: ActivationState
    office: InstalledOffice = field(default_factory=InstalledOffice)

    @cached_property
    def stale(self) -> tuple[LicensedProduct, ...]:
        """The keys of releases that are not installed any more."""
        return keys_of_other_releases(self.licenses, self.office)


@dataclass(frozen=True)
class VolumeProduct:
    """An Office product with a license for KMS clients, which has the key or can get it.

    `others` are the other licenses of this product and release that have a key, such as that of a MAK.
    """

    name: OfficeName
    client: LicensedProduct
    others: tuple[LicensedProduct, ...] = ()

    @property
    def title(self) -> str:
        """The name of the volume product, such as Office LTSC Professional Plus 2021."""
        return title_of(self.name.product, self.name.release, self.name.is_click_to_run_2016)

    @property
    def gvlk(self) -> Gvlk | None:
        """The GVLK that Microsoft published for this product, or None."""
        return gvlk_for(self.name.product, self.name.release, self.name.is_click_to_run_2016)

    @property
    def has_client_key(self) -> bool:
        """Whether the product has the key of a KMS client."""
        return self.client.has_key

    @property
    def is_keyed(self) -> bool:
        """Whether the product has a volume key: that of a KMS client, or a MAK."""
        return self.has_client_key or any(product.channel is Channel.MAK for product in self.others)


def volume_products(machine: OfficeMachine) -> tuple[VolumeProduct, ...]:
    """Return every Office product with a license for KMS clients, also those that are not installed any more."""
    named = tuple((name, product) for product in machine.licenses.products if (name := license_name(product)) and not name.is_subscription)
    found: dict[tuple[str, str, str, bool], VolumeProduct] = {}
    for name, product in named:
        key = _key(name, product)
        if name.kind is LicenseKind.KMS_CLIENT and (key not in found or product.has_key):
            others = tuple(other for each, other in named if _key(each, other) == key and _is_other_key(each, other))
            found[key] = VolumeProduct(name, product, others)
    return tuple(found.values())


def is_replaced(machine: OfficeMachine, product: VolumeProduct) -> bool:
    """Return whether another license has a key for the same kind of product, such as a retail edition of the suite.

    Licenses of a subscription do not count.
    """
    wanted = (product.client.class_name, product.name.version, product.name.family)
    for other in machine.licenses.keyed(Application.OFFICE, addons=False):
        name = license_name(other)
        if name and not is_subscription(other) and (other.class_name, name.version, name.family) == wanted:
            return True
    return False


def is_stale(machine: OfficeMachine, product: VolumeProduct) -> bool:
    """Return whether a product is not installed any more: Click-to-Run installed others, or another release has a key."""
    if product.name.is_version_16 and machine.office.click_to_run:
        return not installed_by_click_to_run(machine, product.name)
    return product.client in machine.stale or any(other in machine.stale for other in product.others)


def installed_by_click_to_run(machine: OfficeMachine, name: OfficeName) -> bool:
    """Return whether Click-to-Run installed the volume edition of a product."""
    return any(is_same(each, name) for each in machine.office.of_kind(VOLUME))


def unused_keys(machine: OfficeMachine, products: Iterable[VolumeProduct]) -> tuple[LicensedProduct, ...]:
    """Return the other keys of these products, and the keys of releases that are not installed any more.

    The key of a subscription and of a KMS host is never among them.
    """
    return tuple(dict.fromkeys((*(other for product in products for other in product.others), *machine.stale)))


def clashing(products: Sequence[VolumeProduct]) -> tuple[VolumeProduct, ...]:
    """Return the first suites that claim the same release in the same licensing service, of which a machine can have one."""
    for product in products:
        same = tuple(each for each in products if _claim(each) == _claim(product)) if product.name.is_suite else ()
        if len(same) > 1:
            return same
    return ()


def _claim(product: VolumeProduct) -> tuple[str, str, str]:
    return product.client.class_name, product.name.release, product.name.family


def _key(name: OfficeName, product: LicensedProduct) -> tuple[str, str, str, bool]:
    return product.class_name, name.release, name.product.casefold(), name.is_click_to_run_2016


def _is_other_key(name: OfficeName, product: LicensedProduct) -> bool:
    return name.kind not in (LicenseKind.KMS_CLIENT, LicenseKind.KMS_HOST) and product.has_key and not is_subscription(product)


def is_same(installed: Installation, name: OfficeName) -> bool:
    """Return whether a license is for the product that Click-to-Run installed, in the same edition of 2016."""
    same = installed.product.casefold() == name.product.casefold() and installed.release == name.release
    return same and installed.is_click_to_run_2016 == name.is_click_to_run_2016
