# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All options of an action group reach all of its modules, and none of them refuses one."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import CLOSED, Play, Player

FQCN = "winops.volume_activation"
ROOT = Path(__file__).parents[3]
GROUPS: dict[str, list[str]] = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
NOBODY = CLOSED["ansible_host"]
SHARED: dict[str, dict[str, Any]] = {
    "dns": {"domains": ["corp.test"], "dns_server": NOBODY, "dns_port": 1, "dns_timeout": 1},
    "probe": {"probe_timeout": 1},
    "directory": {
        "server": "dc1.corp.test",
        "domain": None,
        "address": NOBODY,
        "port": 1,
        "authentication": "simple",
        "tls": "starttls",
        "principal": "reader@CORP.TEST",
        "password": "Lab-Passw0rd!",
        "keytab": None,
        "ccache": None,
        "ca_file": ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt",
        "directory_timeout": 2,
        "dns_server": None,
        "dns_port": 1,
        "csvlk_products": {"aaaaaaaa-0000-4000-8000-000000000022": "Windows Server 2022"},
    },
    "batch_activation": {
        "service_url": f"https://{NOBODY}:1/none",
        "http_proxy": f"http://{NOBODY}:1",
        "http_proxy_username": "somebody",
        "http_proxy_password": "Lab-Passw0rd!",
        "use_proxy": True,
        "ca_path": ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt",
        "timeout": 1,
        "deadline": 2,
        "parallel_requests": 1,
    },
}
OTHERS: dict[str, dict[str, Any]] = {
    "kms_srv_record": {"records": [{"host": "kms1.corp.test"}]},
    "kms_srv_record_info": {"domains": ["corp.test"], "dns_server": NOBODY, "dns_port": 1},
    "kms_endpoint_info": {"endpoints": [f"{NOBODY}:1"]},
    "mak_activations_info": {"extended_pids": ["12345-00226-270-123456-03-1033-9600.0000-0012024"]},
    "mak_confirmation_id": {"records": []},
    "adba_object": {"state": "absent", "name": "Server 2022"},
}
"""What a task has to say itself, where the group does not."""
ON_WINDOWS = {"activation_check", "kms_client"}
TASKS = [(group, module) for group in GROUPS for module in GROUPS[group]]


def own(group: str, module: str) -> dict[str, Any]:
    """The options of the task itself."""
    return {name: value for name, value in OTHERS.get(module, {}).items() if name not in SHARED[group]}


@pytest.fixture(scope="module")
def done(play: Player, tmp_path_factory: pytest.TempPathFactory) -> Play:
    journal = {"mak_confirmation_id": {"journal_path": str(tmp_path_factory.mktemp("journal") / "journal.jsonl")}}
    return play(
        *(
            {
                f"{FQCN}.{module}": {**journal.get(module, {}), **own(group, module)},
                "module_defaults": {f"group/{FQCN}.{group}": SHARED[group]},
                **({} if module in ON_WINDOWS else {"delegate_to": "localhost"}),
            }
            for group, module in TASKS
        )
    )


@pytest.mark.parametrize("number", range(len(TASKS)), ids=["-".join(task) for task in TASKS])
def test_no_option_of_a_group_is_refused(done: Play, number: int) -> None:
    recorded = done.results[number]
    assert recorded["result"].get("error", {}).get("code") != "invalid_options", recorded["result"]["msg"]
    arguments = recorded["result"]["invocation"]["module_args"] if recorded["status"] != "unreachable" else {}
    assert arguments or recorded["status"] == "unreachable"


def test_the_options_arrive(done: Play) -> None:
    arguments = [recorded["result"].get("invocation", {}).get("module_args", {}) for recorded in done.results]
    for (group, module), given in zip(TASKS, arguments, strict=True):
        shown = {name: value for name, value in SHARED[group].items() if name not in ("http_proxy_password", "password")}
        assert module in ON_WINDOWS or {name: given.get(name) for name in shown} == shown
