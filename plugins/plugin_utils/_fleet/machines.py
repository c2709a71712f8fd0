# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines of a run: who was read and who was not, and what a reading says that the whole fleet is judged by.

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
"""What can become of a machine: read, although a check may have failed on it; the task failed; it was skipped; it never ran."""

_NO_CMID = frozenset({"", "00000000-0000-0000-0000-000000000000"})
BY_SUBSCRIPTION = "subscription"
_WITHOUT_KMS = ("ad", "token", BY_SUBSCRIPTION)
_OFFICE_HAS_ITS_OWN_SERVICE = ("6.0", "6.1")


def natural(name: str) -> tuple[Any, ...]:
    """The order in which a person counts: pc2 before pc10."""
    pieces = re.split(r"(\d+)", name.casefold())
    return (*((int(piece), "") if piece.isdecimal() else (0, piece) for piece in pieces), (0, name))


@dataclass(frozen=True)
class Machine:
    """One machine that was read, under its name in the inventory."""

    name: str
    result: Result

    @cached_property
    def computer_name(self) -> str:
        """The name it gives itself."""
        return str((self.result.get("machine") or {}).get("computer_name") or "")

    @cached_property
    def client_type(self) -> str:
        """What a KMS host counts it as, client or server."""
        return client_type(self.result) or "client"

    @property
    def is_domain_controller(self) -> bool:
        """Whether a restart of it is felt by a whole domain."""
        return bool((self.result.get("machine") or {}).get("product_type") == "domain_controller")

    @cached_property
    def service(self) -> Mapping[str, Any]:
        """The licensing service; empty on Windows Server 2003."""
        return self.result.get("service") or {}

    @cached_property
    def cmid(self) -> str | None:
        """The client machine ID of Windows' licensing service."""
        found = str(self.service.get("cmid") or "").lower()
        return None if found in _NO_CMID else found

    @property
    def rearms_left(self) -> int | None:
        """How often it can be rearmed; None when it does not tell."""
        found = self.service.get("windows_rearms_left")
        return None if found is None else int(found)

    @cached_property
    def products(self) -> tuple[Result, ...]:
        """Those that stand for themselves and could be activated; add-ons aside. What Server 2003 tells has no key to show."""
        found = self.result.get("products") or ()
        return tuple(each for each in found if not each.get("is_addon") and (each.get("partial_product_key") or each.get("primary")))

    @property
    def primary(self) -> Result | None:
        """Windows itself; None when it was not asked for, or has no key."""
        return next((product for product in self.products if product.get("primary")), None)

    @property
    def leading(self) -> tuple[Result, ...]:
        """What says how the machine is activated: Windows, or Office where nobody asked for Windows."""
        return (self.primary,) if self.primary else self.products

    @property
    def is_licensed(self) -> bool:
        """As the module says it."""
        return bool(self.result.get("licensed"))

    @cached_property
    def asks_for(self) -> frozenset[str]:
        """The applications for which it asks KMS hosts, under whatever CMID."""
        return frozenset(product["application"] for product in self.products if asks_kms(product))

    @cached_property
    def asks_by_cmid(self) -> frozenset[str]:
        """Those for which it does under the CMID that was read.

        Office has a licensing service of its own, with another CMID, on Windows 7, and Office 2010 everywhere.
        """
        return frozenset(product["application"] for product in self.products if asks_kms(product) and not self._has_own_service(product))

    def _has_own_service(self, product: Result) -> bool:
        if product["application"] != "office":
            return False
        version = str((self.result.get("machine") or {}).get("version") or "")
        return product.get("application_id") == OFFICE_2010_ID or version.startswith(_OFFICE_HAS_ITS_OWN_SERVICE)

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        """What two names of one machine have in common and two clones have not: an installation ID depends on the hardware."""
        ids = tuple(sorted((str(each.get("activation_id")), str(each.get("installation_id"))) for each in self.products))
        return (self.computer_name.casefold() or self.name, self.cmid, ids)


def asks_kms(product: Result) -> bool:
    """Whether a KMS host is to activate it: a GVLK that neither Active Directory nor a token nor a subscription serves."""
    return (
        product["channel"] == Channel.GVLK.value
        and product.get("activated_by") not in _WITHOUT_KMS
        and product.get("activation_type") not in _WITHOUT_KMS
    )


def is_activated(product: Result) -> bool:
    """Licensed, or in extended grace, or Windows under a subscription, whose key may show another status."""
    return product.get("activated_by") == BY_SUBSCRIPTION or LicenseStatus[str(product["status"]).upper()].is_activated


def state_of(result: Result | None) -> tuple[str, str | None]:
    """What became of a machine, and why unless it was read. A check that failed has read it all the same."""
    if result and "products" in result and not result.get("unreachable"):
        return READ, None
    stopped = task_failure(result)
    if stopped:
        return stopped
    return (SKIPPED, "the task was skipped") if result and result.get("skipped") else (NOT_RUN, "it took no part in this run")


def same_machines(machines: Iterable[Machine]) -> list[list[Machine]]:
    """The machines, each with all the names under which it was read."""
    found: dict[tuple[Any, ...], list[Machine]] = {}
    for machine in machines:
        found.setdefault(machine.identity, []).append(machine)
    return list(found.values())
