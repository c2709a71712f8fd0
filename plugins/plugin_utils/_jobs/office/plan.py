# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that makes one Office product a KMS client: settings, key, activation, and leftover keys.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The keys of Office are installed side by side: a GVLK does not replace a MAK. A product therefore keeps its MAK until KMS has
activated it, and a rollback only removes the GVLK.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._licensing.kms import product_settings
from ..._licensing.kms.effective import EffectiveSettings, application_settings
from ..._licensing.kms.product_settings import ProductChange
from ..._licensing.kms.type_change import must_activate_again, type_rollback
from ..._licensing.kms.verification import OFFICE, VerificationRequest
from ..._licensing.office.read import reread_office
from ..._licensing.office.volume import OfficeMachine, VolumeProduct
from ..._licensing.plan import loss
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.activation_report import ALREADY_LICENSED
from ..._licensing.plan.key_steps import install_key, remove_key
from ..._licensing.plan.plan import ExpectedKey, LicensePlan, RollbackPlan, RollbackPolicy
from ..._licensing.plan.step import Step
from ..._licensing.state.channels import channel_label
from ..._licensing.state.model import OSPP_PRODUCT, ActivationState, ActivationType, Application, Channel, LicensedProduct, LicenseStatus
from ..._licensing.state.target import Target, license_in
from ..._licensing.tokens import on_the_machine
from .model import OfficeDesired, ProductCase


def consider(machine: OfficeMachine, product: VolumeProduct, desired: OfficeDesired, leftovers: tuple[LicensedProduct, ...]) -> ProductCase:
    """Return the changes of one product. `leftovers` are the keys to remove after its activation."""
    on_the_machine.refuse_reactivation(machine.licenses.os.computer_name, desired, Application.OFFICE)
    named = replace(product.client, name=product.title)  # the steps name the product, and not its license
    change = product_settings.change_of_product(machine.licenses, named, desired, changes_service=desired.with_windows)
    case = ProductCase(machine, product, desired, change, (), ())
    is_licensed = product.client.status.is_activated or _activation(case) is not None
    removed = leftovers if desired.remove_leftover_keys and is_licensed else ()
    return replace(case, removed=removed, losses=loss.losses_of(removed))


def plan_of(case: ProductCase) -> LicensePlan:
    """Return the plan of a case."""
    product, activation = case.product, _activation(case)
    partial_product_key = new_key(product) or product.client.partial_product_key or ""
    removals, client = tuple(map(remove_key, case.removed)), product.client
    return LicensePlan(
        state=case.machine.licenses,
        steps=(*product_settings.product_steps(case.change), *_install(case), *(() if activation else removals)),
        before={},
        after={},
        reread=reread_office,
        warnings=_warnings(case),
        target=Target(client.class_name, (client.application_id,), partial_product_key),
        activation=activation,
        outcome_if_idle=ALREADY_LICENSED if client.status.is_activated and case.desired.activate else "not_requested",
        guard=ExpectedKey(partial_product_key, Channel.GVLK, client.activation_id, Application.OFFICE) if new_key(product) else None,
        rollback_policy=_rollback_policy(product),
        settings_rollback=type_rollback(client, None, case.change.settings.activation_type),
        final_steps=removals if activation else (),
        subject=f"license of {product.title}",
        is_beside_windows=True,
        license_before=client,
    )


def new_key(product: VolumeProduct) -> str | None:
    """Return the last five characters of the GVLK to install; None if the product has one already."""
    return None if product.has_client_key or product.gvlk is None else product.gvlk.partial_product_key


def verification_of(case: ProductCase, plan: LicensePlan) -> VerificationRequest | None:
    """Return what must be verified before the activation of a MAK or retail key of the same product is removed.

    None if nothing is lost, or if the task accepts the loss. Raises TaskRefusedError for the loss of a key that KMS does not replace.
    """
    if not case.losses or case.desired.lose_activation:
        return None
    computer = case.machine.licenses.os.computer_name
    others = loss.losses_of([each for each in case.removed if each not in case.product.others])
    if others or plan.activation is None:
        raise loss.refusal(computer, others or case.losses, "removing leftover keys", (loss.LOSE_ACTIVATION, _KEEP))
    doing = f"converting {case.product.title} to KMS"
    return VerificationRequest(plan, case.change.target_settings, case.losses, OFFICE, doing, case.product.name.release)


_KEEP = "Omit remove_leftover_keys to keep the keys."


def product_dict(state: ActivationState, product: VolumeProduct) -> dict[str, Any]:
    """Return an item of `office_products` in `before` and `after`, with the current values of a state that was read later."""
    client = license_in(state, product.client) or replace(product.client, partial_product_key=None, status=LicenseStatus.UNLICENSED)
    keyed = client if client.has_key else _other_key(state, product) or client
    shown = product_settings.settings_of_product(state, client).as_dict()
    return {
        "product_name": product.title,
        "activation_id": client.activation_id,
        "partial_product_key": keyed.partial_product_key,
        "channel": keyed.channel.value if keyed.has_key else None,
        "status": keyed.status.name.lower(),
        **{name: shown[name] for name in ("kms_host", "kms_port", "lookup_domain", "activation_type")},
        **application_settings(state, client),
    }


