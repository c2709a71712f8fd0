# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens while time passes: KMS clients renew after the renewal interval and retry after the activation interval."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from datetime import datetime, timedelta

from . import spp
from .clock import Clock
from .computer import Computer
from .state import ProductState
from .wmi_faults import LicensingError

PATIENCE = 24
"""Failed attempts in one stretch of time that are made one by one; after them one a day, to keep half a year cheap."""
DAY = timedelta(days=1)


def advance(clock: Clock, computers: Sequence[Computer], span: timedelta) -> None:
    """Move the clock by `span`, carrying out every due attempt at its own moment, in order over all machines."""
    end = clock.now() + span
    queue: list[tuple[datetime, int, Computer, ProductState]] = []
    for computer in computers:
        for product in computer.service.keyed():
            if product.sku.volume_client and product.next_attempt is not None:
                heapq.heappush(queue, (product.next_attempt - computer.clock_skew, len(queue), computer, product))
    number = len(queue)
    failures: dict[int, int] = {}
    while queue and queue[0][0] <= end:
        due, _number, computer, product = heapq.heappop(queue)
        if due > clock.now():
            clock.advance(due - clock.now())
        following = _attempt(computer, product, failures)
        if following is not None:
            number += 1
            heapq.heappush(queue, (following, number, computer, product))
    if end > clock.now():
        clock.advance(end - clock.now())


def _attempt(computer: Computer, product: ProductState, failures: dict[int, int]) -> datetime | None:
    """One renewal or retry; the time of the next one."""
    if not product.keyed or computer.service.rearm_pending:
        return None
    try:
        spp.activate(computer, product)
        failures.pop(id(product), None)
    except LicensingError:
        failures[id(product)] = failures.get(id(product), 0) + 1
        if failures[id(product)] > PATIENCE:
            product.next_attempt = computer.now() + DAY
    computer.service.stale = False
    return None if product.next_attempt is None else product.next_attempt - computer.clock_skew
