# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about KMS hosts: their count, their DNS publication, and their activity.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The findings are the alerts of Microsoft's management pack for KMS: count below the threshold, no activity for eight hours, a service
that did not start, a renewal timer that was not set, and records that were not published (Volume Activation Operations Guide; the monitors
of the pack are listed in "Understanding Management Pack Operations").
"""

from __future__ import annotations

from collections.abc import Iterator

from ..._licensing.catalog.errors import PUBLISHING, explain
from ..._licensing.catalog.thresholds import THRESHOLDS
from ..._licensing.hosting.publication import Publication
from ..._licensing.state import report
from ..._licensing.state.model import Channel, LicensedProduct
from .model import CheckData, CheckFinding, CheckSettings

ACTIVITY_HOURS = 8
_FEWEST = min(THRESHOLDS.values())
"""Smallest threshold. A KMS host reports its own threshold after the first request of a client."""
_COUNT_STEPS = (
    "Start more KMS clients. A KMS host counts its clients by CMID: look for duplicate CMIDs with the playbook activation_check.",
    "If there are not enough machines, use a MAK or Active Directory-based activation.",
)
_NO_ACTIVITY_STEPS = (
    "Check the SRV record of this KMS host with kms_srv_record_info, and whether the KMS host responds with kms_endpoint_info.",
    "If no client had to renew, you do not have to do anything.",
)
_TIMER_STEP = "Restart the service sppsvc of the KMS host, or the machine, which sets the timer again."


def hosted(data: CheckData) -> tuple[LicensedProduct, ...]:
    """Return the products with an activated KMS host key."""
    return tuple(product for product in data.state.products if product.channel is Channel.CSVLK and product.status.is_activated)


def findings(data: CheckData, _settings: CheckSettings) -> Iterator[CheckFinding]:
    """Yield all findings about a KMS host."""
    products = hosted(data)
    if not products:
        return
    for product in products:
        yield from _count(data, product)
    for publication in data.publications:
        yield from _publication(publication)
    yield from _start(data)
    if data.kms_requests == 0:
        message = f"The KMS host has not received a request in the last {ACTIVITY_HOURS} hours."
        yield CheckFinding("no_kms_activity", message, _NO_ACTIVITY_STEPS)


def _count(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """Check the count against the smallest threshold. Below it, the KMS host returns 0xC004F038."""
    side = product.kms_host if product.kms_host.enabled else data.state.service_of(product).kms_host
    required = product.kms.required_count or data.state.service_of(product).kms.required_count or _FEWEST
    if not side.enabled or (side.current_count or 0) >= required:
        return
    counted = f"The KMS host has counted {side.current_count or 0} of the {required} clients that it requires before it activates clients"
    message = f"{counted} (key ending in {product.partial_product_key})."
    yield CheckFinding("count_below_threshold", message, _COUNT_STEPS, product.name, explain(0xC004F038).as_dict())


def _publication(publication: Publication) -> Iterator[CheckFinding]:
    if publication.code is None:
        return
    explanation = explain(publication.code, context=PUBLISHING)
    when = f" ({report.iso(publication.time)})" if publication.time else ""
    reason = f"{explanation.label}: {explanation.meaning}"
    message = f"The KMS host could not publish its SRV record in {publication.domain}{when}: {reason}"
    by_hand = "Alternatively, publish the SRV record with kms_srv_record, and set dns_publishing: false on the KMS host."
    yield CheckFinding("dns_publishing_failed", message, (*explanation.next_steps, by_hand), error=explanation.as_dict())


def _start(data: CheckData) -> Iterator[CheckFinding]:
    if data.start_failure:
        explanation = explain(data.start_failure)
        message = f"The Key Management Service did not start: {explanation.label}: {explanation.meaning}"
        yield CheckFinding("kms_host_failed_to_start", message, explanation.next_steps, error=explanation.as_dict())
    if data.timer_failure:
        explanation = explain(data.timer_failure)
        message = f"The Key Management Service could not set its renewal timer: {explanation.label}: {explanation.meaning}"
        yield CheckFinding("renewal_timer_failed", message, (*explanation.next_steps, _TIMER_STEP), error=explanation.as_dict())
