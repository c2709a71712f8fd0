# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The revision of a build (UBR): what cumulative updates raise, since Windows 10.

It is in the registry only: Win32_OperatingSystem.Version has no revision. Data: data/build_revisions.json; the README says
how sure each number is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .editions import Os
from .facts import read_facts

_FACTS = read_facts("build_revisions")
MEDIA: Mapping[int, int] = {int(build): revision for build, revision in _FACTS["media"].items()}
"""The revision that Windows has as its media install it, by build."""
CUMULATIVE_UPDATES: Mapping[str, tuple[int, int]] = {update: (pair[0], pair[1]) for update, pair in _FACTS["cumulative_updates"].items()}
"""Cumulative updates that matter to licensing, with the build and the revision that each brings."""


def shows_revision(os: Os) -> bool:
    """Whether the registry of this Windows has a revision."""
    return os.generation >= (10, 0)


def of_media(os: Os) -> int:
    """The revision of a new installation."""
    return MEDIA.get(os.build, 1)


def brought_by(os: Os, updates: Iterable[str]) -> int:
    """The highest revision that these updates bring to this Windows, 0 when none of them brings one."""
    found = (CUMULATIVE_UPDATES[update] for update in updates if update in CUMULATIVE_UPDATES)
    return max((revision for build, revision in found if build == os.build), default=0)


def with_updates(os: Os, updates: Iterable[str]) -> int:
    """The revision of a new installation that got these updates."""
    return max(of_media(os), brought_by(os, updates))
