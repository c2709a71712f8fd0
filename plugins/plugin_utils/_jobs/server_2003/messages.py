# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Explanations of failed activations of Windows Server 2003.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The codes of its methods are not documented. A number that is not an HRESULT is therefore not explained as a Win32 error, and E_FAIL
has no specific meaning. Source of the defect that Windows rejects correct confirmation IDs after the grace period of 30 days, and of its
remedy: Microsoft's article KB824345.
"""

from __future__ import annotations

from ....module_utils import _phone as phone
from ..._licensing.catalog.errors import ErrorExplanation, explain, format_code
from .model import FIX, FIXED_FILES, FIXED_VERSION, ProductActivation

_HRESULT = 0x80000000
_E_FAIL = 0x80004005
_NEXT_ONLINE = "Activate online (activation_method: online), which does not have this defect."
_NEXT_NEW_ID = (
    "Run the task with activation_method: telephone and without confirmation_id to get a new installation ID, then get its confirmation ID."
    " Do not get another installation ID in between, because each new one invalidates the previous one."
)


def explain_failure(code: int) -> ErrorExplanation:
    """Explain why the machine could not be activated online, or rejected a key."""
    if code >= _HRESULT and code != _E_FAIL:
        return explain(code)
    return _unknown(
        code,
        "Windows Server 2003 did not perform the operation.",
        "Microsoft has not published these codes. Usual causes are a wrong key, no activations left, and no connection to Microsoft.",
        ("Run the activation wizard (%systemroot%\\system32\\oobe\\msoobe.exe /a), which shows more details.",),
    )


def explain_rejection(activation: ProductActivation, confirmation_id: str, code: int) -> ErrorExplanation:
    """Explain why a confirmation ID was rejected: a typing error, the defect of KB824345, or another installation ID."""
    meaning = "Windows Server 2003 reports that the confirmation ID is not valid."
    hints = phone.hints(confirmation_id, phone.BEFORE_VISTA)
    if hints:
        steps = (
            "Correct the confirmation ID, and run the task again. A wrong confirmation ID does not consume an activation.",
            _NEXT_NEW_ID,
        )
        return _unknown(code, meaning, f"In the confirmation ID, {hints[0]}.", steps)
    if activation.is_grace_over and not activation.has_fix:
        return _unknown(code, meaning, _defect_message(activation), (_fix_step(), _NEXT_ONLINE, _NEXT_NEW_ID))
    cause = "The confirmation ID does not belong to the last installation ID."
    return _unknown(code, meaning, cause, (_NEXT_NEW_ID, "Activate online (activation_method: online)."))


def defect_warning(activation: ProductActivation) -> tuple[str, ...]:
    """Return a warning for a machine that might reject all confirmation IDs."""
    if not activation.is_grace_over or activation.has_fix:
        return ()
    return (f"{_defect_message(activation)} {_fix_step()}",)


def _defect_message(activation: ProductActivation) -> str:
    known = "is not installed" if activation.has_fix is False else "might not be installed (its files could not be read)"
    return f"The grace period has ended, and {FIX} {known}. Without {FIX}, Windows Server 2003 then rejects correct confirmation IDs."


def _fix_step() -> str:
    version = ".".join(map(str, FIXED_VERSION))
    files = " and ".join(FIXED_FILES)
    return f"Install {FIX} ({files} {version}) or a service pack, if necessary in safe mode, and reboot. The 30 days then start again."


def _unknown(code: int, meaning: str, cause: str, steps: tuple[str, ...]) -> ErrorExplanation:
    return ErrorExplanation(
        code=format_code(code),
        symbol=None,
        source=f"Microsoft Support: {FIX}",
        meaning=meaning,
        cause=cause,
        next_steps=steps,
        category="phone",
        transient=False,
        known=False,
    )
