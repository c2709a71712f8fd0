# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who made the request that is being served, for what a machine does elsewhere in his name."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """An account of a machine as it logged on."""

    user: str
    delegates: bool
    """Whether the machine can log on elsewhere as the caller: CredSSP, or Kerberos with a forwarded ticket."""


CALLER: ContextVar[Caller | None] = ContextVar("CALLER", default=None)
"""Set for each request over the network. None: somebody at the machine itself, with its first account."""
