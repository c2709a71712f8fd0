# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of rearms, which are the same in every display language.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Event 12306: a rearm was done (application, product, rearms left). Event 12307: a rearm was skipped because of SkipRearm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..._cim.session import CimSession
from ..._licensing.events import log as event_log
from ..._licensing.events.catalog import APPLICATION

REARMED = 12306
SKIPPED = 12307


@dataclass(frozen=True)
class Rearmed:
    """Event 12306 or 12307. IDs are in lower case. `activation_id` is None for a whole application. `left` is None if it is not known."""

    skipped: bool
    application_id: str
    activation_id: str | None
    left: int | None


def since(session: CimSession, moment: datetime) -> tuple[Rearmed, ...]:
    """Read the rearms since a time of the clock of the machine, newest first. Raises CimError and UnreachableError."""
    found = event_log.read(session, APPLICATION, (REARMED, SKIPPED), moment)
    return tuple(
        Rearmed(
            event.id == SKIPPED, event.values["application_id"] or "", event.values["activation_id"], event.values.get("remaining_rearms")
        )
        for event in found
        if event.values
    )
