# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS settings of a client at their three levels, and which of them Windows uses.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The KMS host can be set for the machine (at the licensing service), for one application (only in the registry), and for one product. The
narrowest level has precedence (Microsoft's "Registry settings for volume activation", dn502532).

A product without a setting of its own shows the value of another level: that of the service, or, which Microsoft does not document, that of
the application. Only a value that differs from both is known to be the product's.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..registry.values import RegistryValue

OF_PRODUCT, OF_APPLICATION, OF_SERVICE = "product", "application", "service"
"""The levels, as `scope` in the results."""


@dataclass(frozen=True)
class KmsClient:
    """The KMS client settings of a product or of the service. Ports are None if they are not set. Intervals are in minutes.

    `is_own` is true if the host is known to be set for the product because the task has set it.
    """

    host: str | None = None
    port: int | None = None
    lookup_domain: str | None = None
    discovered_host: str | None = None
    discovered_port: int | None = None
    discovered_address: str | None = None
    host_extended_pid: str | None = None
    activation_interval: int | None = None
    renewal_interval: int | None = None
    required_count: int | None = None
    is_own: bool = False


@dataclass(frozen=True)
class StoredValue:
    """A registry value that is present: its key below HKEY_LOCAL_MACHINE, its type, and its data."""

    key: str
    value: RegistryValue


@dataclass(frozen=True)
class ApplicationKms:
    """The KMS host and port that the registry sets for all products of one application.

    `class_name` is the class of the products. `host` and `port` are None if they are not set, or if Windows cannot use the value, for
    example a port that is not a text. `stored` are all values that are present. `problem` is why the registry could not be read.
    """

    class_name: str
    application_id: str
    host: str | None = None
    port: int | None = None
    stored: tuple[StoredValue, ...] = ()
    problem: str | None = None

    @property
    def label(self) -> str:
        """The KMS host with its port, for messages."""
        return hosts.with_port(self.host or "", self.port or DEFAULT_PORT)


@dataclass(frozen=True)
class ConfiguredHost:
    """The KMS host that a product uses, its TCP port, None for the default port, and the level at which they are set."""

    host: str
    port: int | None
    scope: str

    @property
    def label(self) -> str:
        """The KMS host with its port, for messages."""
        return hosts.with_port(self.host, self.port or DEFAULT_PORT)

    def is_same(self, other: ConfiguredHost) -> bool:
        """Return whether another level has the same KMS host and port."""
        return hosts.same_name(self.host, other.host) and (self.port or DEFAULT_PORT) == (other.port or DEFAULT_PORT)


def configured_host(own: KmsClient, application: ApplicationKms | None, service: KmsClient) -> ConfiguredHost | None:
    """Return the KMS host that is set for a product at the narrowest level, or None if none is set and the product uses DNS."""
    if own.host and has_own_host(own, application, service):
        return ConfiguredHost(own.host, own.port, OF_PRODUCT)
    if application and application.host:
        return ConfiguredHost(application.host, application.port, OF_APPLICATION)
    fixed = own if own.host else service
    return ConfiguredHost(fixed.host, fixed.port, OF_SERVICE) if fixed.host else None


def has_own_host(own: KmsClient, application: ApplicationKms | None, service: KmsClient) -> bool:
    """Return whether the KMS host that a product shows is known to be set for the product: the task set it, or no other level has it."""
    return bool(own.host) and (own.is_own or not (_same(own, service) or (application and _same(own, application))))


def _same(own: KmsClient, other: KmsClient | ApplicationKms) -> bool:
    return hosts.same_name(own.host, other.host) and (own.port or DEFAULT_PORT) == (other.port or DEFAULT_PORT)
