# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of the licensing service: names, meanings, and the fields in their insertion strings.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The table is data/events.json. Numbers, severities, and layouts are from the message tables of sppsvc.exe 6.1 to 10.0. The texts were
written for this collection. The layout of an event without fields is not known, so the modules return only its strings.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).parent / "data" / "events.json"

APPLICATION, KEY_MANAGEMENT_SERVICE = "application", "key_management_service"
LOGS: Mapping[str, str] = {APPLICATION: "Application", KEY_MANAGEMENT_SERVICE: "Key Management Service"}
"""The values of the option, with the names of the logs on the machine, which are the same in every display language."""

SOURCES = (
    "Microsoft-Windows-Security-SPP",
    "Software Protection Platform Service",
    "Microsoft-Windows-Security-Licensing-SLC",
    "Software Licensing Service",
    "Office Software Protection Platform Service",
    "KmsRequests",
)
"""The sources: the provider and its classic name, those of Vista, that of Office before Windows 8, and that of the KMS log.

Other sources, such as Volume Shadow Copy and the installer, use the same numbers in the log Application.
"""


@dataclass(frozen=True)
class Field:
    """One field of an event: its name in the results and its type."""

    name: str
    type: str
    optional: bool = False


@dataclass(frozen=True)
class EventKind:
    """The data of one event ID. If `in_one_string` is true, the first insertion string contains all fields, separated by commas.

    `harmless_results` are the codes with which the event does not show a problem.
    """

    id: int
    name: str
    severity: str
    log: str
    meaning: str
    fields: tuple[Field, ...]
    in_one_string: bool
    harmless_results: frozenset[int] = frozenset()

    def is_harmless(self, values: Mapping[str, Any] | None) -> bool:
        """Return whether an event with these values can be ignored, whatever its severity is."""
        return (values or {}).get("result") in self.harmless_results


@functools.lru_cache(maxsize=1)
def catalog() -> Mapping[int, EventKind]:
    """Return every known event by its ID."""
    entries = json.loads(_TABLE.read_text(encoding="utf-8"))["events"]
    return {
        int(number): EventKind(
            id=int(number),
            name=entry["name"],
            severity=entry["severity"],
            log=entry["log"],
            meaning=entry["meaning"],
            fields=tuple(Field(**field) for field in entry.get("fields", ())),
            in_one_string=entry.get("in_one_string", False),
            harmless_results=frozenset(int(code, 16) for code in entry.get("harmless_results", ())),
        )
        for number, entry in entries.items()
    }
