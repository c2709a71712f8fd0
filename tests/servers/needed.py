# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Skip tests where a server or a library is missing, with the command that installs it."""

from __future__ import annotations

import importlib.util

import pytest

import dns_servers


def need(*servers: str) -> None:
    """Skip, with the line that would install what is missing."""
    packages = dns_servers.missing(*servers)
    if packages:
        pytest.skip(f"as root: {dns_servers.apt_line(packages)}")


def need_library(*names: str) -> None:
    """Skip where Python does not have one of the libraries that are built for Kerberos."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is missing: `make test` builds it, with gcc and, as root: {dns_servers.apt_line(['libkrb5-dev'])}")
