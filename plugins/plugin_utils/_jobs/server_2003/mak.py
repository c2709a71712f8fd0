# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a task about a MAK on Windows Server 2003.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: current and desired state in, plan or refusal out. A key can be set only while activation is due, and which key is there nobody can
tell, so it is set with each attempt until one succeeds.
"""

from __future__ import annotations

from typing import Any

from ..._licensing.mak.consumption import idle_outcome, refuse_consumption
from ..._licensing.mak.model import SETTINGS, MakDesired
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
    ("edition_id", "does not say for which edition it takes a key"),
    ("clear_kms_settings", "knows no KMS"),
    ("convert_kms_host", "knows no KMS"),
)
"""Options of later Windows, with why they mean nothing here."""


def plan(state: ActivationState, desired: MakDesired) -> LicensePlan:
    """The steps to the desired state. Raises TaskRefusedError for what means nothing on this Windows."""
    _refuse_meaningless(state, desired)
    activation = _activation_of(state)
    provider = Wpa(state.os, path(activation), activation.files)
    product = state.products[0]
    wanted = _activation(desired, product, activation)
    refuse_consumption(desired, wanted)
    return LicensePlan(
        state=state,
        steps=_steps(desired, product, provider),
        before=settings_dict(product),
        after={**settings_dict(product), **({"status": "licensed"} if wanted else {})},
        warnings=_warnings(state, desired, product, wanted),
        target=Target(WPA_CLASS, (WINDOWS_ID,), None),
        activation=wanted,
        outcome_if_idle=idle_outcome(desired, product),
        provider=provider,
        compare=lambda read: settings_dict(read.products[0]),
        reread=provider.read_again,
    )


def _activation_of(state: ActivationState) -> ProductActivation:
    if not isinstance(state.generation, ProductActivationGeneration):
        raise TypeError(f"{state.os.computer_name} was not read as Windows Server 2003")
    return state.generation.activation


def settings_dict(product: LicensedProduct) -> dict[str, Any]:
    """What a person compares before and after; the shape is that of later Windows."""
    known = {"partial_product_key": None, "channel": product.channel.value, "status": product.status.name.lower()}
    return {**known, **dict.fromkeys(SETTINGS)}


def _steps(desired: MakDesired, product: LicensedProduct, provider: Wpa) -> tuple[Step, ...]:
    """A new key would make a confirmation ID worthless that was given for the key before, so it is not set beside one."""
    if product.status.is_activated or desired.confirmation_id:
        return ()
    steps = [_set_key(desired, provider)] if desired.product_key else []
    return (*steps, _fetch(provider)) if desired.takes_confirmation_id else tuple(steps)


def _set_key(desired: MakDesired, provider: Wpa) -> Step:
    key = desired.product_key
    words = f"set the product key ending in {key.partial_product_key if key else '?'}"
    return Step("install_product_key", provider.where, "SetProductKey", words, key=key)


def _fetch(provider: Wpa) -> Step:
    return Step(
        "get_installation_id",
        provider.where,
        "GetInstallationID",
        "get a new installation ID, which makes the one before void",
        run=lambda session, _timer: provider.fetch_installation_id(session),
    )


def _activation(desired: MakDesired, product: LicensedProduct, activation: ProductActivation) -> Activation | None:
    if product.status.is_activated or not desired.activate:
        return None
    if desired.confirmation_id:
        return Activation(f"activate {activation.server_name} with its confirmation ID", confirmation_id=desired.confirmation_id)
    if desired.takes_confirmation_id:
        return None
    return Activation(f"activate {activation.server_name} online", desired.retry_timeout, consumes="1 activation of its product key")


def _warnings(state: ActivationState, desired: MakDesired, product: LicensedProduct, wanted: Activation | None) -> tuple[str, ...]:
    if product.status.is_activated and desired.product_key:
        partial_product_key = desired.product_key.partial_product_key
        return (
            f"the key ending in {partial_product_key} was not set: Windows Server 2003 accepts a key only while activation is required",
        )
    found: list[str] = []
    if desired.confirmation_id and desired.product_key:
        found.append(
            f"the key ending in {desired.product_key.partial_product_key} was not set, because that would invalidate the confirmation ID"
        )
    if wanted and wanted.confirmation_id:
        found += (f"confirmation ID: {hint}" for hint in phone.hints(wanted.confirmation_id, phone.BEFORE_VISTA))
    if desired.takes_confirmation_id and not product.status.is_activated:
        found += state.generation.remarks()
    return tuple(found)


def _refuse_meaningless(state: ActivationState, desired: MakDesired) -> None:
    if desired.application is not Application.WINDOWS:
        refuse(state.os, "has no licensing service of Windows for Office", "Leave application out for this machine.")
    for option, why in _MEANINGLESS:
        if getattr(desired, option):
            refuse(state.os, why, f"Leave {option} out for this machine.")
