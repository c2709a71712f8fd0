# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a KMS host says of its own SRV records: where it publishes them, and how that went the last time.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Event 12293 of the log Application says that publishing failed, 12294 that it worked. DnsDomainPublishList holds a line "domain" or
"domain,priority,weight" each.
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
"""A host publishes every 24 hours and when sppsvc starts: two rounds, and an hour for a machine that sleeps in between."""

_PARTS = 3
_NUMBER = re.compile("[0-9]{1,5}")


@dataclass(frozen=True)
class PublishedDomain:
    """A DNS domain a host publishes itself in, and the numbers of its SRV record there."""

    domain: str
    priority: int = 0
    weight: int = 0

    @property
    def line(self) -> str:
        """As DnsDomainPublishList holds it."""
        return f"{self.domain},{self.priority},{self.weight}"

    def as_dict(self) -> dict[str, str | int]:
        """For the results."""
        return {"domain": self.domain, "priority": self.priority, "weight": self.weight}


@dataclass(frozen=True)
class Publication:
    """How publishing in one domain went the last time; `code` is an unsigned HRESULT, None when it worked."""

    domain: str
    time: datetime | None
    code: int | None = None


def parse_line(line: str) -> PublishedDomain | None:
    """A line of DnsDomainPublishList; numbers that are none count as 0, a line without a domain is None."""
    domain, *numbers = (part.strip() for part in line.split(","))
    values = [int(text) if _NUMBER.fullmatch(text) else 0 for text in numbers[: _PARTS - 1]]
    return PublishedDomain(domain, *values) if domain else None


def parse_list(lines: Iterable[str]) -> tuple[PublishedDomain, ...]:
    """All lines that name a domain, in their order."""
    return tuple(entry for line in lines if (entry := parse_line(line)))


def same_list(one: Iterable[PublishedDomain], other: Iterable[PublishedDomain]) -> bool:
    """Whether two lists publish the same records; the order of the lines means nothing."""
    return _comparable(one) == _comparable(other)


def _comparable(entries: Iterable[PublishedDomain]) -> set[tuple[str | None, int, int]]:
    return {(hosts.normalize_name(entry.domain), entry.priority, entry.weight) for entry in entries}


def last_of_each_domain(session: CimSession, since: datetime, left_out: SkippedRecords | None = None) -> tuple[Publication, ...]:
    """The newest event of every domain since a moment of the machine's clock, newest first. One bounded query.

    A log that cannot be read tells nothing.
    """
    left_out = left_out or SkippedRecords()
    try:
        found = event_log.read(session, APPLICATION, (FAILED, PUBLISHED), since, left_out=left_out)
    except CimError:
        return ()
    newest: dict[str | None, Publication] = {}
    for event, values in left_out.known(found):
        if values["domain"]:
            told = Publication(values["domain"], event.time, values.get("result"))
            newest.setdefault(hosts.normalize_name(told.domain), told)
    return tuple(newest.values())
