# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queries and methods that a plan needs for its product, for each generation of Windows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The other parts of running a plan are the same for all generations: lost responses, deadlines, and the final state. This file contains the
provider of Windows Vista and later. An older Windows has its own provider.
"""

from __future__ import annotations

from typing import Protocol

from ..._cim.session import CimError, CimSession
from .model import OSPP_SERVICE, LicensedProduct, LicensingService
from .read import read_product_by_id, read_products_by_key
from .target import Target
from .wmi_classes import NO_SUCH_METHOD


class Provider(Protocol):
    """The operations that a plan needs in addition to its steps. All of them raise CimError and UnreachableError."""

    def find(self, session: CimSession, target: Target) -> LicensedProduct | None:
        """Return the product that has the key of the plan now. One query."""

    def read_product(self, session: CimSession, product: LicensedProduct) -> LicensedProduct | None:
        """Read the product again, or return None if it no longer exists. One query."""

    def activate(self, session: CimSession, product: LicensedProduct) -> None:
        """Activate once. Raises CimUnknownOutcomeError if the outcome is not known."""

    def deposit(self, session: CimSession, product: LicensedProduct, confirmation_id: str) -> None:
        """Deposit a confirmation ID, digits only. Raises CimUnknownOutcomeError if the outcome is not known."""

    def refresh(self, session: CimSession, service: LicensingService) -> None:
        """Let the machine compute its license status again. A licensing service of Office without this method does so by itself.

        Raises CimUnknownOutcomeError if the outcome is not known.
        """


class _SoftwareProtectionProvider:
    """The Software Protection Platform of Windows Vista and later, and that of Office."""

    def find(self, session: CimSession, target: Target) -> LicensedProduct | None:
        found = read_products_by_key(session, target.class_name, target.application_ids, target.partial_product_key or "")
        return next(iter(found), None)

    def read_product(self, session: CimSession, product: LicensedProduct) -> LicensedProduct | None:
        return read_product_by_id(session, product)

    def activate(self, session: CimSession, product: LicensedProduct) -> None:
        session.invoke(product.path, "Activate", {})

    def deposit(self, session: CimSession, product: LicensedProduct, confirmation_id: str) -> None:
        arguments = {"InstallationId": product.installation_id, "ConfirmationId": confirmation_id}
        session.invoke(product.path, "DepositOfflineConfirmationId", arguments)

    def refresh(self, session: CimSession, service: LicensingService) -> None:
        try:
            session.invoke(service.path, "RefreshLicenseStatus", {})
        except CimError as error:
            if service.class_name != OSPP_SERVICE or error.code not in NO_SUCH_METHOD:
                raise


SPP: Provider = _SoftwareProtectionProvider()
