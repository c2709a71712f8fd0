# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe of hosts that DNS names has limits: how many are asked, and at which addresses."""

from __future__ import annotations

from collections import Counter

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.arguments import SRV_RECORD_INFO
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import InvalidInputError
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import RecordSet, SrvRecord
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.options import probe_networks_of
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.reading import MOST_HOSTS, Addresses, ZoneReading
from ansible_collections.winops.volume_activation.plugins.modules.kms_srv_record_info import left_out, probed


def published(number: int, addresses: Addresses) -> ZoneReading:
    """A domain with so many records, the last of which clients try first."""
    records = tuple(SrvRecord(f"h{index}.corp.test", 1, number - index) for index in range(number))
    return ZoneReading("corp.test", records=RecordSet(60, records), addresses={record.key: addresses for record in records})


def test_of_many_hosts_those_that_clients_try_first_are_asked_and_the_rest_says_so() -> None:
    found = probed([published(MOST_HOSTS + 6, ())], 1, [])
    assert Counter(probe["status"] for probe in found.values()) == {"unresolved": MOST_HOSTS, "not_asked": 6}
    assert {host for (host, _port), probe in found.items() if probe["status"] == "not_asked"} == {
        f"h{index}.corp.test" for index in range(6)
    }


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_an_address_that_leads_somewhere_else_from_here_is_not_asked(address: str) -> None:
    (probe,) = probed([published(1, (address,))], 1, []).values()
    assert (probe["status"], probe["is_kms_host"]) == ("not_allowed", False)


def test_a_network_that_the_task_names_is_asked() -> None:
    networks = probe_networks_of({"probe_networks": ["127.0.0.0/8"]})
    (probe,) = probed([published(1, ("127.0.0.1",))], 1, networks).values()
    assert probe["status"] == "connection_refused"


def test_what_is_no_network_is_named_before_anything_is_sent() -> None:
    with pytest.raises(InvalidInputError, match=r"probe_networks: '127\.0\.0\.1/8' has host bits set"):
        probe_networks_of({"probe_networks": ["127.0.0.1/8"]})
    assert SRV_RECORD_INFO["probe_networks"]["default"] == []


def test_hosts_that_were_not_looked_up_are_counted_in_a_warning() -> None:
    assert "corp.test: 136 hosts of the records were not looked up" in left_out(ZoneReading("corp.test", not_looked_up=136))
