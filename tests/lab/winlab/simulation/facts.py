# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's copy of the facts about Windows, read once.

Made from the shared facts by tests/lab/tools/make_data.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "data"

WINDOWS = "55c92734-d682-4d71-983e-d6ec3f16059f"
OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663"
OFFICE_2010 = "59a52881-a989-479d-af46-f275c6370663"


def read_facts(name: str) -> Any:
    """A JSON file of the lab's data folder."""
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


@dataclass(frozen=True)
class SetupKey:
    """A GVLK, the public KMS client setup key, and what it fits."""

    family: str
    edition: str
    key: str
    kind: str
    application_id: str
    edition_id: str | None = None
    build_min: int | None = None
    build_max: int | None = None
    product_type: str | None = None
    office_version: int | None = None

    def fits(self, edition_id: str, build: int, server: bool) -> bool:
        """Whether Windows of this EditionID and build takes the key."""
        return (
            self.edition_id == edition_id
            and self.product_type == ("server" if server else "client")
            and (self.build_min or 0) <= build
            and (self.build_max is None or build <= self.build_max)
        )


@dataclass(frozen=True)
class EventFacts:
    """EventIdentifier, severity and log of one event of the licensing service."""

    identifier: int
    severity: str
    log: str


@cache
def setup_keys() -> tuple[SetupKey, ...]:
    """All GVLKs Microsoft publishes, Windows and Office."""
    return tuple(SetupKey(**entry) for entry in read_facts("setup_keys"))


@cache
def events() -> dict[int, EventFacts]:
    """Events by number."""
    return {int(number): EventFacts(**entry) for number, entry in read_facts("events").items()}
