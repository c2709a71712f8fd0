# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook kms_failover as a person calls it, and what one can see of a failover without the collection's own code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .harness import FQCN, Lab, Results

PLAYBOOK = f"{FQCN}.kms_failover"
KEY, OTHER_KEY = "CCCCC-VVVVV-KKKKK-33333-44444", "CCCCC-VVVVV-KKKKK-33333-66666"
OURS = "kms-update"
DNS = {
    "dns_server": "{{ winlab_dns_server }}",
    "dns_port": "{{ winlab_dns_port }}",
    "authentication": "tsig",
    "key_name": "{{ winlab_dns_key_name }}",
    "key_secret": "{{ winlab_dns_key_secret }}",
    "key_algorithm": "{{ winlab_dns_key_algorithm }}",
}


def failover(lab: Lab, story: str, *, warnings: tuple[str, ...] = (), options: tuple[str, ...] = (), **changes: Any) -> Results:
    """The playbook for the hosts of one domain, whose names begin with the name of the story."""
    variables = {
        "kms_failover_failed_host": f"{story}-1.{story}.example",
        "kms_failover_replacement": f"{story.upper()}-2",
        "kms_failover_host_keys": [{"product_key": KEY}],
        "kms_failover_clients": story,
        "kms_failover_domains": [f"{story}.example"],
        "kms_failover_dns": DNS,
        "kms_failover_probe_retries": 3,
        "kms_failover_probe_delay": 1,
        **changes,
    }
    given = {name: value for name, value in variables.items() if value is not None}
    return lab.run(PLAYBOOK, given, options=options, expected_warnings=warnings)


def report_of(results: Results) -> Mapping[str, Any]:
    """What the playbook reported at its end."""
    facts = [result.get("ansible_facts") or {} for task in results.run.tasks for result in task.hosts.values()]
    (found,) = (fact["kms_failover_report"] for fact in facts if "kms_failover_report" in fact)
    return dict(found)


def failure(results: Results) -> str:
    """The sentence of the last task that failed; the report comes after it."""
    return str([result["msg"] for task in results.run.tasks for result in task.hosts.values() if result["status"] == "failed"][-1])


def updates(lab: Lab) -> list[dict[str, Any]]:
    """What the playbook sent to the name server since the last run began; the hosts' own updates are signed by another key."""
    return [update for update in lab.client.dns_updates() if update["key"] == OURS]


def published(lab: Lab, domain: str) -> list[str]:
    return sorted(record["host"] for record in lab.client.srv_records(domain))


def pid_of_host(lab: Lab, name: str) -> str:
    """The extended PID of the KMS host key, as the machine itself shows it."""
    return str(host_key(lab, name)["properties"]["ProductKeyID"])


def host_key(lab: Lab, name: str) -> dict[str, Any]:
    (found,) = (product for product in lab.client.machine(name)["products"] if product["channel"] == "csvlk")
    return dict(found)


def pids_of_clients(lab: Lab, names: Iterable[str]) -> set[str]:
    """The extended PIDs of the hosts that activated these machines."""
    products = [product for name in names for product in lab.client.machine(name)["products"]]
    return {product["properties"]["KeyManagementServiceProductKeyID"] for product in products}


def writes(results: Results) -> int:
    return sum(results.writes(name) for name in results.costs)
