# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables and the targets of `make bench`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

import bench_logons
from console import wide_console

NOTE = (
    "slmgr_raw is a lower bound: on the simulated machines, PowerShell, cscript.exe, and slmgr.vbs take no time.\n"
    "The lab shares the processors with the controller."
)
FLEET = 10_000
"""Number of machines for which the targets of a fleet are."""

READING = ("fleet_info", "info", "check_mak", "steady", "check_kms", "info_ntlm")
"""Cases that must not change anything."""

UNUSED = ("shells", "writes")
COUNTED = ("requests", "auth_requests", "bytes", "shells", "writes")


@dataclass(frozen=True)
class Case:
    """A case to measure: a playbook of tests/bench, with variables."""

    name: str
    playbook: str
    variables: Mapping[str, str]
    what: str
    warm: str = ""
    """Modules to import before the first task."""


def targets(cases: Mapping[str, Mapping[str, float]], machines: int) -> list[tuple[str, float, float]]:
    """Return the targets of the measured cases as (sentence, value, limit). A target is met if the value is not greater than the limit."""
    thousands = machines >= FLEET
    goals = [
        ("fleet_info", "activation_fleet_info: requests per machine", "requests_per_machine", 3),
        ("fleet_info", "activation_fleet_info: CPU times the floor", "cpu_ratio", 0.12 if thousands else 0.4),
        ("fleet_info", "activation_fleet_info: times the floor", "ratio", 0.2 if thousands else 1.0),
        ("info", "activation_info: requests per machine", "requests_per_machine", 3),
        ("steady", "kms_client, steady state: requests per machine", "requests_per_machine", 3),
        ("convert", "kms_client, MAK to KMS: requests per machine", "requests_per_machine", 11),
        ("info", "activation_info: times the floor", "ratio", 1.5),
        ("steady", "kms_client, steady state: times the floor", "ratio", 1.45),
        ("info_ntlm", "activation_info over NTLM with encryption: times the floor", "ratio", 1.7),
    ]
    reading = [cases[name] for name in READING if name in cases]
    most = [
        (f"reading and steady state: {what}", max((case[f"{what}_per_machine"] for case in reading), default=0.0), 0.0) for what in UNUSED
    ]
    return [*((sentence, cases[case][value], limit) for case, sentence, value, limit in goals if case in cases), *most]


def show(report: Mapping[str, Any], cases: Sequence[Case]) -> None:
    """Print the report as tables."""
    console = wide_console()
    if report["cases"]:
        show_cases(console, report, cases)
    if report["imports"]:
        console.print(imports_table(report["imports"]))
    if report["logons"]:
        console.print(bench_logons.table(report["logons"]))
    console.print(NOTE if report["cases"] else NOTE.splitlines()[-1])


def show_cases(console: Console, report: Mapping[str, Any], cases: Sequence[Case]) -> None:
    """Print the costs of the cases, and the targets."""
    title = f"{report['machines']} machines, controller at most {report['controller_peak_rss_mib']} MiB"
    headers = ("case", "what", "seconds", "ratio", "CPU ms", "CPU ratio", "requests", "logon", "kB", "shells", "writes")
    table = Table(*headers, title=title, title_justify="left")
    for number, column in enumerate(table.columns):
        column.no_wrap = True
        column.justify = "right" if number > 1 else "left"
    for case in (each for each in cases if each.name in report["cases"]):
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
    for sentence, value, limit in targets(report["cases"], report["machines"]):
        goals.add_row(sentence, f"{value:.2f}", f"{limit:g}", "[green]met[/]" if value <= limit else "[red]missed[/]")
    console.print(goals)


def imports_table(imports: Mapping[str, Mapping[str, float]]) -> Table:
    """What each action plugin takes to import, once for a run."""
    table = Table("action plugin", "CPU ms", "least", "most", "modules", title="Imports, once for a run", title_justify="left")
    for plugin, row in imports.items():
        table.add_row(plugin, *(f"{row[name]:.0f}" for name in ("milliseconds", "least", "most", "modules")))
    return table
