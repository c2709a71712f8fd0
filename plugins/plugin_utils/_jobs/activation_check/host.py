# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check says of a KMS host: whether it counts enough clients, publishes itself, and is asked at all.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The alarms are those of Microsoft's management pack for KMS: count below the threshold, no activity for eight hours, a service that
did not start, records that were not published (Volume Activation Operations Guide).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..._licensing.catalog.errors import explain
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
_SILENT_STEPS = (
    "Check the SRV record of this KMS host with kms_srv_record_info, and whether the KMS host responds with kms_endpoint_info.",
    "If no client had to renew, you do not have to do anything.",
)


def hosted(evidence: CheckData) -> tuple[LicensedProduct, ...]:
    """The activated host keys of the machine."""
    return tuple(product for product in evidence.state.products if product.channel is Channel.CSVLK and product.status.is_activated)


def findings(evidence: CheckData, _wish: CheckSettings) -> Iterator[CheckFinding]:
    """Everything about a KMS host; nothing for other machines."""
    products = hosted(evidence)
    if not products:
        return
    for product in products:
        yield from _count(evidence, product)
    for publication in evidence.publications:
        yield from _publication(publication)
    yield from _start(evidence)
    if evidence.kms_requests == 0:
        message = f"The KMS host has not received a request in the last {ACTIVITY_HOURS} hours."
        yield CheckFinding("no_kms_activity", message, _SILENT_STEPS)


def _count(evidence: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """The smallest threshold of the KMS host, which returns 0xC004F038 until it is reached."""
    side = product.kms_host if product.kms_host.enabled else evidence.state.service_of(product).kms_host
    required = product.kms.required_count or evidence.state.service_of(product).kms.required_count or _FEWEST
    if not side.enabled or (side.current_count or 0) >= required:
        return
    counted = f"The KMS host has counted {side.current_count or 0} of the {required} clients that it requires before it activates clients"
    message = f"{counted} (key ending in {product.partial_product_key})."
    yield CheckFinding("count_below_threshold", message, _COUNT_STEPS, product.name, explain(0xC004F038).as_dict())


def _publication(publication: Publication) -> Iterator[CheckFinding]:
    if publication.code is None:
        return
    explanation = explain(publication.code)
    when = f" ({report.iso(publication.time)})" if publication.time else ""
    reason = f"{explanation.code} {explanation.symbol}: {explanation.meaning}"
    message = f"The KMS host could not publish its SRV record in {publication.domain}{when}: {reason}"
    by_hand = "Or publish the SRV record with kms_srv_record, and set dns_publishing: false on the KMS host."
    yield CheckFinding("dns_publishing_failed", message, (*explanation.next_steps, by_hand), error=explanation.as_dict())


def _start(evidence: CheckData) -> Iterator[CheckFinding]:
    if evidence.start_failure:
        explanation = explain(evidence.start_failure)
        message = f"The Key Management Service did not start: {explanation.code} {explanation.symbol}: {explanation.meaning}"
        yield CheckFinding("kms_host_failed_to_start", message, explanation.next_steps, error=explanation.as_dict())
