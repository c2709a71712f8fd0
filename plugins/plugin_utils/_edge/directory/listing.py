# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the activation objects of a forest, for a task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any

from ..._adba.explanation import summary
from .forest import Forest
from .opening import Options


def list_objects(options: Options) -> dict[str, Any]:
    """Return the result of the module adba_object_info. Raises InvalidOptionsError and DirectoryError."""
    with Forest(options) as forest:
        found = forest.objects()
        warnings = forest.warnings(found)
        return {
            "changed": False,
            "msg": summary(forest.directory, found),
            "directory": forest.described,
            "objects": [forest.describe(item) for item in found],
            **({"warnings": warnings} if warnings else {}),
        }


__all__ = ["list_objects"]
