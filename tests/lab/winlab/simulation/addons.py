# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Licenses that stand beside that of Windows: Extended Security Updates (ESU).

An installation has the license of a programme once it has the preparation: an update, or from Windows 10 on a revision of
its build. Its key is installed beside the key of Windows and activated by itself. Data: data/esu.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .catalog import MAK, Sku, naming
from .editions import Os
from .facts import WINDOWS, read_facts

TITLE = "ESU "
"""How the title of a programme begins, as the keys of an estate file name it: "ESU Windows 10 year 1"."""


@dataclass(frozen=True)
class Preparation:
    """What makes the license known to an installation: an update, or at least this revision of exactly this build."""

    update: str = ""
    build: int = 0
    revision: int = 0

    def is_met(self, os: Os, updates: frozenset[str], ubr: int) -> bool:
        """Whether an installation has it."""
        return self.update in updates if self.update else os.build == self.build and ubr >= self.revision

    def __str__(self) -> str:
        return self.update or f"build {self.build}.{self.revision}"


@dataclass(frozen=True)
class Programme:
    """One year of Extended Security Updates for one line of Windows."""

    name: str
    title: str
    family: str
    activation_id: str
    editions: tuple[str, ...]
    preparations: Mapping[str, Preparation]
    """By release."""

    def covers(self, os: Os) -> bool:
        """Whether it is for this Windows. A long-term servicing channel is another release."""
        return os.release.name in self.preparations and os.edition.edition_id in self.editions


@cache
def programmes() -> Mapping[str, Programme]:
    """All programmes by name ("windows_10_year_1")."""
    found = [
        Programme(
            f"{line['programme']}_year_{year}", f"{TITLE}{line['title']} year {year}", line["family"].format(year), activation_id,
            tuple(line["editions"]), {release: Preparation(**needed) for release, needed in line["preparation"].items()},
        )
        for line in read_facts("esu")
        for year, activation_id in enumerate(line["activation_ids"], 1)
    ]  # fmt: skip
    return {programme.name: programme for programme in found}


def titles() -> tuple[str, ...]:
    """The titles of all programmes."""
    return tuple(programme.title for programme in programmes().values())


def is_prepared(programme: Programme, os: Os, updates: frozenset[str], ubr: int) -> bool:
    """Whether an installation knows the license of a programme."""
    return programme.covers(os) and programme.preparations[os.release.name].is_met(os, updates, ubr)


def _sku(programme: Programme, os: Os) -> Sku:
    name, description = naming(os.release)
    shown = f"{name}, {programme.family} add-on for {','.join(programme.editions)}"
    return Sku(programme.activation_id, shown, f"{description}, VOLUME_MAK channel", WINDOWS, programme.family, MAK, "Volume:MAK",
               title=programme.title, addon=True)  # fmt: skip


@cache
def addon_skus(os: Os, updates: frozenset[str], ubr: int) -> dict[str, Sku]:
    """The add-on licenses of an installation by activation ID."""
    prepared = [programme for programme in programmes().values() if is_prepared(programme, os, updates, ubr)]
    return {programme.activation_id: _sku(programme, os) for programme in prepared}
