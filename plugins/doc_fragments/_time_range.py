# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Option for the period of the modules that read events."""

from __future__ import annotations


class ModuleDocFragment:
    """The period in which a module reads events, with one attribute for each default."""

    EVENTS = r"""
options:
  since:
    description:
      - Start of the period in which the module reads events.
      - Must be a number of hours before the current time of the machine, such as V(24) or V(0.5), or a date or time in ISO 8601, such as
        V(2026-11-20T08:00:00Z). A time without an offset is in UTC.
      - If not specified, the module reads the last 24 hours, or a longer period with O(max_events).
    type: str
"""

    GENUINE = r"""
options:
  since:
    description:
      - Start of the period in which the module reads events.
      - Must be a number of hours before the current time of the machine, such as V(24) or V(0.5), or a date or time in ISO 8601, such as
        V(2026-11-20T08:00:00Z). A time without an offset is in UTC.
      - If not specified, the module reads the last 90 days.
    type: str
"""
