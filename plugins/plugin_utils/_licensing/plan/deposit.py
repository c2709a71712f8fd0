# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a confirmation ID was not accepted, or must not even be sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Windows says of a wrong ID that it is wrong; which group was mistyped it does not say, and the check digits do.
"""

from __future__ import annotations

from ..catalog.errors import ErrorExplanation
from ..problems import TaskRefusedError
from ..state import phone
from ..state.model import ActivationState, LicensedProduct
from .diagnose import Failure

MISMATCHED = 0xC004F031

_STALE_CAUSE = "The key or the hardware is another one than when the installation ID was read."
ASK_AGAIN = "Ask for a confirmation ID for the installation ID the machine shows now, or leave it as it is until you have one."


def stale(product: LicensedProduct, installation_id: str | None) -> Failure | None:
    """The failure of a confirmation ID that belongs to another installation ID; None when it fits, or nobody can tell."""
    if installation_id is None or product.installation_id in (None, installation_id):
        return None
    meaning = stale_words(product)
    explanation = ErrorExplanation(phone.STALE, None, meaning, _STALE_CAUSE, (ASK_AGAIN,), "phone", transient=False)
    return Failure(MISMATCHED, explanation.as_dict(), f"{meaning} It was not sent.", transient=False)


def refuse_stale(product: LicensedProduct, installation_id: str | None) -> None:
    """Raise TaskRefusedError for one that is not worth sending: it says that somebody mixed something up."""
    if not product.status.is_activated and stale(product, installation_id):
        raise TaskRefusedError(phone.STALE, stale_words(product), (ASK_AGAIN,))


def stale_words(product: LicensedProduct) -> str:
    """What is the matter with the confirmation ID."""
    now = phone.grouped(product.installation_id or "")
    return f"The confirmation ID was given for another installation ID than the machine shows now ({now})."


def why_refused(state: ActivationState, confirmation_id: str, code: int) -> Failure:
    """The failure of a deposit: what the code means on this Windows, and the groups whose check digits do not fit."""
    explanation, more = state.generation.explain_deposit(confirmation_id, code)
    summary = f"{explanation.code} {explanation.symbol}: {explanation.meaning}{more}"
    return Failure(code, explanation.as_dict(), summary, transient=False)
