# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of dynamic updates, read from named's log.

Measured on BIND 9.18: the category `update` says at severity info what each accepted update asked for, with the data of an addition
but without that of a deletion. What really changed is in category `general` at debug level 7, one line per record, when the journal is
written. named runs with one worker thread, so the lines of an update follow each other. An update that is refused, or whose prerequisite
fails, asks for nothing in this log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

LOGGING = (
    'channel updates {{ file "{file}"; severity debug 7; print-time iso8601-utc; }};'
    " category update {{ updates; }}; category general {{ updates; errors; }};"
)
"""For named.conf, after a channel named errors."""

_REQUEST = re.compile(
    r"(?P<time>\S+) client (?P<client>\S+ \S+?)(?:/key (?P<key>\S+?))?(?: \(\S+\))?: updating zone '(?P<zone>[^']+)/IN': (?P<what>.*)"
)
_ADDING = re.compile(r"adding an RR at '(?P<owner>\S+)' SRV (?P<data>.*)")
_DELETING = re.compile(r"(?:deleting an RR at|deleting rrset at|delete all rrsets from name) '?(?P<owner>[^ ']+)'?(?: SRV)?$")
_EFFECT = re.compile(r"\S+ (?P<sign>add|del) (?P<owner>\S+)\s+(?P<ttl>\d+)\s+IN\s+SRV\s+(?P<data>.*)")


@dataclass
class _Update:
    """One UPDATE message, as far as it is about SRV records."""

    zone: str
    client: str
    key: str
    time: str
    wishes: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, owner and data (empty for a deletion)."""
    gone: dict[str, str] = field(default_factory=dict)
    come: dict[str, str] = field(default_factory=dict)
    """TTL by data of what the journal took out and put in."""

    def entries(self) -> Iterator[dict[str, Any]]:
        """What was asked for, deletions with the data that went."""
        removed = [data for data in self.gone if data not in self.come]
        for kind, owner, data in self.wishes:
            if kind == "add":
                yield self._entry(kind, owner, data, data in self.come and self.gone.get(data) != self.come[data])
            elif kind == "delete" and removed:
                yield self._entry("delete", owner, removed.pop(0), True)
            elif kind == "delete all" and removed:
                yield from (self._entry("delete", owner, each, True) for each in removed)
                removed = []
            else:
                yield self._entry("delete", owner, None, False)

    def _entry(self, kind: str, owner: str, data: str | None, changed: bool) -> dict[str, Any]:
        return {"zone": self.zone, "kind": kind, "owner": owner, "data": data, "key": self.key, "time": self.time, "changed": changed}


def read_updates(lines: Iterable[str]) -> list[dict[str, Any]]:
    """All additions and deletions in order: zone, kind, owner, data, key, time (of the computer, UTC), and whether it changed anything.

    `data` is the record as text, None for a deletion that found nothing.
    """
    updates: list[_Update] = []
    for line in lines:
        _read(line.rstrip("\n"), updates)
    return [entry for update in updates for entry in update.entries()]


def _read(line: str, updates: list[_Update]) -> None:
    effect = _EFFECT.fullmatch(line)
    if effect is not None and updates:
        (updates[-1].come if effect["sign"] == "add" else updates[-1].gone)[_plain(effect["data"])] = effect["ttl"]
        return
    request = _REQUEST.fullmatch(line)
    wish = None if request is None else _wish(request["what"])
    if request is None or wish is None:
        return
    update = _Update(request["zone"], request["client"], request["key"] or "", request["time"])
    last = updates[-1] if updates else None
    if last is None or (last.zone, last.client, last.key) != (update.zone, update.client, update.key) or last.gone or last.come:
        updates.append(update)
    updates[-1].wishes.append(wish)


def _wish(what: str) -> tuple[str, str, str] | None:
    adding = _ADDING.fullmatch(what)
    if adding is not None:
        return "add", adding["owner"], _plain(adding["data"])
    deleting = _DELETING.fullmatch(what)
    if deleting is not None:
        return ("delete" if " an RR " in what else "delete all"), deleting["owner"], ""
    return None


def _plain(data: str) -> str:
    """Priority, weight, port and target without the final dot, in lower case: names in DNS have no case."""
    return data.strip().rstrip(".").casefold()
