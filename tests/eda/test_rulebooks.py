# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks of the installed tarball in ansible-rulebook: what a person reads, and what a controller is asked to launch."""

from __future__ import annotations

import shlex
import socket
from pathlib import Path

import pytest

from project import FQCN
from winlab.client import LabClient

from .conftest import PATIENCE, TEMPLATES, Controller, Rulebooks


def test_outage_of_a_kms_host_prints_the_command_that_replaces_it_and_its_end(rulebooks: Rulebooks, lab: tuple[LabClient, Path]) -> None:
    client, _inventory = lab
    dns = client.dns()
    wishes = {
        "kms_domains": ["eda.lab"],
        "kms_dns_server": dns["server"],
        "kms_dns_port": dns["port"],
        "kms_probe_networks": ["127.46.0.0/24"],
        "kms_interval": 1,
        "kms_silent_after": 2,
        "kms_probe_timeout": 2,
        "kms_replacement": "kms2",
        "kms_clients": "clients",
    }
    before = client.machine("kms1")["kms_host"]
    client.crash("kms1")
    watcher = rulebooks.start(f"{FQCN}.kms_host_silent", wishes)
    watcher.wait_for("kms1.eda.lab:1688 has not responded as a KMS host 2 times in a row (connection_refused).")
    command = shlex.split(watcher.wait_for("To replace it: ").partition("To replace it: ")[2])
    assert command == [
        "ansible-playbook", "-i", "inventory.yml", f"{FQCN}.kms_failover", "-e", "kms_failover_failed_host=kms1.eda.lab",
        "-e", "kms_failover_replacement=kms2", "-e", "kms_failover_clients=clients", "-e", "@failover.yml",
    ]  # fmt: skip
    client.power_on("kms1")
    watcher.wait_for("kms1.eda.lab:1688 responds again as a KMS host")
    output = watcher.stop()
    assert output.count("has not responded as a KMS host") == 1
    assert "kms2.eda.lab:1688 has" not in output
    assert client.machine("kms1")["kms_host"] == before


def test_name_server_that_fails_is_reported_and_the_rulebook_goes_on(rulebooks: Rulebooks) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        wishes = {"kms_domains": "eda.lab", "kms_dns_server": "127.0.0.1", "kms_dns_port": port, "kms_endpoints": f"127.0.0.1:{port}"}
        watcher = rulebooks.start(f"{FQCN}.kms_host_silent", {**wishes, "kms_interval": 1, "kms_silent_after": 2})
        watcher.wait_for("The SRV records of eda.lab cannot be read (connection_refused).")
        watcher.wait_for(f"127.0.0.1:{port} has not responded")
    watcher.stop()


@pytest.mark.parametrize(("kind", "template"), [("workflow", "workflow_job_template"), ("job", "job_template")])
def test_silent_kms_host_launches_the_template_of_a_controller(
    rulebooks: Rulebooks, controller: Controller, kind: str, template: str
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        wishes = {
            "kms_endpoints": [f"127.0.0.1:{closed.getsockname()[1]}"],
            "kms_interval": 1,
            "kms_silent_after": 1,
            f"kms_{kind}_template": "Replace a KMS host",
        }
        options = ("--controller-url", controller.url, "--controller-token", "secret")
        watcher = rulebooks.start(f"{FQCN}.kms_host_silent_{kind}", wishes, *options)
        path, body = controller.launched.get(timeout=PATIENCE)
    watcher.stop()
    assert path == TEMPLATES[template]
    variables = {name: value for name, value in body["extra_vars"].items() if name != "ansible_eda"}
    assert variables == {"kms_failover_failed_host": "127.0.0.1"}
    assert controller.launched.empty()


def test_count_under_the_threshold_is_reported_once(rulebooks: Rulebooks, records: Path) -> None:
    watcher = rulebooks.start(f"{FQCN}.kms_count_low", {"activation_records": str(records), "activation_interval": 1})
    watcher.wait_for("kms2 counts 3 of 5 (windows)")
    assert f"{FQCN}.activation_check" in watcher.wait_for("To find clients that share a CMID: ansible-playbook")
    output = watcher.stop()
    assert output.count(" counts ") == 1


def test_license_that_ends_is_reported_with_the_command_for_its_machine(rulebooks: Rulebooks, records: Path) -> None:
    damaged = records.with_name("damaged.jsonl")
    damaged.write_text("{\n", encoding="utf-8")
    wishes = {"activation_records": [str(records), str(damaged)], "activation_interval": 1, "license_expiring_within_days": 200}
    watcher = rulebooks.start(f"{FQCN}.license_ending", wishes)
    watcher.wait_for("desktop: the license of Windows", "(gvlk)", "ends in 1")
    command = shlex.split(watcher.wait_for("To find the reason: ").partition("To find the reason: ")[2])
    assert command == ["ansible-playbook", "-i", "inventory.yml", "--limit", "desktop", f"{FQCN}.activation_check"]
    watcher.wait_for(f"{damaged}, line 1: the line is not a JSON object")
    assert "grace: the license" not in watcher.stop()


def test_invalid_variable_ends_ansible_rulebook_with_one_sentence(rulebooks: Rulebooks) -> None:
    watcher = rulebooks.start(f"{FQCN}.kms_host_silent", {"kms_endpoints": ["kms1:0"]})
    watcher.wait_for("kms_endpoints: endpoints: 'kms1:0' has no port from 1 to 65535 after the colon. Nothing was read or sent.")
    assert watcher.process.wait(PATIENCE) != 0
