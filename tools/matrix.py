# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make matrix`: run the smoke tests on the oldest, a middle, and the newest supported ansible-core.

Each version gets a virtual environment in build/matrix with a Python that it supports: 2.16 the oldest installed Python, 2.19 Python 3.11
if it is installed, the newest ansible-core the newest Python. `--all` runs every combination. The tests of the DNS modules run with the
dnspython of that time, and are skipped without BIND. One more combination is too old and must be refused.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from processes import run_main
from project import BUILD, FQCN, ToolError, environment, link_collection, must, run, site_packages

MATRIX = BUILD / "matrix"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


@dataclass(frozen=True)
class Core:
    """A version of ansible-core and its Python versions, the preferred one first."""

    requirement: str
    pythons: tuple[str, ...]
    dnspython: str
    """The oldest supported version (Debian 12), the version of Debian 13, and the newest version."""


CORES = (
    Core("ansible-core >= 2.16, < 2.17", ("3.10", "3.11", "3.12"), "dnspython == 2.3.0"),
    Core("ansible-core >= 2.19, < 2.20", ("3.11", "3.12", "3.13"), "dnspython == 2.7.*"),
    # The newest version on the index. Version 2.20 and newer need Python 3.12.
    Core("ansible-core >= 2.20", ("3.13", "3.12"), "dnspython >= 2.9"),
)


TOO_OLD = ("2.15", "3.9")
"""The versions in the default execution environment of AWX."""


NEXT_TO_ANSIBLE = ("tests/unit/plugin_utils/_cim/test_connect.py", "tests/unit/action")
"""Unit tests of code that depends on the version of ansible-core: private names of connection plugins, and the end of an action."""


@dataclass(frozen=True)
class Outcome:
    """The result of one combination."""

    core: str
    python: str
    verdict: str
    seconds: float


def find_python(version: str) -> Path | None:
    """Return a working Python of this version, from the PATH or from pyenv, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    on_path = shutil.which(f"python{version}")
    held = sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))
    for candidate in [*([Path(on_path)] if on_path else []), *held]:
        if subprocess.run([candidate, "-c", "import ensurepip"], check=False, capture_output=True).returncode == 0:
            return candidate
    return None


def prepare(python: Path, version: str, core: Core) -> Path:
    """Create or update the virtual environment of a combination, and return its path."""
    label = core.requirement.split(",", maxsplit=1)[0].rpartition(" ")[2]
    venv = MATRIX / f"core-{label}-py{version}"
    if not (venv / "bin" / "pip").exists():
        must(python, "-m", "venv", "--clear", venv)
    pip = (venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--upgrade")
    must(*pip, core.requirement, "--requirement", "requirements/matrix.txt", "--editable", "tests/lab")
    link_collection(site_packages(venv))
    return venv


def installed_core(venv: Path) -> str:
    """Return the version of ansible-core that pip selected."""
    command = [str(venv / "bin" / "python"), "-c", "from ansible.release import __version__ as v; print(v)"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def smoke(venv: Path, dnspython: str) -> bool:
    """Run the smoke tests with the programs of a combination."""
    env = environment(WINOPS_REAL_STARTS="1", PATH=f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}", VIRTUAL_ENV=str(venv))
    env["ANSIBLE_HOME"] = str(venv / "ansible-home")
    listed = run(venv / "bin" / "ansible-doc", "--list", FQCN, env={**env, "PAGER": "cat"})
    python = venv / "bin" / "python"
    pytest = (python, "-m", "pytest", "-q", "-m", "smoke", "-p", "no:cacheprovider")
    tested = run(*pytest, "tests/scenario", env=env)
    attached = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *NEXT_TO_ANSIBLE, env=env)
    # Last, because the lab requires a newer dnspython. Without dependencies, because pip would report this conflict.
    must(python, "-m", "pip", "install", "-qq", "--upgrade", "--no-deps", dnspython)
    published = run(*pytest, "tests/dns", env=env)
    return listed == tested == attached == published == 0


def cell(core: Core, version: str, python: Path) -> Outcome:
    """Prepare and run one combination."""
    print(f"\n=== {core.requirement} on Python {version}", flush=True)
    began = time.monotonic()
    try:
        venv = prepare(python, version, core)
        name = installed_core(venv)
        verdict = "passed" if smoke(venv, core.dnspython) else "failed"
    except ToolError as error:
        name, verdict = core.requirement, f"failed: {error}"
    return Outcome(name, version, verdict, time.monotonic() - began)


def too_old() -> Outcome:
    """Check that an unsupported version is refused with one sentence. The current Python runs the tests."""
    core, version = TOO_OLD
    python = find_python(version)
    if python is None:
        return Outcome(f"ansible-core {core}", "-", f"skipped: Python {version} is not installed", 0.0)
    print(f"\n=== ansible-core {core} on Python {version}, which is too old", flush=True)
    began = time.monotonic()
    venv = MATRIX / f"core-{core}-py{version}"
    try:
        if not (venv / "bin" / "pip").exists():
            must(python, "-m", "venv", "--clear", venv)
        must(venv / "bin" / "python", "-m", "pip", "install", "--quiet", f"ansible-core == {core}.*")
        env = environment(WINOPS_OLD_ANSIBLE=str(venv / "bin" / "ansible-playbook"))
        tested = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/module_utils/test__baseline.py", env=env)
        verdict = "passed" if tested == 0 else "failed"
    except ToolError as error:
        verdict = f"failed: {error}"
    return Outcome(core, version, verdict, time.monotonic() - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every installed Python, not one for each ansible-core")
    every = parser.parse_args().all
    present = {version: found for version in PYTHONS if (found := find_python(version))}
    outcomes = []
    for core in CORES:
        usable = [version for version in core.pythons if version in present]
        if not usable:
            outcomes.append(Outcome(core.requirement, "-", f"skipped: none of Python {', '.join(core.pythons)} is installed", 0.0))
        outcomes += [cell(core, version, present[version]) for version in (usable if every else usable[:1])]
    outcomes.append(too_old())
    table = Table("ansible-core", "Python", "smoke tests", "seconds", title="matrix")
    for outcome in outcomes:
        table.add_row(outcome.core, outcome.python, outcome.verdict, f"{outcome.seconds:.0f}")
    Console().print(table)
    counts = {word: sum(outcome.verdict.startswith(word) for outcome in outcomes) for word in ("passed", "failed", "skipped")}
    print(f"{counts['passed']} passed, {counts['failed']} failed" + (f", {counts['skipped']} skipped" if counts["skipped"] else ""))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    run_main(main)
