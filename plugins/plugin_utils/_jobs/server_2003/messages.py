# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an activation of Windows Server 2003 failed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The codes its methods return are not documented; a number that is no HRESULT is therefore not looked up as a Win32 error, and
E_FAIL says no more than that. That a right confirmation ID may be called invalid once the 30 days are over, and what helps, is
Microsoft's article KB824345.
"""

from __future__ import annotations

from ..._licensing.catalog.errors import UNKNOWN_SYMBOL, ErrorExplanation, explain, format_code
from ..._licensing.state import phone
from .model import FIX, FIXED_FILES, FIXED_VERSION, ProductActivation

_HRESULT = 0x80000000
_E_FAIL = 0x80004005
_NEXT_ONLINE = "Activate online (activation_method: online), which does not have this defect."
_NEXT_NEW_ID = (
    "Run the task with activation_method: telephone and without confirmation_id to get a new installation ID, ask for its confirmation ID,"
    " and fetch no"
    " other installation ID in between: each one makes the former void."
)


def why_failed(code: int) -> ErrorExplanation:
    """Why it could not be activated online or take a key."""
    if code >= _HRESULT and code != _E_FAIL:
        return explain(code)
    return _unknown(
        code,
        "Windows Server 2003 did not do it.",
        "Microsoft has published no list of these codes; usual are a key that is wrong or used up, and no way to Microsoft.",
        ("Look at the same task in the activation wizard (%systemroot%\\system32\\oobe\\msoobe.exe /a), which says more.",),
    )


def why_refused(activation: ProductActivation, confirmation_id: str, code: int) -> ErrorExplanation:
    """Why it did not take a confirmation ID: mistyped, or the defect of KB824345, or an ID for another installation ID."""
    meaning = "The confirmation ID is not valid, says Windows Server 2003."
    hints = phone.hints(confirmation_id, phone.BEFORE_VISTA)
    if hints:
        steps = ("Correct the confirmation ID and run the task again; a wrong one costs nothing.", _NEXT_NEW_ID)
        return _unknown(code, meaning, f"In the confirmation ID, {hints[0]}.", steps)
    if activation.is_grace_over and not activation.has_fix:
        return _unknown(code, meaning, _defect_words(activation), (_fix_words(), _NEXT_ONLINE, _NEXT_NEW_ID))
    cause = "It belongs to another installation ID than the one fetched last."
    return _unknown(code, meaning, cause, (_NEXT_NEW_ID, "Activate online (activation_method: online)."))


def defect_warning(activation: ProductActivation) -> tuple[str, ...]:
    """What to know before a confirmation ID is sent to a machine that may not take any."""
    if not activation.is_grace_over or activation.has_fix:
        return ()
    return (f"{_defect_words(activation)} {_fix_words()}",)


def _defect_words(activation: ProductActivation) -> str:
    known = "is not installed" if activation.has_fix is False else "may not be installed (its files could not be read)"
    return f"The grace period is over and {FIX} {known}: without it Windows Server 2003 calls right confirmation IDs invalid then."


def _fix_words() -> str:
    version = ".".join(map(str, FIXED_VERSION))
    files = " and ".join(FIXED_FILES)
    return f"Install {FIX} ({files} {version}) or a service pack, in safe mode if need be, and restart: that starts the 30 days anew."


def _unknown(code: int, meaning: str, cause: str, steps: tuple[str, ...]) -> ErrorExplanation:
    return ErrorExplanation(
        code=format_code(code),
        symbol=UNKNOWN_SYMBOL,
        source=f"Microsoft Support: {FIX}",
        meaning=meaning,
        cause=cause,
        next_steps=steps,
        category="phone",
        transient=False,
        known=False,
    )
