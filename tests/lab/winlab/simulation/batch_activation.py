# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's batch activation service: confirmation IDs and the number of activations that are left, for MAKs.

Facts: notes on the batch activation service, and answers that public clients quote. It shares its book with the telephone and with
online activation: every confirmation ID counts one activation, also for an installation ID that was asked for before.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from winlab.interfaces import BatchAnswer, BatchListen, BatchQuestion

from .catalog import GVLK, MAK
from .faults import Faults
from .identity import confirmation_id, digits, wrong_groups
from .keys import KeyRing, LabKey
from .telephone_activation import GROUP_SIZES, Caller, TelephoneActivation

BLOCKED = 0x67
NOT_A_VALID_KEY = 0x68
NO_ACTIVATIONS_LEFT = 0x7F
WRONG_KIND_OF_KEY = 0x86
INSTALLATION_ID_WRONG = 0x90

_PID = re.compile(r"\d{5}-(\d{5}-\d{3}-\d{6}-\d{2}-\d{3,5}-\d{4,5}\.\d{4}-\d{7})", re.ASCII)


def _without_first_group(pid: str) -> str:
    """What the service looks at of an extended PID; empty for what is none. A public client masks the first group."""
    found = _PID.fullmatch(pid)
    return "" if found is None else found.group(1)


class BatchActivation:
    """The batch activation service of one estate."""

    def __init__(self, keys: KeyRing, faults: Faults, telephone: TelephoneActivation, listen: BatchListen | None = None) -> None:
        self._keys = keys
        self._faults = faults
        self._telephone = telephone
        self._callers: dict[str, Caller] = {}
        self._asked: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._remaining_asked: Counter[str] = Counter()
        self.listen = listen

    def register(self, pid: str, caller: Caller) -> None:
        """Store which machine shows this extended PID."""
        self._callers[_without_first_group(pid)] = caller

    def arrived(self, question: BatchQuestion) -> None:
        """Note a question, whatever becomes of it."""
        if question.installation_id is not None:
            self._asked[question.installation_id] += 1
        else:
            caller = self._caller(question)
            self._remaining_asked["" if caller is None else caller.key] += 1

    def answer(self, question: BatchQuestion) -> BatchAnswer:
        """Answer a question; one that gets a confirmation ID counts one activation."""
        caller = self._caller(question)
        if caller is None:
            return BatchAnswer(NOT_A_VALID_KEY)
        key, machine = self._keys.of(caller.key), self.machine_of(question)
        error = self._refusal(caller, key, machine)
        if error or key is None:
            return BatchAnswer(error or NOT_A_VALID_KEY)
        left = 0 if key.used_up or self._faults.get(machine, "mak_exhausted") is not None else key.activations - key.used
        if question.installation_id is None:
            return BatchAnswer(remaining=left)
        if not self._is_shown(question.installation_id, caller):
            return BatchAnswer(INSTALLATION_ID_WRONG)
        if not left:
            return BatchAnswer(NO_ACTIVATIONS_LEFT)
        key.count(machine)
        self._answered[question.installation_id] += 1
        return BatchAnswer(confirmation_id=confirmation_id(question.installation_id))

    def _caller(self, question: BatchQuestion) -> Caller | None:
        return self._callers.get(_without_first_group(question.extended_pid))

    def _refusal(self, caller: Caller, key: LabKey | None, machine: str) -> int:
        """The error code of a key that gets no answer of any type, or 0."""
        if caller.channel == GVLK:
            return WRONG_KIND_OF_KEY
        if key is None:
            return NOT_A_VALID_KEY
        if key.channel != MAK:
            return WRONG_KIND_OF_KEY
        return BLOCKED if key.blocked or self._faults.get(machine, "key_blocked") is not None else 0

    def _is_shown(self, iid: str, holder: Caller) -> bool:
        """Whether an installation ID is well-formed and of the license and key that the extended PID names."""
        size = GROUP_SIZES.get(len(iid))
        if not (iid.isascii() and iid.isdigit()) or size is None or wrong_groups(iid, size):
            return False
        caller = self._telephone.caller(iid)
        return caller is not None and (caller.key, caller.product) == (holder.key, holder.product)

    def machine_of(self, question: BatchQuestion) -> str:
        """The machine that showed the installation ID, or else the extended PID; empty when none did."""
        caller = self._telephone.caller(question.installation_id or "") or self._caller(question)
        return "" if caller is None else caller.machine

    def others_activate(self, question: BatchQuestion, count: int) -> None:
        """Count activations of the key of a question by computers of nobody here, as many as are left."""
        caller = self._caller(question)
        key = None if caller is None else self._keys.of(caller.key)
        for number in range(0 if key is None else min(count, key.activations - key.used)):
            if key is not None:
                key.count(f"computer {number} of somebody else")

    def confirmation_of_another(self, installation_id: str) -> str:
        """A confirmation ID that is well-formed and belongs to another installation ID."""
        return confirmation_id(digits(len(installation_id), "another", installation_id))

    def book(self) -> list[dict[str, Any]]:
        """What was counted and asked, by product key; keys appear by their last five characters."""
        return [self._entry(key) for key in self._keys.all()]

    def _entry(self, key: LabKey) -> dict[str, Any]:
        asked = {iid: count for iid, count in self._asked.items() if self._is_of(iid, key)}
        return {
            "partial_key": key.key[-5:],
            "channel": key.channel,
            "fits": list(key.fits),
            "activations": key.activations,
            "used": key.used,
            "remaining": 0 if key.used_up else key.activations - key.used,
            "remaining_asked": self._remaining_asked[key.key],
            "questions": {iid: {"asked": count, "answered": self._answered[iid]} for iid, count in asked.items()},
        }

    def _is_of(self, iid: str, key: LabKey) -> bool:
        caller = self._telephone.caller(iid)
        return caller is not None and caller.key == key.key
