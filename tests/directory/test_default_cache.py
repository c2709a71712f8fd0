# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The default credential cache is that of the user who runs Ansible, also after a connection to a machine replaced it in the process."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.directory import opening
from samba_directory import ADMINISTRATOR, ORDINARY, SambaDirectory

NAMES = ("port", "tls", "principal", "password", "keytab", "ccache", "ca_file")


def test_the_ticket_of_a_machine_does_not_log_on_to_the_directory(client: SambaDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    of_a_machine = str(client.ticket(ADMINISTRATOR))
    monkeypatch.setattr(opening, "_TICKETS", str(client.ticket(ORDINARY)))
    monkeypatch.setenv("KRB5CCNAME", of_a_machine)
    where = {"server": client.server, "address": client.address, "authentication": "kerberos", "directory_timeout": 10}
    options: dict[str, Any] = {**dict.fromkeys(NAMES), **where}
    with opening.open_for(options) as first, opening.open_again(first, options) as second:
        assert [directory.facts.account.lower().partition("@")[0] for directory in (first, second)] == [ORDINARY, ORDINARY]
    assert os.environ["KRB5CCNAME"] == of_a_machine
