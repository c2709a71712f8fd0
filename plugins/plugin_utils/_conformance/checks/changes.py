# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine showed while it was changed. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..._licensing.state.model import LicensedProduct, LicenseStatus
from ..._licensing.state.wmi_classes import NO_SUCH_METHOD
from ..changing.seeing import SHORTEST_TIMEOUT, ActivationSeen, KeySeen
from ..model import Answers, Finding, fails, holds, not_visible

ONLY_A_CHANGE = "Only a change shows it, on a machine that is made for it: see allow_changes."
_LICENSING_FACILITY, _WIN32_FACILITY = 0xC004, 0x8007
"""Of the codes of the licensing service itself, and of those that an activation passes on, such as 0x8007232B of DNS."""
_NOT_YET = (LicenseStatus.UNLICENSED, LicenseStatus.INITIAL_GRACE)


def method_failures_have_codes(answers: Answers) -> Finding:
    """A licensing method that fails names the code of the licensing service: a text that is not a key, and an activation that failed."""
    invalid, seen = answers.by_name.get("change_invalid_key"), answers.value("change_activation")
    if invalid is None:
        return not_visible(ONLY_A_CHANGE)
    if invalid.error is None:
        return fails("InstallProductKey accepted a text that is not a key.")
    refused = [seen.code] if isinstance(seen, ActivationSeen) and seen.code is not None else []
    if invalid.code is None:
        return not_visible(f"The machine returned no code: {invalid.error}")
    shown = ", ".join(f"0x{code:08X}" for code in (invalid.code, *refused))
    is_named = invalid.code >> 16 == _LICENSING_FACILITY and all(code >> 16 in (_LICENSING_FACILITY, _WIN32_FACILITY) for code in refused)
    return (holds if is_named else fails)(f"The codes of the refused calls are {shown}.")


def late_activation_continues(answers: Answers) -> Finding:
    """An activation that takes longer than the timeout of its request continues."""
    seen = answers.value("change_activation")
    if not isinstance(seen, ActivationSeen):
        return not_visible(ONLY_A_CHANGE)
    if not seen.outlived or seen.took_effect is None:
        return not_visible(f"The activation ended after {seen.seconds:.1f} seconds, within the timeout of {SHORTEST_TIMEOUT:g} seconds.")
    if seen.took_effect:
        return holds(f"The activation took longer than {SHORTEST_TIMEOUT:g} seconds, and took effect later.")
    return fails(f"The activation took longer than {SHORTEST_TIMEOUT:g} seconds, and did not take effect.")


def one_refresh_is_sufficient(answers: Answers) -> Finding:
    """A second refresh of the license status does not show anything else than the first one."""
    seen = answers.value("change_key")
    if not isinstance(seen, KeySeen):
        return not_visible(ONLY_A_CHANGE)
    first, second = _status(seen.after), _status(seen.again)
    return holds(f"After one refresh, the product shows {first}.") if first == second else fails(f"{first}, then {second}.".capitalize())


def new_key_has_no_status(answers: Answers) -> Finding:
    """A key that was just installed shows its grace period, or no status, until the refresh."""
    seen = answers.value("change_key")
    if not isinstance(seen, KeySeen):
        return not_visible(ONLY_A_CHANGE)
    text = f"Before the refresh, the product shows {_status(seen.before)}, and after it {_status(seen.after)}."
    if seen.before is None or seen.before.status in _NOT_YET:
        return holds(text)
    return not_visible("Windows kept the license of its key.") if seen.before.status.is_activated else fails(text)


def method_has_the_usual_spelling(answers: Answers) -> Finding:
    """The method that saves a log is known by the usual spelling: it is refused for another reason than its name."""
    answer = answers.by_name.get("change_archive")
    if answer is None:
        return not_visible(ONLY_A_CHANGE)
    if answer.code is None:
        return holds("The method was carried out.") if answer.value else not_visible(answer.error or "There is no log to save.")
    return (fails if answer.code in NO_SUCH_METHOD else holds)(f"The code is 0x{answer.code:08X}.")


def _status(product: LicensedProduct | None) -> str:
    return "no product" if product is None else f"the status {product.status.name.lower()}"


__all__ = [
    "ONLY_A_CHANGE",
    "late_activation_continues",
    "method_failures_have_codes",
    "method_has_the_usual_spelling",
    "new_key_has_no_status",
    "one_refresh_is_sufficient",
]
