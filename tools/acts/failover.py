# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second part of `make demo`: the KMS host fails, another one replaces it, and every client is verified to use the new host.

Uses the lab of the first part. The variables of the playbook are in a file, because they contain a product key and the secret of the
update key.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from playbook import Run, run_playbook
from project import FQCN, ROOT
from winlab.client import LabClient

PLAYBOOK = f"{FQCN}.kms_failover"
CLIENT = f"{FQCN}.kms_client"
DOMAIN, FAILED, SPARE = "demo.lab", "kms1", "kms2"
CLIENT_GROUPS = ("clients", "pinned")
SHOWN = 4

Record = tuple[int, int, int, str]


@dataclass(frozen=True)
class Act:
    """The environment of the second part. `left_out` are machines that no KMS host activated before."""

    client: LabClient
    inventory: Path
    work: Path
    console: Console
    host_key: str
    left_out: Sequence[str]


def failover_variables(act: Act) -> dict[str, Any]:
    """Return the variables that a user would store in a vault file."""
    dns = act.client.dns()
    return {
        "kms_failover_failed_host": f"{FAILED}.{DOMAIN}",
        "kms_failover_replacement": SPARE,
        "kms_failover_host_keys": [{"product_key": act.host_key, "product_name": "Windows Server 2025"}],
        "kms_failover_clients": ":".join([*CLIENT_GROUPS, *(f"!{name}" for name in sorted(act.left_out))]),
        "kms_failover_domains": [DOMAIN],
        "kms_failover_dns": {
            "dns_server": dns["server"],
            "dns_port": dns["port"],
            "authentication": "tsig",
            "key_name": dns["key_name"],
            "key_secret": dns["key_secret"],
        },
    }


def records(act: Act) -> frozenset[Record]:
    """Return the SRV records that are in DNS now."""
    found = act.client.srv_records(DOMAIN)
    return frozenset((record["priority"], record["weight"], record["port"], record["host"]) for record in found)


def show_records(act: Act, title: str, published: Iterable[Record]) -> None:
    """Print SRV records in the format of a zone file."""
    act.console.print(f"{title}:")
    for priority, weight, port, host in sorted(published):
        act.console.print(f"  _vlmcs._tcp.{DOMAIN}. SRV {priority} {weight} {port} {host}.", highlight=False)


def fail_over(act: Act, number: int, output: Any = None) -> Run:
    """Run the playbook of the collection."""
    variables = act.work / "failover.yml"
    variables.write_text(yaml.safe_dump(failover_variables(act), sort_keys=False), encoding="utf-8")
    variables.chmod(0o600)
    inventory, given = act.inventory.relative_to(ROOT), variables.relative_to(ROOT)
    act.console.print(f"\n[bold]$ ansible-playbook -i {inventory} {PLAYBOOK} -e @{given}[/]", soft_wrap=True)
    return run_playbook(PLAYBOOK, act.inventory, act.work / f"failover-{number}.json", variables_file=variables, output=output)


def report_of(run: Run) -> dict[str, Any]:
    """Return the report of the playbook; empty if the playbook did not get that far."""
    facts = [result.get("ansible_facts", {}) for task in run.tasks for result in task.hosts.values()]
    found = [fact["kms_failover_report"] for fact in facts if "kms_failover_report" in fact]
    return dict(found[-1]) if found else {}


def report_table(report: Mapping[str, Any]) -> Table:
    """Return a table of the clients by their status and KMS host."""
    table = Table("machines", "status", "KMS host, or reason", "which", title="Report", title_justify="left")
    table.columns[0].justify = "right"
    for group in sorted(report["groups"], key=lambda each: -each["count"]):
        names, status = group["machines"], group["outcome"]
        more = f", ... ({len(names) - SHOWN} more)" if len(names) > SHOWN else ""
        color = "green" if status == "verified" else "yellow"
        table.add_row(str(group["count"]), f"[{color}]{status}[/]", group["message"], ", ".join(names[:SHOWN]) + more)
    return table


def play(act: Act) -> dict[str, Any]:
    """Run the second part. Returns the part `failover` of build/demo.json."""
    began = time.monotonic()
    act.client.crash(FAILED)
    # The DNS caches of the first part expire.
    act.client.advance(minutes=60)
    before = records(act)
    show_records(act, f"{FAILED} does not respond. Its record is still in DNS", before)
    run = fail_over(act, 1)
    first, after = report_of(run), records(act)
    if first:
        act.console.print(report_table(first))
        for host in first["kms_hosts"]:
            act.console.print(f"{host['machine']}: " + "; ".join(row["message"] for row in host["forecast"]), highlight=False)
    show_records(act, "Records in DNS now", after)
    log = act.work / "failover-2.log"
    with log.open("w", encoding="utf-8") as output:
        second = fail_over(act, 2, output)
    act.console.print(f"... (the complete output is in {log.relative_to(ROOT)})")
    rows = first.get("rows", ())
    return {
        "clients_moved": len({row["machine"] for row in rows if row["verified"]} & set(run.results(CLIENT))),
        "clients_not_verified": len([row for row in rows if row["status"] not in ("verified", "not_affected")]),
        "records_removed": len(before - after),
        "records_added": len(after - before),
        "second_run_changed": second.changed_hosts(),
        "seconds": round(time.monotonic() - began, 1),
    }


def is_right(result: Mapping[str, Any]) -> bool:
    """Return whether clients moved and are verified, one record replaced that of the failed host, and the second run changed nothing."""
    moved = result["clients_moved"] > 0 and result["clients_not_verified"] == 0
    return bool(moved and result["records_removed"] == result["records_added"] == 1 and result["second_run_changed"] == 0)
