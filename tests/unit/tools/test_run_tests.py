# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test` runs every stage, counts honestly and notices processes that stay."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

import run_tests
from processes import INTERRUPTED, MARKER, left_behind
from project import environment
from stages import STAGES, Stage, Step


def step(label: str, code: str) -> Step:
    return Step(label, (sys.executable, "-c", code))


def pytest_step(folder: Path, text: str) -> Step:
    test = folder / "test_sample.py"
    test.write_text(text, encoding="utf-8")
    report = folder / "report.xml"
    return Step("pytest", (sys.executable, "-m", "pytest", "-q", "--rootdir", str(folder), str(test), f"--junitxml={report}"), report)


def test_a_failed_step_does_not_keep_the_next_one_from_running(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    stage = Stage("x", "", (step("bad", "raise SystemExit(3)"), step("good", f"open({str(trace)!r}, 'w').close()")))
    tally = run_tests.run_stage(stage)
    assert trace.exists()
    assert (tally.passed, tally.failed, tally.broken) == (1, 1, ["bad"])


def test_pytest_counts_are_taken_from_its_own_report(tmp_path: Path) -> None:
    text = "import pytest\ndef test_a(): pass\ndef test_b(): assert 0\n@pytest.mark.skip(reason='no')\ndef test_c(): pass\n"
    tally = run_tests.run_stage(Stage("x", "", (pytest_step(tmp_path, text),)))
    assert (tally.passed, tally.failed, tally.skipped) == (1, 1, 1)


@pytest.mark.parametrize("text", ["", "import no_such_module\n"])
def test_no_test_at_all_is_a_failure(tmp_path: Path, text: str) -> None:
    tally = run_tests.run_stage(Stage("x", "", (pytest_step(tmp_path, text),)))
    assert (tally.passed, tally.failed) == (0, 1)


def test_a_process_that_stays_fails_the_stage_and_is_named() -> None:
    mark = uuid.uuid4().hex
    command, pipe = [sys.executable, "-c", "print(flush=True); input()"], subprocess.PIPE
    with subprocess.Popen(command, env=environment(**{MARKER: mark}), stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()  # before that, Linux can still show a process without its environment
        found = left_behind(mark, grace_seconds=0.2)
        process.communicate(b"\n")
    assert [line.split()[0] for line in found] == [str(process.pid)]
    assert left_behind(mark, grace_seconds=0.0) == []


def test_a_stage_that_needs_bind_is_not_run_without_it_and_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tests, "has_named", lambda: False)
    trace = tmp_path / "ran"
    tally = run_tests.run_stage(Stage("x", "", (step("lab", f"open({str(trace)!r}, 'w').close()"),), needs_named=True))
    assert not trace.exists()
    assert (tally.passed, tally.failed) == (0, 1)
    assert "apt-get install --no-install-recommends bind9" in tally.broken[0]


def test_a_command_that_is_told_to_end_ends_what_it_started_and_says_one_line(tmp_path: Path) -> None:
    mark, started = uuid.uuid4().hex, tmp_path / "started"
    independent = (
        f"import subprocess, time; subprocess.Popen(['sleep', '60'], start_new_session=True); open({str(started)!r}, 'w'); time.sleep(60)"
    )
    code = (
        "import run_tests, sys; from processes import run_main; from stages import Stage, Step; "
        f"run_main(lambda: run_tests.run_stage(Stage('x', '', (Step('s', (sys.executable, '-c', {independent!r})),))).failed)"
    )
    env = environment(PYTHONPATH=str(Path(run_tests.__file__).parent), OUR_MARK=mark)
    with subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.PIPE, text=True) as process:
        while not started.exists():
            time.sleep(0.02)
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said.strip()) == (INTERRUPTED, "Stopped.")
    assert left_behind(mark, name="OUR_MARK") == []


def test_the_last_line_is_the_one_a_machine_reads() -> None:
    tallies = [run_tests.Tally("unit", passed=7), run_tests.Tally("lint", passed=2, failed=1, broken=["ruff"])]
    assert run_tests.summary(tallies, 9.0).splitlines()[-1] == "9 passed, 1 failed"
    tallies[0].skipped = 2
    assert run_tests.summary(tallies, 9.0).splitlines()[-1] == "9 passed, 1 failed, 2 skipped"


def test_an_unknown_stage_is_refused_with_the_names_there_are() -> None:
    command = [sys.executable, str(Path(run_tests.__file__)), "units"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert re.search(r"unknown stage: units\. Stages: lint, types, unit", " ".join(done.stderr.split()))


def test_every_stage_has_a_name_of_its_own() -> None:
    assert len({stage.name for stage in STAGES}) == len(STAGES)


def test_the_stages_beside_the_others_count_and_their_output_is_shown_last(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    beside = run_tests.Beside(("types",), tmp_path / "log", tmp_path / "json")
    with beside.running() as process:
        process.terminate()
    assert [(tally.stage, tally.failed, tally.broken) for tally in beside.result()] == [("types", 1, ["did not end"])]
    beside.tallies.write_text('[{"stage": "types", "passed": 1}]', encoding="utf-8")
    beside.output.write_text("what it printed", encoding="utf-8")
    assert beside.result() == [run_tests.Tally("types", passed=1)]
    assert "what it printed" in capfd.readouterr().out


def test_stages_that_run_beside_others_have_no_lab() -> None:
    beside = [stage for stage in STAGES if stage.beside]
    assert {stage.name for stage in beside} == {"docs", "sanity"}
    assert not [stage for stage in beside if stage.needs_named or any(step.report for step in stage.steps)]


def test_stages_beside_the_others_run_at_the_same_time_and_come_last(tmp_path: Path) -> None:
    """The program that stands for the command ends only if the other stage runs meanwhile."""
    program, signal = tmp_path / "program.py", tmp_path / "signal"
    waits = f"import sys, time, pathlib\nwhile not pathlib.Path({str(signal)!r}).exists(): time.sleep(0.01)\n"
    program.write_text(f'{waits}pathlib.Path(sys.argv[2]).write_text(\'[{{"stage": "docs", "failed": 1}}]\')\n', encoding="utf-8")
    stages = (Stage("docs", "", (), beside=True), Stage("alone", "", (step("signals", f"open({str(signal)!r}, 'w').close()"),)))
    found = run_tests.run_stages(stages, tmp_path, program)
    assert [(tally.stage, tally.passed, tally.failed) for tally in found] == [("alone", 1, 0), ("docs", 0, 1)]


def test_a_stage_of_that_kind_that_is_chosen_alone_runs_here(tmp_path: Path) -> None:
    found = run_tests.run_stages((Stage("docs", "", (step("good", "pass"),), beside=True),), tmp_path, tmp_path / "no-program")
    assert [(tally.stage, tally.passed) for tally in found] == [("docs", 1)]
