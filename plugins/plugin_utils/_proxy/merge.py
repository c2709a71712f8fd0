# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One list of records out of two, in which no confirmation ID is lost.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A confirmation ID costs an activation and a telephone call, so that a record that has one stays whatever else is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .._licensing.state import phone
from .model import ProxyRecord
from .words import spelled

_OF_THE_MACHINE = ("machine", "computer_name", "product_name", "activation_id", "partial_product_key")
_OTHER = "Another confirmation ID: "


@dataclass(frozen=True)
class Merged:
    """The records after a merge, and whether they are others than before.

    `replaced` are those whose confirmation ID gave way to another, as they were before.
    """

    records: tuple[ProxyRecord, ...]
    changed: bool
    replaced: tuple[ProxyRecord, ...] = ()


class _RecordIndex:
    """Records in their order, found by what they are for and by whom they are about. A place may get another record."""

    def __init__(self, records: Iterable[ProxyRecord]) -> None:
        self.places: list[ProxyRecord | None] = []
        self._by_identity: dict[tuple[str, str], list[int]] = {}
        self._by_subject: dict[tuple[str, str, str], list[int]] = {}
        for record in records:
            self.add(record)

    def add(self, record: ProxyRecord) -> None:
        """One more record, at the end."""
        self.places.append(None)
        self.put(len(self.places) - 1, record)

    def put(self, place: int, record: ProxyRecord) -> None:
        """Another record in a place. What the index knew of the former one is passed over when somebody looks for it."""
        self.places[place] = record
        self._by_identity.setdefault(record.identity, []).append(place)
        self._by_subject.setdefault(record.subject, []).append(place)

    def empty(self, places: Iterable[int]) -> None:
        """Take the records out of these places."""
        for place in places:
            self.places[place] = None

    def same_id(self, record: ProxyRecord) -> dict[int, ProxyRecord]:
        """The records with its installation ID, by place."""
        found = self._at(self._by_identity.get(record.identity, ()))
        return {place: other for place, other in found.items() if other.identity == record.identity}

    def about(self, record: ProxyRecord) -> dict[int, ProxyRecord]:
        """The records of its machine and product, by place."""
        found = self._at(self._by_subject.get(record.subject, ()))
        return {place: other for place, other in found.items() if other.subject == record.subject}

    def _at(self, places: Iterable[int]) -> dict[int, ProxyRecord]:
        return {place: record for place in places if (record := self.places[place]) is not None}

    def merged(self, known: Sequence[ProxyRecord], replaced: Iterable[ProxyRecord] = ()) -> Merged:
        """What is there now, beside what there was."""
        records = tuple(record for record in self.places if record is not None)
        return Merged(records, records != tuple(known), tuple(replaced))


def collected(known: Sequence[ProxyRecord], found: Sequence[ProxyRecord], machines: Iterable[str] = ()) -> Merged:
    """The known records with those that were collected now, in which machines have said who they are.

    An installation ID that is known keeps its record, also under another name of the machine, unless the former name is one of
    `machines`, those that are about today: copies of a virtual machine may show the same ID. Another ID takes the place of those
    records of the same machine and product that nobody has answered, and stands beside the answered ones.
    """
    shelf, present = _RecordIndex(known), {name.casefold() for name in (*machines, *(record.machine for record in found))}
    for record in found:
        twins = shelf.same_id(record)
        own = {place: twin for place, twin in twins.items() if _is_it(twin, record, present)}
        if own:
            for place, former in own.items():
                shelf.put(place, _renamed(former, record))
            continue
        new = replace(record, confirmation_id=next((twin.confirmation_id for twin in twins.values() if twin.answered), ""))
        unanswered = {place: former for place, former in shelf.about(record).items() if not former.answered}
        if unanswered:
            place, former = next(iter(unanswered.items()))
            shelf.empty(unanswered)
            shelf.put(place, _succeeding(new, former))
        else:
            shelf.add(new)
    return shelf.merged(known)


def _is_it(known: ProxyRecord, found: ProxyRecord, present: set[str]) -> bool:
    """Whether a record with the same installation ID is about the same machine, which may have got another name."""
    return known.machine.casefold() == found.machine.casefold() or known.machine.casefold() not in present


def _renamed(known: ProxyRecord, found: ProxyRecord) -> ProxyRecord:
    """The same hardware and key may have another name by now."""
    return replace(known, **{name: getattr(found, name) or getattr(known, name) for name in _OF_THE_MACHINE})


def _succeeding(record: ProxyRecord, former: ProxyRecord) -> ProxyRecord:
    """What a person wrote about a machine goes on."""
    return replace(record, note=record.note or former.note, extra=record.extra or former.extra)


def answered(known: Sequence[ProxyRecord], returned: Iterable[ProxyRecord]) -> Merged:
    """The known records with what came back in another file.

    Of two confirmation IDs for one installation ID the one that came back counts, unless only the known one has check digits that fit.
    The other one goes into the note. A returned record without a confirmation ID adds a machine, and takes nothing away.
    """
    shelf, replaced = _RecordIndex(known), list[ProxyRecord]()
    for record in returned:
        same = shelf.same_id(record)
        for place, before in same.items():
            after = _told(before, record)
            shelf.put(place, after)
            if before.answered and after.confirmation_id != before.confirmation_id:
                replaced.append(before)
        if not same and (record.answered or not shelf.about(record)):
            shelf.add(record)
    return shelf.merged(known, replaced)


def _told(known: ProxyRecord, returned: ProxyRecord) -> ProxyRecord:
    kept = replace(known, note=_notes(known.note, returned.note), extra=tuple(sorted((dict(known.extra) | dict(returned.extra)).items())))
    if not returned.answered or returned.confirmation_id == known.confirmation_id:
        return kept
    if not known.answered:
        return replace(kept, confirmation_id=returned.confirmation_id)
    winner, loser = (known, returned) if _fits(known) and not _fits(returned) else (returned, known)
    return replace(kept, confirmation_id=winner.confirmation_id, note=_with_former(kept.note, loser.confirmation_id))


def _fits(record: ProxyRecord) -> bool:
    """Whether nothing is wrong with a confirmation ID that can be seen without Windows."""
    digits = record.confirmation_id
    return digits.isascii() and digits.isdigit() and not phone.hints(digits)


def _notes(known: str, returned: str) -> str:
    """The note that came back, and what it leaves out of the other IDs the known one tells of."""
    if not returned or returned in known:
        return known
    others = [line for line in known.splitlines() if line.startswith(_OTHER) and line not in returned]
    return "\n".join((returned, *others))


def _with_former(note: str, confirmation_id: str) -> str:
    words = f"{_OTHER}{spelled(confirmation_id)}"
    return note if words in note else "\n".join(filter(None, (note, words)))
