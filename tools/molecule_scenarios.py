# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run Molecule scenarios, two at a time, and write one report of their verifications: all of them, or those whose names are arguments.

With several workers, Molecule shows the output of a playbook that failed, but not that of a verification. The failed tests are therefore
shown at the end. `molecule test -s NAME` runs one scenario, and shows all output.
"""

from __future__ import annotations

import argparse
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

from processes import run_main
from project import BIN, BUILD, run

REPORTS = BUILD / "test-results" / "molecule"
"""Where the verification of each scenario writes its report, as in extensions/molecule/config.yml."""
MERGED = REPORTS.with_suffix(".xml")
WORKERS = 2
"""Two, because two cores can run two scenarios."""


def merge(reports: Path, merged: Path) -> list[str]:
    """Write the reports of a folder to one file, and return the text of each test that failed, with its name."""
    suites = ET.Element("testsuites")
    for report in sorted(reports.glob("*.xml")):
        suites.extend(ET.parse(report).getroot().iter("testsuite"))
    merged.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suites).write(merged, encoding="utf-8", xml_declaration=True)
    return [
        f"{case.get('classname')}.{case.get('name')}\n{bad.text or bad.get('message', '')}"
        for case in suites.iter("testcase")
        for bad in case
        if bad.tag in ("failure", "error")
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="names of folders in extensions/molecule (default: all)")
    chosen = [part for name in parser.parse_args().scenarios for part in ("--scenario-name", name)] or ["--all"]
    shutil.rmtree(REPORTS, ignore_errors=True)
    # After an interrupted run, the state of Molecule still contains the lab.
    code = run(BIN / "molecule", "reset") or run(BIN / "molecule", "test", *chosen, "--workers", str(WORKERS), "--continue-on-failure")
    for text in merge(REPORTS, MERGED):
        print(f"\n{'-' * 100}\n{text}", flush=True)
    return code


if __name__ == "__main__":
    run_main(main)
