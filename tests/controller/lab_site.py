# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site of the tests: the lab as the inventory of a controller, its credentials, and a machine that keeps files.

Whatever runs here is searched for secrets: product keys in any spelling, passwords, and keys of name servers.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from awx_rules.controller import Controller, Objects, Result, WorkflowResult
from awx_rules.credentials import MACHINE, Credential
from awx_rules.runner import Environment, Finished, Watch
from key_gate import KEY, find_leaks
from project import BIN, environment
from winlab.client import LabClient

OWN_OBJECTS = Path(__file__).with_name("objects.yml")
FILE_HOST = "files"
FOLDER = "activation"
"""The folder of all files, in the home directory of the machine that keeps them."""

MAK = "MMMMM-KKKKK-MMMMM-22222-33333"
ESU_MAK = "MMMMM-KKKKK-MMMMM-YWX33-TTWY3"
READER = "Lab-Reader-1!"
CSVLK = "CCCCC-VVVVV-KKKKK-22222-66666"
PREFIX = "Volume activation | "
SITE_VARIABLES = {
    **{f"{role}_dns_{name}": f"{{{{ winlab_dns_{name} }}}}" for role in ("kms_client", "activation_check") for name in ("server", "port")},
    **{f"{role}_service_url": "{{ winlab_batch_activation_url }}" for role in ("mak_client", "esu", "proxy_activation")},
    **{f"{role}_ca_path": "{{ winlab_batch_activation_ca }}" for role in ("mak_client", "esu", "proxy_activation")},
}
"""What the inventory of a site says to all roles: a name server that knows the KMS hosts, and the simulated service of Microsoft."""

ACCOUNT = {"username": "LabAdmin", "password": "Lab-Passw0rd!"}


def leaks(text: str, secrets: Iterable[str]) -> list[str]:
    """Return the secrets in a text, by what is not secret of them."""
    found = [str(leak) for leak in find_leaks(text, "job", [secret for secret in secrets if KEY.fullmatch(secret)])]
    for secret in secrets:
        spellings = (secret, json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode().rstrip("="))
        found += [f"a secret of {len(secret)} characters that ends in {secret[-2:]}" for spelled in spellings if spelled in text]
    return found


@dataclass(frozen=True)
class Site:
    """A controller, the lab behind it, and the folder of the machine that keeps files."""

    controller: Controller
    lab: LabClient
    files: Path

    def launch(self, name: str, answers: Mapping[str, Any] | None = None, *, watch: Watch | None = None, **prompts: Any) -> Result:
        """Launch a job template. What AWX keeps of the job contains no secret."""
        done = self.controller.launch(name, answers, watch=watch, **prompts)
        self.check(done.jobs, answers or {})
        return done

    def run_workflow(
        self, name: str, answers: Mapping[str, Any] | None = None, decisions: Mapping[str, str] | None = None, **prompts: Any
    ) -> WorkflowResult:
        """Run a workflow. What AWX keeps of its jobs contains no secret."""
        done = self.controller.run_workflow(name, answers, decisions, **prompts)
        self.check(done.jobs, answers or {})
        return done

    def check(self, jobs: Iterable[Finished], answers: Mapping[str, Any]) -> None:
        """Raise AssertionError if the output of a job contains a secret."""
        asked = {str(value) for value in answers.values() if KEY.fullmatch(str(value))}
        for job in jobs:
            assert leaks(job.text, self.controller.secrets() | asked) == []

    def product(self, machine: str) -> tuple[str, bool]:
        """Return the channel of the Windows product of a machine, and whether it is licensed, from the lab itself."""
        (found,) = (product for product in self.lab.machine(machine)["products"] if product["properties"]["PartialProductKey"])
        return found["channel"], found["properties"]["LicenseStatus"] == 1


def keeper_of(files: Path) -> dict[str, str]:
    """Return the variables of the machine that keeps files, which has a home directory of its own.

    The paths of the tests are relative, so that a job that uses its own disk instead loses its files.
    """
    home = files.parent
    wrapper = home / "python"
    wrapper.write_text(f'#!/bin/sh\nexport HOME="{home}"\ncd "$HOME" && exec "{sys.executable}" "$@"\n', encoding="utf-8")
    wrapper.chmod(0o700)
    return {"ansible_connection": "local", "ansible_python_interpreter": str(wrapper)}


