# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: measure the cost of a task, compared with Ansible alone and with `cscript slmgr.vbs`.

Every case is one task on the same machines over the same connections. All worker processes have imported the same libraries, so the cases
differ only in the requests to the machines. The cases alternate within a round, and each round has a new lab.

- `seconds`: duration of ansible-playbook from start to end, the median of the rounds.
- `ratio`: median of the ratios to the case `floor` of the same round.
- `cpu_seconds_per_machine`: user and system time of all processes of the controller, as median, minimum, and maximum of the rounds. A
  change without a cost stays within this spread.
- `cpu_ratio`: as `ratio`, for the processor time. Other processes on the computer influence it less.
- `imports`: processor time for the import of each action plugin, once for a run.
- `logons`: what each way of logging on costs, see `bench_logons.py`.
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

import bench_logons
from bench_tables import COUNTED, Case, show
from import_times import ImportTime, action_plugins, import_time
from playbook import TaskRecord, run_playbook
from processes import run_main
from project import BUILD, FQCN, ROOT, ToolError
from winlab.client import LabClient, LabError, running_lab

WORK = BUILD / "bench"
BENCH = ROOT / "tests" / "bench"
ESTATE = ROOT / "tests" / "lab" / "estates" / "bench.yml"
COUNT_VARIABLE = "WINLAB_MACHINES_COUNT"
"""Environment variable that overrides the number of machines in the estate file."""

# Overrides the inventory, so that all cases but one use the same authentication.
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
"""Modules that the first task of a case would otherwise import in each worker process."""

RECORDS = {"bench_record_path": str(WORK / "records.jsonl")}
NTLM = {"ansible_winrm_transport": "ntlm"}
KEPT = ("HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER")
"""The environment of a run. requests reads every variable twice for each connection, and a proxy or a CA bundle adds work to each."""
LOGONS = "logons"
"""Not a playbook: the ways of logging on, one after the other."""


