# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods that activate Windows Server 2003.

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
    """Return the WMI path for the methods of Windows Product Activation."""
    return CimPath(WPA_CLASS, {"ServerName": activation.server_name})


@dataclass
class Wpa:
    """The provider of Windows Server 2003 for one plan. It stores the installation ID, because no query returns it."""

    os: OperatingSystem
    where: CimPath
    files: tuple[SystemFile, ...]
    fetched: str | None = field(default=None, init=False)

    def fetch_installation_id(self, session: CimSession) -> None:
        """Get a new installation ID. Raises CimError and CimUnknownOutcomeError."""
        self.fetched = session.invoke(self.where, "GetInstallationID", {}).outputs.text("InstallationID")

    def read_again(self, session: CimSession, state: ActivationState) -> ActivationState:
        """Read the activation again after a change. One query, because the files change only with a reboot."""
        activation = replace(read_activation(session, state.os), files=self.files)
        product = replace(product_of(state.os, activation), installation_id=self.fetched)
        others = tuple(other for other in state.products if other.class_name != WPA_CLASS)
        return replace(state, products=(product, *others), generation=ProductActivationGeneration(activation))

    def find(self, session: CimSession, _target: Target) -> LicensedProduct | None:
        """Return the only product."""
        return product_of(self.os, read_activation(session, self.os))

    def read_product(self, session: CimSession, _product: LicensedProduct) -> LicensedProduct | None:
        """Return the only product."""
        return product_of(self.os, read_activation(session, self.os))

    def activate(self, session: CimSession, _product: LicensedProduct) -> None:
        """Call ActivateOnline."""
        session.invoke(self.where, "ActivateOnline", {})

    def deposit(self, session: CimSession, _product: LicensedProduct, confirmation_id: str) -> None:
        """Call ActivateOffline. The confirmation ID must belong to the last installation ID."""
        session.invoke(self.where, "ActivateOffline", {"ConfirmationID": confirmation_id})

    def refresh(self, _session: CimSession, _service: LicensingService) -> None:
        """Do nothing, because Windows Product Activation does not cache its state."""
