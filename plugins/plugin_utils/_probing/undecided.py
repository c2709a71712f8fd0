# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find probes that do not show whether there is a KMS host, so that the host is not treated as failed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are probes as kms_endpoint_info and kms_srv_record_info return them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...module_utils._kms.status import NOT_PROBED, ProbeStatus
from .._task_results import Result

UNDECIDED_STATUSES = frozenset(status.value for status in NOT_PROBED | {ProbeStatus.BUSY})
"""Statuses of a probe that do not show whether there is a KMS host."""


def undecided(probes: Iterable[Result]) -> list[dict[str, Any]]:
    """Return the probes with one of these statuses."""
    return [dict(probe) for probe in probes if probe["status"] in UNDECIDED_STATUSES]
