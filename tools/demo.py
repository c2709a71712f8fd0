# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: convert simulated Windows machines to KMS clients, and show that a second run does not change anything.

Starts the lab, shows the state of its machines, converts them with the playbook of the collection, and shows the state again, with the
machines that could not be converted and the reasons. Then runs the playbook again. The second part stops the KMS host and replaces it.
The third part activates Office and Extended Security Updates on other machines. At the end, a report about all machines is written. Writes
build/demo.json.
"""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table

from acts import failover as failover_act
from acts import licenses as licenses_act
from acts import report as report_act
from console import wide_console
from playbook import Run, run_playbook
from processes import run_main
from project import BUILD, FQCN, ROOT, ToolError
from winlab.client import LabError, running_lab

ESTATE = ROOT / "tests" / "lab" / "estates" / "demo.yml"
WORK = BUILD / "demo"
REPORT = BUILD / "demo-report.html"
GROUP = "clients"
INFO = f"{FQCN}.activation_info"
CLIENT = f"{FQCN}.kms_client"
CONVERT = {
    "convert_to_kms_hosts": GROUP,
    "kms_client_discovery": "true",
    "kms_client_dns_server": "{{ winlab_dns_server }}",
    "kms_client_dns_port": "{{ winlab_dns_port }}",
}
"""Only the name server of the lab, which is in the inventory, can resolve the KMS hosts."""
SHOWN_NAMES = 3

console = wide_console()


def named(names: list[str]) -> str:
    """Return the first machine names, and the number of the others."""
    shown = ", ".join(sorted(names)[:SHOWN_NAMES])
    return shown if len(names) <= SHOWN_NAMES else f"{shown}, ... ({len(names) - SHOWN_NAMES} more)"


def primary(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the Windows product of a machine, or an empty mapping if it has no key."""
    products: list[dict[str, Any]] = result.get("products", [])
    return next((product for product in products if product["primary"]), {})


