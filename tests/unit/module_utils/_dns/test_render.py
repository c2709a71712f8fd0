# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands and lines for people name the values exactly and cannot be broken by what is in a name."""

from __future__ import annotations

import dns.zonefile
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import RecordSet, SrvRecord
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.plan import RecordChange
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.render import render, zone_lines

OLD, NEW = SrvRecord("old.corp.test"), SrvRecord("kms1.corp.test", 1689, 5, 7)
NUMBERS = st.integers(0, 65535)


@given(NUMBERS, NUMBERS, NUMBERS, st.integers(0, 2**31 - 1))
def test_a_zone_file_line_says_what_the_record_is(port: int, priority: int, weight: int, ttl: int) -> None:
    (line,) = zone_lines("_vlmcs._tcp.corp.test", RecordSet(ttl, (SrvRecord("kms1.corp.test", port, priority, weight),)))
    (rrset,) = dns.zonefile.read_rrsets(line, origin="corp.test", relativize=False, rdclass=None)
    assert rrset.name.to_text() == "_vlmcs._tcp.corp.test."
    assert rrset.ttl == ttl
    found = rrset[0]
    assert (found.priority, found.weight, found.port, found.target.to_text()) == (priority, weight, port, "kms1.corp.test.")


def test_commands_delete_and_add_single_values() -> None:
    done = render("_vlmcs._tcp.corp.test", "corp.test", "dc1.corp.test", RecordSet(300, (NEW,)), RecordChange((OLD,), (NEW,), 300))
    assert done.dnscmd == (
        "dnscmd dc1.corp.test /RecordDelete corp.test _vlmcs._tcp SRV 0 0 1688 old.corp.test. /f",
        "dnscmd dc1.corp.test /RecordAdd corp.test _vlmcs._tcp 300 SRV 5 7 1689 kms1.corp.test.",
    )
    remove, add = done.powershell
    for part in ("DomainName -eq 'old.corp.test.'", "Port -eq 1688", "Priority -eq 0", "Weight -eq 0", "-Name '_vlmcs._tcp'"):
        assert part in remove
    assert add == (
        "Add-DnsServerResourceRecord -Srv -ComputerName 'dc1.corp.test' -ZoneName 'corp.test' -Name '_vlmcs._tcp'"
        " -DomainName 'kms1.corp.test.' -Priority 5 -Weight 7 -Port 1689 -TimeToLive ([TimeSpan]::FromSeconds(300))"
    )


def test_without_a_server_the_commands_are_for_the_server_itself() -> None:
    done = render("_vlmcs._tcp.corp.test", "corp.test", None, RecordSet(300, (NEW,)), RecordChange((), (NEW,), 300))
    assert done.dnscmd[0].startswith("dnscmd . /RecordAdd ")
    assert "-ComputerName" not in done.powershell[0]


def test_the_node_is_relative_to_the_zone_the_server_told() -> None:
    change = RecordChange((), (NEW,), 300)
    deeper = render("_vlmcs._tcp.branch.corp.test", "corp.test", None, RecordSet(), change)
    assert " corp.test _vlmcs._tcp.branch 300 " in deeper.dnscmd[0]
    apex = render("_vlmcs._tcp.corp.test", "_vlmcs._tcp.corp.test", None, RecordSet(), change)
    assert " @ 300 " in apex.dnscmd[0].replace('"', "")


@given(st.text(min_size=1, max_size=12))
def test_no_text_breaks_out_of_its_quotes(text: str) -> None:
    done = render("_vlmcs._tcp.corp.test", "corp.test", text, RecordSet(), RecordChange((), (NEW,), 300))
    quoted = "'" + text.replace("'", "''") + "'"
    assert f"-ComputerName {quoted} " in done.powershell[0]
    assert done.dnscmd[0].removeprefix("dnscmd ").startswith((f"{text} ", '"' + text.replace('"', '""') + '" '))
