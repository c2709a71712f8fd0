# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of `make demo`: a report about all machines of both labs, as they are then.

The machines of the first lab are read before this lab stops, and the report about both is written while the second lab runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from playbook import Run, run_playbook
from project import FQCN, ROOT

BOOK = f"{FQCN}.activation_report"
CHECK = {
    "dns_server": "{{ winlab_dns_server }}",
    "dns_port": "{{ winlab_dns_port }}",
    "probe_networks": "{{ winlab_probe_networks }}",
}
"""The KMS hosts of the lab are on loopback addresses, and only its name server knows their names."""


@dataclass(frozen=True)
class Act:
    """The folder of the records, the file of the report, and the console."""

    work: Path
    report: Path
    console: Console

    @property
    def first_records(self) -> Path:
        """Return the record file of the first lab."""
        return self.work / "records-1.jsonl"


def keep(act: Act, inventory: Path) -> None:
    """Read the machines of the first lab, without output. Its report is replaced by the one about both labs."""
    _run(act, inventory, 1, _run_file(act, _variables(act, act.first_records)))


def write(act: Act, inventory: Path) -> dict[str, Any]:
    """Write the report about both labs, and show its lines. Returns the part `report` of build/demo.json."""
    others = {"activation_report_other_record_paths": [str(act.first_records)]}
    given = _run_file(act, {**_variables(act, act.work / "records-2.jsonl"), **others})
    act.console.print(
        f"\n[bold]$ ansible-playbook -i {inventory.relative_to(ROOT)} {BOOK} -e @{given.relative_to(ROOT)}[/]", soft_wrap=True
    )
    result = result_of(_run(act, inventory, 2, given))
    for line in result.get("lines", ()):
        act.console.print(f"- {line}", soft_wrap=True, markup=False)
    return {"machines": result.get("machine_count", 0), "written": act.report.exists()}


def result_of(run: Run) -> Mapping[str, Any]:
    """Return the result of the module; empty if the run ended before it."""
    return next(iter(run.results(BOOK).values()), {})


def is_right(result: Mapping[str, Any], machines: int) -> bool:
    """Return whether the report was written and contains at least this number of machines."""
    return bool(result["written"] and result["machines"] >= machines)


def _variables(act: Act, records: Path) -> dict[str, Any]:
    return {
        "activation_report_application": "all",
        "activation_report_check": CHECK,
        "activation_report_html_path": str(act.report),
        "activation_report_record_path": str(records),
    }


def _run_file(act: Act, variables: Mapping[str, Any]) -> Path:
    path = act.work / "report.yml"
    path.write_text(yaml.safe_dump(dict(variables), sort_keys=False), encoding="utf-8")
    return path


def _run(act: Act, inventory: Path, number: int, given: Path) -> Run:
    with (act.work / f"report-{number}.log").open("w", encoding="utf-8") as log:
        return run_playbook(BOOK, inventory, act.work / f"report-{number}.json", variables_file=given, output=log)
