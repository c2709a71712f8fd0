# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS client settings of a machine: the effective settings, and the steps to the target settings.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each setting exists twice: for the machine, at the licensing service, and for every product, which overrides the setting of the machine.
A product without a setting of its own shows the value of the service, so only a different value is known to be the product's. The target
value is written to the service, and a different value of a product is cleared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..plan.step import Step
from ..problems import TaskRefusedError
from ..state import report
from ..state.model import ActivationState, ActivationType, Feature, KmsClient, LicensedProduct
from . import setting_steps as kms_steps


@dataclass(frozen=True)
class KmsSettings:
    """The settings of a task. None does not change a setting, `discovery` clears the KMS host, and `lookup_domain` "" clears the domain."""

    kms_host: str | None = None
    kms_port: int | None = None
    discovery: bool = False
    lookup_domain: str | None = None
    host_caching: bool | None = None
    activation_type: ActivationType | None = None


@dataclass(frozen=True)
class EffectiveSettings:
    """The effective settings of a product: its own, or those of the service. `port` None is the default port."""

    host: str | None
    port: int | None
    lookup_domain: str | None
    host_caching: bool | None
    activation_type: ActivationType | None

    def endpoint(self) -> tuple[str | None, int | str | None]:
        """Return where the product is activated, in a form to compare: a KMS host and port, or None and the lookup domain."""
        if self.host:
            return (hosts.normalize_name(self.host), self.port or DEFAULT_PORT)
        return (None, hosts.normalize_name(self.lookup_domain))

    def as_dict(self) -> dict[str, Any]:
        """Return the settings for `before` and `after`."""
        return {
            "kms_host": self.host,
            "kms_port": (self.port or DEFAULT_PORT) if self.host else self.port,
            "lookup_domain": self.lookup_domain,
            "host_caching": self.host_caching,
            "activation_type": None if self.activation_type is None else self.activation_type.name.lower(),
        }


def effective_settings(state: ActivationState, product: LicensedProduct | None) -> EffectiveSettings:
    """Return the effective settings of a product, or of the machine if `product` is None."""
    service = state.service.kms
    own = product.kms if product else KmsClient()
    fixed = own if own.host else service
    return EffectiveSettings(
        host=fixed.host,
        port=fixed.port if fixed.host else own.port or service.port,
        lookup_domain=own.lookup_domain or service.lookup_domain,
        host_caching=state.service.host_caching,
        activation_type=product.allowed_type if product else None,
    )


@dataclass(frozen=True)
class SettingsChange:
    """From the effective settings of a product, or of the machine if `product` is None, to the target settings."""

    state: ActivationState
    product: LicensedProduct | None
    settings: KmsSettings
    now: EffectiveSettings
    target_settings: EffectiveSettings


def change_of(state: ActivationState, product: LicensedProduct | None, settings: KmsSettings) -> SettingsChange:
    """Return the change for the settings of a task.

    `product` is the product with the key, or None if the key will change. The next license can have settings of its own, which
    :func:`corrections` checks afterwards.
    """
    now = effective_settings(state, product)
    return SettingsChange(state, product, settings, now, _target_settings(state, now, settings))


def _target_settings(state: ActivationState, now: EffectiveSettings, settings: KmsSettings) -> EffectiveSettings:
    """Return the target settings. A new KMS host does not inherit the port of the previous one."""
    host, port = now.host, now.port
    if settings.discovery:
        host, port = None, None
    elif settings.kms_host and hosts.same_name(settings.kms_host, now.host):
        port = settings.kms_port or now.port
    elif settings.kms_host:
        host, port = settings.kms_host, settings.kms_port or _port_kept(state, settings.kms_host)
    domain = now.lookup_domain
    if settings.lookup_domain is not None and not hosts.same_name(settings.lookup_domain, domain):
        domain = settings.lookup_domain or None
    return EffectiveSettings(
        host=host,
        port=port,
        lookup_domain=domain,
        host_caching=now.host_caching if settings.host_caching is None else settings.host_caching,
        activation_type=now.activation_type if settings.activation_type is None else settings.activation_type,
    )


def _port_kept(state: ActivationState, host: str) -> int | None:
    """Return the port of the service if the service already has this KMS host, which a product can override."""
    service = state.service.kms
    return service.port if hosts.same_name(service.host, host) else None


