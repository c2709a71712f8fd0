# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both filters as a playbook sees them: by full name, through Ansible's own templating, documented by ansible-doc."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NAMESPACE = "winops.volume_activation"
KEY = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
MASKED = "XXXXX-XXXXX-XXXXX-XXXXX-FGHJK"


def run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment = {**clean, "ANSIBLE_HOME": str(folder), "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "ansible", program, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def templated(folder: Path, expression: str) -> Any:
    done = run(folder, "adhoc", "localhost", "-i", "localhost,", "-m", "ansible.builtin.debug", "-a", json.dumps({"msg": expression}))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr + done.stdout
    return json.loads(done.stdout.partition("=> ")[2])["msg"]


def test_both_filters_work_in_a_template(tmp_path: Path) -> None:
    explained = f"('0xC004F038' | {NAMESPACE}.explain_activation_error)"
    signed = f"(-1073418184 | {NAMESPACE}.explain_activation_error)"
    masked = f"('key ' ~ '{KEY.lower()}' | {NAMESPACE}.mask_product_key)"
    result = templated(tmp_path, f"{{{{ [{explained}, {signed} == {explained}, {masked}] }}}}")
    assert result[0]["symbol"] == "SL_E_VL_NOT_ENOUGH_COUNT"
    assert result[0]["transient"] is True
    assert isinstance(result[0]["next_steps"], list)
    assert result[1:] == [True, f"key {MASKED[:-5]}{KEY[-5:].lower()}"]


def test_a_wrong_code_fails_the_task_with_a_sentence(tmp_path: Path) -> None:
    message = json.dumps({"msg": f"{{{{ 'kaputt' | {NAMESPACE}.explain_activation_error }}}}"})
    done = run(tmp_path, "adhoc", "localhost", "-i", "localhost,", "-m", "ansible.builtin.debug", "-a", message)
    assert done.returncode != 0
    assert "'kaputt' is not an error code: use the form 0xC004F074" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "options"), [("explain_activation_error", {"_input", "language", "context"}), ("mask_product_key", {"_input"})]
)
def test_the_documentation_shows_in_ansible_doc(tmp_path: Path, name: str, options: set[str]) -> None:
    done = run(tmp_path, "doc", "--type", "filter", "--json", f"{NAMESPACE}.{name}")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    shown = json.loads(done.stdout)[f"{NAMESPACE}.{name}"]
    assert shown["doc"]["positional"] == "_input"
    assert set(shown["doc"]["options"]) == options
    assert f"{NAMESPACE}.{name}" in shown["examples"]
    assert "_value" in shown["return"]


def test_the_documented_result_is_the_real_one(tmp_path: Path) -> None:
    done = run(tmp_path, "doc", "--type", "filter", "--json", f"{NAMESPACE}.explain_activation_error")
    documented = json.loads(done.stdout)[f"{NAMESPACE}.explain_activation_error"]["return"]["_value"]["contains"]
    result = templated(tmp_path, f"{{{{ '0xC004F038' | {NAMESPACE}.explain_activation_error }}}}")
    assert set(documented) == set(result)
    for field, about in documented.items():
        sample = about["sample"]
        assert set(sample) <= set(result[field]) if isinstance(sample, list) else sample == result[field], field
