# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which confirmation ID a machine gets, or why it gets none.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: the reading of a machine and its records in, a decision out. Nothing is installed on a machine for which the file has no
confirmation ID that could fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._licensing.state import phone
from .._task_results import Result, task_failure
from .model import ProxyRecord
from .results import gives_ids_once, is_licensed, maks
from .words import NO_NUMBER, is_number, spelled

READY = "ready"
ALREADY_LICENSED = "already_licensed"
WAITING = "waiting"
STALE = "stale"
MISSING = "missing"
INVALID = "invalid"
NO_KEY = "no_key"
UNREACHABLE = "unreachable"
FAILED = "failed"
NOT_RUN = "not_run"


@dataclass(frozen=True)
class Decision:
    """What to do with one machine; `message` is a sentence unless the status is ready.

    `installation_id` is what the machine has to show for the confirmation ID to be sent, empty when it cannot be looked at.
    `activation_id` says which of several products it is for, and `install_key` whether the product key has to be installed first.
    """

    status: str
    message: str | None = None
    record: ProxyRecord | None = None
    installation_id: str = ""
    confirmation_id: str = ""
    activation_id: str = ""
    install_key: bool = False

    def as_dict(self, numbers: Mapping[ProxyRecord, int]) -> dict[str, Any]:
        """The decision as plain data, in which a record is its number."""
        return {
            "status": self.status,
            "message": self.message,
            "record_number": numbers[self.record] if self.record else None,
            "installation_id": self.installation_id or None,
            "confirmation_id": self.confirmation_id or None,
            "activation_id": self.activation_id or None,
            "install_key": self.install_key,
        }


def decide(read: Result | None, records: Sequence[ProxyRecord], application: str, partial_product_key: str = "") -> Decision:
    """The decision for a machine.

    `read` is its activation_info result, `records` those that may be about it, `partial_product_key` the end of the key it is to have,
    empty when it keeps the MAK it has.
    """
    stopped = task_failure(read)
    if stopped:
        return Decision(*stopped)
    if not read or "products" not in read:
        return Decision(NOT_RUN, "it took no part in this run")
    if gives_ids_once(read):
        return _unseen(read, records, application)
    installed = [product for product in maks(read, application) if partial_product_key in ("", product["partial_product_key"])]
    if not installed:
        return _to_install(records, partial_product_key)
    return _best([_shown(product, records) for product in installed])


ANY_OTHER = "*"
"""Stands for every key that neither the machine nor a record of it knows."""


def decisions(read: Result | None, records: Sequence[ProxyRecord], application: str) -> dict[str, Decision]:
    """The decisions for a machine by the last five characters of the key it is to have.

    "" is for the MAK it has. Which of them holds only the machine's own variables say.
    """
    known = {product["partial_product_key"] for product in maks(read or {}, application)} | {
        record.partial_product_key for record in records
    }
    return {
        partial_product_key: decide(read, records, application, partial_product_key)
        for partial_product_key in ("", *sorted(known - {"", None}), ANY_OTHER)
    }


_ORDER = (READY, INVALID, WAITING, STALE, MISSING, ALREADY_LICENSED)


def _best(decisions: Sequence[Decision]) -> Decision:
    """Of several products of one application the one for which there is most to do."""
    return min(decisions, key=lambda decision: _ORDER.index(decision.status))


def _shown(product: Mapping[str, Any], records: Sequence[ProxyRecord]) -> Decision:
    """For a MAK that is installed: the installation ID it shows decides, whatever the machine was called."""
    if is_licensed(product):
        return Decision(ALREADY_LICENSED, "it is licensed with its MAK already")
    shown = product["installation_id"]
    same = [record for record in records if record.installation_id == shown]
    if same:
        return replace(_answer(max(same, key=_worth), installed=True), activation_id=product["activation_id"] or "")
    own = [record for record in records if record.activation_id in ("", product["activation_id"])]
    if not own:
        return Decision(MISSING, f"the file has {'only records of other products of it' if records else 'no record of it'}")
    newest = _newest(own)
    words = f"it shows the installation ID {spelled(shown or '') or 'of nothing'}, and the file has {spelled(newest.installation_id)}"
    return Decision(STALE, words, newest)


def _worth(record: ProxyRecord) -> tuple[bool, bool]:
    """Of several records with one installation ID: one that is answered, and of these one that nothing is wrong with."""
    return record.answered, record.answered and not _complaint(record) and not phone.invalid_groups(record.confirmation_id)


def _to_install(records: Sequence[ProxyRecord], partial_product_key: str) -> Decision:
    """For a machine without the MAK, as after it was installed anew: only its name says which record is its own."""
    if not records:
        return Decision(MISSING, "the file has no record of it, and it has no MAK")
    own = [record for record in records if not partial_product_key or record.partial_product_key in ("", partial_product_key)]
    if not own:
        return Decision(MISSING, f"its records in the file are of other product keys than the one ending in {partial_product_key}")
    if not partial_product_key:
        return Decision(NO_KEY, "it has no MAK, and no product key was given to install", _newest(own))
    return _answer(_newest(own), installed=False)


def _unseen(read: Result, records: Sequence[ProxyRecord], application: str) -> Decision:
    """For a Windows that shows no installation ID: the last one that was asked for is the one that counts."""
    products = [product for product in read["products"] if product["application"] == application]
    if any(is_licensed(product) for product in products):
        return Decision(ALREADY_LICENSED, "it is licensed already")
    if not records:
        return Decision(MISSING, "the file has no record of it")
    decision = _answer(_newest(records), installed=True)
    return Decision(decision.status, decision.message, decision.record, confirmation_id=decision.confirmation_id)


def _newest(records: Sequence[ProxyRecord]) -> ProxyRecord:
    """The last one that was collected; of those of one time the last in the file."""
    return max(enumerate(records), key=lambda item: (item[1].age, item[0]))[1]


def _answer(record: ProxyRecord, *, installed: bool) -> Decision:
    if not record.answered:
        return Decision(WAITING, "the file has no confirmation ID for it yet", record)
    complaint = _complaint(record)
    if complaint:
        return Decision(INVALID, complaint, record)
    return Decision(READY, None, record, record.installation_id, record.confirmation_id, install_key=not installed)


def _complaint(record: ProxyRecord) -> str | None:
    """Why a confirmation ID cannot be one. A check digit that does not fit is no reason: Windows decides that."""
    text = record.confirmation_id
    if text.isascii() and text.isdigit():
        return None
    if is_number(text):
        return f"confirmation_id is {text}: {NO_NUMBER}"
    return f"confirmation_id is {text[:80]!r}, and has to be digits, with blanks or hyphens between its groups"
