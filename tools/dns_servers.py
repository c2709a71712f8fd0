# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real servers for the tests of the DNS modules and of logons: their packages, and whether they are installed.

Only `make test` installs them. Without a server, its tests are skipped and name the missing package.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

import apt
from project import APT_LINE, BIN, ROOT, ToolError

FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin", "/sbin", "/bin")
"""Folders in which Debian installs servers. The PATH of a user often does not contain all of them."""

PARTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "bind": {"bind9": ("named", "tsig-keygen")},
    "kerberos": {"krb5-kdc": ("krb5kdc", "kdb5_util"), "krb5-admin-server": ("kadmin.local",), "krb5-user": ("kinit",)},
    "knot": {"knot": ("knotd", "knotc")},
    "samba": {
        "samba-ad-dc": ("samba",),
        "samba-ad-provision": ("/usr/share/samba/setup/provision.ldif",),
        "samba-common-bin": ("samba-tool",),
    },
    "clock": {"libfaketime": ("/usr/lib/*/faketime/libfaketime.so.1",)},
}
"""For each server: its packages, and the programs or files (an absolute path or a pattern) that show that a package is installed."""

COMPILER = {"gcc": ("gcc",), "libkrb5-dev": ("krb5-config",)}
"""Packages for building gssapi, which is on PyPI as source only."""


def find(name: str) -> str | None:
    """Return the path of a program, or of a file that is given by an absolute path or pattern."""
    if name.startswith("/"):
        return next((str(path) for path in Path("/").glob(name[1:])), None)
    return shutil.which(name, path=":".join(FOLDERS))


def missing(*servers: str) -> list[str]:
    """Return the missing packages of servers (keys of PARTS), in order."""
    return _absent(package for server in servers for package in PARTS[server].items())


def apt_line(packages: Iterable[str]) -> str:
    """Return the command that installs packages as root."""
    return f"{APT_LINE} {' '.join(packages)}"


def has_gssapi() -> bool:
    """Return whether the virtual environment has gssapi and its company. Imports them, because their libraries might have been removed."""
    return subprocess.run([str(BIN / "python"), "-c", "import gssapi, kerberos, krb5"], check=False, capture_output=True).returncode == 0


def install() -> None:
    """Install everything that is missing if possible. Otherwise print which tests are skipped, and continue."""
    gssapi = has_gssapi()
    wanted = missing(*PARTS) + ([] if gssapi else _to_build())
    if wanted and not _installed(wanted) and apt.may_install():
        # If a distribution does not have one of the packages, apt does not install any of them.
        for packages in [*(missing(server) for server in PARTS), [] if gssapi else _to_build()]:
            _installed(packages)
    if not gssapi and not _to_build():
        _build_gssapi()


def _installed(packages: list[str]) -> bool:
    if not packages:
        return True
    try:
        apt.install(*packages, needed_for="servers for the tests of the DNS modules and of logons")
    except ToolError as error:
        print(f"{error}\n(the tests that need them are skipped)", flush=True)
        return False
    return True


def _build_gssapi() -> None:
    print("Building gssapi, krb5 and pykerberos for .venv (a few minutes, once) ...", flush=True)
    # The build backends are already in .venv, from a lock file.
    pip = [str(BIN / "python"), "-m", "pip", "install", "-qq", "--require-hashes", "--no-build-isolation"]
    pip += ["--requirement", str(ROOT / "requirements" / "gssapi.txt")]
    done = subprocess.run(pip, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(f"{done.stdout[-2000:]}\ngssapi was not built (the tests that need it are skipped)", flush=True)


def _to_build() -> list[str]:
    headers = [] if (Path(sysconfig.get_path("include")) / "Python.h").exists() else [f"libpython3.{sys.version_info.minor}-dev"]
    return _absent(COMPILER.items()) + headers


def _absent(packages: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    return [package for package, signs in packages if not all(find(sign) for sign in signs)]
