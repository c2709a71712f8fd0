# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of an invented fleet of any size, as activation_check would write them, for the tests of reports.

The same number of machines always gives the same records. Every fleet of 40 or more machines has each kind of machine: KMS clients that
renew and that do not, MAK machines, KMS hosts, Office, evaluation editions, clones, and machines that were not read.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.errors import explain
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import MergedRecords, merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger.model import ReportLedger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.model import Report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
OPTIONS: dict[str, Any] = {
    "title": None,
    "language": "en",
    "stale_after_days": None,
    "expiring_within_days": 30,
    "maks": [],
    "mak_budgets": {},
    "sections": [],
    "csv_delimiter": "comma",
    "prometheus_machines": 1000,
    "history_path": None,
    "history_keep": 30,
    "ledger_paths": [],
}
WINDOWS = (
    ("Microsoft Windows 11 Enterprise", "10.0.26100", 26100, "Enterprise", "client"),
    ("Microsoft Windows 10 Enterprise", "10.0.19045", 19045, "Enterprise", "client"),
    ("Microsoft Windows Server 2022 Standard", "10.0.20348", 20348, "ServerStandard", "server"),
    ("Microsoft Windows Server 2019 Datacenter", "10.0.17763", 17763, "ServerDatacenter", "server"),
    ("Microsoft Windows Server 2025 Datacenter", "10.0.26100", 26100, "ServerDatacenter", "domain_controller"),
)
CLONE = "c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11"
_DAY = 24 * 60


def sample_report(count: int = 40, ledger: ReportLedger | None = None, **options: Any) -> Report:
    """Return the report of a fleet, with a ledger, and with options of the module activation_report."""
    return report_of(sample_records(count, options.get("stale_after_days")), {**OPTIONS, **options}, NOW, ledger)


def sample_records(count: int, stale_after_days: int | None = None) -> MergedRecords:
    """Return the records of a fleet."""
    return merge({"fleet.jsonl": records(count)}, NOW, stale_after_days)


def records(count: int) -> Iterator[Record]:
    """Yield the records of a fleet, one for each machine."""
    chance = random.Random(2026)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        record_time = NOW - timedelta(minutes=number % 60, days=40 if kind is _renewed and number % 400 == 0 else 0)
        yield Record(f"{kind.__name__.strip('_').replace('_', '-')}-{number + 1:04}", record_time, kind(chance, number))


