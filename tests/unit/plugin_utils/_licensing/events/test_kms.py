# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoding of the events KMS clients write; samples as Windows writes them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events import kms as events

SHARED = Path(__file__).resolve().parents[6] / "shared" / "data" / "events.json"
SENT = "0xC004F06C, 0x08000000, kms.contoso.example:1688, 36f27b39-2fb6-4a0e-9e9f-000000000000, 2010/09/29 17:52, 0, 2, 41760, \
68531FB9-5511-4989-97be-d11a0f55633f, 5"
PROCESSED = "0x00000000, 0x00000000, 1, 0, 10, 120, 10080, 2012/12/04 07:06"


def test_a_request_sent_says_host_result_and_required_count() -> None:
    event = events.decode(12288, SENT)
    assert isinstance(event, events.RequestSent)
    assert (event.result, event.kms_host, event.required_count) == (0xC004F06C, "kms.contoso.example:1688", 5)
    assert event.activation_id == "68531fb9-5511-4989-97be-d11a0f55633f"
    assert event.flags & events.NOT_WINDOWS_SLP
    assert event.time == datetime(2010, 9, 29, 17, 52, tzinfo=timezone.utc)
    assert (event.status, event.grace_minutes, event.is_virtual) == (2, 41760, False)


def test_a_response_says_the_count_of_the_host_and_its_intervals() -> None:
    event = events.decode(12289, PROCESSED)
    assert isinstance(event, events.ResponseProcessed)
    assert (event.result, event.is_bound, event.current_count, event.activation_interval, event.renewal_interval) == (
        0,
        True,
        10,
        120,
        10080,
    )


@pytest.mark.parametrize("text", ["", "0xC004F06C", "no number, 0, a:1, b, c, 0, 2, 1, d, 5", ",,,,,,,,,"])
def test_a_layout_nobody_knows_is_no_event_rather_than_an_error(text: str) -> None:
    assert all(events.decode(event_id, text) is None for event_id in (12288, 12289))
    assert events.decode(12290, SENT) is None


@pytest.mark.skipif(not SHARED.exists(), reason="the shared facts are not next to this checkout")
def test_the_samples_of_the_collected_facts_decode() -> None:
    facts = json.loads(SHARED.read_text(encoding="utf-8"))["events"]
    samples = {fact["event_id"]: fact["sample"] for fact in facts if fact["event_id"] in (12288, 12289) and "sample" in fact}
    assert set(samples) == {12288, 12289}
    assert all(events.decode(event_id, sample) is not None for event_id, sample in samples.items())