def refuse_unsupported(state: ActivationState, settings: KmsSettings) -> None:
    """Raise TaskRefusedError for a setting that this version of Windows does not have."""
    requested = (
        ("lookup_domain", bool(settings.lookup_domain), Feature.LOOKUP_DOMAIN),
        ("host_caching", settings.host_caching is not None, Feature.HOST_CACHING),
        ("activation_type", settings.activation_type not in (None, ActivationType.ALL), Feature.ACTIVATION_TYPE),
    )
    for option, is_set, feature in requested:
        if is_set and feature not in state.service.features:
            raise TaskRefusedError(
                "not_supported_by_windows",
                f"{option} cannot be set: {state.os.caption} (version {state.os.version}) does not support {feature.value}.",
                (f"Omit {option} for this machine.",),
            )


def setting_steps(change: SettingsChange) -> tuple[Step, ...]:
    """Return the steps to the target settings. A setting that already has its target value does not need a step."""
    state, target = change.state, change.target_settings
    return (
        *_endpoint_steps(change),
        *_lookup_domain_steps(change),
        *([] if target.host_caching in (None, state.service.host_caching) else [kms_steps.set_host_caching(state, target.host_caching)]),
        *_activation_type_steps(change),
    )


def corrections(change: SettingsChange) -> Callable[[LicensedProduct], tuple[Step, ...]]:
    """Return a function that returns the steps for the settings of a product, after those of the service; none on Windows 6.0."""
    settings, target = change.settings, change.target_settings

    def correct(product: LicensedProduct) -> tuple[Step, ...]:
        if Feature.KMS_PORT not in change.state.service.features:
            return ()
        own = product.kms
        steps: list[Step] = []
        if (settings.kms_host or settings.discovery) and not _agrees(own, target):
            steps += kms_steps.clear_own_endpoint(product)
        if settings.lookup_domain is not None and own.lookup_domain and not hosts.same_name(own.lookup_domain, target.lookup_domain):
            steps.append(kms_steps.clear_own_lookup_domain(product))
        if settings.activation_type is not None and product.allowed_type not in (None, settings.activation_type):
            steps.append(kms_steps.set_activation_type(product.path, settings.activation_type))
        return tuple(steps)

    return correct


def _agrees(own: KmsClient, target: EffectiveSettings) -> bool:
    """Return whether a product uses the target KMS host. A product without a KMS host uses that of the service."""
    if not own.host:
        return not own.port or bool(target.host)
    return hosts.same_name(own.host, target.host) and (own.port or DEFAULT_PORT) == (target.port or DEFAULT_PORT)


def _endpoint_steps(change: SettingsChange) -> list[Step]:
    state, product, settings, target = change.state, change.product, change.settings, change.target_settings
    if settings.discovery:
        steps = kms_steps.clear_service_endpoint(state)
    elif settings.kms_host and change.now.endpoint() != target.endpoint():
        steps = kms_steps.set_service_endpoint(state, target.host or settings.kms_host, target.port)
    else:
        return []
    if product and _has_own_endpoint(product, state) and not _agrees(product.kms, target):
        steps += kms_steps.clear_own_endpoint(product)
    return steps


def _has_own_endpoint(product: LicensedProduct, state: ActivationState) -> bool:
    """Return whether the product has a KMS host or port of its own, which differs from the service; `corrections` handles an equal one."""
    own, service = product.kms, state.service.kms
    return report.configured_scope(own, service) == "product" or (not own.host and own.port not in (None, service.port))


def _lookup_domain_steps(change: SettingsChange) -> list[Step]:
    state, product = change.state, change.product
    domain, at_service = change.target_settings.lookup_domain, state.service.kms.lookup_domain
    if hosts.same_name(change.now.lookup_domain, domain):
        return []
    steps = []
    if not hosts.same_name(at_service, domain):
        steps.append(kms_steps.set_lookup_domain(state, domain) if domain else kms_steps.clear_lookup_domain(state))
    own = product.kms.lookup_domain if product else None
    if product and own and not hosts.same_name(own, at_service) and not hosts.same_name(own, domain):
        steps.append(kms_steps.clear_own_lookup_domain(product))
    return steps


def _activation_type_steps(change: SettingsChange) -> list[Step]:
    """Return the step that sets the activation type. Only a KMS client product shows the value; without one, it is always written."""
    kind, shown = change.settings.activation_type, change.product.allowed_type if change.product else None
    if kind is None or kind == shown or Feature.ACTIVATION_TYPE not in change.state.service.features:
        return []
    return [kms_steps.set_activation_type(change.state.service.path, kind)]
