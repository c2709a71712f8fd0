# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens while time passes: KMS clients renew and retry after their intervals, KMS hosts publish their records every day."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from . import kms_host, spp
from .clock import Clock
from .computer import Computer
from .state import ProductState
from .wmi_faults import LicensingError

PATIENCE = 24
"""Failed attempts in one stretch of time that are made one by one."""
PUBLICATIONS = 7
"""Publications of one KMS host in one stretch of time that are made one by one; of the others only the last."""
DAY = timedelta(days=1)
_RULE = "31e71c49-8da7-4a2f-ad92-45d98a1c79ba"
"""The rule behind automatic activation, from events in public logs."""


def advance(clock: Clock, computers: Sequence[Computer], span: timedelta) -> None:
    """Move the clock by `span`, carrying out the due attempts at their own moments, in order over all machines.

    Raises ValueError for a negative span.
    """
    if span < timedelta(0):
        raise ValueError("time only goes forward")
    end = clock.now() + span
    queue = [
        (due, number, computer, product)
        for number, (computer, product) in enumerate(_waiting(computers))
        if (due := _due(computer, product))
    ]
    heapq.heapify(queue)
    failures: dict[int, int] = {}
    published: Counter[str] = Counter()
    while queue and queue[0][0] <= end:
        due, number, computer, product = queue[0]
        _move(clock, due)
        following = _publish(computer, end, published) if product is None else _attempt(computer, product, end, failures)
        if following is None:
            heapq.heappop(queue)
        else:
            heapq.heapreplace(queue, (following, number, computer, product))
    _move(clock, end)


def _move(clock: Clock, moment: datetime) -> None:
    """Put the clock forward to a moment; a clock that ticks may have passed it meanwhile."""
    clock.advance(max(timedelta(0), moment - clock.now()))


def _waiting(computers: Sequence[Computer]) -> Iterator[tuple[Computer, ProductState | None]]:
    """Licenses that renew by themselves, and None for the SRV records of a KMS host."""
    for computer in computers:
        if computer.crashed:
            continue
        yield from ((computer, product) for product in computer.keyed() if product.sku.volume_client)
        if computer.next_publication is not None:
            yield computer, None


def _due(computer: Computer, product: ProductState | None) -> datetime | None:
    """When something is to happen, by the estate's clock; None for never."""
    if product is None:
        return computer.next_publication
    return None if product.next_attempt is None else product.next_attempt - computer.clock_skew


def _publish(computer: Computer, end: datetime, made: Counter[str]) -> datetime | None:
    """One publication; the time of the next one. Records that nobody looks at while time passes are not sent again every day."""
    computer.context.published(computer)
    made[computer.name] += 1
    following = computer.next_publication
    if following is not None and made[computer.name] >= PUBLICATIONS:
        following += max(0, (end - following) // DAY) * DAY
    return following


def _attempt(computer: Computer, product: ProductState, end: datetime, failures: dict[int, int]) -> datetime | None:
    """One renewal or retry; the time of the next one."""
    if not product.keyed or computer.service_of(product.sku).rearm_pending:
        return None
    try:
        spp.activate(computer, product)
        failures.pop(id(product), None)
    except LicensingError as error:
        failures[id(product)] = failures.get(id(product), 0) + 1
        _complain(computer, product, error.hresult)
        if failures[id(product)] > PATIENCE:
            _rest(computer, product, end, error.hresult)
    spp.refresh(computer)
    return _due(computer, product)


def _complain(computer: Computer, product: ProductState, code: int) -> None:
    """Event 8198 of an attempt Windows made by itself; 6.1 does not tell with which arguments."""
    told = (
        f"RuleId={_RULE};Action=AutoActivate;AppId={product.sku.application_id};SkuId={product.sku.id};NotificationInterval=1440;"
        "Trigger=TimerEvent"
    )
    computer.log(8198, f"hr=0x{code:08X}", *(() if computer.os.generation <= (6, 1) else (told,)))


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
