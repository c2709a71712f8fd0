# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of an invented ledger of any length, as the modules would append them, for the tests of reports.

The MAK is the one of the machines in `sample_fleet`. Of 40 requests, one has no line with its result, and one has an unknown result.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sample_fleet import NOW

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.read import parse_ledger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger.model import ReportLedger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger.source import combined

MAK, EXTENDED_PID = "2X4YB", "55041-00140-015-871562-03-1033-7078.0000-0992009"
_SINCE = NOW - timedelta(days=200)


def line(number: int = 1, **fields: Any) -> str:
    """Return one line with its line feed: an online activation of a MAK that succeeded, or other fields."""
    values = {
        "schema": 1, "id": f"{number:016x}", "time": _time(_SINCE + timedelta(minutes=number)), "event": "activated", "result": "done",
        "inventory_hostname": f"mak-{number:04}", "run_id": f"{number // 100:016x}", "job_id": None, "user": "alice",
        "controller": "control1", "playbook": "/srv/plays/convert_to_mak.yml", "play": "Convert", "module": "mak_client",
        "computer_name": f"PC-{number:04}", "action": "activate", "description": "activate Windows online",
        "product_name": "Windows(R), Enterprise edition", "activation_id": "32d2fab3-e4a8-42c2-923b-4bf4fd13e6ee",
        "application": "windows", "channel": "mak", "partial_product_key": MAK, "extended_pid": EXTENDED_PID, "method": "online",
        "consumes": f"1 activation of the MAK ending in {MAK}", "loses": None, "activations_used": 1, "rearms_used": 0, "code": None,
        **fields,
    }  # fmt: skip
    return json.dumps(values, separators=(",", ":")) + "\n"


def lines(requests: int) -> Iterator[str]:
    """Yield the lines of a number of requests: one with the start of each, and one with its result."""
    open_request = {"activations_used": None}
    for number in range(1, requests + 1):
        yield line(number, result="started", **open_request)
        if number % 40 == 20:
            yield line(number, result="unknown", code="0xC004F056", **open_request)
        elif number % 40 == 10:
            yield line(number, event="key_installed", action="install_product_key", method=None, activations_used=0, loses="the GVLK")
        elif number % 40:
            yield line(number)


def written(path: Path, requests: int) -> str:
    """Write a ledger, and return its path."""
    path.write_text("".join(lines(requests)), encoding="ascii")
    return str(path)


def sample_ledger(requests: int) -> ReportLedger:
    """Return the ledger of a report, with a line that is damaged."""
    return combined({Path("/srv/ledger.jsonl"): parse_ledger([*(each.encode() for each in lines(requests)), b'{"schema":1,"id'])})


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
