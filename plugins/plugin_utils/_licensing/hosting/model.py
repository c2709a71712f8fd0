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
from . import firewall as firewalls
from .firewall import NO_FIREWALL, Firewall
from .publication import Publication, PublishedDomain


@dataclass(frozen=True)
class HostKey:
    """A KMS host key a machine should have.

    `activation_id` is the license it must belong to, `product_name` the name of its kind in the matrix, `confirmation_id` digits,
    `installation_id` those of the installation ID for which it was given.
    """

    product_key: ProductKey
    activation_id: str | None = None
    product_name: str | None = None
    confirmation_id: str | None = None
    installation_id: str | None = None

    @property
    def kind(self) -> HostKeyKind | None:
        """What the task says of the key, None when it says nothing."""
        return host_matrix.kind_named(self.product_name) if self.product_name else host_matrix.kind_of_id(self.activation_id)

    @property
    def wanted_id(self) -> str | None:
        """The license the key must turn out to be for."""
        kind = self.kind
        return self.activation_id or (kind.activation_id if kind else None)

    @property
    def partial_product_key(self) -> str:
        """What Windows will show of the key."""
        return self.product_key.partial_product_key


@dataclass(frozen=True)
class KmsHostDesired:
    """The desired state. `firewall` is open, closed or unmanaged; `retry_timeout` is in seconds.

    `check_compatibility` looks into the matrix of hosts and keys.

    `lose_activation` lets a host key replace a key whose activation nobody can give back.
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
        """What the firewall should be: a machine that stops being a host needs no hole in it."""
        return self.firewall if self.present or self.firewall == firewalls.UNMANAGED else firewalls.CLOSED


@dataclass(frozen=True)
class HostState:
    """A machine read as a KMS host. `name` is fully qualified where the machine has a DNS domain.

    `restart_due` says that an earlier run was interrupted. `host_version` is what the registry notes for monitoring, see
    `kms_host_settings.HOST_VERSION`. `updates` are the names of the installed updates, None when nobody asked or knows;
    `known_ids` those of the wanted activation IDs for which the machine has a license, None when nobody asked.
    """

    licenses: ActivationState
    name: str
    domain: str | None = None
    publish_list: tuple[PublishedDomain, ...] = ()
    firewall: Firewall = NO_FIREWALL
    publications: tuple[Publication, ...] = ()
    restart_due: bool = False
    host_version: str | None = None
    updates: frozenset[str] | None = None
    known_ids: frozenset[str] | None = None

    @property
    def host_products(self) -> tuple[LicensedProduct, ...]:
        """The products with a KMS host key, those of Windows first."""
        found = (product for product in self.licenses.products if product.channel is Channel.CSVLK and product.partial_product_key)
        return tuple(sorted(found, key=lambda product: (product.application is not Application.WINDOWS, product.partial_product_key)))

    @property
    def is_licensed_host(self) -> bool:
        """Whether some host key is activated."""
        return any(product.status.is_activated for product in self.host_products)

    @property
    def is_publishing(self) -> bool:
        """Whether the host keeps its SRV records in DNS by itself; Windows does so unless it was told not to."""
        return self.is_licensed_host and self.licenses.service.dns_publishing is not False

    @property
    def port(self) -> int:
        """The listening port that is set."""
        return self.licenses.service.listening_port or DEFAULT_PORT

    def port_for(self, desired: KmsHostDesired) -> int:
        """The port the task is about: its own, or the one that is set."""
        return (desired.listening_port if desired.present else None) or self.port

    def product_with(self, partial_product_key: str) -> LicensedProduct | None:
        """The product whose key ends like this."""
        return next((product for product in self.licenses.products if product.partial_product_key == partial_product_key), None)

    def records(self) -> tuple[PublishedDomain, ...]:
        """Where the host publishes itself when it does: in its own domain, and in those of the list, which may name the own one too.

        None for a machine in no domain: nothing it reports is a name that an SRV record could hold.
        """
        if self.domain is None:
            return ()
        listed = {normalize_name(entry.domain) for entry in self.publish_list}
        own = () if normalize_name(self.domain) in listed else (PublishedDomain(self.domain),)
        return (*own, *self.publish_list)


@dataclass(frozen=True)
class HostKeyPart:
    """What one host key needs; the plan's `outcome_if_idle` is the outcome when no activation is due."""

    key: HostKey
    plan: LicensePlan


@dataclass(frozen=True)
class HostPlan:
    """Plans to be carried out one after the other, and what a person compares before and after.

    `keys` says which of the plans belong to host keys. `stale_records` are SRV records that outlive the host.
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
        """What check mode reports."""
        return any(part.changed for part in self.parts)
