# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host as it is and as a task wants it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Intervals are minutes. What a task leaves None stays as it is on the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ....module_utils._hosts import DEFAULT_PORT, normalize_name
from ..catalog import host_matrix
from ..catalog.host_matrix import HostKeyKind
from ..plan.activation import ActivationMethod
from ..plan.budget import Budget
from ..plan.plan import LicensePlan
from ..state.model import ActivationState, Application, Channel, LicensedProduct
from ..state.product_key import ProductKey
from ..state.servicing import NOT_READ, Servicing
from . import firewall as firewalls
from .firewall import NO_FIREWALL, Firewall
from .publication import Publication, PublishedDomain


@dataclass(frozen=True)
class HostKey:
    """A KMS host key of the desired state.

    `activation_id` is the license that the key must belong to, and `product_name` its name in the matrix. `confirmation_id` and
    `installation_id` are digits; the confirmation ID was issued for this installation ID.
    """

    product_key: ProductKey
    activation_id: str | None = None
    product_name: str | None = None
    confirmation_id: str | None = None
    installation_id: str | None = None

    @property
    def kind(self) -> HostKeyKind | None:
        """The kind of the key by the options of the task, or None if they do not contain it."""
        return host_matrix.kind_named(self.product_name) if self.product_name else host_matrix.kind_of_id(self.activation_id)

    @property
    def wanted_id(self) -> str | None:
        """The activation ID that the key must belong to, or None."""
        kind = self.kind
        return self.activation_id or (kind.activation_id if kind else None)

    @property
    def partial_product_key(self) -> str:
        """The last five characters of the key, which Windows shows."""
        return self.product_key.partial_product_key


@dataclass(frozen=True)
class KmsHostDesired:
    """The desired state. `firewall` is open, closed, or unmanaged; `retry_timeout` is in seconds.

    `check_compatibility` checks the matrix of hosts and keys. `lose_activation` accepts the loss of an activation that the module cannot
    restore.
    """

    present: bool = True
    host_keys: tuple[HostKey, ...] = ()
    activate: bool = True
    activation_method: ActivationMethod = ActivationMethod.ONLINE
    listening_port: int | None = None
    activation_interval: int | None = None
    renewal_interval: int | None = None
    dns_publishing: bool | None = None
    publish_domains: tuple[PublishedDomain, ...] | None = None
    low_priority: bool | None = None
    firewall: str = firewalls.OPEN
    retry_timeout: int = 0
    check_compatibility: bool = True
    lose_activation: bool = False
    budget: Budget | None = None
    is_retried: bool = False

    @property
    def firewall_state(self) -> str:
        """The desired state of the firewall. It is closed on a machine that stops being a KMS host, unless it is unmanaged."""
        return self.firewall if self.present or self.firewall == firewalls.UNMANAGED else firewalls.CLOSED


@dataclass(frozen=True)
class HostState:
    """The state of a KMS host. `name` is fully qualified if the machine has a DNS domain.

    `restart_due` is true if an earlier run was interrupted before a restart. `host_version` is the registry value for monitoring, see
    :data:`settings.HOST_VERSION`. `servicing` is what the machine shows of its updates, and `known_ids` are the activation IDs of the task
    for which the machine has a license, or None if they were not read.
    """

    licenses: ActivationState
    name: str
    domain: str | None = None
    publish_list: tuple[PublishedDomain, ...] = ()
    firewall: Firewall = NO_FIREWALL
    publications: tuple[Publication, ...] = ()
    restart_due: bool = False
    host_version: str | None = None
    servicing: Servicing = NOT_READ
    known_ids: frozenset[str] | None = None

    @property
    def host_products(self) -> tuple[LicensedProduct, ...]:
        """The products with a KMS host key, Windows first."""
        found = (product for product in self.licenses.products if product.channel is Channel.CSVLK and product.partial_product_key)
        return tuple(sorted(found, key=lambda product: (product.application is not Application.WINDOWS, product.partial_product_key)))

    @property
    def is_licensed_host(self) -> bool:
        """Whether a KMS host key is activated."""
        return any(product.status.is_activated for product in self.host_products)

    @property
    def is_publishing(self) -> bool:
        """Whether the KMS host publishes its SRV records itself, which is the default of Windows."""
        return self.is_licensed_host and self.licenses.service.dns_publishing is not False

    @property
    def port(self) -> int:
        """The current listening port."""
        return self.licenses.service.listening_port or DEFAULT_PORT

    def port_for(self, desired: KmsHostDesired) -> int:
        """Return the listening port of the desired state, or the current one."""
        return (desired.listening_port if desired.present else None) or self.port

    def product_with(self, partial_product_key: str) -> LicensedProduct | None:
        """Return the product with a key."""
        return next((product for product in self.licenses.products if product.partial_product_key == partial_product_key), None)

    def records(self) -> tuple[PublishedDomain, ...]:
        """Return the domains in which the KMS host publishes its SRV record: its own domain, and those of the list.

        Empty for a machine that is not in a domain, because it does not report a name for an SRV record.
        """
        if self.domain is None:
            return ()
        listed = {normalize_name(entry.domain) for entry in self.publish_list}
        own = () if normalize_name(self.domain) in listed else (PublishedDomain(self.domain),)
        return (*own, *self.publish_list)


@dataclass(frozen=True)
class HostKeyPart:
    """The plan of one KMS host key. `outcome_if_idle` of the plan is the outcome if no activation is required."""

    key: HostKey
    plan: LicensePlan


@dataclass(frozen=True)
class HostPlan:
    """The plans of a task, in order, and the settings to compare.

    `keys` are the plans of KMS host keys. `stale_records` are the SRV records that remain after the machine stops being a KMS host.
    """

    state: HostState
    desired: KmsHostDesired
    parts: tuple[LicensePlan, ...]
    keys: tuple[HostKeyPart, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    stale_records: tuple[dict[str, Any], ...] = ()

    @property
    def changed(self) -> bool:
        """The value of `changed` in check mode."""
        return any(part.changed for part in self.parts)
