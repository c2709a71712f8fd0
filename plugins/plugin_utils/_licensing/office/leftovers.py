# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office keys that no installed product uses, and a second key of the same product.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A new Office key does not remove the previous one, so keys of former releases and of former activation methods stay. All releases
since 2016 share one version number and cannot be installed together, so Click-to-Run shows which of them is in use. Without Click-to-Run,
only 2016 can be installed, and if its configuration could not be read, no release is a leftover. Office 2010 and 2013 can be installed
beside them: their keys are leftovers only beside another key of the same product and release. Licenses of a subscription, and KMS host
keys, are never leftovers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..state.channels import channel_label
from ..state.model import ActivationState, Application, Channel, LicensedProduct, precedence
from .click_to_run import RETAIL, VOLUME
from .installed import InstalledOffice
from .names import LicenseKind, OfficeName, is_subscription, license_name


@dataclass(frozen=True)
class Leftover:
    """A key that is not in use. `reason` is a sentence."""

    product: LicensedProduct
    reason: str


_Keyed = tuple[LicensedProduct, OfficeName]


def leftovers(state: ActivationState, office: InstalledOffice) -> tuple[Leftover, ...]:
    """Return the keys of Office that are not in use, in the order of the machine."""
    keyed = tuple(_candidates(state))
    found = {**dict(_second_keys(keyed)), **dict(_other_releases(keyed, office))}
    return tuple(Leftover(product, found[product.activation_id]) for product, _name in keyed if product.activation_id in found)


def keys_of_other_releases(state: ActivationState, office: InstalledOffice) -> tuple[LicensedProduct, ...]:
    """Return the keys of releases that are not installed, in the order of the machine."""
    keyed = tuple(_candidates(state))
    found = dict(_other_releases(keyed, office))
    return tuple(product for product, _name in keyed if product.activation_id in found)


def _candidates(state: ActivationState) -> Iterator[_Keyed]:
    for product in state.keyed(Application.OFFICE, addons=False):
        name = license_name(product)
        if name and not is_subscription(product) and product.channel is not Channel.CSVLK and name.kind is not LicenseKind.KMS_HOST:
            yield product, name


def _other_releases(keyed: tuple[_Keyed, ...], office: InstalledOffice) -> Iterator[tuple[str, str]]:
    """Yield the IDs of keys of releases that are not installed, with the reason."""
    since_2016 = tuple((product, name) for product, name in keyed if name.is_version_16)
    if office.click_to_run:
        listed = ", ".join(office.click_to_run.release_ids)
        for product, name in since_2016:
            if not _is_installed(name, office):
                yield product.activation_id, f"{name.product} {name.release} is not installed. Click-to-Run has installed {listed}."
        return
    if office.notes:
        return  # a key that is in use must not seem to be a leftover
    for product, name in since_2016:
        used = _release_without_click_to_run([other for _other, other in since_2016 if other.product == name.product])
        if used != name.release:
            yield product.activation_id, f"The machine also has a key of {name.product} {used}, and only one of them can be installed."


def _release_without_click_to_run(names: Iterable[OfficeName]) -> str:
    """Return the release that can be installed if Click-to-Run did not install anything: 2016, or else the newest.

    Windows Installer does not install a release after 2016.
    """
    by_installer = [name.release for name in names if name.release == "2016" and not name.is_click_to_run_2016]
    return by_installer[0] if by_installer else max(name.release for name in names)


def _is_installed(name: OfficeName, office: InstalledOffice) -> bool:
    """Return whether Click-to-Run installed the product of a license. A retail license can belong to any retail release of the product."""
    wanted = (name.product, name.release, name.is_click_to_run_2016)
    volume = any((each.product, each.release, each.is_click_to_run_2016) == wanted for each in office.of_kind(VOLUME))
    if name.is_volume:
        return volume
    return any(each.product == name.product for each in office.of_kind(RETAIL)) or not any(
        each.product == name.product for each in office.of_kind(VOLUME)
    )


def _second_keys(keyed: tuple[_Keyed, ...]) -> Iterator[tuple[str, str]]:
    """Yield the IDs of keys beside another key of the same product and release: what is activated stays, and of two, the GVLK."""
    for product, name in keyed:
        same = [other for other, named in keyed if (named.product, named.release) == (name.product, name.release)]
        used = min(same, key=precedence)
        if product is not used:
            yield (
                product.activation_id,
                f"{name.product} {name.release} uses its {channel_label(used)} ending in {used.partial_product_key}.",
            )


def ids_of(found: Iterable[Leftover]) -> frozenset[str]:
    """Return the activation IDs of leftover keys."""
    return frozenset(each.product.activation_id for each in found)
