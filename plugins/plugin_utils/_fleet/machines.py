# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read from the results of a run which machines were read, and the facts of each machine that the summary needs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .._licensing.state.model import OFFICE_2010_ID, Channel, LicenseStatus
from .._task_results import Result, client_type, task_failure

READ, UNREACHABLE, FAILED, SKIPPED, NOT_RUN = STATES = ("read", "unreachable", "failed", "skipped", "not_run")
"""Statuses of a machine. A machine on which only the check failed was read."""

_NO_CMID = frozenset({"", "00000000-0000-0000-0000-000000000000"})
BY_SUBSCRIPTION = "subscription"
_WITHOUT_KMS = ("ad", "token", BY_SUBSCRIPTION)
_OFFICE_HAS_ITS_OWN_SERVICE = ("6.0", "6.1")


def natural(name: str) -> tuple[Any, ...]:
    """Return a sort key for the natural order, pc2 before pc10."""
    pieces = re.split(r"(\d+)", name.casefold())
    return (*((int(piece), "") if piece.isdecimal() else (0, piece) for piece in pieces), (0, name))


@dataclass(frozen=True)
class Machine:
    """One machine that was read, with its name in the inventory."""

    name: str
    result: Result

    @cached_property
    def computer_name(self) -> str:
        """Return the name that the machine reports."""
        return str((self.result.get("machine") or {}).get("computer_name") or "")

    @property
    def clock_difference_minutes(self) -> int | None:
        """Return how far the clock of the machine is ahead of the clock of the controller, or None if the clocks were not compared."""
        found = self.result.get("clock_difference_minutes")
        return None if found is None else int(found)

    @cached_property
    def client_type(self) -> str:
        """Return "client" or "server", as a KMS host counts the machine."""
        return client_type(self.result) or "client"

    @property
    def is_domain_controller(self) -> bool:
        """Whether the machine is a domain controller, whose reboot affects the whole domain."""
        return bool((self.result.get("machine") or {}).get("product_type") == "domain_controller")

    @cached_property
    def service(self) -> Mapping[str, Any]:
        """Return the licensing service; empty on Windows Server 2003."""
        return self.result.get("service") or {}

    @cached_property
    def cmid(self) -> str | None:
        """Return the client machine ID of the licensing service of Windows, or None if there is none."""
        found = str(self.service.get("cmid") or "").lower()
        return None if found in _NO_CMID else found

    @cached_property
    def office_cmid(self) -> str | None:
        """Return the client machine ID of the licensing service of Office, or None if Office does not have one, or it was not read."""
        found = str((self.result.get("office_service") or {}).get("cmid") or "").lower()
        return None if found in _NO_CMID else found

    @property
    def rearms_left(self) -> int | None:
        """Return the number of rearms that are left, or None if it is not known."""
        found = self.service.get("windows_rearms_left")
        return None if found is None else int(found)

    @cached_property
    def products(self) -> tuple[Result, ...]:
        """Return the products with a product key, without add-ons. The primary product of Windows Server 2003 does not show a key."""
        found = self.result.get("products") or ()
        return tuple(each for each in found if not each.get("is_addon") and (each.get("partial_product_key") or each.get("primary")))

    @cached_property
    def addons(self) -> tuple[Result, ...]:
        """Return the add-ons with a product key, such as Extended Security Updates, each of which has a key beside that of Windows."""
        return tuple(each for each in self.result.get("products") or () if each.get("is_addon") and each.get("partial_product_key"))

    @property
    def primary(self) -> Result | None:
        """Return Windows itself, or None if it was not read or does not have a key."""
        return next((product for product in self.products if product.get("primary")), None)

    @property
    def leading(self) -> tuple[Result, ...]:
        """Return the products that show how the machine is activated: Windows, or Office if Windows was not read."""
        return (self.primary,) if self.primary else self.products

    @property
    def is_licensed(self) -> bool:
        """Whether the module returned the machine as licensed."""
        return bool(self.result.get("licensed"))

    @cached_property
    def kms_applications(self) -> frozenset[str]:
        """Return the applications for which the machine uses KMS hosts, with any CMID."""
        return frozenset(product["application"] for product in self.products if uses_kms(product))

    @cached_property
    def kms_applications_by_cmid(self) -> frozenset[str]:
        """Return the applications for which the machine uses KMS hosts with the CMID that was read.

        Office on Windows 7, and Office 2010 on all versions, have their own licensing service with another CMID.
        """
        return frozenset(product["application"] for product in self.products if uses_kms(product) and not self._has_own_service(product))

    @cached_property
    def has_office_client(self) -> bool:
        """Whether an Office with its own licensing service uses KMS hosts, with the CMID of this service."""
        return any(uses_kms(product) and self._has_own_service(product) for product in self.products)

    def _has_own_service(self, product: Result) -> bool:
        if product["application"] != "office":
            return False
        if product.get("licensing_service"):
            return bool(product["licensing_service"] == "office")
        version = str((self.result.get("machine") or {}).get("version") or "")
        return product.get("application_id") == OFFICE_2010_ID or version.startswith(_OFFICE_HAS_ITS_OWN_SERVICE)

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        """Return what identifies a machine with several names, but differs between clones: installation IDs depend on the hardware."""
        ids = tuple(sorted((str(each.get("activation_id")), str(each.get("installation_id"))) for each in self.products))
        return (self.computer_name.casefold() or self.name, self.cmid, ids)


def uses_kms(product: Result) -> bool:
    """Whether a product uses a KMS host: it has a GVLK, and Active Directory, a token, or a subscription does not activate it."""
    return (
        product["channel"] == Channel.GVLK.value
        and product.get("activated_by") not in _WITHOUT_KMS
        and product.get("activation_type") not in _WITHOUT_KMS
    )


def is_left_alone(product: Result) -> bool:
    """Whether a subscription licenses an Office product, also if the license is only for its grace period."""
    return product["application"] == "office" and product.get("managed_by") == BY_SUBSCRIPTION


def is_activated(product: Result) -> bool:
    """Whether a product is licensed, in extended grace, or activated by a subscription, whose key can show another status."""
    return product.get("activated_by") == BY_SUBSCRIPTION or LicenseStatus[str(product["status"]).upper()].is_activated


def state_of(result: Result | None) -> tuple[str, str | None]:
    """Return the status of a machine, and the reason unless it was read. A machine whose check failed was read."""
    if result and "products" in result and not result.get("unreachable"):
        return READ, None
    stopped = task_failure(result)
    if stopped:
        return stopped
    if result and result.get("skipped"):
        return SKIPPED, "The task was skipped."
    return NOT_RUN, "The task did not run on the machine."


def same_machines(machines: Iterable[Machine]) -> list[list[Machine]]:
    """Return the machines as lists, each with all names under which the machine was read."""
    found: dict[tuple[Any, ...], list[Machine]] = {}
    for machine in machines:
        found.setdefault(machine.identity, []).append(machine)
    return list(found.values())
