# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the Office products of a task, by what is installed or by name.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..._licensing.office.click_to_run import SUBSCRIPTION, VOLUME
from ..._licensing.office.names import is_subscription
from ..._licensing.office.volume import (
    OfficeMachine,
    VolumeProduct,
    clashing,
    installed_by_click_to_run,
    is_replaced,
    is_same,
    is_stale,
    unused_keys,
    volume_products,
)
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.model import Application
from . import refusals
from .model import OfficeDesired, Selection

_WORD = re.compile(r"^Office \d\d, (?P<word>\S+) edition$", re.IGNORECASE)


def select(machine: OfficeMachine, desired: OfficeDesired) -> Selection:
    """Return the products of a task. Raises TaskRefusedError for a wrong name, and if it is unclear which product is installed."""
    known = volume_products(machine)
    chosen, warnings = (_named(machine, known, desired.products), ()) if desired.products else _installed(machine, known)
    if not chosen and not desired.with_windows:
        raise refusals.nothing_to_activate(machine)
    missing = [each for each in chosen if not each.has_client_key and each.gvlk is None]
    if missing and desired.products:
        raise refusals.no_gvlk(machine, missing[0])
    warnings += tuple(
        f"{each.title}: Microsoft did not publish a GVLK for this product, so the module does not change it." for each in missing
    )
    if desired.products:
        warnings += tuple(refusals.not_installed_warning(machine, each) for each in chosen if is_stale(machine, each))
    unlicensed = refusals.without_licenses(machine)
    if unlicensed and not desired.products:
        warnings += (refusals.without_licenses_warning(unlicensed),)
    usable = tuple(each for each in chosen if each not in missing)
    families = {each.name.family for each in usable}
    left = tuple(each for each in unused_keys(machine, usable) if not desired.products or refusals.family_of_license(each) in families)
    return Selection(usable, tuple(each for each in left if each not in [product.client for product in usable]), warnings)


def _installed(machine: OfficeMachine, known: Sequence[VolumeProduct]) -> tuple[tuple[VolumeProduct, ...], tuple[str, ...]]:
    """Return every product with a volume key, and every product that is installed without a key, with warnings about unclear ones."""
    current = [each for each in known if not is_stale(machine, each)]
    shown = [each for each in current if each.is_keyed or installed_by_click_to_run(machine, each.name)]
    _refuse_clash(machine, shown)
    candidates = [each for each in current if each not in shown and not _needs_click_to_run(machine, each)]
    open_ones = [each for each in candidates if not any(_competes(each, other) for other in shown) and not is_replaced(machine, each)]
    _refuse_clash(machine, open_ones)
    suites = [*shown, *(each for each in open_ones if each.name.is_suite)]
    free = [each for each in open_ones if each in suites or not any(_contains(suite, each) for suite in suites)]
    unclear = [each for each in free if len([other for other in free if _competes(each, other)]) > 1]
    warnings = (refusals.unclear_warning(unclear),) if unclear else ()
    return tuple(each for each in known if each in shown or (each in free and each not in unclear)), warnings


def _refuse_clash(machine: OfficeMachine, products: Sequence[VolumeProduct]) -> None:
    same = clashing(products)
    if same:
        raise refusals.several_suites(machine, same)


def _needs_click_to_run(machine: OfficeMachine, product: VolumeProduct) -> bool:
    """Return whether a product without a key exists only as Click-to-Run, which did not install it."""
    return product.name.is_click_to_run_only and machine.office.click_to_run is not None


def _competes(one: VolumeProduct, other: VolumeProduct) -> bool:
    """Return whether two products are the same kind of product in one licensing service, of which only one can be installed."""
    same = one.client.class_name == other.client.class_name and one.name.version == other.name.version
    return same and one.name.family == other.name.family


def _contains(suite: VolumeProduct, product: VolumeProduct) -> bool:
    """Return whether a product is a program of a suite. Project and Visio are not part of a suite."""
    same = suite.name.is_suite and suite.client.class_name == product.client.class_name and suite.name.release == product.name.release
    return same and product.name.is_program


def _named(machine: OfficeMachine, known: Sequence[VolumeProduct], names: Sequence[str]) -> tuple[VolumeProduct, ...]:
    """Return the products with these names, each once. Raises TaskRefusedError for a name that no volume product has."""
    found = [_by_name(machine, known, name) for name in names]
    chosen = tuple(dict.fromkeys(found))
    _refuse_clash(machine, chosen)
    return chosen


def _by_name(machine: OfficeMachine, known: Sequence[VolumeProduct], name: str) -> VolumeProduct:
    wanted = _plain(name)
    matching = [product for product in known if wanted in _names_of(machine, product)]
    current = [product for product in matching if not is_stale(machine, product)] or matching
    if current:
        return current[0]
    raise _refusal(machine, known, name)


def _refusal(machine: OfficeMachine, known: Sequence[VolumeProduct], name: str) -> TaskRefusedError:
    """Return the refusal of a name: a product that KMS does not activate, or none of the machine."""
    wanted = _plain(name)
    installed = next((each for each in machine.office.of_click_to_run if _plain(each.release_id) == wanted), None)
    licensed = next(
        (each for each in machine.licenses.keyed(Application.OFFICE) if wanted in _license_names(each.name, each.activation_id)), None
    )
    if (installed and installed.kind == SUBSCRIPTION) or (licensed and is_subscription(licensed)):
        return refusals.managed_by_subscription(machine, name)
    if installed and installed.kind != VOLUME:
        return refusals.is_retail(machine, installed)
    return refusals.unknown_product(machine, known, name)


def _names_of(machine: OfficeMachine, product: VolumeProduct) -> frozenset[str]:
    """Return every name of a product: that of the volume product, of its licenses, its product ID of Click-to-Run, and activation IDs."""
    licenses = (product.client, *product.others)
    ids = [each.release_id for each in machine.office.of_kind(VOLUME) if is_same(each, product.name)]
    usual = f"{product.name.product}{'X' if product.name.is_click_to_run_2016 else product.name.release}Volume"
    names = {_plain(each) for each in (product.title, usual, *ids)}
    return frozenset(names.union(*(_license_names(each.name, each.activation_id) for each in licenses)))


def _license_names(name: str, activation_id: str) -> frozenset[str]:
    word = _WORD.match(name)
    return frozenset(_plain(each) for each in (name, activation_id, word["word"] if word else name))


def _plain(name: str) -> str:
    return " ".join(name.strip().strip("{}").split()).casefold()
