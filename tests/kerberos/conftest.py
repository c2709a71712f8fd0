# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kerberos realm, and a lab whose machines are members of the domain; skipped where there is no KDC or no library."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kdc import Kdc
from needed import need, need_library
from winlab.client import running_lab

from .domain import ADMIN, ESTATE, NAMES, PASSWORD, STRANGER, Domain, network


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    """The realm CORP.TEST with its machines, running in the lab."""
    need("kerberos")
    need_library("gssapi", "krb5", "kerberos")
    folder = tmp_path_factory.mktemp("domain")
    kdc = Kdc(folder / "kdc")
    kdc.start()
    services = [f"{service}/{name}.corp.test" for name in NAMES for service in ("HTTP", "host", "WSMAN")]
    kdc.add_principals({**dict.fromkeys(services), ADMIN: PASSWORD, STRANGER: PASSWORD})
    keytab = kdc.keytab("machines.keytab", *services)
    estate = folder / "estate.yml"
    estate.write_text(ESTATE.replace("127.41.", f"127.{network()}."), encoding="utf-8")
    before = os.environ.get("KRB5_CONFIG")
    os.environ["KRB5_CONFIG"] = str(kdc.krb5_conf)  # the lab is a member of the realm
    try:
        with running_lab(estate, run_dir=folder / "lab", keytab=keytab) as (client, inventory):
            yield Domain(kdc, client, inventory, Path(folder))
    finally:
        os.environ.pop("KRB5_CONFIG") if before is None else os.environ.update(KRB5_CONFIG=before)
        kdc.stop()
