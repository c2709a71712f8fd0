# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens while time passes: KMS clients renew after the renewal interval and retry after the activation interval."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from datetime import datetime, timedelta

from . import kms_host, spp
from .clock import Clock
from .computer import Computer
from .state import ProductState
from .wmi_faults import LicensingError

PATIENCE = 24
"""Failed attempts in one stretch of time that are made one by one."""
DAY = timedelta(days=1)


def advance(clock: Clock, computers: Sequence[Computer], span: timedelta) -> None:
    """Move the clock by `span`, carrying out the due attempts at their own moments, in order over all machines.

    Raises ValueError for a negative span.
    """
    if span < timedelta(0):
        raise ValueError("time only goes forward")
    end = clock.now() + span
    queue = [
        (product.next_attempt - computer.clock_skew, number, computer, product)
        for number, (computer, product) in enumerate(_waiting(computers))
        if product.next_attempt is not None
    ]
    heapq.heapify(queue)
    failures: dict[int, int] = {}
    while queue and queue[0][0] <= end:
        due, number, computer, product = queue[0]
        if due > clock.now():
            clock.advance(due - clock.now())
        following = _attempt(computer, product, end, failures)
        if following is None:
            heapq.heappop(queue)
        else:
            heapq.heapreplace(queue, (following, number, computer, product))
    if end > clock.now():
        clock.advance(end - clock.now())


def _waiting(computers: Sequence[Computer]) -> list[tuple[Computer, ProductState]]:
    return [(computer, product) for computer in computers for product in computer.service.keyed() if product.sku.volume_client]


def _attempt(computer: Computer, product: ProductState, end: datetime, failures: dict[int, int]) -> datetime | None:
    """One renewal or retry; the time of the next one."""
    if not product.keyed or computer.service.rearm_pending:
        return None
    try:
        spp.activate(computer, product)
        failures.pop(id(product), None)
    except LicensingError as error:
        failures[id(product)] = failures.get(id(product), 0) + 1
        if failures[id(product)] > PATIENCE:
            _rest(computer, product, end, error.hresult)
    spp.refresh(computer)
    return None if product.next_attempt is None else product.next_attempt - computer.clock_skew


def _rest(computer: Computer, product: ProductState, end: datetime, code: int) -> None:
    """Leave out attempts of a client that keeps failing.

    Faults and names do not change while time passes, so where no host answers the next attempt that matters is the last one
    before the end. Where a host answers, other clients may raise its count: then one attempt a day is made.
    """
    if code in kms_host.REFUSALS:
        product.next_attempt = computer.now() + DAY
        return
    assert product.next_attempt is not None
    interval = timedelta(minutes=product.activation_interval)
    left_out = (end + computer.clock_skew - product.next_attempt) // interval
    product.next_attempt += max(0, left_out) * interval
