# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the Makefile: sets up the checkout if necessary, then runs the command.

Uses only the standard library, because it runs before packages are installed. Needs Python 3.10 or newer. If python3 is older, it searches
for a newer Python.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import apt
import controller_modules
import dns_servers
import rulebook
from locked_venv import PACKAGING
from project import BIN, BUILD, FQCN, ROOT, VENV, ToolError, environment, link_collection, must, site_packages

OLDEST = (3, 10)
STAMP = VENV / ".winops-setup"
BACKENDS, LOCK = (ROOT / "requirements" / f"{name}.txt" for name in ("build", "dev"))
REQUIREMENTS = (BACKENDS, LOCK, ROOT / "tests" / "lab" / "pyproject.toml")


def newer_python() -> str | None:
    """Return a working Python that is new enough, or None."""
    for minor in (13, 12, 11, 10):
        found = shutil.which(f"python3.{minor}")
        # A shim can exist for a version that is not installed.
        if found and subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0:
            return found
    return None


def fingerprint() -> str:
    """Return a value that changes whenever the virtual environment must be updated."""
    digest = hashlib.sha256()
    for path in REQUIREMENTS:
        digest.update(path.read_bytes())
    # A virtual environment contains its own path: a moved checkout needs a new one.
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def works(venv: Path) -> bool:
    """Return whether an existing virtual environment belongs to this path and has a Python that is new enough."""
    probe = f"import sys; sys.exit(not (sys.version_info >= {OLDEST} and sys.prefix == {str(venv)!r}))"
    try:
        for command in ([f"{venv}/bin/python", "-c", probe], [f"{venv}/bin/pip", "--version"]):
            subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def create_venv() -> None:
    """Create .venv, unless a working one exists."""
    if VENV.exists():
        if works(VENV):
            return
        print(f"{VENV} belongs to another path or Python: creating it again")
        shutil.rmtree(VENV)
    if importlib.util.find_spec("ensurepip") is None:
        # Debian has ensurepip, which creates virtual environments need, in a separate package. Install all missing packages in one step.
        named = () if apt.has_named() else ("bind9",)
        wanted = "Python's virtual environments" + (" and the lab's name server" if named else "")
        apt.install(f"python3.{sys.version_info.minor}-venv", *named, needed_for=wanted)
    must(sys.executable, "-m", "venv", VENV)


def install_packages() -> None:
    """Install the packages of the lock files, and the lab from this checkout.

    Packages without a wheel are built with the locked backends, without isolation, because pip would download backends that are not locked.
    """
    # Errors only, because pip prints a warning for each package that an index does not have.
    pip = (BIN / "python", "-m", "pip", "install", "-qq")
    must(*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", BACKENDS)
    must(*pip, "--require-hashes", "--no-build-isolation", "--requirement", LOCK)
    must(*pip, "--no-deps", "--no-build-isolation", "--editable", "tests/lab")


def setup() -> None:
    """Set up the checkout for all commands. A second run does not do anything."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted and (BIN / "python").exists():
        link_collection(site_packages(VENV))
        return
    began = time.monotonic()
    print("Setting up .venv (first run, or requirements changed) ...", flush=True)
    create_venv()
    install_packages()
    link_collection(site_packages(VENV))
    if not apt.has_named():
        apt.install_named()
    must(BIN / "ansible-doc", "--list", FQCN, quiet=True)
    STAMP.write_text(wanted, encoding="utf-8")
    print(f"Set up in {time.monotonic() - began:.0f} s", flush=True)


def tool(name: str, *arguments: str) -> NoReturn:
    """Replace this process by another tool, run by the Python of the virtual environment, so that signals reach the tool."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(BIN / "python", [str(BIN / "python"), str(ROOT / "tools" / f"{name}.py"), *arguments], environment())


def lab_tool(name: str) -> Callable[[list[str]], int]:
    """Return a command that starts the lab, whose machines need BIND."""

    def call(arguments: list[str]) -> int:
        if not apt.has_named():
            apt.install("bind9", needed_for="the lab's name server")
        tool(name, *arguments)

    return call


def test(arguments: list[str]) -> int:
    """Run the test stages. Installs what only some stages need: contract, controller, dns, eda, packaging, and report."""
    if not apt.has_named():
        apt.install_named()
    if not arguments or "contract" in arguments:
        apt.install_client()
    if not arguments or {"directory", "dns", "kerberos"} & set(arguments):
        dns_servers.install()
    if not arguments or "report" in arguments:
        apt.install_browser()
        apt.install_promtool()
    if not arguments or "eda" in arguments:
        rulebook.install()
    if not arguments or "controller" in arguments:
        controller_modules.install()
    if not arguments or "packaging" in arguments:
        PACKAGING.install()
    tool("run_tests", *arguments)


def picture(_: list[str]) -> int:
    """Make the pictures of the README. Installs the browser that takes those of the report."""
    apt.install_browser()
    tool("picture")


def quick(_: list[str]) -> int:
    """Run the stages of `make quick`."""
    if not apt.has_named():
        apt.install_named()
    tool("run_tests", "--quick")


def build(_: list[str]) -> int:
    """Build the tarball of the collection."""
    target = BUILD / "dist"
    target.mkdir(parents=True, exist_ok=True)
    must(BIN / "ansible-galaxy", "collection", "build", "--force", "--output-path", target, ROOT)
    return 0


def clean(_: list[str]) -> int:
    """Remove everything that the commands created, including .venv."""
    for name in ("build", "dist", ".ansible", ".cache", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for pattern in ("**/__pycache__", "tests/lab/*.egg-info"):
        for path in sorted(ROOT.glob(pattern)):
            shutil.rmtree(path, ignore_errors=True)
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "setup": lambda _: 0,
    "demo": lab_tool("demo"),
    "demo-awx": lambda arguments: tool("demo_awx", *arguments),
    "test": test,
    "quick": quick,
    "check": lambda _: tool("run_tests", "lint", "types", "docs", "sanity"),
    "bench": lab_tool("bench"),
    "test-windows": lambda arguments: tool("conformance", *arguments),
    "matrix": lab_tool("matrix"),
    "lock": lambda _: tool("lock"),
    "returns": lambda _: tool("return_docs"),
    "picture": picture,
    "docs": lambda _: tool("docs_site"),
    "build": build,
    "clean": clean,
}


def main() -> int:
    if sys.version_info < OLDEST:
        newer = newer_python()
        if newer is None:
            print(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is required. This is {sys.version.split()[0]}.", file=sys.stderr)
            return 1
        os.execv(newer, [newer, *sys.argv])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    try:
        if chosen.command != "clean":
            setup()
        return COMMANDS[chosen.command](chosen.arguments)
    except ToolError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
