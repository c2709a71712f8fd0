# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test`: run all stages, also after a failure, and print the counts at the end.

With names as arguments, run only these stages: `run_tests.py unit lint`. With `--quick`, run the stages of `make quick`.
Stages that need no lab run at the same time, in a process of their own, whose output is shown after that of the others.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
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


@dataclass(frozen=True)
class Beside:
    """The stages that run at the same time as the others, in a process that writes its output and its tallies to files."""

    names: tuple[str, ...]
    output: Path
    tallies: Path
    program: Path = Path(__file__)

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the stages. If the block is left early, the process ends what it started, as after Ctrl+C."""
        self.tallies.unlink(missing_ok=True)
        command = [sys.executable, str(self.program), "--tallies", str(self.tallies), *self.names]
        with self.output.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
            try:
                yield process
                process.wait()
            finally:
                process.terminate()

    def result(self) -> list[Tally]:
        """Show the output, and return the tallies. A process that ended without them is a failure of all its stages."""
        print(self.output.read_text(encoding="utf-8", errors="replace"), flush=True)
        if not self.tallies.is_file():
            return [Tally(name, failed=1, broken=["did not end"]) for name in self.names]
        return [Tally(**each) for each in json.loads(self.tallies.read_text(encoding="utf-8"))]


def run_stages(stages: Sequence[Stage], results: Path = RESULTS, program: Path = Path(__file__)) -> list[Tally]:
    """Run the stages, those that need no lab beside the others."""
    names = tuple(stage.name for stage in stages if stage.beside)
    beside = Beside(names, results / "beside.log", results / "beside.json", program)
    alone = [stage for stage in stages if not stage.beside]
    if not (beside.names and alone):
        return [run_stage(stage) for stage in stages]
    with beside.running():
        tallies = [run_stage(stage) for stage in alone]
    return tallies + beside.result()


def summary(tallies: Sequence[Tally], seconds: float) -> str:
    """Return a table of the stages, and the line with the sums and the seconds of the whole run."""
    lines = [f"{'stage':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    for tally in tallies:
        counts = f"{tally.stage:<12}{tally.passed:>8}{tally.failed:>8}{tally.skipped:>9}{tally.seconds:>9.1f}"
        lines.append(counts + (f"  {', '.join(tally.broken)}" if tally.broken else ""))
    passed, failed, skipped = (sum(getattr(tally, name) for tally in tallies) for name in ("passed", "failed", "skipped"))
    lines += [f"{'all':<12}{passed:>8}{failed:>8}{skipped:>9}{seconds:>9.1f}", ""]
    lines.append(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return "\n".join(lines)


def main() -> int:
    names = [stage.name for stage in STAGES]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of: {', '.join(names)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="the stages of `make quick`")
    parser.add_argument("--tallies", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    chosen = arguments.stages or names
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        parser.error(f"unknown stage: {', '.join(unknown)}. Stages: {', '.join(names)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    os.umask(0o022)
    began = time.monotonic()
    tallies = run_stages(QUICK if arguments.quick else [stage for stage in STAGES if stage.name in chosen])
    if arguments.tallies:
        arguments.tallies.write_text(json.dumps([asdict(tally) for tally in tallies]), encoding="utf-8")
    else:
        print(f"\n{'=' * 100}\n{summary(tallies, time.monotonic() - began)}", flush=True)
    return 1 if any(tally.failed for tally in tallies) else 0


if __name__ == "__main__":
    run_main(main)
