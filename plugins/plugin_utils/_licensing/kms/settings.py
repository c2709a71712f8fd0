# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS client settings of a machine: the effective settings, and the steps to the target settings.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each setting exists for the machine, at the licensing service, and for every product, which overrides the setting of the machine. Between
them, the registry can have a KMS host for a whole application, see :mod:`.application_level`. A product without a setting of its own shows
the value of another level, so only a different value is known to be the product's. The target value is written to the service, and a
different value of a product is cleared. The value of an application is removed only if the task requests it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..plan.step import Step
from ..problems import TaskRefusedError
from ..state.model import ActivationState, ActivationType, Application, Feature, LicensedProduct
from ..tokens.on_the_machine import TOKENS_ONLY_ON_WINDOWS_7
from . import application_level
from . import product_setting_steps as product_steps
from . import setting_steps as kms_steps
from .effective import EffectiveSettings, effective_with, own_settings
from .model import ApplicationKms, KmsClient, has_own_host


@dataclass(frozen=True)
class KmsSettings:
    """The settings of a task. None does not change a setting, `discovery` clears the KMS host, and `lookup_domain` "" clears the domain.

    `clear_application_settings` removes the KMS host that the registry sets for the application.
    """

    kms_host: str | None = None
    kms_port: int | None = None
    discovery: bool = False
    lookup_domain: str | None = None
    host_caching: bool | None = None
    activation_type: ActivationType | None = None
    clear_application_settings: bool = False


@dataclass(frozen=True)
class SettingsChange:
    """From the effective settings of a product, or of the machine if `product` is None, to the target settings.

    `beneath` and `target_beneath` are the same without the settings of the application, which override those of the service.
    `application` are the settings of the application, and `remaining` those that stay.
    """

    state: ActivationState
    product: LicensedProduct | None
    settings: KmsSettings
    now: EffectiveSettings
    target_settings: EffectiveSettings
    beneath: EffectiveSettings
    target_beneath: EffectiveSettings
    application: ApplicationKms | None = None

    @property
    def remaining(self) -> ApplicationKms | None:
        """The settings of the application after the task."""
        return None if self.settings.clear_application_settings else self.application

    @property
    def subject(self) -> str:
        """The name of the application, for messages."""
        return (self.product.application if self.product else Application.WINDOWS).name.capitalize()

    def warnings(self) -> tuple[str, ...]:
        """Return a sentence if the settings of the application override those of the task, or could not be read."""
        level = self.remaining
        if level is None:
            return ()
        if level.problem:
            return (f"The KMS settings that the registry can have for {self.subject} could not be read: {level.problem}.",)
        clear = "The option clear_application_settings: true removes it."
        if level.stored and not level.host:
            return (f"{application_level.unused_text(level, self.subject)}. {clear}",)
        overrides = self.target_settings.endpoint() != self.target_beneath.endpoint()
        return (f"{application_level.overrides_text(level, self.subject)}. {clear}",) if overrides else ()


def change_of(state: ActivationState, product: LicensedProduct | None, settings: KmsSettings) -> SettingsChange:
    """Return the change for the settings of a task.

    `product` is the product with the key, or None if the key will change. The next license can have settings of its own, which
    :func:`corrections` checks afterwards.
    """
    application = state.application_kms_of(product)
    own = own_settings(state, product, application)
    beneath = effective_with(state, product, own, None)
    target = _target_settings(state, beneath, settings)
    keeps_own = has_own_host(own, application, state.service.kms) and _agrees(own, target)
    remaining = None if settings.clear_application_settings or keeps_own else application
    overridden = replace(target, host=remaining.host, port=remaining.port) if remaining and remaining.host else target
    return SettingsChange(
        state=state,
        product=product,
        settings=settings,
        now=effective_with(state, product, own, application),
        target_settings=overridden,
        beneath=beneath,
        target_beneath=target,
        application=application,
    )


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
                (
                    f"Omit {option} for this machine.",
                    *((TOKENS_ONLY_ON_WINDOWS_7,) if settings.activation_type is ActivationType.TOKEN else ()),
                ),
            )


