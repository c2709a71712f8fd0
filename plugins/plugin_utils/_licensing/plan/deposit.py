# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Explain why a confirmation ID was not accepted, or must not be sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Windows does not return which group of a confirmation ID is wrong. The check digits of the groups show it.
"""

from __future__ import annotations

from ....module_utils import _phone as phone
from ..catalog.errors import ErrorExplanation
from ..problems import TaskRefusedError
from ..state.model import ActivationState, LicensedProduct
from .diagnose import Failure

MISMATCHED = 0xC004F031

_STALE_CAUSE = "The key or the hardware has changed since the installation ID was read."
NEW_CONFIRMATION_ID = "Get a confirmation ID for the current installation ID of the machine, then run the task again."


def stale_failure(product: LicensedProduct, installation_id: str | None) -> Failure | None:
    """Return the failure of a confirmation ID for another installation ID; None if it fits, or if this is not known."""
    if installation_id is None or product.installation_id in (None, installation_id):
        return None
    meaning = stale_message(product)
    explanation = ErrorExplanation(phone.STALE, None, meaning, _STALE_CAUSE, (NEW_CONFIRMATION_ID,), "phone", transient=False)
    return Failure(MISMATCHED, explanation.as_dict(), f"{meaning} The module did not send the confirmation ID.", transient=False)


def refuse_stale(product: LicensedProduct, installation_id: str | None) -> None:
    """Raise TaskRefusedError for a confirmation ID that was issued for another installation ID."""
    if not product.status.is_activated and stale_failure(product, installation_id):
        raise TaskRefusedError(phone.STALE, stale_message(product), (NEW_CONFIRMATION_ID,))


def stale_message(product: LicensedProduct) -> str:
    """Return the message about a confirmation ID for another installation ID."""
    now = phone.grouped(product.installation_id or "")
    return f"The confirmation ID was issued for another installation ID than the current one of the machine ({now})."


def why_refused(state: ActivationState, confirmation_id: str, code: int) -> Failure:
    """Return the failure of a deposit: what the code means on this version of Windows, and the groups with wrong check digits."""
    explanation, more = state.generation.explain_deposit(confirmation_id, code)
    summary = f"{explanation.label}: {explanation.meaning}{more}"
    return Failure(code, explanation.as_dict(), summary, transient=False)