def machine(chance: random.Random, number: int, **changes: Any) -> dict[str, Any]:
    """Return the result of a machine whose Windows is a licensed KMS client."""
    caption, version, build, edition, kind = WINDOWS[(number + number // len(KINDS)) % len(WINDOWS)]
    windows = product(chance, **{"name": f"Windows(R), {edition} edition", "edition": edition, **changes})
    return {
        "changed": False,
        "passed": True,
        "msg": f"PC-{number:04} passed.",
        "findings": [],
        "machine": {
            "computer_name": f"PC-{number:04}",
            "caption": caption,
            "version": version,
            "build": build,
            "edition_id": edition,
            "product_type": kind,
            "language": 1041 if number % 7 == 0 else 1033,
        },
        "licensed": windows["status"] == "licensed",
        "service": {
            "cmid": str(uuid.UUID(int=chance.getrandbits(128))),
            "is_kms_host": False,
            "windows_rearms_left": 1000,
            "current_count": None,
            "required_count": None,
        },
        "products": [windows],
        "esu": [],
        "office_service": None,
        "office_installations": [],
    }


def product(chance: random.Random, days: int = 180, **changes: Any) -> dict[str, Any]:
    """Return a product with a GVLK that a KMS host activated, valid for this number of days."""
    digits = "".join(chance.choices("0123456789", k=63))
    return {
        "name": "Windows(R), Enterprise edition",
        "application": "windows",
        "application_id": "55c92734-d682-4d71-983e-d6ec3f16059f",
        "activation_id": "32d2fab3-e4a8-42c2-923b-4bf4fd13e6ee",
        "channel": "gvlk",
        "edition": "Enterprise",
        "is_addon": False,
        "primary": True,
        "partial_product_key": "2YT43",
        "extended_pid": f"03612-03308-000-000000-03-1033-26100.0000-{chance.randrange(10**7):07}",
        "installation_id": digits,
        "status": "licensed",
        "reason": None,
        "grace_minutes": days * _DAY,
        "expires": (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") if days else None,
        "permanent": days == 0,
        "activated_by": "kms",
        "managed_by": None,
        "kms": {"kms_host": "kms1.example.com", "kms_port": 1688, "source": "discovered"},
        "host_role": None,
        **changes,
    }


def finding(
    name: str, severity: str, message: str, code: str | None = None, steps: tuple[str, ...] = ("Check the machine.",)
) -> dict[str, Any]:
    """Return a finding of a check, with the explanation of a code."""
    error = explain(code).as_dict() if code else None
    return {
        "id": name,
        "severity": severity,
        "message": message,
        "next_steps": list(error["next_steps"] if error else steps),
        "error": error,
    }


def _renewed(chance: random.Random, number: int) -> dict[str, Any]:
    return machine(chance, number, days=chance.randint(173, 180))


def _overdue(chance: random.Random, number: int) -> dict[str, Any]:
    days = chance.randint(5, 150)
    found = machine(chance, number, days=days)
    found["findings"] = [
        finding("renewal_overdue", "warning", f"PC-{number:04} was last renewed {180 - days} days ago."),
        finding("last_request_failed", "error", f"The last request of PC-{number:04} failed.", "0xC004F074"),
    ]
    return found


def _unlicensed(chance: random.Random, number: int) -> dict[str, Any]:
    code = ("0xC004F074", "0xC004F038", "0xC004F06C")[number % 3]
    reason = {"code": "0xC004F009", "symbol": "SL_E_GRACE_TIME_EXPIRED", "meaning": "The grace period has ended."}
    found = machine(chance, number, status="notification", days=0, activated_by=None, reason=reason, permanent=False)
    found["findings"] = [finding("not_licensed", "error", f"Windows of PC-{number:04} is not licensed: {code}.", code)]
    return found


def _mak(chance: random.Random, number: int) -> dict[str, Any]:
    pid = "55041-00140-015-871562-03-1033-7078.0000-0992009"
    return machine(
        chance, number, channel="mak", days=0, activated_by=None, partial_product_key="2X4YB", extended_pid=pid, kms={"kms_host": None}
    )


def _office(chance: random.Random, number: int) -> dict[str, Any]:
    found = machine(chance, number, days=chance.randint(173, 180))
    office = {"application": "office", "primary": False, "name": "Office 24, Office24ProPlus2024VL_KMS_Client_AE edition"}
    found["products"].append(product(chance, days=chance.randint(100, 180), partial_product_key="KMT2B", **office))
    found["office_installations"] = [{"release_id": "ProPlus2024Volume", "product": "ProPlus", "release": "2024", "kind": "volume"}]
    return found


def _kms_host(chance: random.Random, number: int) -> dict[str, Any]:
    count = (50, 17, 3)[number % 3]
    found = machine(
        chance, number, channel="csvlk", days=0, activated_by=None, partial_product_key="WXYZB", host_role={"current_count": count}
    )
    found["machine"].update(caption="Microsoft Windows Server 2022 Standard", version="10.0.20348", build=20348, product_type="server")
    counters = {"total": 4000, "failed": 12}
    found["service"].update(is_kms_host=True, current_count=count, required_count=25, request_counters=counters)
    if count < 25:
        found["findings"] = [finding("count_below_threshold", "warning", f"The KMS host has counted {count} of 25 clients.")]
    return found


def _evaluation(chance: random.Random, number: int) -> dict[str, Any]:
    found = machine(chance, number, channel="evaluation", days=41, activated_by=None, partial_product_key="EVALK", kms={"kms_host": None})
    found["findings"] = [finding("evaluation", "warning", "Windows(R), ServerStandardEval edition is an evaluation edition.")]
    return found


def _clone(chance: random.Random, number: int) -> dict[str, Any]:
    found = machine(chance, number, days=175)
    found["service"]["cmid"] = CLONE
    return found


def _esu(chance: random.Random, number: int) -> dict[str, Any]:
    found = machine(chance, number)
    found["machine"].update(caption="Microsoft Windows 10 Enterprise", version="10.0.19045", build=19045, product_type="client")
    addon = {"is_addon": True, "primary": False, "channel": "mak", "activation_id": "1043add5-23b1-4afb-9a0f-64343c8f3f8d", "days": 0}
    found["products"].append(product(chance, name="Windows(R), Client-ESU-Year2 add-on", partial_product_key="ESU2K", **addon))
    found["esu"] = [{"programme": "windows_10_year_2", "year": 2, "licensed": True, "ends": "2027-10-12"}]
    return found


def _unreachable(_chance: random.Random, number: int) -> dict[str, Any]:
    error = {"code": "unreachable", "symbol": None, "meaning": "The host refused the connection.", "next_steps": ["Check that it is on."]}
    error["cause"] = "The machine is not running."
    return {"unreachable": True, "changed": False, "msg": f"PC-{number:04}: the host refused the connection.", "error": error}


def _failed(_chance: random.Random, number: int) -> dict[str, Any]:
    error = explain("0x80070005").as_dict()
    return {"failed": True, "changed": False, "msg": f"PC-{number:04}: access was denied. [0x80070005]", "error": error}


KINDS: tuple[Callable[[random.Random, int], dict[str, Any]], ...] = (
    _kms_host, *([_renewed] * 15), _overdue, _unlicensed, _mak, _mak, _office, _office, _evaluation, _clone, _esu, _unreachable, _failed,
    *([_renewed] * 12), _overdue,
)  # fmt: skip