def setting_steps(change: SettingsChange) -> tuple[Step, ...]:
    """Return the steps to the target settings. A setting that already has its target value does not need a step.

    The settings of the application are removed last, so that the settings beneath are complete when Windows begins to use them.
    """
    state, target = change.state, change.target_settings
    return (
        *_endpoint_steps(change),
        *_lookup_domain_steps(change),
        *([] if target.host_caching in (None, state.service.host_caching) else [kms_steps.set_host_caching(state, target.host_caching)]),
        *_activation_type_steps(change),
        *(application_level.clearing_steps(change.application, change.subject) if change.settings.clear_application_settings else ()),
    )


def corrections(change: SettingsChange) -> Callable[[LicensedProduct], tuple[Step, ...]]:
    """Return a function that returns the steps for the settings of a product, after those of the service; none on Windows 6.0."""
    settings, target = change.settings, change.target_beneath

    def correct(product: LicensedProduct) -> tuple[Step, ...]:
        if Feature.KMS_PORT not in change.state.service.features:
            return ()
        own = product.kms
        steps: list[Step] = []
        if (settings.kms_host or settings.discovery) and not (_agrees(own, target) or _is_of_application(own, change.remaining)):
            steps += product_steps.clear_endpoint(product)
        if settings.lookup_domain is not None and own.lookup_domain and not hosts.same_name(own.lookup_domain, target.lookup_domain):
            steps.append(product_steps.clear_lookup_domain(product))
        if settings.activation_type is not None and product.allowed_type not in (None, settings.activation_type):
            steps.append(kms_steps.set_activation_type(product.path, settings.activation_type))
        return tuple(steps)

    return correct


def _could_lose_host(change: SettingsChange) -> bool:
    """Return whether the task removes a KMS host of the application, and the product shows this host, with any port.

    The product can show the host of its application with a port of its own. Nothing tells it from a product with both of its own.
    """
    removed = change.application if change.settings.clear_application_settings else None
    return bool(removed and removed.host and change.product and hosts.same_name(change.product.kms.host, removed.host))


def _is_of_application(own: KmsClient, remaining: ApplicationKms | None) -> bool:
    """Return whether a product shows the KMS host of its application, and not one of its own."""
    return bool(own.host) and remaining is not None and not has_own_host(own, remaining, KmsClient())


def _agrees(own: KmsClient, target: EffectiveSettings) -> bool:
    """Return whether a product uses the target KMS host. A product without a KMS host uses that of the service."""
    if not own.host:
        return not own.port or bool(target.host)
    return hosts.same_name(own.host, target.host) and (own.port or DEFAULT_PORT) == (target.port or DEFAULT_PORT)


def _endpoint_steps(change: SettingsChange) -> list[Step]:
    state, product, settings, target = change.state, change.product, change.settings, change.target_beneath
    if settings.discovery:
        steps = kms_steps.clear_service_endpoint(state)
    elif settings.kms_host and (change.beneath.endpoint() != target.endpoint() or _could_lose_host(change)):
        steps = kms_steps.set_service_endpoint(state, target.host or settings.kms_host, target.port)
    else:
        return []
    if product and _has_own_endpoint(product, state) and not _agrees(product.kms, target):
        steps += product_steps.clear_endpoint(product)
    return steps


def _has_own_endpoint(product: LicensedProduct, state: ActivationState) -> bool:
    """Return whether the product has a KMS host or port of its own, which differs from the service; `corrections` handles an equal one."""
    own, service, application = product.kms, state.service.kms, state.application_kms_of(product)
    inherited_ports = (None, service.port, application.port if application else None)
    return has_own_host(own, application, service) or (not own.host and own.port not in inherited_ports)


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
        steps.append(product_steps.clear_lookup_domain(product))
    return steps


def _activation_type_steps(change: SettingsChange) -> list[Step]:
    """Return the step that sets the activation type. Only a KMS client product shows the value; without one, it is always written."""
    kind, shown = change.settings.activation_type, change.product.allowed_type if change.product else None
    if kind is None or kind == shown or Feature.ACTIVATION_TYPE not in change.state.service.features:
        return []
    return [kms_steps.set_activation_type(change.state.service.path, kind)]
