# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identifiers a machine has: CMID, extended PIDs, installation IDs. Made from names, so the same in every run."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

from .catalog import CSVLK, GVLK, LAB, MAK, Sku
from .editions import Os

_HOST_OS = {(6, 1): "55041", (6, 2): "05426", (6, 3): "06401", (10, 0): "03612"}


def digits(count: int, *parts: object) -> str:
    """`count` decimal digits that depend only on the parts."""
    seed = hashlib.sha512("/".join(str(part) for part in parts).encode()).digest()
    return "".join(str(byte % 10) for byte in seed[:count])


def machine_uuid(*parts: object) -> str:
    """A GUID that depends only on the parts."""
    return str(uuid.uuid5(LAB, "/".join(str(part) for part in parts)))


def check_digit(group: str) -> str:
    """Check digit of one group of an installation or confirmation ID (licensing facts section 3)."""
    return str(sum(int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(group)) % 7)


def with_check_digits(groups: int, size: int, *parts: object) -> str:
    """An ID of up to ten `groups` of `size` digits, 6 or 7, whose last digits are the check digits."""
    bodies = digits(groups * (size - 1), *parts)
    made = [bodies[start : start + size - 1] for start in range(0, len(bodies), size - 1)]
    return "".join(body + check_digit(body) for body in made)


def wrong_groups(text: str, size: int) -> list[int]:
    """Numbers, from 1 on, of the groups of `size` digits whose check digit does not fit."""
    groups = [text[start : start + size] for start in range(0, len(text), size)]
    return [number for number, group in enumerate(groups, 1) if check_digit(group[:-1]) != group[-1]]


def installation_id(os: Os, machine: str, hardware_changes: int, sku: Sku, key: str) -> str:
    """OfflineInstallationId: 63 digits from Windows 10 on, 54 before.

    It depends on the hardware (the machine and how often it changed), the license and the key (licensing facts section 3).
    """
    modern = os.generation >= (10, 0)
    return with_check_digits(9, 7 if modern else 6, "iid", machine, hardware_changes, sku.id, key)


def confirmation_id(iid: str, groups: int = 8) -> str:
    """The confirmation ID Microsoft's telephone service of the lab answers with: 8 groups of 6, 7 for Windows Server 2003."""
    return with_check_digits(groups, 6, "cid", iid)


def extended_pid(os: Os, machine: str, sku: Sku, key: str, *, when: datetime, lcid: int) -> str:
    """ProductKeyID: host OS, group, key serial, license channel, language, build, date of installation."""
    channel = "03" if sku.channel in (GVLK, MAK, CSVLK) else "02" if sku.channel.startswith("oem") else "00"
    group = digits(5, "group", sku.id)
    serial = digits(9, "serial", "" if sku.channel == GVLK else key, machine)
    day = f"{when.timetuple().tm_yday:03d}{when.year}"
    return f"{_HOST_OS[os.generation]}-{group}-{serial[:3]}-{serial[3:]}-{channel}-{lcid}-{os.build}.0000-{day}"


def product_id(os: Os, sku: Sku, machine: str) -> str:
    """The old form of the product ID, as ProductKeyID2 and the registry show it."""
    return f"{digits(5, 'pid', os.edition.edition_id)}-{digits(5, 'chan', sku.channel)}-{digits(5, machine)}-AA{digits(3, machine, 'tail')}"
