# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task about a MAK is about: Windows itself, an add-on of Windows, or a product of Office.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..._licensing.catalog import esu
from ..._licensing.catalog.esu import Programme
from ..._licensing.mak.model import MakDesired
from ..._licensing.state.model import ActivationState, Application, LicensedProduct
from ..._licensing.state.product_key import ProductKey


@dataclass(frozen=True)
class Subject:
    """The product of a task.

    `installed` is the product that already has the MAK, `license` the license that `activation_id` or `esu` selects, with or without a
    key, and `programme` the programme of Extended Security Updates. Each is None if there is none, or if it is not known.
    """

    application: Application
    installed: LicensedProduct | None = None
    license: LicensedProduct | None = None
    programme: Programme | None = None

    @property
    def is_addon(self) -> bool:
        """Whether the task is about an add-on. Without an activation ID, this is known only after a new key is installed."""
        known = self.installed or self.license
        return known.is_addon if known else self.programme is not None

    @property
    def is_windows(self) -> bool:
        """Whether the key can be the one of Windows itself."""
        return self.application is Application.WINDOWS and not self.is_addon

    @property
    def shown_before(self) -> LicensedProduct | None:
        """The product before the task, if it has a key; None for a new key of an add-on, and if Windows itself is shown."""
        former = self.license if self.license and self.license.has_key and not self.is_windows else None
        return self.installed or former

    @property
    def title(self) -> str:
        """The add-on as the subject of a sentence."""
        known = self.installed or self.license
        return str(self.programme or (known.name if known else "The add-on"))

    def name_of(self, key: ProductKey | None) -> str:
        """Return a noun phrase for the MAK, with its partial product key, and with the programme if it is for one."""
        ending = self.installed.partial_product_key if self.installed else key.partial_product_key if key else "?"
        return f"the MAK ending in {ending}{f' for {self.programme.name}' if self.programme else ''}"


def subject_of(
    state: ActivationState, desired: MakDesired, installed: LicensedProduct | None, found_license: LicensedProduct | None
) -> Subject:
    """Return the product of a task. `found_license` is the license that the task selects, or None if it was not read."""
    selected = (product for product in state.products if product.activation_id == desired.license_id)
    known = installed or found_license or next(selected, None)
    programme = desired.programme or (esu.of_id(known.activation_id) if known else None)
    return Subject(desired.application, installed, known, programme)
