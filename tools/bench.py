# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: what a task costs, beside what Ansible's engine alone costs and what people run today.

Every case is one task on the same machines over the same connections, in worker processes that all have the same
libraries imported already: the differences are what is asked of the machines. The cases alternate within a round, each
round has a freshly started lab. `seconds` is what a person waits for, ansible-playbook from its start to its end, the
median of the rounds; `ratio` is the median of the ratios to the floor of the same round. `cpu_seconds_per_machine` is what all
processes of the controller together took, user and system time, as median and as the least and the most of the rounds: a change
that costs nothing stays within that spread. `cpu_ratio` is to it what `ratio` is to the seconds; whatever else runs on the computer bends
it less. `imports` is what each action plugin takes once for a run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from console import wide_console
from import_times import ImportTime, action_plugins, import_time
from playbook import run_playbook
from processes import run_main
from project import BUILD, FQCN, ROOT, ToolError
from winlab.client import LabClient, LabError, running_lab

WORK = BUILD / "bench"
BENCH = ROOT / "tests" / "bench"
ESTATE = ROOT / "tests" / "lab" / "estates" / "bench.yml"
COUNT_VARIABLE = "WINLAB_MACHINES_COUNT"
"""By which the lab makes more or fewer machines than the estate file says."""

# What the inventory says is overridden, so that all cases but one are asked for in the same way.
BASIC = {"ansible_winrm_transport": "basic"}
WARM = ",".join(
    (
        "winrm",
        "requests_ntlm",
        "spnego",
        "ansible.plugins.connection.winrm",
        f"ansible_collections.{FQCN}.plugins.plugin_utils._edge.actions.windows",
    )
)
"""What the first task of any case would otherwise import in each worker process anew."""

NTLM = {"ansible_winrm_transport": "ntlm"}
NOTE = (
    "slmgr_raw is a lower bound: on the simulated machines PowerShell, cscript.exe and slmgr.vbs take no time at all.\n"
    "The lab shares the processors with the controller."
)
READING = ("info", "check_mak", "steady", "check_kms", "info_ntlm")
"""Cases in which nothing is to be changed."""

COUNTED = ("requests", "auth_requests", "bytes", "shells", "writes")


@dataclass(frozen=True)
class Case:
    """One thing to measure: a playbook of tests/bench, with variables."""

    name: str
    playbook: str
    variables: Mapping[str, str]
    what: str
    warm: str = ""
    """Modules to import before the first task."""


CASES = (
    Case("floor", "floor.yml", BASIC, "an action that returns at once", WARM),
    Case("info", "info.yml", BASIC, "activation_info"),
    Case("check_mak", "activation_check.yml", BASIC, "activation_check, MAK"),
    Case("convert", "kms_client.yml", BASIC, "kms_client, converting from MAK"),
    Case("steady", "kms_client.yml", BASIC, "kms_client again"),
    Case("check_kms", "activation_check.yml", BASIC, "activation_check, KMS client"),
    Case("info_ntlm", "info.yml", NTLM, "activation_info, NTLM, encrypted"),
    Case("slmgr_raw", "slmgr.yml", BASIC, "raw: cscript slmgr.vbs /dlv"),
)


@dataclass(frozen=True)
class Sample:
    """One case in one round; the counts are sums over all machines."""

    seconds: float
    peak_rss_mib: float
    cpu_seconds: float
    counts: Mapping[str, int]


def counts_of(lab: LabClient, machines: Sequence[str]) -> dict[str, int]:
    """What the measured machines served since the last reset."""
    counters = lab.counters()
    rows = [{**counters[machine], "bytes": counters[machine]["bytes_in"] + counters[machine]["bytes_out"]} for machine in machines]
    return {name: sum(row[name] for row in rows) for name in COUNTED}


