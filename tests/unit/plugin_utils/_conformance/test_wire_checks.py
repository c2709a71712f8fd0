# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What single answers say about an assumption, where the lab has no machine that shows the difference."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.recording.exchanges import RecordedExchange
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimInstance
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.checks import wire
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.model import Answers, KitAnswer, Verdict


@pytest.mark.parametrize(
    ("code", "response", "verdict"),
    [
        (0x80041017, b"<x/>", Verdict.HOLDS),
        (0x80004005, b"<p:MessageID>HRESULT 0x80004005</p:MessageID>", Verdict.HOLDS),
        (0x80004005, b'<f:WSManFault Code="2147500037"/>', Verdict.HOLDS),
        (0x80004005, b"<s:Text>The query is not valid.</s:Text>", Verdict.DOES_NOT_HOLD),
        (0, b"<x/>", Verdict.DOES_NOT_HOLD),
        (None, b"", Verdict.NOT_VISIBLE),
    ],
)
def test_a_fault_has_a_code_if_the_machine_sent_one_the_unspecified_one_too(code: int | None, response: bytes, verdict: Verdict) -> None:
    exchange = RecordedExchange(b"<q/>", response, len(response), 0.1)
    answer = KitAnswer("unknown_column", code=code, error="refused", exchanges=(exchange,))
    assert wire.faults_have_codes(Answers({"unknown_column": answer})).verdict is verdict


@pytest.mark.parametrize(
    ("time", "verdict"),
    [
        ("2026-11-20T09:00:00.123456Z", Verdict.HOLDS),
        ("2026-11-20T09:00:00.5+09:00", Verdict.HOLDS),
        ("2026-11-20T09:00:00Z", Verdict.DOES_NOT_HOLD),
        ("2026-11-20T09:00:00.123", Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_time_of_a_machine_has_a_fraction_and_an_offset(time: str, verdict: Verdict) -> None:
    system = CimInstance("Win32_OperatingSystem", {"LocalDateTime": time})
    assert wire.local_time_has_fraction(Answers({"operating_system": KitAnswer("operating_system", [system])})).verdict is verdict
