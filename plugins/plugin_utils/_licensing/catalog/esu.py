# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programmes of Extended Security Updates (ESU) that have a key.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The table is ``data/esu.json``, with its sources. Each year of a programme is an add-on license of Windows, which has its own key beside the
key of Windows. A machine has the license, without a key, after the updates that prepare it for the programme are installed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from ..state.model import LicensedProduct, OperatingSystem

_DATA = Path(__file__).parent / "data" / "esu.json"


@dataclass(frozen=True)
class EsuUpdate:
    """An update that brings the license. `revision` is the lowest revision of the build with the update; None if no build shows it."""

    name: str
    revision: int | None = None


@dataclass(frozen=True)
class EsuSystem:
    """A Windows that a programme is for. `is_server` None means clients and servers. `older_builds` must be updated to `builds` first."""

    name: str
    is_server: bool | None
    builds: frozenset[int]
    older_builds: frozenset[int]
    updates: tuple[EsuUpdate, ...]

    def covers(self, os: OperatingSystem) -> bool:
        """Return whether a machine runs this Windows."""
        return os.build in self.builds and self._is_type_of(os)

    def precedes(self, os: OperatingSystem) -> bool:
        """Return whether a machine runs an older build of this Windows."""
        return os.build in self.older_builds and self._is_type_of(os)

    def _is_type_of(self, os: OperatingSystem) -> bool:
        return self.is_server is None or self.is_server == os.is_server


@dataclass(frozen=True)
class Programme:
    """One year of a programme. `ends` is the last day of the year. `excluded_editions` are EditionIDs with another servicing channel."""

    name: str
    line: str
    title: str
    year: int
    activation_id: str
    ends: date
    systems: tuple[EsuSystem, ...]
    excluded_editions: frozenset[str]

    def __str__(self) -> str:
        return f"Extended Security Updates for {self.title}, year {self.year} ({self.name})"

    def system_of(self, os: OperatingSystem) -> EsuSystem | None:
        """Return the Windows of a machine if the programme is for it; None if not."""
        return next((system for system in self.systems if system.covers(os)), None)

    def older_system_of(self, os: OperatingSystem) -> EsuSystem | None:
        """Return the Windows that a machine must be updated to before the programme is for it; None if there is none."""
        return next((system for system in self.systems if system.precedes(os)), None)

    def excludes(self, edition_id: str | None) -> bool:
        """Return whether the programme does not cover an edition, because the edition has another servicing channel (LTSC)."""
        return edition_id in self.excluded_editions

    @property
    def end_timestamp(self) -> int:
        """Return the end of the last day of the year in UTC, in seconds since 1970."""
        return int(datetime.combine(self.ends, datetime.min.time(), timezone.utc).timestamp()) + 24 * 60 * 60

    def has_ended(self, now: datetime) -> bool:
        """Return whether the last day of the year is over in UTC."""
        return now.astimezone(timezone.utc).date() > self.ends


def label_of(product: LicensedProduct) -> str:
    """Return the name of a product for messages. The name of an add-on lists all its editions, so that the programme is shorter."""
    return short_name(product.activation_id) or product.name


def short_name(activation_id: str | None) -> str | None:
    """Return the name of an add-on by its programme, for messages; None for any other product."""
    programme = of_id(activation_id)
    return f"Extended Security Updates ({programme.name})" if programme else None


def names() -> tuple[str, ...]:
    """Return the names of all programmes and years, in the order of the documentation."""
    return tuple(_BY_NAME)


def named(name: str) -> Programme:
    """Return the programme with this name. Raises KeyError."""
    return _BY_NAME[name]


def of_id(activation_id: str | None) -> Programme | None:
    """Return the programme with this activation ID, in the form of the model; None for any other ID."""
    return _BY_ID.get(activation_id or "")


def for_system(os: OperatingSystem) -> tuple[Programme, ...]:
    """Return the programmes for the Windows of a machine."""
    return tuple(programme for programme in _BY_NAME.values() if programme.system_of(os))


def years_of(programme: Programme) -> tuple[Programme, ...]:
    """Return all years of the same line, the first year first."""
    return tuple(each for each in _BY_NAME.values() if each.line == programme.line)


def current_year(programme: Programme, now: datetime) -> Programme | None:
    """Return the year of the same line that includes this time, or None if all years have ended."""
    return next((each for each in years_of(programme) if not each.has_ended(now)), None)


def _programmes(fact: Mapping[str, Any]) -> Iterable[Programme]:
    systems = tuple(map(_system, fact["systems"]))
    for year in fact["years"]:
        yield Programme(
            name=f"{fact['name']}_year_{year['year']}",
            line=fact["name"],
            title=fact["title"],
            year=year["year"],
            activation_id=year["activation_id"],
            ends=date.fromisoformat(year["ends"]),
            systems=systems,
            excluded_editions=frozenset(fact["excluded_editions"]),
        )


def _system(fact: Mapping[str, Any]) -> EsuSystem:
    kind = fact["product_type"]
    return EsuSystem(
        name=fact["name"],
        is_server=None if kind is None else kind == "server",
        builds=frozenset(fact["builds"]),
        older_builds=frozenset(fact["older_builds"]),
        updates=tuple(EsuUpdate(update["id"], update["revision"]) for update in fact["updates"]),
    )


# Ansible imports an action plugin before it forks. The table is therefore read once, and not for every machine.
_BY_NAME = {
    programme.name: programme for fact in json.loads(_DATA.read_text(encoding="utf-8"))["programmes"] for programme in _programmes(fact)
}
_BY_ID = {programme.activation_id: programme for programme in _BY_NAME.values()}
