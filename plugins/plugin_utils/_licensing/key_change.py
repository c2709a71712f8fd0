# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to install or remove one product key.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: state and wish in, plan or refusal out. This job never activates; a key that is there is not installed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import gvlk, key_steps, scope, wpa_words
from .channels import channel_words
from .model import ActivationState, Application, Channel, LicensedProduct, LicenseStatus
from .plan import KeyGuard, Plan, Step
from .problems import Refusal
from .product_key import ProductKey
from .provider import Target


@dataclass(frozen=True)
class ProductKeyDesired:
    """The wish. `present` needs `product_key`; without `present` the one keyed product in scope loses its key.

    `activation_id` narrows the scope to one product, and an installed key must turn out to be for it.
    `clear_from_registry` goes with a key that is installed or removed, because nothing tells whether it was done before;
    with `force` it is done in any case. `force` also replaces or removes the key of a KMS host and installs a published
    GVLK of another edition.
    """

    present: bool = True
    product_key: ProductKey | None = None
    application: Application = Application.WINDOWS
    activation_id: str | None = None
    clear_from_registry: bool = False
    force: bool = False


def plan(state: ActivationState, desired: ProductKeyDesired) -> Plan:
    """The steps from state to wish. Raises Refusal when it must not be done or the scope is not one product."""
    if state.wpa:
        wpa_words.refuse(state.os, "does not show which key it has", "Set its key and activate it in one task, with mak_client.")
    return _plan_present(state, desired) if desired.present else _plan_absent(state, desired)


def _plan_present(state: ActivationState, desired: ProductKeyDesired) -> Plan:
    key = desired.product_key
    if key is None:
        raise Refusal("product_key_missing", "Installing a key needs product_key.", ("Give the key as product_key.",))
    entry = gvlk.known(key)
    if entry and entry.application is not desired.application:
        raise Refusal(
            "application_mismatch",
            f"The key ending {key.last_five} is the GVLK of {entry.product}, not of {desired.application.value}.",
            (f"Set application: {entry.application.value}.",),
        )
    current, is_gvlk = _current(state, desired), entry is not None
    if _is_installed(state, desired, key, is_gvlk=is_gvlk):
        return _finish(state, desired, current, ())
    service = scope.service_for(state, desired.application, _in_scope(state, desired))
    if not desired.force:
        _refuse_unfit(state, desired, entry, current)
    step = key_steps.install_key(
        service, key, _name(key, entry, current), replaces=current if entry else None, repeatable=entry is not None
    )
    return _finish(state, desired, current, (step,), Target(scope.product_class(service), desired.application.ids, key.last_five))


def _plan_absent(state: ActivationState, desired: ProductKeyDesired) -> Plan:
    found = _in_scope(state, desired)
    if desired.product_key:
        found = tuple(product for product in found if product.partial_product_key == desired.product_key.last_five)
    if not found:
        return _finish(state, desired, None, ())
    scope.refuse_several(state, found, _NARROW)
    if not desired.force:
        scope.refuse_host(state, found[0], "removing", _SET_FORCE)
    return _finish(state, desired, found[0], (key_steps.remove_key(found[0]),))


_NARROW = "Say which by activation_id, so that no other product loses its key."
_SET_FORCE = "Set force if that is wanted."


def _finish(
    state: ActivationState,
    desired: ProductKeyDesired,
    current: LicensedProduct | None,
    steps: tuple[Step, ...],
    target: Target | None = None,
) -> Plan:
    before = _comparable(current)
    after = _predict(desired, before) if steps else before
    if desired.clear_from_registry and (steps or desired.force):
        steps = (*steps, key_steps.clear_from_registry(state.service))
    identity = current.activation_id if current and not desired.present else None

    def compare(read: ActivationState) -> Mapping[str, Any]:
        gone = next((product for product in read.products if product.activation_id == identity), None)
        return _comparable(_current(read, desired) if desired.present else gone)

    wanted = scope.guid(desired.activation_id)
    guard = KeyGuard(desired.product_key.last_five, activation_id=wanted) if target and wanted and desired.product_key else None
    return Plan(state, steps, before, after, target=target, guard=guard, compare=compare)


def _current(state: ActivationState, desired: ProductKeyDesired) -> LicensedProduct | None:
    """The product whose key a new one replaces or equals; Office products have their keys side by side."""
    key = desired.product_key
    same = (product for product in _in_scope(state, desired) if key and product.partial_product_key == key.last_five)
    return next(same, state.primary if desired.application is Application.WINDOWS else None)


def _in_scope(state: ActivationState, desired: ProductKeyDesired) -> tuple[LicensedProduct, ...]:
    return scope.keyed(state, desired.application, desired.activation_id)


def _is_installed(state: ActivationState, desired: ProductKeyDesired, key: ProductKey, is_gvlk: bool) -> bool:
    """The last five are all a machine tells of a key; a published GVLK must sit in a GVLK product besides."""
    return any(
        product.partial_product_key == key.last_five and (not is_gvlk or product.channel is Channel.GVLK)
        for product in _in_scope(state, desired)
    )


def _refuse_unfit(state: ActivationState, desired: ProductKeyDesired, entry: gvlk.Gvlk | None, current: LicensedProduct | None) -> None:
    if desired.application is not Application.WINDOWS:
        return
    if current:
        scope.refuse_host(state, current, "replacing", _SET_FORCE)
    edition = gvlk.edition_of(state)
    gvlk.refuse_evaluation(state.os, edition)
    if entry and edition and not entry.fits(state.os, edition):
        raise Refusal(
            "edition_mismatch",
            f"The GVLK ending {entry.last_five} is for {gvlk.describe_range(entry)}; "
            f"{state.os.computer_name} runs {state.os.caption} (edition {edition}, build {state.os.build}).",
            ("Use the GVLK of this edition, or set force to let the machine decide.",),
        )


def _name(key: ProductKey, entry: gvlk.Gvlk | None, current: LicensedProduct | None) -> str:
    """Whether an unknown key replaces the one that is there or stands beside it (an add-on), only the machine knows."""
    if entry:
        return f"GVLK ending {key.last_five} of {entry.product}"
    now = f" (the machine has a {channel_words(current)} ending {current.partial_product_key})" if current else ""
    return f"product key ending {key.last_five}{now}"


def _comparable(product: LicensedProduct | None) -> dict[str, Any]:
    if product is None:
        return {"product_key": None, "channel": None, "status": LicenseStatus.UNLICENSED.name.lower()}
    keyed = bool(product.partial_product_key)
    return {
        "product_key": product.partial_product_key,
        "channel": product.channel.value if keyed else None,
        "status": product.status.name.lower(),
    }


def _predict(desired: ProductKeyDesired, before: Mapping[str, Any]) -> dict[str, Any]:
    """Which channel another key has, only the machine knows once it has it."""
    key = desired.product_key
    if not desired.present or key is None:
        return _comparable(None)
    channel = Channel.GVLK if gvlk.known(key) else Channel.UNKNOWN
    return {**before, "product_key": key.last_five, "channel": channel.value, "status": LicenseStatus.INITIAL_GRACE.name.lower()}
