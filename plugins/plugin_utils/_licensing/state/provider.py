# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a generation of Windows is asked about the product a plan is for, and told to activate it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Everything else about carrying a plan out is the same for all of them: lost answers, deadlines, the proof at the end.
Windows Vista and later are here; an older Windows brings a provider of its own.
"""

from __future__ import annotations

from typing import Protocol

from ..._cim.session import CimSession
from .model import LicensedProduct, LicensingService
from .read import read_product_by_id, read_products_by_key
from .target import Target


class Provider(Protocol):
    """What a plan needs of the machine beyond its own steps. All raise CimError and UnreachableError."""

    def find(self, session: CimSession, target: Target) -> LicensedProduct | None:
        """The product that has the key of the plan now; one query."""

    def look(self, session: CimSession, product: LicensedProduct) -> LicensedProduct | None:
        """The same product as it is now, None when it is gone; one query."""

    def activate(self, session: CimSession, product: LicensedProduct) -> None:
        """Activate once. Raises CimUnknownOutcomeError when nobody knows whether it was done."""

    def deposit(self, session: CimSession, product: LicensedProduct, confirmation_id: str) -> None:
        """Deposit a confirmation ID, digits only. Raises CimUnknownOutcomeError when nobody knows whether it was done."""

    def refresh(self, session: CimSession, service: LicensingService) -> None:
        """Have the machine compute its license status anew. Raises CimUnknownOutcomeError when nobody knows whether it was done."""


class _SoftwareProtectionProvider:
    """The Software Protection Platform of Windows Vista and later, and that of Office."""

    def find(self, session: CimSession, target: Target) -> LicensedProduct | None:
        found = read_products_by_key(session, target.class_name, target.application_ids, target.partial_product_key or "")
        return next(iter(found), None)

    def look(self, session: CimSession, product: LicensedProduct) -> LicensedProduct | None:
        return read_product_by_id(session, product)

    def activate(self, session: CimSession, product: LicensedProduct) -> None:
        session.invoke(product.path, "Activate", {})

    def deposit(self, session: CimSession, product: LicensedProduct, confirmation_id: str) -> None:
        arguments = {"InstallationId": product.installation_id, "ConfirmationId": confirmation_id}
        session.invoke(product.path, "DepositOfflineConfirmationId", arguments)

    def refresh(self, session: CimSession, service: LicensingService) -> None:
        session.invoke(service.path, "RefreshLicenseStatus", {})


SPP: Provider = _SoftwareProtectionProvider()
