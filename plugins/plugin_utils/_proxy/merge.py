# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merge two lists of records without losing a confirmation ID.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Microsoft counts an activation for a confirmation ID, so a record with a confirmation ID is never removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ...module_utils import _phone as phone
from .machines import Machines
from .model import ProxyRecord
from .texts import spelled

_OF_THE_MACHINE = ("machine", "computer_name", "product_name", "activation_id", "partial_product_key", "extended_pid")
_OTHER = "Another confirmation ID: "


@dataclass(frozen=True)
class Merged:
    """The records after a merge, and whether they changed; `replaced` are records whose confirmation ID was replaced, as before."""

    records: tuple[ProxyRecord, ...]
    changed: bool
    replaced: tuple[ProxyRecord, ...] = ()


class _RecordIndex:
    """Records in their order, with an index by installation ID and by machine. The record in a place can be replaced."""

    def __init__(self, records: Iterable[ProxyRecord]) -> None:
        self.places: list[ProxyRecord | None] = []
        self._by_identity: dict[tuple[str, str], list[int]] = {}
        self._by_subject: dict[tuple[str, str, str], list[int]] = {}
        for record in records:
            self.add(record)

    def add(self, record: ProxyRecord) -> None:
        """Add a record at the end."""
        self.places.append(None)
        self.put(len(self.places) - 1, record)

    def put(self, place: int, record: ProxyRecord) -> None:
        """Replace the record in a place. The lookups ignore index entries of the former record."""
        self.places[place] = record
        self._by_identity.setdefault(record.identity, []).append(place)
        self._by_subject.setdefault(record.subject, []).append(place)

    def empty(self, places: Iterable[int]) -> None:
        """Remove the records from these places."""
        for place in places:
            self.places[place] = None

    def same_id(self, record: ProxyRecord) -> dict[int, ProxyRecord]:
        """Return the records with the same installation ID, by place."""
        found = self._at(self._by_identity.get(record.identity, ()))
        return {place: other for place, other in found.items() if other.identity == record.identity}

    def about(self, record: ProxyRecord) -> dict[int, ProxyRecord]:
        """Return the records of the same machine and product, by place."""
        found = self._at(self._by_subject.get(record.subject, ()))
        return {place: other for place, other in found.items() if other.subject == record.subject}

    def _at(self, places: Iterable[int]) -> dict[int, ProxyRecord]:
        return {place: record for place in places if (record := self.places[place]) is not None}

    def merged(self, known: Sequence[ProxyRecord], replaced: Iterable[ProxyRecord] = ()) -> Merged:
        """Return the records, and whether they differ from `known`."""
        records = tuple(record for record in self.places if record is not None)
        return Merged(records, records != tuple(known), tuple(replaced))


def collected(known: Sequence[ProxyRecord], found: Sequence[ProxyRecord], machines: Iterable[str] = ()) -> Merged:
    """Merge the records that were collected into the known records.

    A record with a known installation ID keeps its place, also if the machine has a new name. If the former name is one of `machines`, it
    is another machine, because copies of a virtual machine can show the same ID. A new installation ID replaces the records of the same
    machine and product that have no confirmation ID.
    """
    index, present = _RecordIndex(known), Machines((*machines, *(record.machine for record in found)))
    for record in found:
        same = index.same_id(record)
        own = {place: other for place, other in same.items() if not present.is_another(other.machine, record.machine)}
        if own:
            for place, former in own.items():
                index.put(place, _renamed(former, record))
            continue
        new = replace(record, confirmation_id=next((other.confirmation_id for other in same.values() if other.answered), ""))
        unanswered = {
            place: former
            for place, former in index.about(record).items()
            if not former.answered and not present.is_another(former.machine, record.machine)
        }
        if unanswered:
            place, former = next(iter(unanswered.items()))
            index.empty(unanswered)
            index.put(place, _with_notes(new, former))
        else:
            index.add(new)
    return index.merged(known)


def _renamed(known: ProxyRecord, found: ProxyRecord) -> ProxyRecord:
    """Return the known record with the current names of the machine and the product."""
    return replace(known, **{name: getattr(found, name) or getattr(known, name) for name in _OF_THE_MACHINE})


def _with_notes(record: ProxyRecord, former: ProxyRecord) -> ProxyRecord:
    """Return the record with the note and the extra columns of the former record."""
    return replace(record, note=record.note or former.note, extra=record.extra or former.extra)


def answered(known: Sequence[ProxyRecord], returned: Iterable[ProxyRecord]) -> Merged:
    """Merge the records of a returned file into the known records.

    Of two confirmation IDs for one installation ID, the returned one is used, unless only the known one has valid check digits. The other
    one is added to the note. A returned record without a confirmation ID can add a machine, and does not remove anything.
    """
    index, replaced = _RecordIndex(known), list[ProxyRecord]()
    for record in returned:
        same = index.same_id(record)
        for place, before in same.items():
            after = _merge(before, record)
            index.put(place, after)
            if before.answered and after.confirmation_id != before.confirmation_id:
                replaced.append(before)
        if not same and (record.answered or not index.about(record)):
            index.add(record)
    return index.merged(known, replaced)


def _merge(known: ProxyRecord, returned: ProxyRecord) -> ProxyRecord:
    extra = tuple(sorted((dict(known.extra) | dict(returned.extra)).items()))
    extended_pid = known.extended_pid or returned.extended_pid
    kept = replace(known, note=_notes(known.note, returned.note), extra=extra, extended_pid=extended_pid)
    if not returned.answered or returned.confirmation_id == known.confirmation_id:
        return kept
    if not known.answered:
        return replace(kept, confirmation_id=returned.confirmation_id)
    used, other = (known, returned) if _is_valid(known) and not _is_valid(returned) else (returned, known)
    return replace(kept, confirmation_id=used.confirmation_id, note=_with_former(kept.note, other.confirmation_id))


def _is_valid(record: ProxyRecord) -> bool:
    """Whether a confirmation ID has only digits and valid check digits."""
    digits = record.confirmation_id
    return digits.isascii() and digits.isdigit() and not phone.hints(digits)


def _notes(known: str, returned: str) -> str:
    """Return the returned note, with the lines about other confirmation IDs of the known note that it does not contain."""
    if not returned or returned in known:
        return known
    others = [line for line in known.splitlines() if line.startswith(_OTHER) and line not in returned]
    return "\n".join((returned, *others))


def _with_former(note: str, confirmation_id: str) -> str:
    line = f"{_OTHER}{spelled(confirmation_id)}"
    return note if line in note else "\n".join(filter(None, (note, line)))
