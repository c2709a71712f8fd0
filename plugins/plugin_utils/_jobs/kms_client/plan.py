# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to make a machine the KMS client a task describes.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: state and wish in, plan or refusal out. A KMS client that already has its edition's GVLK keeps it untouched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._licensing.catalogue import gvlk
from ..._licensing.kms import settings as kms_settings
from ..._licensing.kms.settings import InForce, KmsSettings
from ..._licensing.plan import loss
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.key_steps import STOPS_HOSTING, back_to_gvlk, install_key
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.plan import ALREADY_LICENSED, KeyGuard, LicensePlan, Retreat, WayBack
from ..._licensing.plan.step import Step
from ..._licensing.problems import Refusal
from ..._licensing.state import scope
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import (
    SPP_PRODUCT,
    WINDOWS_ID,
    ActivationState,
    ActivationType,
    Application,
    Channel,
    Feature,
    LicensedProduct,
    LicenseStatus,
)
from ..._licensing.state.product_key import ProductKey
from ..._licensing.state.served import Served
from ..._licensing.state.target import Target
from . import fallback as kms_fallback

SERVED = Served("knows no KMS", "Activate it with mak_client.")


@dataclass(frozen=True)
class KmsClientDesired(KmsSettings):
    """The wish: the settings, and besides them the key and the activation.

    `product_key` None chooses the edition's GVLK; `wait` is in seconds, 0 makes one attempt at activating. `force` lets a
    key pass that is no published GVLK; what it is, only the machine can tell. `convert_kms_host` lets a KMS host become a
    client. `reactivate` asks the KMS host once more although the machine is licensed, which spends nothing. `lose_activation`
    lets the key replace one whose activation nobody can give back. `fallback_key` is installed again when that was done and KMS refuses.
    `replace_subscription` lets it replace an active subscription.
    """

    product_key: ProductKey | None = None
    activate: bool = True
    wait: int = 0
    force: bool = False
    convert_kms_host: bool = False
    reactivate: bool = False
    lose_activation: bool = False
    replace_subscription: bool = False
    fallback_key: ProductKey | None = None


@dataclass(frozen=True)
class _NewKey:
    """A key to install; `name` says for people what it is, `is_published` whether it is a known GVLK."""

    key: ProductKey
    name: str
    is_published: bool


def plan(state: ActivationState, desired: KmsClientDesired) -> LicensePlan:
    """The steps from state to wish: settings, key, activation. Raises Refusal when it must not or cannot be done."""
    kms_settings.refuse_unsupported(state, desired)
    kms_fallback.refuse_gvlk(desired.fallback_key)
    primary = state.primary
    new_key = _choose_key(state, desired)
    kms_fallback.refuse_other_key(state.os.computer_name, desired.fallback_key, _losses(state, new_key))
    kept = None if new_key else primary
    goal = kms_settings.wanted(state, kept, desired)
    steps = list(kms_settings.setting_steps(state, kept, desired))
    if new_key:
        steps.append(_install(state, new_key))
    activation = _activation(state, desired, goal, new_key)
    last_five = new_key.key.last_five if new_key else (primary.partial_product_key if primary else None) or ""
    return LicensePlan(
        state=state,
        steps=tuple(steps),
        before=comparable(state),
        after=_predict(state, goal, new_key, activation),
        warnings=_warnings(state, desired, goal, new_key),
        target=Target(SPP_PRODUCT, (WINDOWS_ID,), last_five),
        activation=activation,
        idle=ALREADY_LICENSED if primary and not new_key and primary.status.is_activated and desired.activate else "not_requested",
        guard=_guard(new_key),
        way_back=_way_back(state, desired, new_key),
        corrections=kms_settings.corrections(state, desired, goal),
        compare=comparable,
    )


def comparable(state: ActivationState) -> dict[str, Any]:
    """What a person compares before and after: key, settings in force and status of the Windows product."""
    primary = state.primary
    return {
        "product_key": primary.partial_product_key if primary else None,
        "channel": primary.channel.value if primary else None,
        **kms_settings.in_force(state, primary).as_dict(),
        "status": primary.status.name.lower() if primary else LicenseStatus.UNLICENSED.name.lower(),
    }


