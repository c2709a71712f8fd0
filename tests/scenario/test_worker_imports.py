# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task needs is imported once, in the process that Ansible forks its workers from, and not once for each machine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from project import ROOT

from .harness import Lab

ESTATE = "worker_imports.yml"
MACHINES = ("BASIC", "NTLM", "TLS")
KMS_CLIENT = {"kms_host": "kms01.imports.example"}
LAB_DNS = {"dns_server": "{{ winlab_dns_server }}", "dns_port": "{{ winlab_dns_port }}"}
CALLBACKS = os.pathsep.join(str(ROOT / folder / "callback_plugins") for folder in ("tools", "tests/scenario"))


WARNINGS = {"token_license": ("Windows does not authorize the issuance license",), "mak_client": ("has no confirmation ID to deposit",)}


@pytest.fixture(scope="module", autouse=True)
def steady(lab: Lab) -> None:
    """The machines are as the tests want them, so that these find nothing to do."""
    done = lab.all("kms_client", MACHINES, **KMS_CLIENT)
    assert {result["status"] for result in done.values()} == {"ok"}


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("kms_client", KMS_CLIENT),
        ("kms_client", {**KMS_CLIENT, "application": "all"}),
        ("kms_client", {**KMS_CLIENT, "reactivate": True}),
        ("activation_check", {**LAB_DNS, "application": "all"}),
        ("activation_info", {"application": "all"}),
        ("activation_fleet_info", {"check": {**LAB_DNS}, "application": "all", "fail_on_failed": False}),
        ("activation_events_info", {}),
        ("activation_policy", {"notifications": "enabled"}),
        ("genuine_info", {}),
        ("mak_client", {"activation_method": "proxy", "product_key": "MMMMM-KKKKK-MMMMM-MKC22-TTWX3", "confirmation_id_file": "plant.csv"}),
        ("license_file", {"src": [str(ROOT / "tests" / "hostile" / "license.xrm-ms")]}),
        (
            "token_license",
            {
                "issuance_license_id": "2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42",
                "issuance_license_version": 3,
                "src": [str(ROOT / "tests" / "hostile" / "issuance.xrm-ms")],
            },
        ),
    ],
)
def test_a_worker_imports_nothing(lab: Lab, tmp_path: Path, module: str, options: dict[str, Any]) -> None:
    env = {
        "ANSIBLE_CALLBACK_PLUGINS": CALLBACKS,
        "ANSIBLE_CALLBACKS_ENABLED": "recorder,worker_imports",
        "WINOPS_IMPORTS": str(tmp_path),
    }
    if "confirmation_id_file" in options:
        path = tmp_path / "plant.csv"
        path.write_text("machine,installation_id,confirmation_id\n", encoding="utf-8")
        options = {**options, "confirmation_id_file": str(path)}
    ledger = tmp_path / "ledger.jsonl"
    keywords: dict[str, Any] = {"check_mode": module == "mak_client", "vars": {"activation_ledger": str(ledger)}}
    is_fleet = module == "activation_fleet_info"
    if is_fleet:  # one worker for all machines: a second task, because Ansible may end the last worker before it has written
        keywords["post_tasks"] = [{"name": "Do it again", f"winops.volume_activation.{module}": options}]
    settings = {"env": env, "keywords": keywords, "expected_warnings": WARNINGS.get(module, ())}
    result = lab.all(module, MACHINES, settings, **options)
    assert result.run.exit_code == 0, result.output
    assert ledger.exists() == options.get("reactivate", False)
    workers = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("*.json")]
    assert len(workers) >= (1 if is_fleet else len(MACHINES) - 1)
    # What Ansible itself imports is its own affair; ansible-core 2.21 adds packages for its built-in plugins.
    of_ansible = ("ansible.", "ansible_collections.ansible.")
    assert {name for worker in workers for name in worker if not name.startswith(of_ansible)} == set()
