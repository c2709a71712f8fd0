# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SRV records that a KMS host publishes itself: the domains, and the last outcome.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Event 12293 of the log Application reports that the publication failed, and event 12294 that it succeeded. Each line of DnsDomainPublishList
is "domain" or "domain,priority,weight".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ....module_utils import _hosts as hosts
from ..._cim.session import CimError, CimSession
from ..events import log as event_log
from ..events.catalog import APPLICATION
from ..events.log import SkippedRecords

FAILED, PUBLISHED = 12293, 12294
LOOK_BACK = timedelta(hours=49)
"""A KMS host publishes every 24 hours, and when sppsvc starts. This covers two periods, and one hour for a suspended machine."""

_PARTS = 3
_NUMBER = re.compile("[0-9]{1,5}")


@dataclass(frozen=True)
class PublishedDomain:
    """A DNS domain in which a KMS host publishes its SRV record, with priority and weight of the record."""

    domain: str
    priority: int = 0
    weight: int = 0

    @property
    def line(self) -> str:
        """The line of DnsDomainPublishList."""
        return f"{self.domain},{self.priority},{self.weight}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the item for a module result."""
        return {"domain": self.domain, "priority": self.priority, "weight": self.weight}


@dataclass(frozen=True)
class Publication:
    """The last publication in one domain. `code` is an unsigned HRESULT, or None if the publication succeeded."""

    domain: str
    time: datetime | None
    code: int | None = None


def parse_line(line: str) -> PublishedDomain | None:
    """Parse a line of DnsDomainPublishList. An invalid number counts as 0. None for a line without a domain."""
    domain, *numbers = (part.strip() for part in line.split(","))
    values = [int(text) if _NUMBER.fullmatch(text) else 0 for text in numbers[: _PARTS - 1]]
    return PublishedDomain(domain, *values) if domain else None


def parse_list(lines: Iterable[str]) -> tuple[PublishedDomain, ...]:
    """Return the domains of all lines, in order."""
    return tuple(entry for line in lines if (entry := parse_line(line)))


def same_list(one: Iterable[PublishedDomain], other: Iterable[PublishedDomain]) -> bool:
    """Return whether two lists publish the same records, in any order."""
    return _records(one) == _records(other)


def _records(entries: Iterable[PublishedDomain]) -> set[tuple[str | None, int, int]]:
    return {(hosts.normalize_name(entry.domain), entry.priority, entry.weight) for entry in entries}


def last_of_each_domain(session: CimSession, since: datetime, left_out: SkippedRecords | None = None) -> tuple[Publication, ...]:
    """Return the newest publication of every domain, newest first; none if the log cannot be read. One bounded query.

    `since` is a time of the clock of the machine.
    """
    left_out = left_out or SkippedRecords()
    try:
        found = event_log.read(session, APPLICATION, (FAILED, PUBLISHED), since, left_out=left_out)
    except CimError:
        return ()
    newest: dict[str | None, Publication] = {}
    for event, values in left_out.known(found):
        if values["domain"]:
            publication = Publication(values["domain"], event.time, values.get("result"))
            newest.setdefault(hosts.normalize_name(publication.domain), publication)
    return tuple(newest.values())
