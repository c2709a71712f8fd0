# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The type of the running lab."""

from __future__ import annotations

from typing import Any

from winlab.client import LabClient

Lab = tuple[LabClient, dict[str, dict[str, Any]]]
"""The lab, and the variables of each machine in its inventory."""
