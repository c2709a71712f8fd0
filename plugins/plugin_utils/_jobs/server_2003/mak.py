# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a task about a MAK on Windows Server 2003.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: state and wish in, plan or refusal out. A key can be set only while activation is due, and which key is there nobody can
tell, so it is set with each attempt until one succeeds.
"""

from __future__ import annotations

from typing import Any

from ..._licensing.mak.model import SETTINGS, MakDesired, Method
from ..._licensing.mak.spending import idle, refuse_spending
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.plan import LicensePlan
from ..._licensing.plan.step import Step
from ..._licensing.state import phone
from ..._licensing.state.model import WINDOWS_ID, ActivationState, Application, LicensedProduct
from ..._licensing.state.served import refuse
from ..._licensing.state.target import Target
from .generation import ProductActivationGeneration
from .model import WPA_CLASS, ProductActivation
from .provider import Wpa, path

_MEANINGLESS = (
    ("activation_id", "knows no activation IDs"),
    ("installation_id", "makes a new installation ID whenever it is asked for one, so that there is none to compare with"),
    ("edition", "does not say for which edition it takes a key"),
    ("clear_kms_settings", "knows no KMS"),
    ("convert_kms_host", "knows no KMS"),
)
"""Options of later Windows, with why they mean nothing here."""


def plan(state: ActivationState, wish: MakDesired) -> LicensePlan:
    """The steps from state to wish. Raises Refusal for what means nothing on this Windows."""
    _refuse_meaningless(state, wish)
    activation = _activation_of(state)
    provider = Wpa(state.os, path(activation), activation.files)
    product = state.products[0]
    wanted = _activation(wish, product, activation)
    refuse_spending(wish, wanted)
    return LicensePlan(
        state=state,
        steps=_steps(wish, product, provider),
        before=comparable(product),
        after={**comparable(product), **({"status": "licensed"} if wanted else {})},
        warnings=_warnings(state, wish, product, wanted),
        target=Target(WPA_CLASS, (WINDOWS_ID,), None),
        activation=wanted,
        idle=idle(wish, product),
        provider=provider,
        compare=lambda read: comparable(read.products[0]),
        reread=provider.read_again,
    )


def _activation_of(state: ActivationState) -> ProductActivation:
    if not isinstance(state.generation, ProductActivationGeneration):
        raise TypeError(f"{state.os.computer_name} was not read as Windows Server 2003")
    return state.generation.activation


def comparable(product: LicensedProduct) -> dict[str, Any]:
    """What a person compares before and after; the shape is that of later Windows."""
    known = {"product_key": None, "channel": product.channel.value, "status": product.status.name.lower()}
    return {**known, **dict.fromkeys(SETTINGS)}


def _steps(wish: MakDesired, product: LicensedProduct, provider: Wpa) -> tuple[Step, ...]:
    """A new key would make a confirmation ID worthless that was given for the key before, so it is not set beside one."""
    if product.status.is_activated or wish.confirmation_id:
        return ()
    steps = [_set_key(wish, provider)] if wish.product_key else []
    return (*steps, _fetch(provider)) if wish.method.takes_confirmation_id else tuple(steps)


def _set_key(wish: MakDesired, provider: Wpa) -> Step:
    key = wish.product_key
    words = f"set the product key ending {key.last_five if key else '?'}"
    return Step("install_product_key", provider.where, "SetProductKey", words, key=key)


def _fetch(provider: Wpa) -> Step:
    return Step(
        "get_installation_id",
        provider.where,
        "GetInstallationID",
        "get a new installation ID, which makes the one before void",
        act=lambda session, _patience: provider.fetch_installation_id(session),
    )


def _activation(wish: MakDesired, product: LicensedProduct, activation: ProductActivation) -> Activation | None:
    if product.status.is_activated or wish.method is Method.NONE:
        return None
    if wish.confirmation_id:
        return Activation(f"activate {activation.server_name} by its confirmation ID", confirmation_id=wish.confirmation_id)
    if wish.method.takes_confirmation_id:
        return None
    return Activation(f"activate {activation.server_name} online", wish.wait, spends="1 activation of its product key")


def _warnings(state: ActivationState, wish: MakDesired, product: LicensedProduct, wanted: Activation | None) -> tuple[str, ...]:
    if product.status.is_activated and wish.product_key:
        last_five = wish.product_key.last_five
        return (f"the key ending {last_five} was not set: Windows Server 2003 takes a key only while activation is due, and it is not",)
    found: list[str] = []
    if wish.confirmation_id and wish.product_key:
        found.append(f"the key ending {wish.product_key.last_five} was not set, because that would make the confirmation ID worthless")
    if wanted and wanted.confirmation_id:
        found += (f"confirmation ID: {hint}" for hint in phone.hints(wanted.confirmation_id, phone.BEFORE_VISTA))
    if wish.method.takes_confirmation_id and not product.status.is_activated:
        found += state.generation.remarks()
    return tuple(found)


def _refuse_meaningless(state: ActivationState, wish: MakDesired) -> None:
    if wish.application is not Application.WINDOWS:
        refuse(state.os, "has no licensing service of Windows for Office", "Leave application out for this machine.")
    for option, why in _MEANINGLESS:
        if getattr(wish, option):
            refuse(state.os, why, f"Leave {option} out for this machine.")