def _choose_key(state: ActivationState, desired: KmsClientDesired) -> _NewKey | None:
    """The key to install, None when the machine has the right one. Raises Refusal."""
    edition = edition_of(state)
    _refuse_evaluation(state, edition)
    chosen = _given_key(state, desired, edition) if desired.product_key else _automatic_key(state, edition)
    if chosen:
        _refuse_kms_host(state, desired)
        products, doing = scope.replaced(state, Application.WINDOWS, None), f"installing the key ending {chosen.key.last_five}"
        loss.beside_subscription(state.os.computer_name, products, doing, replace_subscription=desired.replace_subscription)
    return chosen


def _automatic_key(state: ActivationState, edition: str | None) -> _NewKey | None:
    """A GVLK this collection does not know is left alone too: the machine says it is one, and newer than the table it may be."""
    if _is_client_key(state.primary) and not gvlk.has_last_five(state.primary.partial_product_key or "" if state.primary else ""):
        return None
    entry = gvlk.choose_gvlk(state.os, edition)
    return None if _has_key(state.primary, entry.key) else _NewKey(entry.key, f"GVLK ending {entry.last_five} for {edition}", True)


def _given_key(state: ActivationState, desired: KmsClientDesired, edition: str | None) -> _NewKey | None:
    key = desired.product_key
    if key is None:
        return None
    entry = gvlk.known(key)
    if entry:
        _refuse_other_edition(state, entry, edition)
    if _has_key(state.primary, key):
        return None
    if entry:
        return _NewKey(key, f"GVLK ending {key.last_five} for {edition or entry.edition_id}", True)
    if not desired.force:
        raise Refusal(
            "not_a_gvlk",
            f"The key ending {key.last_five} is not among the GVLKs Microsoft publishes; a KMS client takes no MAK and no KMS host key.",
            ("Leave product_key out to have the GVLK chosen.", "If it is a GVLK newer than this collection, set force."),
        )
    return _NewKey(key, f"key ending {key.last_five}, which is no GVLK this collection knows (forced)", False)


def _refuse_other_edition(state: ActivationState, entry: gvlk.Gvlk, edition: str | None) -> None:
    fits = entry.fits(state.os, edition) or (edition is None and entry.edition_id is not None and entry.covers(state.os))
    if fits:
        return
    kind = "server" if state.os.is_server else "client"
    raise Refusal(
        "edition_mismatch",
        f"The GVLK ending {entry.last_five} is for {gvlk.describe_range(entry)}; "
        f"{state.os.computer_name} runs {state.os.caption} (edition {edition}, {kind}, build {state.os.build}).",
        ("Leave product_key out to have the GVLK of this edition chosen, or change the edition first.",),
    )


def _refuse_evaluation(state: ActivationState, edition: str | None) -> None:
    gvlk.refuse_evaluation(state.os, edition)
    if state.primary and state.primary.channel is Channel.EVALUATION:
        gvlk.refuse_evaluation(state.os, f"{edition or ''}Eval")


def _refuse_kms_host(state: ActivationState, desired: KmsClientDesired) -> None:
    """Only the Windows key makes a Windows KMS host; a machine that hosts Office alone may well be a Windows client."""
    hosting = [product for product in scope.replaced(state, Application.WINDOWS, None) if _is_host(product)]
    if (hosting or state.service.kms_host.enabled) and not desired.convert_kms_host:
        ending = f" (key ending {hosting[0].partial_product_key})" if hosting else ""
        raise Refusal(
            "is_kms_host",
            f"{state.os.computer_name} is a KMS host{ending}: as a client it would stop activating other machines.",
            ("Set convert_kms_host: true if that is wanted, and remove its SRV record from DNS.",),
        )


def _install(state: ActivationState, new_key: _NewKey) -> Step:
    losses = _losses(state, new_key)
    return install_key(state.service, new_key.key, new_key.name, replaces=state.primary, repeatable=new_key.is_published, losses=losses)


def _guard(new_key: _NewKey | None) -> KeyGuard | None:
    return None if new_key is None or new_key.is_published else KeyGuard(new_key.key.last_five, Channel.GVLK)


def _losses(state: ActivationState, new_key: _NewKey | None) -> tuple[Loss, ...]:
    return loss.losses_of(scope.replaced(state, Application.WINDOWS, None)) if new_key else ()


