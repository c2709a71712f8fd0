# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kerberos realm, and a lab whose machines are members of the domain; skipped where there is no KDC or no library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kdc import Kdc
from needed import need, need_library

from .domain import ADMIN, ESTATE, NAMES, PASSWORD, STRANGER, Domain, running_domain, services_of


@pytest.fixture(scope="module")
def kdc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kdc]:
    """The realm CORP.TEST with its users."""
    need("kerberos")
    need_library("gssapi", "krb5", "kerberos")
    server = Kdc(tmp_path_factory.mktemp("realm") / "a kdc")
    server.start()
    server.add_principals({ADMIN: PASSWORD, STRANGER: PASSWORD})
    yield server
    server.stop()


@pytest.fixture(scope="module")
def domain(kdc: Kdc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    """The realm with its machines, running in the lab."""
    services = services_of(NAMES)
    kdc.add_principals(dict.fromkeys(services))
    with running_domain(tmp_path_factory.mktemp("domain"), kdc, ESTATE, kdc.keytab("machines.keytab", *services)) as running:
        yield running
