# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of Active Directory-based activation know of a lab: the account of its directory, and how machines are activated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .harness import FQCN, LAB_DNS, Lab, Results

BOOK = f"{FQCN}.kms_to_adba"
READER = "Lab-Reader-1!"
TYPES = {0: "all", 1: "ad", 2: "kms", 3: "token"}


def directory_of(lab: Lab) -> dict[str, Any]:
    """The directory of the first machine of the lab, for an account that only reads."""
    found = lab.host_variables(lab.names()[0])
    return {
        "server": found["winlab_directory_server"],
        "address": found["winlab_directory_address"],
        "port": found["winlab_directory_tls_port"],
        "authentication": "simple",
        "tls": "ldaps",
        "principal": f"reader@{found['winlab_directory_domain']}",
        "password": READER,
        "ca_file": found["winlab_directory_ca_file"],
    }


def variables(lab: Lab, hosts: str, product_name: str = "Windows Server 2025", **more: Any) -> dict[str, Any]:
    """The variables of the playbook. Microsoft does not publish the activation IDs of the keys, so that a site names their products."""
    found = lab.host_variables(lab.names()[0])
    (known,) = lab.client.directory(str(found["winlab_directory_domain"]))["objects"]
    return {
        "kms_to_adba_hosts": hosts,
        "adba_directory": directory_of(lab),
        "adba_csvlk_products": {known["sku_id"]: product_name},
        **more,
    }


def move(lab: Lab, hosts: str, *options: str, warnings: tuple[str, ...] = (), **changes: Any) -> Results:
    """Run the playbook."""
    return lab.run(BOOK, variables(lab, hosts, **changes), options=options, expected_warnings=warnings)


def back(lab: Lab, hosts: str, *options: str, kind: str = "kms") -> Results:
    """Run the playbook for the way back."""
    given = {"convert_to_kms_hosts": hosts, "kms_client_activation_type": kind, **LAB_DNS}
    return lab.run(f"{FQCN}.convert_to_kms", given, options=options)


def state(lab: Lab, name: str) -> dict[str, Any]:
    """How a machine is activated, from the lab itself: what a run leaves, without times and counts."""
    shown = lab.client.machine(name)
    (found,) = (each for each in shown["products"] if each["properties"]["PartialProductKey"])
    own = found["properties"]
    return {
        "channel": found["channel"],
        "licensed": own["LicenseStatus"] == 1,
        "used": TYPES.get(own.get("VLActivationType") or -1),
        "allowed": TYPES[own.get("VLActivationTypeEnabled") or 0],
        "object": own.get("ADActivationObjectName"),
        "kms_host": shown["service"].get("KeyManagementServiceMachine"),
        "key": own["PartialProductKey"],
    }


def states(lab: Lab, tag: str) -> dict[str, dict[str, Any]]:
    """The machines of a tag."""
    return {name: state(lab, name) for name in lab.names(tag)}


def migration_of(results: Results) -> Mapping[str, Any]:
    """The migration that the run published."""
    facts = [result["ansible_facts"] for task in results.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    return next(dict(fact["adba_migration"]) for fact in facts if "adba_migration" in fact)
