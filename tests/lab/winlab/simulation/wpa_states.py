# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states an estate file may put a Windows Server 2003 in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from . import wpa
from .computer import Computer
from .states import Begin, KmsPeer, Options


def _retail_unactivated(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    """The 30 days run."""
    wpa.install(computer, key=options.key)


def _grace_over(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    """The 30 days ended yesterday."""
    wpa.install(computer, key=options.key).grace_ends -= wpa.GRACE + timedelta(days=1)


def _activated(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    """Activated before the story begins, at the price of one activation."""
    wpa.install(computer, key=options.key).required = False
    key = wpa.lab_key(computer)
    if key is not None:
        key.count(computer.name)


def _volume_media(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    """Installed from volume media, which need no activation."""
    wpa.install(computer, volume=True)


STATES: Mapping[str, Begin] = {
    "retail_unactivated": _retail_unactivated,
    "grace_over": _grace_over,
    "activated": _activated,
    "volume_media": _volume_media,
}
