# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Windows takes which KMS host key, and with which update. Facts: licensing section 7, Microsoft's pages about KMS planning.

From Server 2016 on an update is a revision of the build: what comes later has it, too. Before, an update is in the list of updates or
it is not. What the facts do not list is refused: no host key of an older Windows fits a newer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .build_revisions import CUMULATIVE_UPDATES
from .editions import Os, Release


@dataclass(frozen=True)
class Need:
    """What a Windows needs to take a host key: nothing, one of some updates, or the revision that the first of them brings."""

    updates: tuple[str, ...] = ()
    by_revision: bool = False

    def is_met(self, updates: frozenset[str], ubr: int) -> bool:
        """Whether an installation has it."""
        if self.by_revision:
            return ubr >= CUMULATIVE_UPDATES[self.updates[0]][1]
        return not self.updates or not updates.isdisjoint(self.updates)


def _one_of(*updates: str) -> Need:
    return Need(updates)


def _from(update: str) -> Need:
    return Need((update,), by_revision=True)


_NOTHING = Need()
_ROLLUPS_2012_R2 = _one_of("KB3172614", "KB4467695")
"""The second is a later monthly rollup."""

HOSTS: Mapping[str, Mapping[str, Need]] = {
    "Windows 7": {"Windows 7": _NOTHING},
    "Server 2008 R2 A": {"Server 2008 R2": _NOTHING},
    "Server 2008 R2 B": {"Server 2008 R2": _NOTHING},
    "Server 2008 R2 C": {"Server 2008 R2": _NOTHING},
    "Windows 8": {"Windows 8": _NOTHING, "Windows 7": _one_of("KB2757817", "KB3079821")},
    "Server 2012": {"Server 2012": _NOTHING, "Server 2008 R2": _one_of("KB2757817", "KB3079821")},
    "Windows 8.1": {"Windows 8.1": _NOTHING, "Windows 8": _one_of("KB2885698"), "Windows 7": _one_of("KB2885698")},
    "Server 2012 R2": {
        "Server 2012 R2": _NOTHING,
        "Server 2012": _one_of("KB3172615", "KB2885698"),
        "Server 2008 R2": _one_of("KB3079821", "KB2885698"),
    },
    "Server 2012 R2 for Windows 10": {
        "Server 2012 R2": _ROLLUPS_2012_R2,
        "Server 2012": _one_of("KB3172615"),
        "Server 2008 R2": _one_of("KB3079821"),
    },
    "Windows 10": {"Windows 10": _NOTHING, "Windows 8.1": _one_of("KB3172614"), "Windows 7": _one_of("KB3079821")},
    "Windows 11": {"Windows 11": _NOTHING},
    "Server 2016": {"Server 2016": _NOTHING, "Server 2012 R2": _ROLLUPS_2012_R2, "Server 2012": _one_of("KB3172615")},
    "Server 2019": {"Server 2019": _NOTHING, "Server 2016": _from("KB4478877"), "Server 2012 R2": _one_of("KB4467695")},
    "Server 2022": {"Server 2022": _NOTHING, "Server 2019": _from("KB5003646"), "Server 2016": _from("KB5003638")},
    "Server 2025": {"Server 2025": _NOTHING, "Server 2022": _from("KB5034765"), "Server 2019": _from("KB5034768")},
}
"""Host key to the releases that take it and what each needs."""

OFFICE_LEAST: Mapping[str, tuple[int, str]] = {
    "Office 2010": (1, "Windows 7"),
    "Office 2013": (1, "Windows 7"),
    "Office 2016": (1, "Windows 7"),
    "Office 2019": (2, "Windows 8.1"),
    "Office LTSC 2021": (4, "Windows 10"),
    "Office LTSC 2024": (6, "Windows 10"),
}
"""Office host key to the lowest `kms_level` of a server and the earliest client release its license pack installs on."""


def _plain(release: Release) -> str:
    """The release without the words of a long-term servicing channel."""
    return release.name.partition(" Enterprise")[0]


def need_of(os: Os, key: str) -> Need | None:
    """What this Windows needs to take a host key; None when it does not take the key at all."""
    return HOSTS.get(key, {}).get(_plain(os.release)) if can_host(os) else None


def takes_key(os: Os, key: str, updates: frozenset[str], ubr: int) -> bool:
    """Whether this Windows takes a host key as it is."""
    need = need_of(os, key)
    return need is not None and need.is_met(updates, ubr)


def can_host(os: Os) -> bool:
    """Whether the edition can be a KMS host: not an evaluation, an Azure Edition or a Home edition."""
    edition = os.edition.edition_id
    return not (os.evaluation or edition == "ServerTurbine" or edition.startswith(("Core", "Home")))


def takes_pack(os: Os, family: str) -> bool:
    """Whether the volume license pack of an Office generation installs on this Windows."""
    if family == "Office 2010" and os.generation > (6, 1):
        return False
    level, client = OFFICE_LEAST[family]
    order = ("Windows 7", "Windows 8", "Windows 8.1", "Windows 10", "Windows 11")
    if os.server:
        return can_host(os) and os.release.kms_level >= level
    return can_host(os) and order.index(_plain(os.release)) >= order.index(client)