def listing_of(inventory: Path, files: Path) -> dict[str, Any]:
    """Return the inventory of the lab as an inventory source imports it, without accounts and passwords: a credential has them."""
    command = [BIN / "ansible-inventory", "-i", inventory, "--list", "--export"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    found: dict[str, Any] = json.loads(done.stdout)
    for variables in found["_meta"]["hostvars"].values():
        variables.pop("ansible_user", None)
        variables.pop("ansible_password", None)
    found["_meta"]["hostvars"][FILE_HOST] = keeper_of(files)
    found["keepers"] = {"hosts": [FILE_HOST]}
    found["all"]["children"].append("keepers")
    found["all"]["vars"].update(SITE_VARIABLES)
    return found


def shipped(files: Path, execution_environment: Environment) -> dict[str, Any]:
    """Return the shipped objects for this site, as the role in the execution environment computes them."""
    target = files / "objects.json"
    names = {"machine": "windows", "mak": "mak", "host_key": "host key", "dns": "name server", "directory": "directory"}
    variables = {
        "controller_content_project": "Playbooks",
        "controller_content_inventory": "Windows estate",
        "controller_content_credential_names": names,
        "controller_content_file_host": FILE_HOST,
        "controller_content_file_host_variables": keeper_of(files),
        "controller_content_folder": FOLDER,
        "controller_content_slices": 3,
        "controller_content_override": {
            "templates": {key: {"credentials": ["windows", "esu"]} for key in ("activate_esu", "activate_esu_check")}
        },
        "shipped_path": str(target),
    }
    env = {**execution_environment.env, "ANSIBLE_COLLECTIONS_PATH": str(execution_environment.collections)}
    command = [BIN / "ansible-playbook", execution_environment.project / "shipped.yml", "-e", json.dumps(variables)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    target.unlink()
    return found


def directory_of(lab: LabClient) -> dict[str, Any]:
    """Return where the directory of the lab is, and its activation objects, whose activation IDs a site has to know."""
    return lab.directory("joined.lab")


def site_of(lab: LabClient, inventory: Path, folder: Path, execution_environment: Environment) -> Site:
    """Return the site of a running lab."""
    files = folder / "keeper" / FOLDER
    files.mkdir(parents=True)
    own, ours = yaml.safe_load(OWN_OBJECTS.read_text(encoding="utf-8")), shipped(files, execution_environment)
    objects = Objects.of({kind: [*own.get(kind, ()), *ours[kind]] for kind in ours})
    listing = listing_of(inventory, files)
    shown = listing["all"]["vars"]
    server = {"dns_server": shown["winlab_dns_server"], "dns_port": str(shown["winlab_dns_port"]), "key_name": shown["winlab_dns_key_name"]}
    mak, host_key, dns = (f"{PREFIX}{name}" for name in ("Multiple Activation Key (MAK)", "KMS host key (CSVLK)", "DNS update key (TSIG)"))
    directory = directory_of(lab)
    listing["all"]["vars"]["adba_csvlk_products"] = {directory["objects"][0]["sku_id"]: "Windows Server 2025"}
    ldaps = f"{PREFIX}Directory account (LDAPS)"
    reader = {"server": directory["server"], "address": directory["address"], "port": str(directory["tls_port"])}
    authorities = Path(directory["ca_file"]).read_text(encoding="utf-8")
    credentials = [
        Credential("windows", MACHINE, ACCOUNT),
        Credential("mak", mak, {"product_key": MAK}),
        Credential("esu", mak, {"product_key": ESU_MAK}),
        Credential("host key", host_key, {"product_key": CSVLK, "product_name": "Windows Server 2025"}),
        Credential("directory", ldaps, {**reader, "principal": "reader@joined.lab", "password": READER, "ca_certificates": authorities}),
        Credential("name server", dns, {**server, "key_secret": shown.pop("winlab_dns_key_secret")}),
    ]
    by_name = {credential.name: credential for credential in credentials}
    return Site(Controller(objects, listing, execution_environment, by_name), lab, files)