def measure(case: Case, lab: LabClient, inventory: Path, machines: Sequence[str], forks: int) -> Sample:
    """Run one case once; raises ToolError when any machine failed, as a failure costs something else."""
    lab.reset_counters()
    env = {
        "ANSIBLE_ACTION_PLUGINS": str(BENCH / "action_plugins"),
        "ANSIBLE_FORKS": str(forks),
        "WINOPS_WARM": case.warm,
    }
    log = WORK / f"{case.name}.log"
    with log.open("w", encoding="utf-8") as output:
        run = run_playbook(BENCH / case.playbook, inventory, WORK / "record.json", variables=case.variables, output=output, env=env)
    task = run.tasks[-1]
    done = [host for host, result in task.hosts.items() if result["status"] == "ok"]
    if len(done) != len(machines):
        raise ToolError(f"{case.name}: {len(machines) - len(done)} of {len(machines)} machines failed, see {log.relative_to(ROOT)}")
    return Sample(run.seconds, run.peak_rss_mib, run.cpu_seconds, counts_of(lab, machines))


def play_round(forks: int, samples: dict[str, list[Sample]], imports: dict[str, list[ImportTime]]) -> None:
    """A fresh lab, and every case once in it: conversion before the steady state, so that the round needs no other reset."""
    with running_lab(ESTATE, run_dir=WORK / "lab") as (lab, inventory):
        machines = [machine["name"] for machine in lab.machines() if "kms_hosts" not in machine["tags"]]
        for case in CASES:
            sample = measure(case, lab, inventory, machines, forks)
            samples[case.name].append(sample)
            print(f"  {case.name:<10} {sample.seconds:7.2f} s", flush=True)
    for plugin in action_plugins():
        imports[plugin].append(import_time(plugin))


def summarize(samples: Mapping[str, Sequence[Sample]], imports: Mapping[str, Sequence[ImportTime]], machines: int) -> dict[str, Any]:
    """The content of build/bench.json."""
    cases: dict[str, Any] = {}
    for case in CASES:
        seconds = statistics.median(sample.seconds for sample in samples[case.name])
        # Within a round, so that a machine that was busy during one round does not bend the ratio.
        ratio = statistics.median(
            sample.seconds / floor.seconds for sample, floor in zip(samples[case.name], samples["floor"], strict=True)
        )
        cpu_ratio = statistics.median(
            sample.cpu_seconds / floor.cpu_seconds for sample, floor in zip(samples[case.name], samples["floor"], strict=True)
        )
        cases[case.name] = {"seconds": round(seconds, 3), "ratio": round(ratio, 3), "cpu_ratio": round(cpu_ratio, 3)}
        cases[case.name].update(cpu_of(samples[case.name], machines))
        for name in COUNTED:
            per_round = statistics.median(sample.counts[name] for sample in samples[case.name])
            cases[case.name][f"{name}_per_machine"] = round(per_round / machines, 3)
    peak = max(sample.peak_rss_mib for several in samples.values() for sample in several)
    return {
        "machines": machines,
        "controller_peak_rss_mib": round(peak, 1),
        "cases": cases,
        "imports": {plugin: imports_of(several) for plugin, several in imports.items()},
    }


def cpu_of(samples: Sequence[Sample], machines: int) -> dict[str, float]:
    """Seconds of processor time on the controller for each machine."""
    each = [sample.cpu_seconds / machines for sample in samples]
    spread = {"": statistics.median(each), "_least": min(each), "_most": max(each)}
    return {f"cpu_seconds_per_machine{suffix}": round(value, 4) for suffix, value in spread.items()}


def imports_of(several: Sequence[ImportTime]) -> dict[str, float]:
    """What importing one action plugin takes: processor time of the collection's modules, and how many they are."""
    each = [one.milliseconds for one in several]
    return {"milliseconds": statistics.median(each), "least": min(each), "most": max(each), "modules": several[0].modules}


