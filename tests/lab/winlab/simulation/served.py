# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which classes a version of Windows has."""

from __future__ import annotations

from . import classes, classes_2003
from .provider import Served

VISTA = (6, 0)


def served(version: tuple[int, ...]) -> Served:
    """The classes of a version (major, minor, build)."""
    return classes_2003.SERVED if version < VISTA else classes.SERVED
