# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a logon failed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LogonProblem:
    """The reason of a failed logon, without a period, and its next step."""

    reason: str
    step: str


__all__ = ["LogonProblem"]
