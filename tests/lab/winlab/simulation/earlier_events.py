# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of an estate file: what is in a machine's log when the story begins."""

from __future__ import annotations

from datetime import timedelta

from .computer import Computer
from .estate_file import Node
from .eventlog import PROVIDER_SOURCE
from .facts import events

_ENTRIES = ("id", "strings", "minutes_ago", "source")


def earlier_events(node: Node, computer: Computer) -> None:
    """Write the events an entry lists into the machine's log, in their order; raises EstateError for one nobody can have written."""
    for item in node.items():
        item.mapping(_ENTRIES)
        number, source = item.child("id").integer(0, 65535), item.child("source", PROVIDER_SOURCE).text()
        if source == PROVIDER_SOURCE and number not in events():
            raise item.child("id").fail(f"{number} is no event of the licensing service")
        strings = tuple(part.text() if part.value else "" for part in item.child("strings", []).items())
        ago = timedelta(minutes=item.child("minutes_ago", 0).number())
        computer.events.put(number, computer.now() - ago, strings, source)
