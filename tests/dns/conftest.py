# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real name servers, started when a test asks for them and kept for the file it stands in; skipped where they are missing.

Each test file runs in one process (--dist loadfile), so a server that takes long, as Samba does, belongs to one file.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from kdc import Kdc
from needed import need, need_library

from .harness import Ansible
from .servers.bind import Bind, granted
from .servers.knot import Knot
from .servers.samba import Samba

ZONES = [f"z{number:02d}.test" for number in range(40)]
"""Every test takes one of its own."""


@pytest.fixture(scope="module")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    """Runs playbooks."""
    return Ansible(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def bind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bind]:
    """BIND with ZONES, which the key of the tests may update."""
    need("bind")
    server = Bind(tmp_path_factory.mktemp("bind") / "server", {zone: granted(zone) for zone in ZONES})
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def knot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knot]:
    """Knot with ZONES, which the key of the tests may update."""
    need("knot")
    server = Knot(tmp_path_factory.mktemp("knot") / "server", ZONES)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def next_zone() -> Callable[[], str]:
    """A zone no other test of this process has."""
    return itertools.chain(ZONES).__next__


@pytest.fixture
def zone(next_zone: Callable[[], str]) -> str:
    """A zone of one's own."""
    return next_zone()


@pytest.fixture(scope="session")
def kdc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kdc]:
    """A Kerberos realm."""
    need("bind", "kerberos")
    need_library("gssapi")
    server = Kdc(tmp_path_factory.mktemp("kdc") / "server")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """An Active Directory domain controller."""
    need("samba")
    need_library("gssapi")
    if os.geteuid():
        pytest.skip("Samba makes a domain as root only")
    server = Samba(tmp_path_factory.mktemp("samba") / "server")
    server.start()
    yield server
    server.stop()
