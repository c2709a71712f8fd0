# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's telephone service as the lab has it: for an installation ID it gives the confirmation ID, and counts.

Facts: licensing section 3. It knows every installation ID a machine of the estate ever showed, and the key behind it. Every answer
counts one activation of that key, also to a question asked before; whether the real service counts that one is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .catalog import GVLK, MAK
from .faults import Faults
from .identity import confirmation_id, wrong_groups
from .keys import KeyRing

GROUP_SIZES = {54: 6, 63: 7}
"""Digits of an installation ID, and of one of its nine groups."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who showed an installation ID: the machine, the key and its channel, and how many groups its confirmation IDs have."""

    machine: str
    key: str = field(repr=False)
    channel: str
    groups: int = 8
    product: str = ""
    """The activation ID of the license, empty for Windows Server 2003."""


class TelephoneActivation:
    """The telephone service of one estate."""

    def __init__(self, keys: KeyRing, faults: Faults) -> None:
        self._keys = keys
        self._faults = faults
        self._callers: dict[str, Caller] = {}

    def register(self, iid: str, caller: Caller) -> None:
        """Store which machine shows this installation ID."""
        self._callers[iid] = caller

    def caller(self, iid: str) -> Caller | None:
        """Who showed an installation ID."""
        return self._callers.get(iid)

    def answer(self, text: str) -> str:
        """Return the confirmation ID for an installation ID, which can contain spaces and hyphens.

        Raises ValueError with a message for the caller: digits missing or mistyped, an installation ID of no machine, a key
        that is blocked or unknown, a MAK without activations.
        """
        iid = "".join(character for character in text if character not in " -")
        _check_form(iid)
        caller = self._callers.get(iid)
        if caller is None:
            raise ValueError("No machine has shown this installation ID. Read it from the machine again.")
        self._spend(caller)
        return confirmation_id(iid, caller.groups)

    def _spend(self, caller: Caller) -> None:
        ending = f"The product key that ends in {caller.key[-5:]}"
        if caller.channel == GVLK:
            raise ValueError(f"{ending} is a KMS client key, which is not activated by telephone.")
        key = self._keys.of(caller.key)
        if key is None:
            raise ValueError(f"{ending} is not known to Microsoft.")
        if key.blocked or self._faults.get(caller.machine, "key_blocked") is not None:
            raise ValueError(f"{ending} is blocked.")
        if key.channel == MAK and (key.used_up or self._faults.get(caller.machine, "mak_exhausted") is not None):
            raise ValueError(f"{ending} has no activations left. Ask Microsoft to raise its limit.")
        key.count(caller.machine)


def _check_form(iid: str) -> None:
    if not (iid.isascii() and iid.isdigit()):
        raise ValueError("An installation ID has digits only, besides blanks and hyphens between its groups.")
    size = GROUP_SIZES.get(len(iid))
    if size is None:
        raise ValueError(f"An installation ID has 54 or 63 digits, this one has {len(iid)}.")
    wrong = wrong_groups(iid, size)
    if wrong:
        found = ", ".join(f"{number} ({iid[(number - 1) * size : number * size]})" for number in wrong)
        raise ValueError(f"The check digit does not fit in group {found} of the installation ID. Read these digits again.")
