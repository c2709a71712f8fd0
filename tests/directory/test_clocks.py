# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks that differ: a refused ticket looks like a wrong password, and the clock of the domain controller tells them apart."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dns_servers
from needed import need
from samba_directory import ORDINARY, PASSWORD, SambaDirectory

CLIENT = Path(__file__).with_name("client.py")
LIBRARY = "/usr/lib/*/faketime/libfaketime.so.1"


@pytest.fixture(params=["+10m", "-10m"])
def other_clock(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment of a client whose clock is wrong."""
    need("clock")
    library = dns_servers.find(LIBRARY)
    assert library is not None
    return {"LD_PRELOAD": library, "FAKETIME": request.param}


def outcome(forest: SambaDirectory, logon: dict[str, Any], env: dict[str, str], **target: Any) -> dict[str, Any]:
    """What became of a client with this environment."""
    about = {"target": {"server": forest.server, "address": forest.address, **target}, "logon": logon}
    command = [sys.executable, str(CLIENT), json.dumps(about)]
    done = subprocess.run(command, env={**forest.environment, **env}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_ticket_that_is_refused_because_of_the_clock_is_not_called_a_wrong_password(
    client: SambaDirectory, other_clock: dict[str, str]
) -> None:
    cache = client.ticket(ORDINARY)
    found = outcome(client, {"ccache": f"FILE:{cache}"}, other_clock)
    assert found["code"] == "directory_clock_skew"
    if "49" in found["message"]:
        # The answer of the server, with which a wrong password is reported too, and the time that was read afterwards.
        assert "seconds behind" in found["message"] if other_clock["FAKETIME"] == "+10m" else "seconds ahead" in found["message"]


def test_a_password_works_in_spite_of_the_clock_and_the_difference_is_reported(client: SambaDirectory, other_clock: dict[str, str]) -> None:
    found = outcome(client, {"principal": client.principal(ORDINARY), "password": PASSWORD}, other_clock)
    expected = -600 if other_clock["FAKETIME"] == "+10m" else 600
    assert abs(found["difference"] - expected) < 10


def test_a_clock_before_the_certificate_is_named(client: SambaDirectory) -> None:
    need("clock")
    library = dns_servers.find(LIBRARY)
    assert library is not None
    logon = {
        "authentication": "simple",
        "tls": "ldaps",
        "principal": client.principal(ORDINARY),
        "password": PASSWORD,
        "ca_file": str(client.ca_file),
    }
    for clock in ("-10d", "+60d"):
        found = outcome(client, logon, {"LD_PRELOAD": library, "FAKETIME": clock})
        assert (found["code"], found["subcode"]) == ("directory_tls_failed", "time")
        assert "The clock of the controller shows 20" in found["message"]
