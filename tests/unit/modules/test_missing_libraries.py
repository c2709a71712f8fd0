# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without dnspython or gssapi the modules say what is missing, and what works without them goes on working."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

OPTIONS = {"domains": ["corp.test"], "dns_server": "127.0.0.1", "dns_port": 1, "dns_timeout": 1}
RECORDS = {"records": [{"host": "kms1.corp.test"}]}


@pytest.fixture
def without(tmp_path: Path) -> dict[str, str]:
    """An environment in which neither library can be imported."""
    for name in ("dns", "gssapi"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path), "LC_ALL": "C.UTF-8"}


def run(environment: dict[str, str], module: str, options: dict[str, Any]) -> dict[str, Any]:
    """Run the module as Ansible does, without Ansible: arguments on standard input, the result on standard output."""
    source = f"from ansible_collections.winops.volume_activation.plugins.modules.{module} import main; main()"
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": options})
    started = f"import ansible.module_utils.basic as basic; basic._ANSIBLE_PROFILE = 'legacy'; {source}"
    done = subprocess.run(
        [sys.executable, "-c", started], env=environment, input=arguments, capture_output=True, text=True, timeout=60, check=False
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize(("module", "options"), [("kms_srv_record", RECORDS), ("kms_srv_record_info", {})])
def test_a_missing_dnspython_is_told(without: dict[str, str], module: str, options: dict[str, Any]) -> None:
    result = run(without, module, OPTIONS | options)
    assert result["failed"]
    assert "dnspython >= 2.3" in result["msg"]
    assert result["error"]["code"] == "dnspython_missing"


def test_records_are_rendered_without_dnspython(without: dict[str, str]) -> None:
    result = run(without, "kms_srv_record", OPTIONS | RECORDS | {"mode": "render"})
    assert not result["changed"]
    (domain,) = result["domains"]
    assert domain["rendered"]["zone_file"] == ["_vlmcs._tcp.corp.test. 3600 IN SRV 0 0 1688 kms1.corp.test."]
    assert "dnspython_missing" in domain["warnings"][0]


def test_a_missing_gssapi_is_told_when_kerberos_is_asked_for_and_not_else(without: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "dns.py").unlink()
    asked = run(without, "kms_srv_record", OPTIONS | RECORDS | {"authentication": "gss_tsig", "server_principal": "DNS/ns1.corp.test"})
    assert asked["error"]["code"] == "gssapi_missing"
    assert "gssapi" in asked["msg"]
    other = run(without, "kms_srv_record", OPTIONS | RECORDS)
    assert other["domains"][0]["error"]["code"] == "connection_refused"
