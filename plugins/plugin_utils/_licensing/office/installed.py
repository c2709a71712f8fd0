# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Office is installed on a machine, in addition to its products with a key.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Click-to-Run lists its products in the registry. Windows Installer (MSI) does not need to be asked: the names of the licenses show its
products. A license without a key is evidence only if there is no other, because the suites of Office 2010 bring licenses of many products.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..._cim.session import CimError, CimSession
from ..state.model import ActivationState, Application, LicensedProduct
from ..state.read import read_volume_licenses_of_office
from .click_to_run import (
    SUBSCRIPTION,
    VOLUME,
    ClickToRun,
    Installation,
    Microsoft365Licensing,
    read_click_to_run,
    read_microsoft_365_licensing,
)
from .names import OfficeName, license_name

BY_SUBSCRIPTION = "subscription"
"""The value of `managed_by` for what a subscription licenses. This collection leaves it unchanged."""


@dataclass(frozen=True)
class InstalledOffice:
    """What Office is installed. `unkeyed` are volume licenses without a key, which are read only if nothing else shows an Office.

    `notes` lists data that could not be read, as parts of a sentence.
    """

    click_to_run: ClickToRun | None = None
    microsoft_365: Microsoft365Licensing | None = None
    unkeyed: tuple[LicensedProduct, ...] = ()
    notes: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> tuple[Installation, ...]:
        """Return the Click-to-Run products of one kind."""
        return self.click_to_run.of_kind(kind) if self.click_to_run else ()


def read_installed_office(session: CimSession, state: ActivationState) -> InstalledOffice:
    """Read what Office is installed, if Office is one of the applications of the state.

    One request, up to three more with Microsoft 365, and one or two more without any Office. Raises UnreachableError.
    """
    if Application.OFFICE not in state.applications or not state.generation.has_service:
        return InstalledOffice()
    try:
        found = read_click_to_run(session)
        licensing = read_microsoft_365_licensing(session, found)
    except CimError as error:
        return InstalledOffice(notes=(f"The Click-to-Run installation of Office could not be read: {error}",))
    if found or any(is_volume(product) for product in state.keyed(Application.OFFICE)):
        return InstalledOffice(found, licensing)
    unkeyed, problem = read_volume_licenses_of_office(session, state.os)
    note = (f"The licenses of Office without a key could not be read: {problem}",) if problem and not state.notes else ()
    return InstalledOffice(unkeyed=unkeyed, notes=note)


def read_edition(session: CimSession) -> InstalledOffice:
    """Read the Click-to-Run installation before an Office key is installed. One request. Raises UnreachableError."""
    try:
        return InstalledOffice(read_click_to_run(session))
    except CimError as error:
        return InstalledOffice(notes=(f"The Click-to-Run installation of Office could not be read: {error}",))


def is_volume(product: LicensedProduct) -> bool:
    """Return whether a product is a volume license of Office for a KMS client or a MAK."""
    name = license_name(product)
    return name is not None and name.is_volume


def installations(state: ActivationState, office: InstalledOffice) -> tuple[Installation, ...]:
    """Return the installed products: those of Click-to-Run, and those whose licenses show that Windows Installer (MSI) installed them.

    The latter have an empty `release_id`. Click-to-Run installs every release since 2019, and replaces the MSI edition of 2016.
    """
    clicked = office.click_to_run.installations if office.click_to_run else ()
    named = {(each.product, each.release) for each in clicked}
    keyed = names_of(state.keyed(Application.OFFICE))
    found = [name for name in keyed if name.is_volume and not (clicked and is_since_2016(name))]
    of_licenses = (*found, *(name for name in _only_unkeyed(office) if not any(_replaces(key, name) for key in keyed)))
    others = dict.fromkeys((name.product, name.release) for name in of_licenses if (name.product, name.release) not in named)
    return (*clicked, *(Installation("", product, release, VOLUME) for product, release in others))


def names_of(products: Iterable[LicensedProduct]) -> tuple[OfficeName, ...]:
    """Return the parts of the license names that are known."""
    return tuple(name for product in products if (name := license_name(product)))


def is_since_2016(name: OfficeName) -> bool:
    """Return whether a product has the version number 16.0, which all releases since 2016 share. They cannot be installed together."""
    return name.release >= "2016"


def without_key(state: ActivationState, office: InstalledOffice) -> tuple[Installation, ...]:
    """Return the volume products that are installed without a key. Empty if the machine has a key with an unknown name."""
    keyed = state.keyed(Application.OFFICE)
    if any(license_name(product) is None for product in keyed):
        return ()
    named = {(name.product, name.release) for name in names_of(keyed) if name.is_volume}
    return tuple(each for each in installations(state, office) if each.kind == VOLUME and (each.product, each.release) not in named)


def is_only_subscription(office: InstalledOffice) -> bool:
    """Return whether Microsoft 365 is the only installed Office."""
    found = office.click_to_run.installations if office.click_to_run else ()
    return bool(found) and all(each.kind == SUBSCRIPTION for each in found)


def _only_unkeyed(office: InstalledOffice) -> tuple[OfficeName, ...]:
    """Return the products that volume licenses without a key show.

    A suite also brings the licenses of its programs, and Visio 2010 and Project 2010 bring those of all their editions. A product is
    therefore known only if it is the only suite, Visio, or Project of its release, or the only license of a program without a suite.
    """
    found = {(name.release, _group(name), name.product): name for name in names_of(office.unkeyed)}
    groups: dict[tuple[str, str], list[OfficeName]] = {}
    for (release, group, _product), name in found.items():
        groups.setdefault((release, group), []).append(name)
    single = {key: names[0] for key, names in groups.items() if len(names) == 1}
    return tuple(name for (release, group), name in single.items() if group != _PROGRAM or (release, _SUITE) not in groups)


_SUITE, _PROGRAM = "suite", "program"


def _replaces(key: OfficeName, name: OfficeName) -> bool:
    """Return whether a product with a key, such as a retail edition, is what a license without a key would be."""
    one_version = key.release == name.release or (is_since_2016(key) and is_since_2016(name))
    return one_version and _group(key) == _group(name) != _PROGRAM and not key.is_subscription


def _group(name: OfficeName) -> str:
    """Return what a machine has one product of: a suite, Visio, or Project. All other products are programs."""
    if name.is_suite:
        return _SUITE
    return next((group for group in ("Visio", "Project") if name.product.startswith(group)), _PROGRAM)
