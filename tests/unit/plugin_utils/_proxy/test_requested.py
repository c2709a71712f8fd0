# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each record that was requested from Microsoft has one row, with its error and its next step."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.filter.proxy_report import FilterModule
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.report import REQUEST, report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.requested import requested_rows

from .records import record

ERROR = {"code": "0x67", "symbol": None, "meaning": "The MAK is blocked.", "next_steps": ["Use another MAK."]}
TELEPHONE = {"code": "no_extended_pid", "symbol": None, "meaning": "It has no ePID.", "next_steps": ["Call Microsoft."]}


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ({"status": "answered", "confirmation_id": "1" * 48}, "ready"),
        ({"status": "kept", "confirmation_id": "1" * 48}, "ready"),
        ({"status": "planned"}, "planned"),
        ({"status": "refused", "error": ERROR}, "refused"),
        ({"status": "invalid", "error": ERROR}, "failed"),
        ({"status": "unknown", "error": ERROR}, "unanswered"),
        ({"status": "not_sent", "error": ERROR}, "waiting"),
        ({"status": "invalid", "error": TELEPHONE}, "waiting"),
        ({"status": "a new one"}, "waiting"),
    ],
)
def test_status_of_a_record_is_that_of_its_row(result: dict[str, Any], status: str) -> None:
    (row,) = requested_rows([result], [record("PC-01", 1)])
    assert (row.machine, row.status, row.record_number) == ("PC-01", status, 1)
    assert row.code == (result.get("error") or {}).get("code")


def test_report_names_the_records_without_a_confirmation_id() -> None:
    results = [{"status": "answered", "confirmation_id": "1" * 48}, {"status": "refused", "error": ERROR}]
    found = report(REQUEST, requested_rows(results, [record("PC-01", 1), record("PC-02", 2)]))
    assert found["summary"] == "1 of 2 records with a confirmation ID; 1 refused by Microsoft."
    assert (found["complete"], found["problems"]) == (False, ["PC-02"])
    assert "received from Microsoft in this run" in found["lines"][0]
    assert found["lines"][1].endswith("The MAK is blocked. Next: Use another MAK.")


def test_filter_shows_the_requests_as_a_table() -> None:
    fields = {"machine": "PC-01", "installation_id": record("PC-01", 1).installation_id, "partial_product_key": "TTWX3"}
    requested = {"records": [{**fields, "status": "refused", "confirmation_id": "", "error": ERROR}], "maks": []}
    proxy_report = FilterModule().filters()["proxy_report"]
    lines = [" ".join(line.split()) for line in proxy_report([], {}, [], "request", requested=requested)["shown"]]
    assert lines[0] == "machines which outcome why what to do"
    assert lines[2] == "1 PC-01 refused by Microsoft with the key ending in TTWX3: The MAK is blocked. [0x67] Use another MAK."
    assert lines[-1] == "0 of 1 record with a confirmation ID; 1 refused by Microsoft."
