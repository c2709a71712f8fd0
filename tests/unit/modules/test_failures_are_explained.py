# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that run where their task runs explain every failure, also those Ansible finds before they begin and those nobody foresaw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from explained import assert_explained

NAMESPACE = "winops.volume_activation"
RECORDS: dict[str, Any] = {"domains": ["corp.test"], "records": [{"host": "kms1.corp.test"}]}
STUMBLE = """
from ansible_collections.winops.volume_activation.plugins.module_utils._module import ExplainingModule

module = ExplainingModule(argument_spec={"secret": {"type": "str", "no_log": True}})


def work():
    raise RuntimeError("cannot sign with " + module.params["secret"])


module.exit_json(**module.attempt(work))
"""
FAILING: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a required option is missing": (
        f"{NAMESPACE}.kms_endpoint_info",
        {},
        "invalid_options",
        "kms_endpoint_info: missing required arguments: endpoints",
    ),
    "an option that is none": (
        f"{NAMESPACE}.kms_srv_record",
        {**RECORDS, "recods": 1},
        "invalid_options",
        "kms_srv_record: unknown option recods; did you mean records",
    ),
    "a suboption that is none": (
        f"{NAMESPACE}.kms_srv_record",
        {**RECORDS, "records": [{"host": "kms1.corp.test", "prio": 1}]},
        "invalid_options",
        "kms_srv_record: unknown option records.prio; did you mean priority?",
    ),
    "a value that is none": (f"{NAMESPACE}.kms_srv_record", {**RECORDS, "ttl": "soon"}, "invalid_options", "ttl"),
    "a choice that is none": (
        f"{NAMESPACE}.kms_srv_record",
        {**RECORDS, "state": "gone"},
        "invalid_options",
        "value of state must be one of",
    ),
    "an endpoint that is none": (f"{NAMESPACE}.kms_endpoint_info", {"endpoints": ["a:b:c"]}, "invalid_options", "Nothing was sent"),
    "no domain": (f"{NAMESPACE}.kms_srv_record_info", {"domains": []}, "invalid_options", "kms_srv_record_info: domains is empty"),
    "nobody listens": (
        f"{NAMESPACE}.kms_srv_record",
        {**RECORDS, "dns_server": "127.41.176.1", "dns_port": 1},
        "connection_refused",
        "corp.test: ",
    ),
    "nobody listens to a question": (
        f"{NAMESPACE}.kms_srv_record_info",
        {"domains": ["corp.test"], "dns_server": "127.41.176.1", "dns_port": 1},
        "connection_refused",
        "corp.test: ",
    ),
    "a key file that is not there": (
        f"{NAMESPACE}.kms_srv_record",
        {**RECORDS, "authentication": "tsig", "key_file": "/nowhere/kms.key"},
        "invalid_key_file",
        "/nowhere/kms.key",
    ),
    "nobody foresaw it": ("stumble", {"secret": "Not-4-You"}, "internal_error", "RuntimeError: cannot sign with"),
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The result of each failing task, from one run."""
    folder = tmp_path_factory.mktemp("failures")
    (folder / "library").mkdir()
    (folder / "library" / "stumble.py").write_text(f"#!/usr/bin/python\n{STUMBLE}", encoding="utf-8")
    tasks = [{"name": name, module: options, "ignore_errors": True} for name, (module, options, _, _) in FAILING.items()]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_LIBRARY": str(folder / "library"),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal",
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parents[1] / "action" / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "record",
        "EDGE_RECORD": str(folder / "record"),
    }
    variables = json.dumps({"ansible_python_interpreter": sys.executable})
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-e", variables, "play.yml"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
    record = folder / "record"
    assert record.exists(), done.stdout + done.stderr
    lines = map(json.loads, record.read_text(encoding="utf-8").splitlines())
    return {line["task"]: {**line["result"], "failed": line["status"] == "failed"} for line in lines}


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_of_a_module_is_explained(failed: dict[str, dict[str, Any]], name: str) -> None:
    _, _, code, words = FAILING[name]
    assert failed[name]["failed"], failed[name]
    assert_explained(failed[name])
    assert failed[name]["error"]["code"] == code
    assert words in failed[name]["msg"]


def test_a_secret_is_in_no_failure(failed: dict[str, dict[str, Any]]) -> None:
    assert "Not-4-You" not in json.dumps(failed)
