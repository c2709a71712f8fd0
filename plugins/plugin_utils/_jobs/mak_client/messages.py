# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings for `before` and `after` of a task about a MAK, and its warnings.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from typing import Any

from ....module_utils import _phone as phone
from ..._licensing.catalog.errors import explain
from ..._licensing.esu import fitness
from ..._licensing.kms.effective import effective_settings
from ..._licensing.mak.model import SETTINGS, MakDesired
from ..._licensing.office.names import license_name
from ..._licensing.plan import loss
from ..._licensing.plan.activation import Activation, ActivationMethod
from ..._licensing.plan.key_steps import STOPS_HOSTING
from ..._licensing.plan.rollback import unrestorable_key
from ..._licensing.state.channels import channel_label
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct, LicenseStatus
from .subject import Subject

HARDWARE_CHANGED = 0xC004F00F
"""LicenseStatusReason of a MAK after a change of the hardware."""


def settings_dict(state: ActivationState, product: LicensedProduct | None, *, is_windows: bool) -> dict[str, Any]:
    """Return the key, channel, and status of a product, and the KMS settings of Windows.

    If `product` is None, these are the values of Windows, or those of a product without a key unless `is_windows`.
    """
    shown = product or (state.primary if is_windows else None)
    return {
        "partial_product_key": shown.partial_product_key if shown else None,
        "channel": shown.channel.value if shown else None,
        "status": (shown.status if shown else LicenseStatus.UNLICENSED).name.lower(),
        **settings_of(state, shown, is_windows=is_windows),
    }


def settings_of(state: ActivationState, product: LicensedProduct | None, *, is_windows: bool) -> dict[str, Any]:
    """Return the KMS settings of Windows; None for Office and for an add-on, because the task does not manage their settings."""
    if not is_windows:
        return dict.fromkeys(SETTINGS)
    now = effective_settings(state, product).as_dict()
    return {name: now[name] for name in SETTINGS}


def product_with(state: ActivationState, application: Application, partial_product_key: str | None) -> LicensedProduct | None:
    """Return the product of an application that has a key."""
    of_application = (product for product in state.products if product.application is application)
    return next((product for product in of_application if partial_product_key and product.partial_product_key == partial_product_key), None)


def activate_gvlk_steps(state: ActivationState, application: Application) -> tuple[str, ...]:
    """Return the step that activates the products of Office which have a GVLK instead of a MAK; none for Windows."""
    if application is Application.WINDOWS or not any(item.channel is Channel.GVLK for item in state.keyed(application)):
        return ()
    return ("To activate the products of Office that have a GVLK, run kms_client with application: office.",)


def reactivation_reason(installed: LicensedProduct | None) -> str:
    """Return why an installed MAK needs an activation, as the end of a description; empty if Windows does not return a reason."""
    return ", because the hardware has changed" if installed and installed.reason == HARDWARE_CHANGED else ""


def warnings(
    state: ActivationState,
    desired: MakDesired,
    subject: Subject,
    activation: Activation | None,
    replaced: tuple[LicensedProduct, ...] = (),
) -> tuple[str, ...]:
    """Return the warnings of a task; `replaced` are the products whose key the MAK replaces."""
    installed = subject.installed
    found = list(fitness.warnings(subject.programme, state.os.time)) if subject.programme else []
    is_done = installed is not None and installed.status.is_activated
    if installed and installed.reason == HARDWARE_CHANGED:
        found.append(_hardware_warning(subject))
    if installed is None:
        found += [*_on_replacing(state, desired, subject, replaced), *loss.warnings(loss.losses_of(replaced))]
    if activation and activation.confirmation_id:
        found += (f"Confirmation ID: {hint}" for hint in phone.hints(activation.confirmation_id, phone.SINCE_VISTA))
    if desired.clear_kms_settings and subject.is_addon:
        found.append("The module does not clear the KMS settings, because they belong to Windows, and the MAK is for an add-on.")
    elif desired.clear_kms_settings and not activation and not is_done:
        found.append("The module clears the KMS settings only after the MAK is activated.")
    if desired.takes_confirmation_id and desired.activation_method is ActivationMethod.TELEPHONE and not activation and not is_done:
        found.append(_telephone_warning(desired, subject))
    return tuple(found)


def _hardware_warning(subject: Subject) -> str:
    reason = explain(HARDWARE_CHANGED)
    since = f"The hardware has changed since {subject.name_of(None)} was activated ({reason.label})"
    return f"{since}. The machine needs another activation, and earlier confirmation IDs are not valid any more."


def _on_replacing(state: ActivationState, desired: MakDesired, subject: Subject, replaced: tuple[LicensedProduct, ...]) -> list[str]:
    primary = state.primary
    if desired.application is Application.OFFICE:
        return _kept_gvlks(state, subject.license)
    is_host = primary is not None and primary in replaced and primary.channel is Channel.CSVLK
    found = [STOPS_HOSTING] if is_host else []
    former = unrestorable_key(state)
    return [*found, _not_restorable_warning(former)] if former and former in replaced and not loss.losses_of(replaced) else found


def _kept_gvlks(state: ActivationState, selected: LicensedProduct | None) -> list[str]:
    """Return a warning for each GVLK of Office that stays beside the MAK. If the product of the MAK is known, only its GVLK is meant."""
    name = license_name(selected) if selected else None
    found = []
    for item in state.keyed(Application.OFFICE):
        other = license_name(item)
        if item.channel is not Channel.GVLK or (name and other and (other.product, other.release) != (name.product, name.release)):
            continue
        remove = f"the GVLK with product_key, application: office, state: absent, and activation_id: {item.activation_id}."
        what_to_do = f"Remove {remove}" if name else f"If the MAK is for the same product, remove {remove}"
        found.append(f"{item.name} keeps its GVLK ending in {item.partial_product_key} in addition to the MAK. {what_to_do}")
    return found


def _not_restorable_warning(lost: LicensedProduct) -> str:
    former = f"the {channel_label(lost)} ending in {lost.partial_product_key}"
    cannot = f"The module cannot restore {former} if the activation fails, because Windows does not return full product keys"
    return f"{cannot}. Make sure that you have this key."


def _telephone_warning(desired: MakDesired, subject: Subject) -> str:
    installed = subject.installed
    known = phone.grouped(installed.installation_id) if installed and installed.installation_id else None
    shown = f"installation ID: {known}" if known else "the result contains the installation ID after the key is installed"
    name = subject.name_of(desired.product_key)
    return (
        f"The module does not activate {name} without a confirmation ID. Get the confirmation ID from the activation center ({shown}),"
        " and run the task again with confirmation_id."
    )
