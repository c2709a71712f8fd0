# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS client settings of one Office product: its effective settings, and the steps to the target settings.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Office has its settings at the product, as ospp.vbs sets them, because the licensing service belongs to Windows too. A product without a
setting of its own shows the value of the service. OfficeSoftwareProtectionProduct does not have a lookup domain and an activation type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..plan.step import Step
from ..state.model import OSPP_PRODUCT, ActivationState, ActivationType, LicensedProduct
from . import product_setting_steps as steps_of
from .effective import EffectiveSettings
from .model import ApplicationKms, KmsClient, configured_host
from .settings import KmsSettings


@dataclass(frozen=True)
class ProductChange:
    """From the effective settings of a product to its target settings.

    `inherited` are the settings of its application and its licensing service now, and `inherited_after` those after the task.
    """

    product: LicensedProduct
    settings: KmsSettings
    now: EffectiveSettings
    target_settings: EffectiveSettings
    inherited: KmsClient
    inherited_after: KmsClient


def has_all_settings(product: LicensedProduct) -> bool:
    """Return whether the class of a product has a lookup domain and an activation type."""
    return product.class_name != OSPP_PRODUCT


def settings_of_product(state: ActivationState, product: LicensedProduct) -> EffectiveSettings:
    """Return the effective settings of an Office product. Host caching is a setting of its licensing service."""
    own, service = product.kms, _service_settings(state, product)
    fixed = configured_host(own, state.application_kms_of(product), service)
    has_all = has_all_settings(product)
    return EffectiveSettings(
        host=fixed.host if fixed else None,
        port=fixed.port if fixed else own.port or service.port,
        lookup_domain=(own.lookup_domain or service.lookup_domain) if has_all else None,
        host_caching=None,
        activation_type=product.allowed_type if has_all else None,
    )


def _service_settings(state: ActivationState, product: LicensedProduct) -> KmsClient:
    """Return the settings of the licensing service of a product, which are not set if the service was not read."""
    if product.class_name == OSPP_PRODUCT and state.office_service is None:
        return KmsClient()
    return state.service_of(product).kms


def _inherited(service: KmsClient, application: ApplicationKms | None) -> KmsClient:
    """Return the settings of a product that does not have its own. Those of the application have precedence over those of the service."""
    return replace(service, host=application.host, port=application.port) if application and application.host else service


def change_of_product(
    state: ActivationState, product: LicensedProduct, settings: KmsSettings, *, changes_service: bool = False
) -> ProductChange:
    """Return the change of the settings of a product for the settings of a task.

    :param changes_service: The task is about Windows too, and clears the same settings of the licensing service of Windows.
    """
    now, service, application = (
        settings_of_product(state, product),
        _service_settings(state, product),
        state.application_kms_of(product),
    )
    left = _after_task(service, settings) if changes_service and has_all_settings(product) else service
    if application and settings.clear_application_settings and product.class_name == OSPP_PRODUCT:
        left = replace(left, host=None, port=None)  # these registry values are those of its service
    after = _inherited(left, None if settings.clear_application_settings else application)
    target = _target(now, product, settings, after)
    return ProductChange(product, settings, now, target, _inherited(service, application), after)


def with_written_hosts(state: ActivationState, written: Mapping[tuple[str, str], str | None]) -> ActivationState:
    """Return the state in which the KMS hosts that a task has set for products are known to be those of the products.

    Without this, a product with the KMS host of the service seems to use that of its application. `written` has the KMS host for the class
    name and the activation ID of each product.
    """

    def known(product: LicensedProduct) -> LicensedProduct:
        host = written.get((product.class_name, product.activation_id))
        is_set = host is not None and hosts.same_name(product.kms.host, host)
        return replace(product, kms=replace(product.kms, is_own=True)) if is_set else product

    return replace(state, products=tuple(map(known, state.products)))


def product_steps(change: ProductChange) -> tuple[Step, ...]:
    """Return the steps to the target settings. A setting that already has its target value does not need a step."""
    return (*_endpoint(change), *_lookup_domain(change), *_activation_type(change))


def unsupported_options(product: LicensedProduct, settings: KmsSettings) -> tuple[str, ...]:
    """Return the options that the class of a product does not have."""
    if has_all_settings(product):
        return ()
    asked = {
        "lookup_domain": bool(settings.lookup_domain),
        "activation_type": settings.activation_type not in (None, ActivationType.ALL),
    }
    return tuple(name for name, is_asked in asked.items() if is_asked)


def inherited_host(change: ProductChange) -> str | None:
    """Return the KMS host of the application or the service that a product uses instead of DNS; None if there is none."""
    return change.target_settings.host if change.settings.discovery else None


def _after_task(service: KmsClient, settings: KmsSettings) -> KmsClient:
    cleared = replace(service, host=None, port=None) if settings.discovery else service
    return replace(cleared, lookup_domain=None) if settings.lookup_domain == "" else cleared


def _target(now: EffectiveSettings, product: LicensedProduct, settings: KmsSettings, inherited: KmsClient) -> EffectiveSettings:
    """Return the target settings. A new KMS host does not inherit the port of the previous one."""
    host, port = now.host, now.port
    if settings.discovery:
        host, port = inherited.host, inherited.port
    elif settings.kms_host:
        host = settings.kms_host
        kept = now.port if hosts.same_name(settings.kms_host, now.host) else None
        port = settings.kms_port or kept
    has_all = has_all_settings(product)
    domain = now.lookup_domain
    if has_all and settings.lookup_domain is not None and not hosts.same_name(settings.lookup_domain, domain):
        domain = settings.lookup_domain or inherited.lookup_domain
    kind = settings.activation_type if has_all and settings.activation_type is not None else now.activation_type
    return EffectiveSettings(host, port, domain, None, kind)


def _endpoint(change: ProductChange) -> list[Step]:
    product, settings, target = change.product, change.settings, change.target_settings
    if settings.discovery:
        return _clear_endpoint(change)
    if not settings.kms_host or change.now.endpoint() == target.endpoint():
        return []
    steps = [] if hosts.same_name(change.now.host, target.host) else [steps_of.set_host(product, settings.kms_host)]
    before, wanted = change.now.port or DEFAULT_PORT, target.port or DEFAULT_PORT
    inherits = change.inherited.port not in (None, wanted)
    if before == wanted and not (steps and inherits):
        return steps
    restore = (steps_of.restore_host(product),) if steps else ()
    return [*steps, steps_of.set_port(product, wanted, restore) if target.port or inherits else steps_of.clear_port(product, restore)]


def _clear_endpoint(change: ProductChange) -> list[Step]:
    """Return the steps that clear the KMS host of the product, if it differs from that of the service, or that is cleared too."""
    own, inherited = change.product.kms, change.inherited
    is_inherited = hosts.same_name(own.host, inherited.host) and own.port in (None, inherited.port)
    if is_inherited and change.inherited_after == inherited:
        return []
    return steps_of.clear_endpoint(change.product)


def _lookup_domain(change: ProductChange) -> list[Step]:
    product, domain = change.product, change.target_settings.lookup_domain
    if hosts.same_name(change.now.lookup_domain, domain):
        return []
    if domain and not hosts.same_name(domain, change.inherited.lookup_domain):
        return [steps_of.set_lookup_domain(product, domain)]
    return [steps_of.clear_lookup_domain(product)]


def _activation_type(change: ProductChange) -> list[Step]:
    product, kind = change.product, change.settings.activation_type
    if kind is None or kind == product.allowed_type or not has_all_settings(product):
        return []
    return [steps_of.set_activation_type(product, kind)]
