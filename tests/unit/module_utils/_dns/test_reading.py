# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host is called dead by nobody's silence: only a clear no of a server counts as "it has no address"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.discover import ZoneServer
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.exchange import NameServer, TimeLimit
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import RecordSet, SrvRecord
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.query import Zone
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.reading import (
    MOST_HOSTS,
    Addresses,
    ZoneReading,
    addresses_in,
    described,
    endpoints_of,
    look,
    look_up_hosts,
)
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.service import ServerSettings

from . import faults

ANSWERS = st.none() | st.just(()) | st.just(("192.0.2.1",))


@given(st.lists(ANSWERS, min_size=1, max_size=4))
def test_addresses_win_over_doubt_and_doubt_over_none(answers: list[Addresses]) -> None:
    findings = [ZoneReading(f"d{number}.test", addresses={"kms1.corp.test": answer}) for number, answer in enumerate(answers)]
    found = addresses_in(findings)["kms1.corp.test"]
    if ("192.0.2.1",) in answers:
        assert found == ("192.0.2.1",)
    else:
        assert found == (None if None in answers else ())


@pytest.mark.parametrize("other", ["KMS1.corp.test", "kms1.corp.test"])
def test_a_host_of_two_domains_is_asked_once(other: str) -> None:
    one = ZoneReading("a.test", records=RecordSet(300, (SrvRecord("kms1.corp.test"),)))
    two = ZoneReading("b.test", records=RecordSet(300, (SrvRecord(other), SrvRecord("kms1.corp.test", 1689))))
    assert sorted(record.port for record in endpoints_of([one, two])) == [1688, 1689]


def test_a_record_that_says_there_is_no_service_has_no_address_and_is_rendered_as_it_is() -> None:
    place = ZoneServer(Zone("b.test", "ns1.b.test", authoritative=True), NameServer("192.0.2.53"))
    found = described(ZoneReading("b.test", place, RecordSet(300, (SrvRecord(".", 0),))), {})
    assert found["rendered"]["zone_file"] == ["_vlmcs._tcp.b.test. 300 IN SRV 0 0 0 ."]
    assert "-DomainName '.' " in found["rendered"]["powershell"][0]


def test_records_of_one_priority_have_the_same_turn() -> None:
    records = (SrvRecord("c.b.test", priority=20), SrvRecord("a.b.test", priority=5), SrvRecord("b.b.test", priority=5, weight=9))
    found = described(ZoneReading("b.test", records=RecordSet(300, records)), {})
    assert [(record["host"], record["order"]) for record in found["records"]] == [("b.b.test", 1), ("a.b.test", 1), ("c.b.test", 2)]


def test_of_a_zone_with_hundreds_of_records_the_hosts_that_clients_try_first_are_looked_up_and_the_rest_is_counted() -> None:
    with faults.faulty_server() as server:
        server.address = "192.0.2.1"
        server.records = {f"{500 - number} 0 1688 h{number}.corp.test.": 60 for number in range(200)}
        (finding,) = look(["corp.test"], ServerSettings("127.0.0.1", server.port, 5))
        assert server.messages == 2 + 2 * MOST_HOSTS
    assert finding.problem is None
    assert sorted(finding.addresses) == sorted(f"h{number}.corp.test" for number in range(200 - MOST_HOSTS, 200))
    assert finding.not_looked_up == 200 - MOST_HOSTS
    told = described(finding, {})
    assert (len(told["records"]), told["not_looked_up"]) == (200, 200 - MOST_HOSTS)


def test_the_hosts_of_a_domain_are_looked_up_within_the_time_for_the_domain() -> None:
    """A server that answers just in time is asked until the time is over, and nobody is asked for the rest."""
    now = [0.0]

    def clock() -> float:
        now[0] += 4
        return now[0]

    with faults.faulty_server() as server:
        server.address = "192.0.2.1"
        place = ZoneServer(Zone("corp.test", "ns1.corp.test", authoritative=True), NameServer("127.0.0.1", server.port))
        finding = ZoneReading("corp.test", place, RecordSet(60, tuple(SrvRecord(f"h{number}.corp.test") for number in range(30))))
        look_up_hosts(finding, place, TimeLimit(10, 100, clock))
        assert 10 <= server.messages <= 25
    assert finding.not_looked_up == 30 - len(finding.addresses)
    assert 5 <= len(finding.addresses) <= 13
