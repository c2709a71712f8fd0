# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test`: run all stages, also after a failure, and print the counts at the end.

With names as arguments, run only these stages: `run_tests.py unit lint`. With `--quick`, run the stages of `make quick`.
"""

from __future__ import annotations

import argparse
import os
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from apt import has_named
from processes import MARKER, end_left_behind, left_behind, run_main
from project import NAMED_APT_LINE, environment, run
from stages import QUICK, RESULTS, STAGES, Stage, Step


@dataclass
class Tally:
    """The result of a stage. A step counts as its number of tests, or as one if it is not pytest."""

    stage: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)


def read_report(report: Path) -> tuple[int, int, int]:
    """Return the numbers of passed, failed, and skipped tests from a report of pytest."""
    passed = failed = skipped = 0
    for suite in ET.parse(report).getroot().iter("testsuite"):
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        left_out = int(suite.get("skipped", 0))
        failed += bad
        skipped += left_out
        passed += int(suite.get("tests", 0)) - bad - left_out
    return passed, failed, skipped


def run_step(step: Step, tally: Tally, env: dict[str, str]) -> None:
    """Run one step and add its result."""
    print(f"\n--- {step.label}", flush=True)
    if step.report:
        step.report.unlink(missing_ok=True)
    code = run(*step.command, env=env)
    if code:
        tally.broken.append(step.label)
    if step.report and step.report.exists():
        passed, failed, skipped = read_report(step.report)
        # A run without tests, or a crash after the last test, is a failure that the counts do not contain.
        failed += 1 if code and not failed else 0
        tally.passed, tally.failed, tally.skipped = tally.passed + passed, tally.failed + failed, tally.skipped + skipped
    elif code:
        tally.failed += 1
        print(f"exit code {code}", flush=True)
    else:
        tally.passed += 1


def run_stage(stage: Stage) -> Tally:
    """Run a stage. A process that is still running afterwards is a failure."""
    print(f"\n{'=' * 100}\n{stage.name}: {stage.title}\n{'=' * 100}", flush=True)
    tally = Tally(stage.name)
    if stage.needs_named and not has_named():
        tally.failed = 1
        tally.broken.append(f"not run because BIND is missing. As root: {NAMED_APT_LINE}")
        print(f"\n{tally.broken[0]}", flush=True)
        return tally
    began = time.monotonic()
    mark = uuid.uuid4().hex
    env = environment(**{MARKER: mark})
    try:
        for step in stage.steps:
            run_step(step, tally, env)
    except KeyboardInterrupt:
        end_left_behind(mark)
        raise
    leftovers = left_behind(mark)
    if leftovers:
        tally.failed += 1
        tally.broken.append("processes still running")
        print("\nStill running:", *leftovers, sep="\n  ")
    tally.seconds = time.monotonic() - began
    return tally


def summary(tallies: Sequence[Tally]) -> str:
    """Return a table of the stages, and the line with the sums."""
    lines = [f"{'stage':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    for tally in tallies:
        counts = f"{tally.stage:<12}{tally.passed:>8}{tally.failed:>8}{tally.skipped:>9}{tally.seconds:>9.1f}"
        lines.append(counts + (f"  {', '.join(tally.broken)}" if tally.broken else ""))
    passed, failed, skipped = (sum(getattr(tally, name) for tally in tallies) for name in ("passed", "failed", "skipped"))
    seconds = sum(tally.seconds for tally in tallies)
    lines += [f"{'all':<12}{passed:>8}{failed:>8}{skipped:>9}{seconds:>9.1f}", ""]
    lines.append(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return "\n".join(lines)


def main() -> int:
    names = [stage.name for stage in STAGES]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of: {', '.join(names)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="the stages of `make quick`")
    arguments = parser.parse_args()
    chosen = arguments.stages or names
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        parser.error(f"unknown stage: {', '.join(unknown)}. Stages: {', '.join(names)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    os.umask(0o022)
    tallies = [run_stage(stage) for stage in (QUICK if arguments.quick else STAGES) if arguments.quick or stage.name in chosen]
    print(f"\n{'=' * 100}\n{summary(tallies)}", flush=True)
    return 1 if any(tally.failed for tally in tallies) else 0


if __name__ == "__main__":
    run_main(main)
