# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Product Activation, as Windows Server 2003 has it in place of the licensing service: its state and operations.

Facts: licensing sections 1 and 3, and Microsoft's article 824345. Which codes the methods fail with is not documented; here an operation
is refused and says no more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .catalog import RETAIL
from .editions import Os, parse_os
from .identity import confirmation_id, digits, with_check_digits
from .keys import FORM, LabKey
from .telephone_activation import Caller

if TYPE_CHECKING:
    from .computer import Computer

GRACE = timedelta(days=30)
HARDWARE_GRACE = timedelta(days=3)
"""What is left to an activated machine whose hardware changed: general knowledge."""
FIX = "KB824345"
"""Without it no confirmation ID is right once the grace period is over."""
_WITHOUT_HYPHENS = 25
GROUPS = 7
"""Groups of 6 digits of a confirmation ID."""


class Refused(Exception):
    """An operation did nothing."""


@dataclass
class WpaState:
    """Activation of one machine. `grace_ends` counts only while activation is `required`, which volume media never need."""

    key: str = field(repr=False)
    required: bool
    grace_ends: datetime
    volume: bool = False
    notification: bool = True
    installation_id: str = ""
    """The one fetched last, to which a confirmation ID must belong; empty when there is none or it counts no more."""
    fetched: int = 0

    def days_left(self, now: datetime) -> int:
        """Whole days of grace, the last one begun included; 0 when it is over or activation is not required."""
        return max(0, math.ceil((self.grace_ends - now) / timedelta(days=1))) if self.required else 0

    def over(self, now: datetime) -> bool:
        """Whether activation is required and the grace period has ended."""
        return self.required and now >= self.grace_ends


def state_of(computer: Computer) -> WpaState:
    """The state of a machine that has Windows Product Activation."""
    assert computer.wpa is not None
    return computer.wpa


def product_name(os: Os) -> str:
    """The product as an estate file names it."""
    return f"{os.release.name} {os.edition.name}"


def install(computer: Computer, *, volume: bool = False, key: str = "") -> WpaState:
    """What setup leaves: 30 days of grace with a retail key, or volume media that need no activation."""
    key = "" if volume else key or computer.context.keys.for_product(RETAIL, product_name(computer.os)).key
    computer.wpa = WpaState(key, not volume, computer.now() + GRACE, volume)
    return computer.wpa


def product_id(computer: Computer) -> str:
    """The product ID: xxxxx-xxx-xxxxxxx-xxxxx, 640 in its second group for volume media."""
    state = state_of(computer)
    number = digits(20, "product id", computer.installation, state.key)
    return f"{number[:5]}-{'640' if state.volume else number[5:8]}-{number[8:15]}-{number[15:]}"


def lab_key(computer: Computer) -> LabKey | None:
    """The key with what Microsoft counted of it; None for volume media and keys of nobody."""
    return computer.context.keys.of(state_of(computer).key)


def _due(computer: Computer) -> WpaState:
    """The state while activation is required; refuses otherwise."""
    state = state_of(computer)
    if not state.required:
        raise Refused
    return state


def _activated(state: WpaState) -> None:
    state.required, state.installation_id = False, ""


def activate_online(computer: Computer) -> None:
    """ActivateOnline: counts one activation."""
    state, key = _due(computer), lab_key(computer)
    reached = computer.internet and not computer.fault("no_internet")
    if not reached or key is None or key.blocked or key.used_up or computer.fault("key_blocked"):
        raise Refused
    key.count(computer.name)
    _activated(state)


def fetch_installation_id(computer: Computer) -> str:
    """GetInstallationID: a new one at every call, which makes the former worthless."""
    state = _due(computer)
    state.fetched += 1
    state.installation_id = with_check_digits(9, 6, "wpa", computer.installation, computer.hardware_changes, state.key, state.fetched)
    computer.context.telephone_activation.register(state.installation_id, Caller(computer.name, state.key, RETAIL, GROUPS))
    return state.installation_id


def activate_offline(computer: Computer, confirmation: str) -> None:
    """ActivateOffline: takes the confirmation ID of the installation ID fetched last, digits only. Counts nothing itself."""
    state = _due(computer)
    defect = state.over(computer.now()) and FIX not in computer.updates
    if defect or not state.installation_id or confirmation != confirmation_id(state.installation_id, GROUPS):
        raise Refused
    _activated(state)


def set_key(computer: Computer, text: str) -> None:
    """SetProductKey, only while activation is required; a key with its hyphens or without."""
    state = _due(computer)
    if len(text) == _WITHOUT_HYPHENS and "-" not in text:
        text = "-".join(text[start : start + 5] for start in range(0, _WITHOUT_HYPHENS, 5))
    key = computer.context.keys.of(text) if FORM.fullmatch(text) else None
    blocked = computer.context.faults.get(computer.name, "key_blocked")
    at_install = blocked is not None and blocked.get("at", "install") == "install"
    if key is None or at_install or key.blocked == "install" or not _fits(key, computer.os):
        raise Refused
    state.key, state.installation_id = text, ""


def _fits(key: LabKey, os: Os) -> bool:
    """Whether the key is a retail one for this edition."""
    return key.channel == RETAIL and any(parse_os(product).caption == os.caption for product in key.fits)


def set_notification(computer: Computer, enable: int) -> None:
    """SetNotification: no effect unless activation is required."""
    state = state_of(computer)
    if state.required:
        state.notification = enable != 0


def change_hardware(computer: Computer) -> None:
    """The hardware is not what was activated: activation is required again, within three days. Volume media do not care."""
    state = state_of(computer)
    state.installation_id = ""
    if not state.required and not state.volume:
        state.required, state.grace_ends = True, computer.now() + HARDWARE_GRACE


def update_installed(computer: Computer, update: str) -> None:
    """The fix gives 30 days of grace again at the restart it asks for."""
    state = state_of(computer)
    if update == FIX and state.required:
        state.grace_ends = computer.now() + GRACE


def restart(computer: Computer) -> None:
    """All services run again; there is nothing else that waits for a restart."""
    computer.stopped.clear()
    computer.note_start()
