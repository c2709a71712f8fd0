# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task about a MAK says: the state before and after as a person compares it, names, and what to know beforehand.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from typing import Any

from ..._licensing.catalog.errors import explain
from ..._licensing.kms.settings import effective_settings
from ..._licensing.mak.model import SETTINGS, MakDesired
from ..._licensing.plan import loss
from ..._licensing.plan.activation import Activation, ActivationMethod
from ..._licensing.plan.key_steps import STOPS_HOSTING
from ..._licensing.state import phone
from ..._licensing.state.channels import channel_words
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct, LicenseStatus
from ..._licensing.state.product_key import ProductKey
from .rollback import unrestorable_key

HARDWARE_CHANGED = 0xC004F00F
"""LicenseStatusReason of a MAK after too much of the hardware was replaced."""


def settings_dict(state: ActivationState, application: Application, product: LicensedProduct | None) -> dict[str, Any]:
    """Key, channel and status of the product, which is that of Windows when there is none with the key; Windows' KMS settings."""
    shown = product or (state.primary if application is Application.WINDOWS else None)
    return {
        "partial_product_key": shown.partial_product_key if shown else None,
        "channel": shown.channel.value if shown else None,
        "status": (shown.status if shown else LicenseStatus.UNLICENSED).name.lower(),
        **settings_of(state, application, shown),
    }


def settings_of(state: ActivationState, application: Application, product: LicensedProduct | None) -> dict[str, Any]:
    """Where KMS is asked, as far as it is set; Office has that per product and it is not this task's."""
    if application is not Application.WINDOWS:
        return dict.fromkeys(SETTINGS)
    now = effective_settings(state, product).as_dict()
    return {name: now[name] for name in SETTINGS}


def product_with(state: ActivationState, partial_product_key: str | None) -> LicensedProduct | None:
    """The product that has this key."""
    return next((product for product in state.products if partial_product_key and product.partial_product_key == partial_product_key), None)


def name_of(key: ProductKey | None, installed: LicensedProduct | None) -> str:
    """The MAK, by what Windows itself shows of it."""
    return f"the MAK ending in {installed.partial_product_key if installed else key.partial_product_key if key else '?'}"


def why_again(installed: LicensedProduct | None) -> str:
    """Why a MAK that is there needs an activation, where Windows tells."""
    return ", because the hardware has changed" if installed and installed.reason == HARDWARE_CHANGED else ""


def warnings(
    state: ActivationState,
    desired: MakDesired,
    installed: LicensedProduct | None,
    activation: Activation | None,
    replaced: tuple[LicensedProduct, ...] = (),
) -> tuple[str, ...]:
    """What a person should know before the MAK is used; `replaced` are the products whose key it takes the place of."""
    found: list[str] = []
    is_done = installed is not None and installed.status.is_activated
    if installed and installed.reason == HARDWARE_CHANGED:
        found.append(_hardware_words(installed))
    if installed is None:
        found += [*_on_replacing(state, desired, replaced), *loss.warnings(loss.losses_of(replaced))]
    if activation and activation.confirmation_id:
        found += (f"confirmation ID: {hint}" for hint in phone.hints(activation.confirmation_id, phone.SINCE_VISTA))
    if desired.clear_kms_settings and not activation and not is_done:
        found.append("the KMS settings stay until the MAK is activated")
    if desired.takes_confirmation_id and desired.activation_method is ActivationMethod.TELEPHONE and not activation and not is_done:
        found.append(_telephone_words(desired, installed))
    return tuple(found)


def _hardware_words(installed: LicensedProduct) -> str:
    reason = explain(HARDWARE_CHANGED)
    since = f"the hardware has changed since {name_of(None, installed)} was activated"
    return f"{reason.code} {reason.symbol}: {since}, so it needs one activation more, and no confirmation ID from before fits any longer"


def _on_replacing(state: ActivationState, desired: MakDesired, replaced: tuple[LicensedProduct, ...]) -> list[str]:
    primary = state.primary
    if desired.application is Application.OFFICE:
        beside = [item for item in state.keyed(Application.OFFICE) if item.channel is Channel.GVLK]
        return [
            f"{item.name} keeps its GVLK ending in {item.partial_product_key} beside the MAK: remove it with product_key, state: absent and"
            f" activation_id: {item.activation_id}, when the MAK is for the same product"
            for item in beside
        ]
    is_host = primary is not None and primary in replaced and primary.channel is Channel.CSVLK
    found = [STOPS_HOSTING] if is_host else []
    former = unrestorable_key(state)
    return [*found, _lost_words(former)] if former and former in replaced and not loss.losses_of(replaced) else found


def _lost_words(lost: LicensedProduct) -> str:
    former = f"the {channel_words(lost)} ending in {lost.partial_product_key} that the machine has before this task"
    return f"{former} cannot be put back should the activation fail, because Windows tells no full key: keep it at hand"


def _telephone_words(desired: MakDesired, installed: LicensedProduct | None) -> str:
    known = phone.grouped(installed.installation_id) if installed and installed.installation_id else None
    told = known or "of the product when the key is there"
    name = name_of(desired.product_key, installed)
    return f"{name} is not activated: give the activation center the installation ID {told}, and run the task again with confirmation_id"