def predicted_dict(case: ProductCase, plan: LicensePlan) -> dict[str, Any]:
    """Return the predicted item of `office_products` in `after`."""
    target, before = case.change.target_settings, product_dict(case.machine.licenses, case.product)
    settings = target.as_dict()
    kind = settings["activation_type"] or before["activation_type"]
    after = {**before, **{name: settings[name] for name in ("kms_host", "kms_port", "lookup_domain")}, "activation_type": kind}
    if case.desired.clear_application_settings:
        after.update(application_kms_host=None, application_kms_port=None)
    if key := new_key(case.product):
        after.update(partial_product_key=key, channel=Channel.GVLK.value, status=LicenseStatus.INITIAL_GRACE.name.lower())
    if plan.activation:
        after["status"] = LicenseStatus.LICENSED.name.lower()
    return after


def _other_key(state: ActivationState, product: VolumeProduct) -> LicensedProduct | None:
    found = (license_in(state, other) for other in product.others)
    return next((other for other in found if other and other.has_key), None)


def _install(case: ProductCase) -> tuple[Step, ...]:
    product, entry = case.product, case.product.gvlk
    if product.has_client_key or entry is None:
        return ()
    service = case.machine.licenses.service_of(product.client)
    name = f"GVLK ending in {entry.partial_product_key} for {product.title}"
    return (install_key(service, entry.key, name, replaces=None),)


def _rollback_policy(product: VolumeProduct) -> RollbackPolicy | None:
    """Return the rollback of a new GVLK that belongs to another product, or that KMS does not activate beside a licensed key."""
    if new_key(product) is None:
        return None
    licensed = [f"{channel_label(other)} ending in {other.partial_product_key}" for other in product.others if other.status.is_activated]
    still = f" (the {licensed[0]} still licenses the product)" if licensed else ""

    def of(installed: LicensedProduct) -> RollbackPlan:
        return RollbackPlan(f"the previous keys of {product.title}{still}", (remove_key(installed),), is_of_office=True)

    return RollbackPolicy(of, after_failure=bool(licensed))


def _activation(case: ProductCase) -> Activation | None:
    desired, change, client = case.desired, case.change, case.product.client
    target = change.target_settings
    moved = change.now.endpoint() != target.endpoint()
    renews = desired.reactivate and target.activation_type is not ActivationType.AD
    due = not case.product.has_client_key or not client.status.is_activated or moved or renews
    due = due or must_activate_again(client, target.activation_type)
    if not desired.activate or not due or target.activation_type is ActivationType.TOKEN:
        return None
    uses_kms = target.activation_type is not ActivationType.AD
    host = hosts.with_port(target.host, target.port or DEFAULT_PORT) if target.host and uses_kms else None
    is_by_directory = target.activation_type is ActivationType.AD
    return Activation(_describe(case.product, target, host), desired.retry_timeout, host, is_by_directory=is_by_directory)


def _describe(product: VolumeProduct, target: EffectiveSettings, host: str | None) -> str:
    if target.activation_type is ActivationType.AD:
        return f"activate {product.title} through Active Directory"
    if host:
        return f"activate {product.title} with the KMS host {host}"
    domain = f" (lookup domain: {target.lookup_domain})" if target.lookup_domain else ""
    return f"activate {product.title} with a KMS host from DNS{domain}"


def _warnings(case: ProductCase) -> tuple[str, ...]:
    return (*_setting_warnings(case.product, case.change), *_activation_warnings(case), *loss.warnings(case.losses))


def _setting_warnings(product: VolumeProduct, change: ProductChange) -> tuple[str, ...]:
    warnings = [
        f"The module does not set {option}: the Office Software Protection Platform does not have this setting."
        for option in product_settings.unsupported_options(product.client, change.settings)
    ]
    if host := product_settings.inherited_host(change):
        of_registry = " It is in the registry of the machine. Set clear_application_settings: true to remove it."
        clear = of_registry if product.client.class_name == OSPP_PRODUCT else " Set application: all to clear it for Windows too."
        warnings.append(f"The product still uses the KMS host {host}, which is not configured for the product alone.{clear}")
    target = change.target_settings
    if target.host and change.settings.kms_host and target.activation_type is ActivationType.AD:
        warnings.append("kms_host has no effect while only Active Directory activation is allowed.")
    return tuple(warnings)


def _activation_warnings(case: ProductCase) -> tuple[str, ...]:
    is_left = case.product.has_client_key and case.product.client.status.is_activated
    if case.desired.activate and case.change.target_settings.activation_type is ActivationType.TOKEN and not is_left:
        return (on_the_machine.not_activated("the product", Application.OFFICE),)
    if case.product.client.status.is_activated or _activation(case) or not case.desired.remove_leftover_keys:
        return ()
    return ("The module does not remove leftover keys because this product is not activated.",)
