# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effective KMS settings of a product: those that Windows uses, from the three levels.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..state.model import OSPP_PRODUCT, ActivationState, ActivationType, LicensedProduct
from .model import OF_APPLICATION, OF_SERVICE, ApplicationKms, ConfiguredHost, KmsClient, configured_host, has_own_host


@dataclass(frozen=True)
class EffectiveSettings:
    """The effective settings of a product: its own, those of its application, or those of the service. `port` None is the default port."""

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


def configured_host_of(state: ActivationState, product: LicensedProduct) -> ConfiguredHost | None:
    """Return the KMS host that is set for a product, or None if the product uses DNS.

    The older licensing service of Office has one application, whose registry values are those of the service: the level is the application.
    """
    found = configured_host(product.kms, state.application_kms_of(product), state.service_of(product).kms)
    is_shared = found is not None and found.scope == OF_SERVICE and product.class_name == OSPP_PRODUCT
    return replace(found, scope=OF_APPLICATION) if found and is_shared else found


def effective_settings(state: ActivationState, product: LicensedProduct | None) -> EffectiveSettings:
    """Return the effective settings of a product, or of the machine if `product` is None."""
    application = state.application_kms_of(product)
    return effective_with(state, product, own_settings(state, product, application), application)


def settings_beneath(state: ActivationState, product: LicensedProduct | None) -> EffectiveSettings:
    """Return the settings that a task can set: those of the product or the machine, without those of the application."""
    return effective_with(state, product, own_settings(state, product, state.application_kms_of(product)), None)


def application_settings(state: ActivationState, product: LicensedProduct | None) -> dict[str, Any]:
    """Return the KMS host and port of the application of a product for `before` and `after`; None if not set, or not read."""
    application = state.application_kms_of(product)
    host, port = (application.host, application.port) if application else (None, None)
    return {"application_kms_host": host, "application_kms_port": (port or DEFAULT_PORT) if host else port}


def own_settings(state: ActivationState, product: LicensedProduct | None, application: ApplicationKms | None) -> KmsClient:
    """Return what a product shows, without a KMS host that comes from its application."""
    own = product.kms if product else KmsClient()
    if product is None or not (application and own.host) or has_own_host(own, application, state.service_of(product).kms):
        return own
    return replace(own, host=None, port=None)


def effective_with(
    state: ActivationState, product: LicensedProduct | None, own: KmsClient, application: ApplicationKms | None
) -> EffectiveSettings:
    service = state.service_of(product) if product else state.service
    fixed = configured_host(own, application, service.kms)
    return EffectiveSettings(
        host=fixed.host if fixed else None,
        port=fixed.port if fixed else own.port or service.kms.port,
        lookup_domain=own.lookup_domain or service.kms.lookup_domain,
        host_caching=service.host_caching,
        activation_type=product.allowed_type if product else None,
    )
