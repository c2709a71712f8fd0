# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of `make test` and `make quick`, with the fastest checks first."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from project import BIN, BUILD, ROOT

RESULTS = BUILD / "test-results"
PYTHON = sys.executable


@dataclass(frozen=True)
class Step:
    """One command of a stage. A command with a `report` is pytest, which writes its counts to this file."""

    label: str
    command: tuple[str, ...]
    report: Path | None = None


@dataclass(frozen=True)
class Stage:
    """A named group of steps. All steps run, also after a failure."""

    name: str
    title: str
    steps: tuple[Step, ...]
    needs_named: bool = False
    """Whether its machines need BIND. Without BIND, the stage is not run."""
    beside: bool = False
    """Whether it runs at the same time as the other stages. It has no lab, and uses one core, which tests with a lab leave idle."""


def program(label: str, name: str, *arguments: str) -> Step:
    """Return a step that runs a program of the virtual environment."""
    return Step(label, (str(BIN / name), *arguments))


def tool(label: str, name: str, *arguments: str) -> Step:
    """Return a step that runs another tool of this folder."""
    return Step(label, (PYTHON, str(ROOT / "tools" / f"{name}.py"), *arguments))


def tests(name: str, folders: str, *arguments: str) -> Step:
    """Return a step that runs the tests of one or more folders."""
    report = RESULTS / f"{name}.xml"
    command = (PYTHON, "-m", "pytest", *folders.split(), "-q", f"--junitxml={report}", "-o", "junit_family=xunit2", *arguments)
    return Step(f"pytest {folders}", command, report)


# All tests of a file run in one worker, because they share a lab. Two workers, because two cores can run two labs. The files start in the
# order of their names, or in the order of a conftest, because the number of tests in a file does not show how long they take.
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")

LINT = (
    program("ruff check", "ruff", "check", "."),
    program("ruff format", "ruff", "format", "--check", "."),
    program("yamllint", "yamllint", "--strict", "."),
    program("reuse lint", "reuse", "lint", "--lines"),
    tool("key gate", "key_gate", "--repository"),
)
ANSIBLE_LINT = program("ansible-lint", "ansible-lint", "--offline", "--profile", "production", "--strict")
TYPES = Stage("types", "Types, mypy strict", (program("mypy", "mypy"),))

# One run of pytest, so that both cores are used until the end.
QUICK = (
    Stage("lint", "Style of code and YAML; licenses; keys", LINT),
    TYPES,
    Stage(
        "tests",
        "Unit and contract tests, and a scenario for each job",
        (tests("quick", "tests/unit tests/contract tests/scenario", "-m", "quick or not scenario", *SIDE_BY_SIDE),),
        needs_named=True,
    ),
)
"""The stages of `make quick`."""

STAGES = (
    Stage("lint", "Style of code, YAML, roles and playbooks; licenses; keys", (*LINT, ANSIBLE_LINT)),
    TYPES,
    Stage("unit", "Unit tests", (tests("unit", "tests/unit", *SIDE_BY_SIDE),)),
    Stage("lab", "Tests of the lab", (tests("lab", "tests/lab/tests", *SIDE_BY_SIDE),)),
    Stage(
        "contract",
        "Collection, lab, captures, and clients of other projects agree",
        (tests("contract", "tests/contract", *SIDE_BY_SIDE),),
        needs_named=True,
    ),
    # Without a server, its tests are skipped, because most machines have none of the servers.
    Stage("dns", "The DNS modules against real name servers", (tests("dns", "tests/dns", *SIDE_BY_SIDE),)),
    # Without Samba, and for other users than root, its tests are skipped.
    Stage("directory", "LDAP and activation objects against Samba", (tests("directory", "tests/directory", *SIDE_BY_SIDE),)),
    # Without a KDC, its tests are skipped.
    Stage("kerberos", "Logons with Kerberos: an MIT KDC and the lab", (tests("kerberos", "tests/kerberos", *SIDE_BY_SIDE),)),
    Stage("hostile", "Hostile machines and networks", (tests("hostile", "tests/hostile", *SIDE_BY_SIDE),)),
    # Without a browser, its tests are skipped.
    Stage("report", "The report in a browser, and its metrics with promtool", (tests("report", "tests/report", *SIDE_BY_SIDE),)),
    # Without Java, its tests are skipped.
    Stage("eda", "ansible-rulebook against the lab", (tests("eda", "tests/eda"),), needs_named=True),
    Stage(
        "controller",
        "The objects of AWX, by its rules, against the lab",
        (tests("controller", "tests/controller", *SIDE_BY_SIDE),),
        needs_named=True,
    ),
    Stage("scenario", "ansible-playbook against the lab", (tests("scenario", "tests/scenario", *SIDE_BY_SIDE),), needs_named=True),
    Stage(
        "molecule",
        "Molecule scenarios, verified through WinRS, DNS, and files",
        (Step("molecule test", (PYTHON, str(ROOT / "tools" / "molecule_scenarios.py")), RESULTS / "molecule.xml"),),
        needs_named=True,
    ),
    Stage(
        "docs",
        "Documentation",
        (
            program(
                "antsibull-docs",
                "antsibull-docs",
                "--config-file",
                "tools/antsibull.cfg",
                "lint-collection-docs",
                "--plugin-docs",
                "--skip-rstcheck",
                "--validate-collection-refs",
                "all",
                ".",
            ),
            tool("every plugin and role", "docs_check"),
            tool("site from the tarball", "docs_site"),
            program("changelog", "antsibull-changelog", "lint"),
            tool("error reference", "error_reference", "--check"),
            tool("tables of variables", "playbook_tables", "--check"),
            tool("pictures of surveys", "survey_picture", "--check"),
            tool("shared parts of the modules", "return_docs", "--check"),
            tool("table of assumptions", "assumptions", "--check"),
        ),
        beside=True,
    ),
    Stage("sanity", "ansible-test sanity", (tool("ansible-test sanity", "sanity"),), beside=True),
    # Without the tools in build/packaging, their tests are skipped.
    Stage(
        "packaging",
        "The tarball, installed without the repository",
        (tests("packaging", "tests/packaging", *SIDE_BY_SIDE),),
        needs_named=True,
    ),
)
