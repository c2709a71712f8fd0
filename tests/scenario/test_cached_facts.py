# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""activation_check keeps facts by which the shipped constructed inventory groups the machines, without connecting to them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from controller_data import data
from project import BIN, environment

from .harness import FQCN, Lab

ESTATE = "role.yml"
OFF = "SRV-02"


def groups(lab: Lab, folder: Path, cache: dict[str, str]) -> dict[str, Any]:
    """The groups of the constructed inventory, as ansible-inventory computes them from the fact cache."""
    source = folder / "by_activation.constructed.yml"
    source.write_text(yaml.safe_dump(data()["constructed"]["source_vars"]), encoding="utf-8")
    command = [BIN / "ansible-inventory", "-i", lab.inventory, "-i", source, "--list"]
    env = {**environment(), **cache}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_machines_are_grouped_by_the_facts_of_the_last_check(lab: Lab, tmp_path: Path) -> None:
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "facts")}
    lab.client.crash(OFF)
    settings = {"activation_check_hosts": "windows", "activation_check_probe": False, "activation_check_fail_on": []}
    more = {"activation_check_fail_on_unreachable": False, "activation_check_cache_facts": "true"}
    run = lab.run(f"{FQCN}.activation_check", {**settings, **more}, env=cache)
    assert run.run.exit_code == 0
    found = groups(lab, tmp_path, cache)
    read = sorted(set(lab.names()) - {OFF})
    assert OFF in found["activation_unknown"]["hosts"]
    assert set(found["activation_unknown"]["hosts"]) & set(read) == set()
    statuses = [name for name in found if name.startswith("activation_status_")]
    assert sorted(host for name in statuses for host in found[name]["hosts"]) == read
    assert {"activation_status_licensed", "activation_channel_gvlk"} <= set(found)
    facts = found["_meta"]["hostvars"][found["activation_channel_gvlk"]["hosts"][0]]["activation_check_facts"]
    assert set(facts) == {"channel", "status", "kms_host", "expires", "days_left", "passed"}


def test_no_facts_are_kept_without_the_option(lab: Lab, tmp_path: Path) -> None:
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "facts")}
    settings = {"activation_check_hosts": "windows", "activation_check_probe": False, "activation_check_fail_on": []}
    lab.run(f"{FQCN}.activation_check", {**settings, "activation_check_fail_on_unreachable": False}, env=cache)
    assert "activation_check_facts" not in "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "facts").glob("*"))