CASES = (
    Case("floor", "floor.yml", BASIC, "an action that returns at once", WARM),
    Case("fleet_info", "fleet_info.yml", BASIC, "activation_fleet_info, all machines in one task"),
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
    """Return the counters of the measured machines since the last reset, as sums."""
    counters = lab.counters()
    rows = [{**counters[machine], "bytes": counters[machine]["bytes_in"] + counters[machine]["bytes_out"]} for machine in machines]
    return {name: sum(row[name] for row in rows) for name in COUNTED}


def measure(case: Case, lab: LabClient, inventory: Path, machines: Sequence[str], forks: int) -> Sample:
    """Run one case once. Raises ToolError if a machine failed, because a failure has another cost."""
    lab.reset_counters()
    env = {
        "ANSIBLE_ACTION_PLUGINS": str(BENCH / "action_plugins"),
        "ANSIBLE_FORKS": str(forks),
        "WINOPS_WARM": case.warm,
    }
    log = WORK / f"{case.name}.log"
    with log.open("w", encoding="utf-8") as output:
        run = run_playbook(
            BENCH / case.playbook, inventory, WORK / "record.json", variables={**case.variables, **RECORDS}, output=output, env=env
        )
    failed = len(machines) - read_by(run.tasks[-1])
    if failed:
        raise ToolError(f"{case.name}: {failed} of {len(machines)} machines failed, see {log.relative_to(ROOT)}")
    return Sample(run.seconds, run.peak_rss_mib, run.cpu_seconds, counts_of(lab, machines))


def read_by(task: TaskRecord) -> int:
    """Return the number of machines on which a task succeeded, which one task for all machines counts itself."""
    done = [result for result in task.hosts.values() if result["status"] == "ok"]
    return sum(int(result.get("read_count", 1)) for result in done)


def play_round(
    cases: Sequence[Case], latency: int, forks: int, samples: dict[str, list[Sample]], imports: dict[str, list[ImportTime]]
) -> None:
    """Start a new lab and run every case once. The conversion is before the steady state, so the round needs no other reset."""
    with running_lab(ESTATE, run_dir=WORK / "lab") as (lab, inventory):
        machines = [machine["name"] for machine in lab.machines() if "kms_hosts" not in machine["tags"]]
        if latency:
            lab.set_fault("*", "delay", milliseconds=latency)
        for case in cases:
            sample = measure(case, lab, inventory, machines, forks)
            samples[case.name].append(sample)
            print(f"  {case.name:<10} {sample.seconds:7.2f} s", flush=True)
    for plugin in action_plugins() if len(cases) == len(CASES) else ():
        imports[plugin].append(import_time(plugin))


def summarize(samples: Mapping[str, Sequence[Sample]], imports: Mapping[str, Sequence[ImportTime]], machines: int) -> dict[str, Any]:
    """Return the content of build/bench.json."""
    cases: dict[str, Any] = {}
    for case in (each for each in CASES if each.name in samples):
        seconds = statistics.median(sample.seconds for sample in samples[case.name])
        # Within a round, so that a computer that was busy during one round does not influence the ratio.
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
    peak = max((sample.peak_rss_mib for several in samples.values() for sample in several), default=0.0)
    return {
        "machines": machines,
        "controller_peak_rss_mib": round(peak, 1),
        "cases": cases,
        "imports": {plugin: imports_of(several) for plugin, several in imports.items()},
    }


def cpu_of(samples: Sequence[Sample], machines: int) -> dict[str, float]:
    """Return the processor time of the controller for each machine, in seconds."""
    each = [sample.cpu_seconds / machines for sample in samples]
    spread = {"": statistics.median(each), "_least": min(each), "_most": max(each)}
    return {f"cpu_seconds_per_machine{suffix}": round(value, 4) for suffix, value in spread.items()}


def imports_of(several: Sequence[ImportTime]) -> dict[str, float]:
    """Return the cost of importing one action plugin: processor time in milliseconds, and number of the collection's modules."""
    each = [one.milliseconds for one in several]
    return {"milliseconds": statistics.median(each), "least": min(each), "most": max(each), "modules": several[0].modules}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=300, help="number of machines (default 300)")
    parser.add_argument("--rounds", type=int, default=5, help="number of runs of each case (default 5)")
    parser.add_argument("--forks", type=int, default=20, help="number of machines at the same time (default 20)")
    parser.add_argument(
        "--cases",
        nargs="+",
        choices=[*(case.name for case in CASES), LOGONS],
        help="cases to run (default: all); floor is always run with other cases, logons alone needs no other case",
    )
    parser.add_argument("--latency", type=int, default=0, help="milliseconds before each response of a machine (default 0)")
    chosen = parser.parse_args()
    wanted = [*(case.name for case in CASES), LOGONS] if chosen.cases is None else chosen.cases
    cases = [case for case in CASES if case.name in wanted or (case.name == "floor" and set(wanted) != {LOGONS})]
    if min(chosen.machines, chosen.rounds, chosen.forks) < 1:
        parser.error("--machines, --rounds, and --forks must be 1 or greater")
    WORK.mkdir(parents=True, exist_ok=True)
    for name in set(os.environ).difference(KEPT):
        if not name.startswith("WINOPS_"):
            del os.environ[name]
    os.environ[COUNT_VARIABLE] = str(chosen.machines)
    samples: dict[str, list[Sample]] = defaultdict(list)
    imports: dict[str, list[ImportTime]] = defaultdict(list)
    began = time.monotonic()
    try:
        for number in range(1, chosen.rounds + 1) if cases else ():
            print(f"round {number} of {chosen.rounds}", flush=True)
            play_round(cases, chosen.latency, chosen.forks, samples, imports)
        logons = bench_logons.measure_all(WORK) if LOGONS in wanted else []
    except (LabError, ToolError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    report = {**summarize(samples, imports, chosen.machines), "logons": logons}
    (BUILD / "bench.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    show(report, CASES)
    print(f"{time.monotonic() - began:.0f} s. Written to build/bench.json.")
    return 0


if __name__ == "__main__":
    run_main(main)
