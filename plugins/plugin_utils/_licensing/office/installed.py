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
from ..catalog.rights import with_right
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
from .names import SUITE, OfficeName, license_name

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

    @property
    def of_click_to_run(self) -> tuple[Installation, ...]:
        """The products that Click-to-Run installed."""
        return self.click_to_run.installations if self.click_to_run else ()

    def of_kind(self, kind: str) -> tuple[Installation, ...]:
        """Return the Click-to-Run products of one kind."""
        return tuple(each for each in self.of_click_to_run if each.kind == kind)


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
        return _unread(error)
    if found or any(is_volume(product) for product in state.keyed(Application.OFFICE)):
        return InstalledOffice(found, licensing)
    unkeyed, problem = read_volume_licenses_of_office(session, state.os)
    note = (f"The licenses of Office without a key could not be read: {with_right(problem)}",) if problem and not state.notes else ()
    return InstalledOffice(unkeyed=unkeyed, notes=note)


def read_edition(session: CimSession) -> InstalledOffice:
    """Read only the Click-to-Run installation, before an Office key is installed. One request. Raises UnreachableError."""
    try:
        return InstalledOffice(read_click_to_run(session))
    except CimError as error:
        return _unread(error)


def _unread(error: CimError) -> InstalledOffice:
    unread = "The Click-to-Run installation of Office could not be read, so only the licenses show which Office is installed"
    message = f"{unread}: {with_right(error)}"
    return InstalledOffice(notes=(message,))


def is_volume(product: LicensedProduct) -> bool:
    """Return whether a product is a volume license of Office for a KMS client or a MAK."""
    name = license_name(product)
    return name is not None and name.is_volume


def installations(state: ActivationState, office: InstalledOffice) -> tuple[Installation, ...]:
    """Return the installed products: those of Click-to-Run, and those whose licenses show that Windows Installer (MSI) installed them.

    The latter have an empty `release_id`. Click-to-Run installs every release since 2019, and replaces the MSI edition of 2016.
    """
    clicked = office.of_click_to_run
    named = {(each.product, each.release) for each in clicked}
    keyed = names_of(state.keyed(Application.OFFICE))
    found = [name for name in keyed if name.is_volume and not (clicked and name.is_version_16)]
    of_licenses = (*found, *(name for name in _only_unkeyed(office) if not any(_replaces(key, name) for key in keyed)))
    others = dict.fromkeys((name.product, name.release) for name in of_licenses if (name.product, name.release) not in named)
    return (*clicked, *(Installation("", product, release, VOLUME) for product, release in others))


def names_of(products: Iterable[LicensedProduct]) -> tuple[OfficeName, ...]:
    """Return the parts of the license names that are known."""
    return tuple(name for product in products if (name := license_name(product)))


def without_key(state: ActivationState, office: InstalledOffice) -> tuple[Installation, ...]:
    """Return the volume products that are installed without a key. Empty if the machine has a key with an unknown name."""
    keyed = state.keyed(Application.OFFICE)
    if any(license_name(product) is None for product in keyed):
        return ()
    named = {(name.product, name.release) for name in names_of(keyed) if name.is_volume}
    return tuple(each for each in installations(state, office) if each.kind == VOLUME and (each.product, each.release) not in named)


def is_only_subscription(office: InstalledOffice) -> bool:
    """Return whether Microsoft 365 is the only installed Office."""
    found = office.of_click_to_run
    return bool(found) and all(each.kind == SUBSCRIPTION for each in found)


def _only_unkeyed(office: InstalledOffice) -> tuple[OfficeName, ...]:
    """Return the products that volume licenses without a key show.

    A suite also brings the licenses of its programs, and Visio 2010 and Project 2010 bring those of all their editions. A product is
    therefore known only if it is the only suite, Visio, or Project of its release, or the only license of a program without a suite.
    """
    found = {(name.release, name.product): name for name in names_of(office.unkeyed)}
    groups: dict[tuple[str, str], list[OfficeName]] = {}
    for name in found.values():
        groups.setdefault((name.release, "program" if name.is_program else name.family), []).append(name)
    single = {key: names[0] for key, names in groups.items() if len(names) == 1}
    return tuple(name for (release, _family), name in single.items() if not name.is_program or (release, SUITE) not in groups)


def _replaces(key: OfficeName, name: OfficeName) -> bool:
    """Return whether a product with a key, such as a retail edition, is what a license without a key would be."""
    return (key.version, key.family) == (name.version, name.family) and not key.is_subscription