def describe(result: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return status, key type, and KMS host of a machine for the table."""
    if result["status"] != "ok":
        return ("unreachable" if result["status"] == "unreachable" else "not read", "", str(result.get("msg", "")).splitlines()[0])
    product = primary(result)
    if not product:
        return ("no product key", "", "")
    kms = product["kms"]
    host = f"{kms['kms_host']} ({kms['source']})" if kms and kms["kms_host"] else "none yet"
    return (product["status"].replace("_", " "), product["channel"].upper(), host if product["channel"] == "gvlk" else "")


def state_rows(run: Run) -> list[tuple[str, ...]]:
    """Return the machines grouped by their state: number, status, key, KMS host, and names."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for name, result in run.results(INFO).items():
        groups[describe(result)].append(name)
    return [(str(len(names)), *group, named(names)) for group, names in sorted(groups.items(), key=lambda item: -len(item[1]))]


def state_table(title: str, rows: Iterable[Sequence[str]]) -> Table:
    """Return the rows of state_rows as a table."""
    table = Table("machines", "status", "key", "KMS host", "which", title=title, title_justify="left")
    table.columns[0].justify = "right"
    for number, status, channel, host, names in rows:
        color = "green" if status == "licensed" else "yellow"
        table.add_row(number, f"[{color}]{status}[/]", channel, host, names)
    return table


def report_of(run: Run) -> dict[str, Any]:
    """Return the report with which the playbook ended; empty if the playbook did not get that far."""
    facts = [result.get("ansible_facts", {}) for task in run.tasks for result in task.hosts.values()]
    found = [fact["outcome_report"] for fact in facts if "outcome_report" in fact]
    return dict(found[-1]) if found else {}


def is_explained(row: Mapping[str, Any]) -> bool:
    """Return whether the report has a reason and a next step for a machine that was not converted."""
    return bool(row["message"] and row["next_steps"])


def is_converted(result: Mapping[str, Any]) -> bool:
    """Return whether a machine is a licensed KMS client."""
    product: Mapping[str, Any] = next(iter(result.get("products") or ()), {})
    return result["status"] == "ok" and product.get("channel") == "gvlk" and product.get("status") == "licensed"


def not_converted(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the results of the machines that are not licensed KMS clients."""
    return {name: result for name, result in results.items() if not is_converted(result)}


def failure_rows(report: Mapping[str, Any], left: Container[str]) -> list[tuple[str, ...]]:
    """Return the groups of the report with machines that were not converted: number, names, code, meaning, and next step."""
    rows = {row["machine"]: row for row in report["rows"]}
    shown = []
    for group in report["groups"]:
        first = rows[group["machines"][0]]
        if first["machine"] in left:
            code = first["code"] or group["outcome"]
            meaning = str(group["message"]).removesuffix(f" [{code}]")
            shown.append((str(group["count"]), named(group["machines"]), code, meaning, group["next_step"]))
    return sorted(shown, key=lambda row: -int(row[0]))


def failures_table(rows: Iterable[Sequence[str]]) -> Table:
    """Return the rows of failure_rows as a table."""
    table = Table("machines", "which", "code", "why", "what to do", title="Not converted, and why", title_justify="left", show_lines=True)
    for row in rows:
        table.add_row(*row)
    return table


def heading(text: str) -> None:
    """Print a heading between two parts."""
    console.print()
    console.rule(f"[bold]{text}", align="left")


def announce_conversion(inventory: Path) -> None:
    """Print the command that a user would run."""
    variables = " ".join(f"-e {shlex.quote(f'{name}={value}')}" for name, value in CONVERT.items())
    console.print(f"\n[bold]$ ansible-playbook -i {inventory.relative_to(ROOT)} {FQCN}.convert_to_kms {variables}[/]", soft_wrap=True)


def convert(inventory: Path) -> Run:
    """Run the playbook of the collection, and show its output."""
    heading("Conversion")
    announce_conversion(inventory)
    return run_playbook(f"{FQCN}.convert_to_kms", inventory, WORK / "convert-1.json", variables=CONVERT)


def convert_again(inventory: Path) -> Run:
    """Run the playbook again, and show only the recap. The complete output is in a file."""
    heading("Run the same playbook again")
    announce_conversion(inventory)
    log = WORK / "convert-2.log"
    with log.open("w", encoding="utf-8") as output:
        run = run_playbook(f"{FQCN}.convert_to_kms", inventory, WORK / "convert-2.json", variables=CONVERT, output=output)
    print(f"... (the complete output is in {log.relative_to(ROOT)})\n")
    print("PLAY RECAP" + log.read_text(encoding="utf-8").rpartition("PLAY RECAP")[2].rstrip())
    return run


def read(inventory: Path, number: int) -> Run:
    """Read the state of every client, without the output of the playbook."""
    with (WORK / f"read-{number}.log").open("w", encoding="utf-8") as log:
        playbook = ROOT / "tools" / "playbooks" / "read.yml"
        return run_playbook(playbook, inventory, WORK / f"read-{number}.json", output=log)


def lab_host_key() -> str:
    """Return the KMS host key of the demo, which is invented."""
    keys = yaml.safe_load(ESTATE.read_text(encoding="utf-8"))["microsoft"]["keys"]
    return str(next(key["key"] for key in keys if key["channel"] == "csvlk"))


def show() -> dict[str, Any]:
    """Run the complete demo. Returns the content of build/demo.json without the duration."""
    heading("Starting the lab")
    with running_lab(ESTATE, run_dir=WORK / "lab") as (client, inventory):
        count = len(client.machines())
        console.print(f"{count} simulated machines respond to WS-Management on loopback addresses. They are not real Windows machines.")
        console.print(state_table("Before", state_rows(read(inventory, 1))))
        converted = convert(inventory)
        results, outcomes = converted.results(CLIENT), report_of(converted)
        heading("After the conversion")
        console.print(state_table("After", state_rows(read(inventory, 2))))
        left = not_converted(results)
        console.print(failures_table(failure_rows(outcomes, left)))
        changed = convert_again(inventory).changed_hosts()
        heading(f"Second run: {changed} changed")
        heading("Second part: the KMS host fails")
        failover = failover_act.play(failover_act.Act(client, inventory, WORK, console, lab_host_key(), tuple(left)))
        report_act.keep(report_act.Act(WORK, REPORT, console), inventory)
    heading(f"Second run of the failover: {failover['second_run_changed']} changed")
    heading("Third part: Office and Extended Security Updates (ESU)")
    report: dict[str, Any] = {}

    def write_report(inventory: Path, second_run_changed: int) -> None:
        heading(f"Second run for Office and ESU: {second_run_changed} changed")
        heading("The report about all machines")
        report.update(report_act.write(report_act.Act(WORK, REPORT, console), inventory))

    licenses = licenses_act.play(licenses_act.Act(WORK, console, write_report))
    return {
        "hosts": len(results),
        "converted": len(results) - len(left),
        "explained_failures": sum(is_explained(row) for row in outcomes["rows"] if row["machine"] in left),
        "second_run_changed": changed,
        "failover": failover,
        "licences": licenses,
        "report": report,
    }


def main() -> int:
    began = time.monotonic()
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        counts = show()
    except (LabError, ToolError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    report = {**counts, "seconds": round(time.monotonic() - began, 1)}
    (BUILD / "demo.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    unexplained = counts["hosts"] - counts["converted"] - counts["explained_failures"]
    failover, licenses = counts["failover"], counts["licences"]
    console.print(
        f"{counts['hosts']} machines: {counts['converted']} are licensed KMS clients, {counts['explained_failures']} could not be "
        f"converted for a known reason. The second run changed {counts['second_run_changed']}.\n"
        f"The KMS host failed: {failover['clients_moved']} clients are verified to use the new one. "
        f"The second run changed {failover['second_run_changed']}.\n"
        f"{licenses['office_activated']} Office products are activated, and ESU on {licenses['esu_activated']} machines. "
        f"{licenses['left_alone']} other editions of Office were not changed. "
        f"The second run changed {licenses['second_run_changed']}. {report['seconds']} s. Written to build/demo.json.\n"
        f"The report about {counts['report']['machines']} machines: {REPORT.relative_to(ROOT)}"
    )
    parts_are_right = failover_act.is_right(failover) and licenses_act.is_right(licenses)
    parts_are_right = parts_are_right and report_act.is_right(counts["report"], counts["hosts"])
    if unexplained or counts["second_run_changed"] or not parts_are_right:
        console.print(f"[red]The demo failed: {unexplained} machines were not converted for an unknown reason. {counts}")
        return 1
    return 0


if __name__ == "__main__":
    run_main(main)
