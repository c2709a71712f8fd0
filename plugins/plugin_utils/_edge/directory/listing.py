# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the activation objects of a forest, for a task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..._adba.explanation import describe_directory, summary, warnings_about
from ..._adba.model import describe
from ..._adba.reading import read_objects
from .opening import Options, learned_of, open_for


def list_objects(options: Options, now: datetime) -> dict[str, Any]:
    """Return the result of the module adba_object_info. Raises InvalidOptionsError and DirectoryError."""
    learned = learned_of(options)
    with open_for(options) as directory:
        found = read_objects(directory, learned)
        warnings = warnings_about(found)
        return {
            "changed": False,
            "msg": summary(directory, found),
            "directory": describe_directory(directory),
            "objects": [describe(item, directory.root.current_time or now) for item in found],
            **({"warnings": [f"{directory.facts.server}: {warning}" for warning in warnings]} if warnings else {}),
        }


__all__ = ["list_objects"]