def targets(cases: Mapping[str, Mapping[str, float]]) -> list[tuple[str, float, float]]:
    """What we want to be true: (sentence, value, limit), good when the value is not above the limit."""
    return [
        ("activation_info: requests per machine", cases["info"]["requests_per_machine"], 3),
        ("kms_client, steady state: requests per machine", cases["steady"]["requests_per_machine"], 3),
        ("kms_client, MAK to KMS: requests per machine", cases["convert"]["requests_per_machine"], 10),
        ("reading and steady state: shells", max(cases[name]["shells_per_machine"] for name in READING), 0),
        ("reading and steady state: writes", max(cases[name]["writes_per_machine"] for name in READING), 0),
        ("activation_info: times the floor", cases["info"]["ratio"], 1.5),
        ("kms_client, steady state: times the floor", cases["steady"]["ratio"], 1.45),
        ("activation_info over NTLM with encryption: times the floor", cases["info_ntlm"]["ratio"], 1.7),
    ]


def show(report: Mapping[str, Any]) -> None:
    """The report as tables."""
    console = wide_console()
    title = f"{report['machines']} machines, controller at most {report['controller_peak_rss_mib']} MiB"
    headers = ("case", "what", "seconds", "ratio", "CPU ms", "CPU ratio", "requests", "logon", "kB", "shells", "writes")
    table = Table(*headers, title=title, title_justify="left")
    for number, column in enumerate(table.columns):
        column.no_wrap = True
        column.justify = "right" if number > 1 else "left"
    for case in CASES:
        row = report["cases"][case.name]
        numbers = [f"{row[f'{name}_per_machine'] / 1000:.0f}" if name == "bytes" else f"{row[f'{name}_per_machine']:g}" for name in COUNTED]
        cpu, least, most = (1000 * row[f"cpu_seconds_per_machine{suffix}"] for suffix in ("", "_least", "_most"))
        cpu_words = f"{cpu:.0f} ({least:.0f}-{most:.0f})"
        table.add_row(case.name, case.what, f"{row['seconds']:.2f}", f"{row['ratio']:.2f}", cpu_words, f"{row['cpu_ratio']:.2f}", *numbers)
    console.print(table)
    goals = Table(
        "target",
        "is",
        "at most",
        "",
        title="Targets (CPU, requests, kB, shells and writes are per machine)",
        title_justify="left",
    )
    for sentence, value, limit in targets(report["cases"]):
        goals.add_row(sentence, f"{value:.2f}", f"{limit:g}", "[green]met[/]" if value <= limit else "[red]missed[/]")
    console.print(goals)
    console.print(imports_table(report["imports"]))
    console.print(NOTE)


def imports_table(imports: Mapping[str, Mapping[str, float]]) -> Table:
    """What each action plugin takes to import, once for a run."""
    table = Table("action plugin", "CPU ms", "least", "most", "modules", title="Imports, once for a run", title_justify="left")
    for plugin, row in imports.items():
        table.add_row(plugin, *(f"{row[name]:.0f}" for name in ("milliseconds", "least", "most", "modules")))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=300, help="how many (default 300)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each case runs (default 5)")
    parser.add_argument("--forks", type=int, default=20, help="machines at a time (default 20)")
    chosen = parser.parse_args()
    if min(chosen.machines, chosen.rounds, chosen.forks) < 1:
        parser.error("numbers from 1 upwards")
    WORK.mkdir(parents=True, exist_ok=True)
    os.environ[COUNT_VARIABLE] = str(chosen.machines)
    samples: dict[str, list[Sample]] = defaultdict(list)
    imports: dict[str, list[ImportTime]] = defaultdict(list)
    began = time.monotonic()
    try:
        for number in range(1, chosen.rounds + 1):
            print(f"round {number} of {chosen.rounds}", flush=True)
            play_round(chosen.forks, samples, imports)
    except (LabError, ToolError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    report = summarize(samples, imports, chosen.machines)
    (BUILD / "bench.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    show(report)
    print(f"{time.monotonic() - began:.0f} s. Written to build/bench.json.")
    return 0


if __name__ == "__main__":
    run_main(main)
