# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Windows Server 2003 is told to activate itself.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..._cim.session import CimPath, CimSession
from ..._licensing.state.model import ActivationState, LicensedProduct, LicensingService, OperatingSystem
from ..._licensing.state.target import Target
from .generation import ProductActivationGeneration
from .model import WPA_CLASS, ProductActivation, SystemFile
from .read import product_of, read_activation


def path(activation: ProductActivation) -> CimPath:
    """Where the methods of Windows Product Activation are called."""
    return CimPath(WPA_CLASS, {"ServerName": activation.server_name})


@dataclass
class Wpa:
    """The provider of Windows Server 2003 for one plan. It keeps the installation ID that was fetched, which no reading gives."""

    os: OperatingSystem
    where: CimPath
    files: tuple[SystemFile, ...]
    fetched: str | None = field(default=None, init=False)

    def fetch_installation_id(self, session: CimSession) -> None:
        """Get a new installation ID. Raises CimError and CimUnknownOutcomeError."""
        self.fetched = session.invoke(self.where, "GetInstallationID", {}).outputs.text("InstallationID")

    def read_again(self, session: CimSession, state: ActivationState) -> ActivationState:
        """The proof after a change: one query, for the files change with a restart only."""
        activation = replace(read_activation(session, state.os), files=self.files)
        product = replace(product_of(state.os, activation), installation_id=self.fetched)
        others = tuple(other for other in state.products if other.class_name != WPA_CLASS)
        return replace(state, products=(product, *others), generation=ProductActivationGeneration(activation))

    def find(self, session: CimSession, _target: Target) -> LicensedProduct | None:
        """The one product there is."""
        return product_of(self.os, read_activation(session, self.os))

    def look(self, session: CimSession, _product: LicensedProduct) -> LicensedProduct | None:
        """The one product there is."""
        return product_of(self.os, read_activation(session, self.os))

    def activate(self, session: CimSession, _product: LicensedProduct) -> None:
        """ActivateOnline."""
        session.invoke(self.where, "ActivateOnline", {})

    def deposit(self, session: CimSession, _product: LicensedProduct, confirmation_id: str) -> None:
        """ActivateOffline; the ID has to belong to the installation ID that was fetched last."""
        session.invoke(self.where, "ActivateOffline", {"ConfirmationID": confirmation_id})

    def refresh(self, _session: CimSession, _service: LicensingService) -> None:
        """Windows Product Activation keeps no state that could be old."""
