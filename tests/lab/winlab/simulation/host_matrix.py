# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Windows takes which KMS host key, and with which update. Facts: licensing section 7.

What the facts do not list is refused: Windows 8 and 11 host nothing, and no host key of an older Windows fits a newer one.
"""

from __future__ import annotations

from collections.abc import Mapping

from .editions import Os, Release

HOSTS: Mapping[str, Mapping[str, str]] = {
    "Windows 7": {"Windows 7": ""},
    "Server 2008 R2 A": {"Server 2008 R2": ""},
    "Server 2008 R2 B": {"Server 2008 R2": ""},
    "Server 2008 R2 C": {"Server 2008 R2": ""},
    "Server 2012": {"Server 2012": "", "Server 2008 R2": "KB2757817"},
    "Server 2012 R2": {"Server 2012 R2": "", "Server 2012": "KB3172615", "Server 2008 R2": "KB3079821"},
    "Server 2012 R2 for Windows 10": {"Server 2012 R2": "KB3172614", "Server 2012": "KB3172615", "Server 2008 R2": "KB3079821"},
    "Windows 10": {"Windows 10": "", "Windows 8.1": "KB3172614", "Windows 7": "KB3079821"},
    "Server 2016": {"Server 2016": "", "Server 2012 R2": "KB3172614", "Server 2012": "KB3172615"},
    "Server 2019": {"Server 2019": "", "Server 2016": "KB4478877", "Server 2012 R2": "KB4467695"},
    "Server 2022": {"Server 2022": "", "Server 2019": "KB5003646", "Server 2016": "KB5003638"},
    "Server 2025": {"Server 2025": "", "Server 2022": "KB5034765", "Server 2019": "KB5034768"},
}
"""Host key to the releases that take it and the update each needs, "" for none."""

OFFICE_LEAST: Mapping[str, tuple[int, str]] = {
    "Office 2016": (1, "Windows 7"),
    "Office 2019": (2, "Windows 8.1"),
    "Office LTSC 2021": (4, "Windows 10"),
    "Office LTSC 2024": (6, "Windows 10"),
}
"""Office host key to the lowest `kms_level` of a server and the earliest client release its license pack installs on."""


def _plain(release: Release) -> str:
    """The release without the words of a long-term servicing channel."""
    return release.name.partition(" Enterprise")[0]


def update_for(os: Os, key: str) -> str | None:
    """The update this Windows needs for a host key, "" for none; None when it does not take the key at all."""
    return HOSTS.get(key, {}).get(_plain(os.release)) if can_host(os) else None


def can_host(os: Os) -> bool:
    """Whether the edition can be a KMS host: not an evaluation, an Azure Edition or a Home edition."""
    edition = os.edition.edition_id
    return not (os.evaluation or edition == "ServerTurbine" or edition.startswith(("Core", "Home")))


def takes_pack(os: Os, family: str) -> bool:
    """Whether the volume license pack of an Office generation installs on this Windows."""
    level, client = OFFICE_LEAST[family]
    order = ("Windows 7", "Windows 8", "Windows 8.1", "Windows 10", "Windows 11")
    if os.server:
        return can_host(os) and os.release.kms_level >= level
    return can_host(os) and order.index(_plain(os.release)) >= order.index(client)
