# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS host role: who is counted, who is activated, what the counters say.

Facts: licensing sections 2 and 7. Unique CMIDs of the last 30 days count; the cache holds twice the largest threshold asked
for; a request below the threshold is still counted. This is a model of the outcome only: no KMS message is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .catalog import HostKey, Sku
from .facts import WINDOWS
from .state import HostRole

REMEMBERED = timedelta(days=30)
CLIENT_THRESHOLD, OFFICE_THRESHOLD = 25, 5
CLOCK_TOLERANCE = timedelta(hours=4)

SL_E_VL_NOT_ENOUGH_COUNT = 0xC004F038
SL_E_VL_BINDING_SERVICE_NOT_ENABLED = 0xC004F039
SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED = 0xC004F041
SL_E_VL_KEY_MANAGEMENT_SERVICE_ID_MISMATCH = 0xC004F042
SL_E_VL_INVALID_TIMESTAMP = 0xC004F06C

REFUSALS = frozenset(
    (
        SL_E_VL_NOT_ENOUGH_COUNT,
        SL_E_VL_BINDING_SERVICE_NOT_ENABLED,
        SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED,
        SL_E_VL_KEY_MANAGEMENT_SERVICE_ID_MISMATCH,
        SL_E_VL_INVALID_TIMESTAMP,
    )
)
"""What a host that answers may say instead of yes."""

_GROUPS = {"ServerWeb": "A", "ServerHPC": "A", "ServerStandard": "B", "ServerEnterprise": "B", "ServerDatacenter": "C"}


@dataclass(frozen=True)
class Request:
    """What a client tells a host."""

    client: str
    cmid: str
    sku: Sku
    server: bool
    virtual: bool
    status: int
    minutes_left: int
    time: datetime


def covers(key: HostKey, sku: Sku, server: bool) -> bool:
    """Whether a host key activates this license: its generation and older ones, its group on 2008 R2, clients only for client keys."""
    level = key.level if server else key.client_level or key.level
    if not key.oldest <= sku.kms_level <= level or (server and not key.servers):
        return False
    if server and sku.kms_level == 1 and key.level == 1:
        return _GROUPS.get(sku.family, "C") <= key.group
    return True


def new_role(sku: Sku, outside_clients: int) -> HostRole:
    """What a KMS host begins with: nobody but the clients of the organization that are not in the estate file."""
    threshold = OFFICE_THRESHOLD if sku.application_id != WINDOWS else CLIENT_THRESHOLD if outside_clients > 10 else 0
    return HostRole(outside_clients=outside_clients, largest_threshold=threshold if outside_clients else 0)


def prune(role: HostRole, now: datetime) -> None:
    """Forget clients not seen for 30 days."""
    for cmid in [cmid for cmid, seen in role.seen.items() if now - seen > REMEMBERED]:
        del role.seen[cmid]


def current_count(role: HostRole, now: datetime, forced: int | None = None) -> int:
    """KeyManagementServiceCurrentCount: unique clients, at most twice the largest threshold."""
    if forced is not None:
        return forced
    prune(role, now)
    return min(role.outside_clients + len(role.seen), 2 * (role.largest_threshold or CLIENT_THRESHOLD))


def remember(role: HostRole, cmid: str, required_count: int, now: datetime) -> None:
    """Keep a client's CMID; a full cache takes no new one."""
    role.largest_threshold = max(role.largest_threshold, required_count)
    if cmid in role.seen or len(role.seen) < 2 * role.largest_threshold:
        role.seen[cmid] = now


def note(role: HostRole, request: Request, now: datetime) -> None:
    """Count a request that the host could process. When the cache is full new clients are activated but not remembered."""
    prune(role, now)
    role.total += 1
    role.by_status[request.status] += 1
    remember(role, request.cmid, request.sku.required_count, now)


def note_failure(role: HostRole) -> None:
    """Count a request the host refused."""
    role.total += 1
    role.failed += 1
