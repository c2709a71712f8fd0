# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Select the confirmation ID for a machine, or find out why there is none.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are the result of activation_info for a machine and its records. A machine is not changed if no record has a confirmation ID
that could match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...module_utils import _phone as phone
from .._licensing.catalog import esu
from .._task_results import Result, task_failure
from .model import ProxyRecord
from .results import gives_ids_once, is_licensed, maks
from .texts import NO_NUMBER, is_number, spelled

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
    """The decision for one machine; `message` is the reason, or None if the status is "ready".

    The confirmation ID is sent only if the machine shows `installation_id`, which is empty if the machine does not show one.
    `activation_id` identifies the product, and `install_key` is whether the product key must be installed first. `other_ready` is the
    number of other products of the machine whose confirmation IDs are in the file too: a run deposits one of them.
    """

    status: str
    message: str | None = None
    record: ProxyRecord | None = None
    installation_id: str = ""
    confirmation_id: str = ""
    activation_id: str = ""
    install_key: bool = False
    other_ready: int = 0

    def as_dict(self, numbers: Mapping[ProxyRecord, int]) -> dict[str, Any]:
        """Return the decision as plain data, with the number of its record."""
        return {
            "status": self.status,
            "message": self.message,
            "record_number": numbers[self.record] if self.record else None,
            "installation_id": self.installation_id or None,
            "confirmation_id": self.confirmation_id or None,
            "activation_id": self.activation_id or None,
            "install_key": self.install_key,
            "other_ready": self.other_ready,
        }


def decide(
    read: Result | None, records: Sequence[ProxyRecord], application: str, partial_product_key: str = "", activation_id: str = ""
) -> Decision:
    """Return the decision for a machine.

    `read` is the result of activation_info, `records` are those that can belong to the machine. `partial_product_key` is the end of the key
    that the machine must have; empty if it keeps its MAK. `activation_id` is the product to activate; empty if every product with a MAK can
    be meant.
    """
    records = [record for record in records if not activation_id or record.activation_id in ("", activation_id)]
    stopped = task_failure(read)
    if stopped:
        return Decision(*stopped)
    if not read or "products" not in read:
        return Decision(NOT_RUN, "the task did not run on the machine")
    if gives_ids_once(read):
        return _for_hidden_id(read, records, application)
    installed = [product for product in maks(read, application) if _is_meant(product, records, partial_product_key, activation_id)]
    if not installed:
        return _for_missing_key(records, partial_product_key)
    # Windows is activated before its add-ons, which can be activated only then.
    installed.sort(key=lambda product: bool(product.get("is_addon")))
    return _best([_for_shown_id(product, records) for product in installed])


def _is_meant(product: Mapping[str, Any], records: Sequence[ProxyRecord], partial_product_key: str, activation_id: str) -> bool:
    """Return whether a product with a MAK can be the one to activate. An add-on is meant only if the key, the ID, or a record names it."""
    if partial_product_key not in ("", product["partial_product_key"]) or activation_id not in ("", product["activation_id"]):
        return False
    if not product.get("is_addon") or partial_product_key or activation_id:
        return True
    return any(
        record.activation_id == product["activation_id"] or record.installation_id == product["installation_id"] for record in records
    )


ANY_OTHER = "*"
"""Stands for every product key that neither the machine nor its records contain."""


def decisions(read: Result | None, records: Sequence[ProxyRecord], application: str) -> dict[str, Decision]:
    """Return the decisions for a machine by the last five characters of the key that it must have; "" is for the MAK that it has.

    The name of each programme of Extended Security Updates has a decision too. The variables of the machine select one of them later.
    """
    installed = maks(read or {}, application)
    known = {product["partial_product_key"] for product in installed} | {record.partial_product_key for record in records}
    by_key = {
        partial_product_key: decide(read, records, application, partial_product_key)
        for partial_product_key in ("", *sorted(known - {"", None}), ANY_OTHER)
    }
    ids = {product["activation_id"] for product in installed} | {record.activation_id for record in records}
    programmes = sorted(programme.name for identity in ids if (programme := esu.of_id(identity)))
    return {**by_key, **{name: decide(read, records, application, activation_id=esu.named(name).activation_id) for name in programmes}}


