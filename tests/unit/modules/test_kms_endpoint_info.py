# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as Ansible runs it: on this machine, in check mode as in earnest, and never failing because of a host."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.doc_fragments._probe import ModuleDocFragment as Probing
from ansible_collections.winops.volume_activation.plugins.module_utils._errors import InvalidOptionsError
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.status import ProbeStatus
from ansible_collections.winops.volume_activation.plugins.modules import kms_endpoint_info

from ..module_utils._kms import answers
from ..module_utils._kms.listeners import ADDRESS, listening, nobody_listening


def run(folder: Path, options: dict[str, Any], *flags: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "ansible", "adhoc", "localhost", "-i", "localhost,", "-c", "local", *flags]
    command += ["-m", "winops.volume_activation.kms_endpoint_info", "-a", json.dumps(options)]
    environment = {
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert "WARNING" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout.partition("=> ")[2])


@pytest.mark.parametrize("flags", [(), ("--check",)], ids=["run", "check mode"])
def test_a_dead_host_does_not_make_the_task_fail_and_check_mode_asks_all_the_same(tmp_path: Path, flags: tuple[str, ...]) -> None:
    with listening(answers.bind_ack()) as host, nobody_listening() as dead:
        code, result = run(tmp_path, {"endpoints": [f"{ADDRESS}:{dead}", f"{ADDRESS}:{host.port}"]}, *flags)
    assert (code, result["changed"], result["msg"]) == (0, False, "1 of 2 endpoints responds as a KMS host.")
    assert [one["status"] for one in result["endpoints"]] == ["connection_refused", "available"]
    assert host.received == [answers.BIND]
    documented = yaml.safe_load(kms_endpoint_info.RETURN)["endpoints"]["contains"]
    assert [list(one) for one in result["endpoints"]] == [sorted(documented), sorted(documented)]


def test_endpoints_that_cannot_be_one_fail_together_before_anything_is_sent(tmp_path: Path) -> None:
    with listening(answers.bind_ack()) as host:
        code, result = run(tmp_path, {"endpoints": [f"{ADDRESS}:{host.port}", "kms1:0", "k m s"]})
    assert code != 0
    assert result["msg"].startswith("kms_endpoint_info: Nothing was sent: ")
    assert "'kms1:0' has no port" in result["msg"]
    assert "'k m s' contains a space" in result["msg"]
    assert host.received == []


@pytest.mark.parametrize("timeout", [0, -1, 301])
def test_a_time_that_is_none_is_refused(timeout: int) -> None:
    with pytest.raises(InvalidOptionsError, match="must be between 1 and 300"):
        kms_endpoint_info.checked(["kms1"], timeout)


def test_an_empty_list_is_nobody_to_ask() -> None:
    assert kms_endpoint_info.checked([], 5) == []


def test_the_options_are_those_of_the_documentation() -> None:
    sources = (kms_endpoint_info.DOCUMENTATION, Probing.DOCUMENTATION)
    documented = {name: option for source in sources for name, option in yaml.safe_load(source)["options"].items()}
    described = {name: {key: value for key, value in option.items() if key != "description"} for name, option in documented.items()}
    assert described == kms_endpoint_info.ARGUMENT_SPEC


def test_every_state_is_documented() -> None:
    text = kms_endpoint_info.RETURN
    assert [status.value for status in ProbeStatus if f"V({status.value})" not in text] == []
