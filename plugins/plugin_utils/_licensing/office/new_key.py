# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licensing service that a new Office key is for, and the installed Office that the key must fit.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The class of a product decides, not the version of Windows: Office 2010 uses the licensing service of Office on every Windows, and a machine
can have products of both services. A GVLK shows its release. Any other key does not, so the license that the task selects decides, or the
only service that has Office products.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..._cim.session import CimSession
from ..catalog.gvlk import Gvlk
from ..plan.step import Step
from ..problems import TaskRefusedError
from ..state import scope
from ..state.model import OSPP_PRODUCT, OSPP_SERVICE, ActivationState, Application, LicensedProduct, LicensingService
from ..state.product_key import ProductKey
from ..state.read import find_service, read_license, read_volume_licenses_of_office
from ..state.served import shares_service_with_office
from .installed import InstalledOffice, read_edition
from .refusals import explain_key, refuse_gvlk


@dataclass(frozen=True)
class NewKeyContext:
    """What a plan must know before it installs an Office key: the service for the key, and the installed Office.

    `selected` is the license that the task selects with an activation ID, with or without a key, or None if it selects none.
    """

    service: LicensingService
    office: InstalledOffice = field(default_factory=InstalledOffice)
    selected: LicensedProduct | None = None

    def applied_to(self, state: ActivationState) -> ActivationState:
        """Return the state with the licensing service of Office, which is not read for a machine without an Office key."""
        return replace(state, office_service=self.service) if self.service.class_name == OSPP_SERVICE else state

    def explained(self, step: Step, state: ActivationState, key: ProductKey) -> Step:
        """Return the step that installs the key, with an explanation of a rejected key that knows the installed Office."""
        return replace(step, explain=explain_key(state, self.office, key))


def read_new_key_context(session: CimSession, state: ActivationState, entry: Gvlk | None, activation_id: str | None) -> NewKeyContext:
    """Read what decides about a new Office key. `entry` is its GVLK, or None for another key.

    One request, and up to three more if no key shows the service. Raises TaskRefusedError, CimError, and UnreachableError.
    """
    office = read_edition(session)
    if entry:
        refuse_gvlk(state, office, entry)
        return NewKeyContext(_service(session, state, uses_own=_of_release(state, entry.office_release)), office)
    wanted = scope.guid(activation_id)
    selected = _selected(session, state, wanted) if wanted else None
    found = (selected,) if selected else _shown(session, state)
    return NewKeyContext(_service(session, state, uses_own=_uses_own(state, found)), office, selected)


def _of_release(state: ActivationState, release: str | None) -> bool:
    """Return whether a release uses the licensing service of Office."""
    return release == "2010" or not shares_service_with_office(state.os)


def _selected(session: CimSession, state: ActivationState, wanted: str) -> LicensedProduct:
    """Return the license with an ID, which is read if it does not have a key. Raises TaskRefusedError if the machine does not have it."""
    known = next((product for product in state.products if product.activation_id == wanted), None)
    return known or _license(session, state, wanted)


def _shown(session: CimSession, state: ActivationState) -> tuple[LicensedProduct, ...]:
    """Return the Office products with a key, or else the volume licenses of Office without a key."""
    return state.keyed(Application.OFFICE) or read_volume_licenses_of_office(session, state.os)[0]


def _uses_own(state: ActivationState, found: tuple[LicensedProduct, ...]) -> bool:
    """Return whether these licenses use the licensing service of Office. Raises TaskRefusedError if they use two services."""
    classes = {product.class_name for product in found}
    if len(classes) > 1:
        raise TaskRefusedError(
            "several_licensing_services",
            f"{state.os.computer_name} has Office products in two licensing services, and the key does not show which of them it is for.",
            ("Set activation_id to the product of the key. activation_info with include_products_without_key: true returns the IDs.",),
        )
    return OSPP_PRODUCT in classes or (not classes and not shares_service_with_office(state.os))


def _license(session: CimSession, state: ActivationState, wanted: str) -> LicensedProduct:
    """Read the license with an ID in both services. Raises TaskRefusedError if the machine does not have it."""
    found = read_license(session, wanted) or read_license(session, wanted, OSPP_PRODUCT)
    return found or scope.refuse_unknown_id(state, wanted)


def _service(session: CimSession, state: ActivationState, *, uses_own: bool) -> LicensingService:
    if not uses_own:
        return state.service
    found = state.office_service or find_service(session, OSPP_SERVICE)
    if found is None:
        message = f"{state.os.computer_name} does not have {OSPP_SERVICE}, the licensing service of Office, which this key needs."
        raise TaskRefusedError("office_service_missing", message, ("Install or repair the Office that the key is for.",))
    return found