def _way_back(state: ActivationState, desired: KmsClientDesired, new_key: _NewKey | None) -> WayBack | None:
    """To what the machine had, when that is lost and KMS refuses; from a forced key that turns out to be no client key, to the GVLK."""
    retreat = None if new_key is None or new_key.is_published else _to_gvlk(state)
    losses = _losses(state, new_key)
    if losses:
        return kms_fallback.rollback(state, desired.fallback_key, losses, lambda _product: retreat)
    return WayBack(lambda _product: retreat) if retreat else None


def _to_gvlk(state: ActivationState) -> Retreat | None:
    """The edition's own GVLK, where there is one."""
    try:
        entry = gvlk.choose_gvlk(state.os, edition_of(state))
    except Refusal:
        return None
    return back_to_gvlk(state.service, entry, f"for {entry.edition_id}")


def _activation(state: ActivationState, desired: KmsClientDesired, goal: InForce, new_key: _NewKey | None) -> Activation | None:
    primary = state.primary
    moved = kms_settings.in_force(state, primary).endpoint() != goal.endpoint()
    due = new_key is not None or primary is None or not primary.status.is_activated or moved or _renews(desired, goal)
    if not desired.activate or not due or goal.activation_type is ActivationType.TOKEN:
        return None
    is_asked = goal.activation_type is not ActivationType.AD
    host = hosts.with_port(goal.host, goal.port or DEFAULT_PORT) if goal.host and is_asked else None
    return Activation(_activation_words(goal, host), desired.wait, host)


def _renews(desired: KmsClientDesired, goal: InForce) -> bool:
    """Whether a licensed machine is to ask once more; where only Active Directory may activate there is no KMS host to ask."""
    return desired.reactivate and goal.activation_type is not ActivationType.AD


def _activation_words(goal: InForce, host: str | None) -> str:
    if goal.activation_type is ActivationType.AD:
        return "activate through Active Directory"
    if host:
        return f"activate against {host}"
    return "activate against the KMS host that DNS names" + (f" in {goal.lookup_domain}" if goal.lookup_domain else "")


def _predict(state: ActivationState, goal: InForce, new_key: _NewKey | None, activation: Activation | None) -> dict[str, Any]:
    before = comparable(state)
    settings = goal.as_dict()
    if settings["activation_type"] is None:
        settings["activation_type"] = before["activation_type"] or _starting_type(state)
    after = {**before, **settings}
    if new_key:
        after.update(product_key=new_key.key.last_five, channel=Channel.GVLK.value, status=LicenseStatus.INITIAL_GRACE.name.lower())
    if activation:
        after["status"] = LicenseStatus.LICENSED.name.lower()
    return after


def _starting_type(state: ActivationState) -> str | None:
    """What a licence that gets its first key allows; no product shows it before, and Windows 6.1 has no such setting."""
    return ActivationType.ALL.name.lower() if Feature.ACTIVATION_TYPE in state.service.features else None


def _warnings(state: ActivationState, desired: KmsClientDesired, goal: InForce, new_key: _NewKey | None) -> tuple[str, ...]:
    primary = state.primary
    warnings: list[str] = []
    if goal.host and desired.lookup_domain:
        warnings.append(f"lookup_domain has no effect while the KMS host is fixed to {goal.host}; discovery: true clears it")
    if goal.host and desired.kms_host and goal.activation_type is ActivationType.AD:
        warnings.append("kms_host has no effect while only Active Directory activation is allowed")
    if desired.activate and goal.activation_type is ActivationType.TOKEN:
        warnings.append("only token-based activation is allowed, which cannot be started from outside: not activated")
    if new_key and any(map(_is_host, scope.replaced(state, Application.WINDOWS, None))):
        warnings.append(STOPS_HOSTING)
    losses = _losses(state, new_key)
    warnings += loss.warnings(losses)
    if desired.fallback_key and not losses and desired.activate and not (primary and primary.status.is_activated):
        warnings.append(kms_fallback.NOT_USED)
    if losses and desired.fallback_key and desired.activate:
        warnings.append(kms_fallback.warning(desired.fallback_key))
    return tuple(warnings)


def _is_host(product: LicensedProduct) -> bool:
    return product.channel is Channel.CSVLK or product.kms_host.enabled


def _is_client_key(product: LicensedProduct | None) -> bool:
    return product is not None and product.channel is Channel.GVLK


def _has_key(product: LicensedProduct | None, key: ProductKey) -> bool:
    """The last five and the channel are all a machine tells of its key."""
    return product is not None and product.channel is Channel.GVLK and product.partial_product_key == key.last_five