_ORDER = (READY, INVALID, WAITING, STALE, MISSING, ALREADY_LICENSED)


def _best(decisions: Sequence[Decision]) -> Decision:
    """Return the first decision by status. An application can have several products with a MAK."""
    best = min(decisions, key=lambda decision: _ORDER.index(decision.status))
    return replace(best, other_ready=sum(decision.status == READY for decision in decisions if decision is not best))


def _for_shown_id(product: Mapping[str, Any], records: Sequence[ProxyRecord]) -> Decision:
    """Return the decision for an installed MAK, by the installation ID that the machine shows, whatever its name is."""
    if is_licensed(product):
        return Decision(ALREADY_LICENSED, "the machine is already licensed with its MAK")
    shown = product["installation_id"]
    same = [record for record in records if record.installation_id == shown]
    if same:
        return replace(_for_record(max(same, key=_quality), installed=True), activation_id=product["activation_id"] or "")
    own = [record for record in records if record.activation_id in ("", product["activation_id"])]
    if not own:
        return Decision(MISSING, f"the file has {'only records of other products' if records else 'no record'} of the machine")
    newest = _newest(own)
    shows = f"shows the installation ID {spelled(shown)}" if shown else "does not show an installation ID"
    return Decision(STALE, f"the machine {shows}, and the file has {spelled(newest.installation_id)}", newest)


def _quality(record: ProxyRecord) -> tuple[bool, bool]:
    """Return a sort key for records with the same installation ID: with a confirmation ID, and with a valid one."""
    return record.answered, record.answered and not _problem(record) and not phone.invalid_groups(record.confirmation_id)


def _for_missing_key(records: Sequence[ProxyRecord], partial_product_key: str) -> Decision:
    """Return the decision for a machine without the MAK, for example after a reinstallation. Its record is found by its name."""
    if not records:
        return Decision(MISSING, "the file has no record of the machine, and the machine does not have a MAK")
    own = [record for record in records if not partial_product_key or record.partial_product_key in ("", partial_product_key)]
    if not own:
        return Decision(
            MISSING, f"the records of the machine are for other product keys, and not for the key ending in {partial_product_key}"
        )
    if not partial_product_key:
        return Decision(NO_KEY, "the machine does not have a MAK, and no product key was specified", _newest(own))
    return _for_record(_newest(own), installed=False)


def _for_hidden_id(read: Result, records: Sequence[ProxyRecord], application: str) -> Decision:
    """Return the decision for Windows Server 2003, which does not show an installation ID again. The newest record is valid."""
    products = [product for product in read["products"] if product["application"] == application]
    if any(is_licensed(product) for product in products):
        return Decision(ALREADY_LICENSED, "the machine is already licensed")
    if not records:
        return Decision(MISSING, "the file has no record of the machine")
    decision = _for_record(_newest(records), installed=True)
    return Decision(decision.status, decision.message, decision.record, confirmation_id=decision.confirmation_id)


def _newest(records: Sequence[ProxyRecord]) -> ProxyRecord:
    """Return the record that was collected last. Of records with the same time, it is the last one in the file."""
    return max(enumerate(records), key=lambda item: (item[1].age, item[0]))[1]


def _for_record(record: ProxyRecord, *, installed: bool) -> Decision:
    if not record.answered:
        return Decision(WAITING, "the file does not have a confirmation ID for the machine yet", record)
    problem = _problem(record)
    if problem:
        return Decision(INVALID, problem, record)
    # Without its ID, the key of an add-on could be taken for one of Windows. Other IDs can be those of an edition before an upgrade.
    activation_id = record.activation_id if esu.of_id(record.activation_id) else ""
    return Decision(READY, None, record, record.installation_id, record.confirmation_id, activation_id, install_key=not installed)


def _problem(record: ProxyRecord) -> str | None:
    """Return why a confirmation ID is not valid, or None. A wrong check digit is not a reason, because Windows decides this."""
    text = record.confirmation_id
    if text.isascii() and text.isdigit():
        return None
    if is_number(text):
        return f"confirmation_id is {text}: {NO_NUMBER}"
    return f"confirmation_id is {text[:80]!r}, and must be digits, with spaces or hyphens between the groups"
