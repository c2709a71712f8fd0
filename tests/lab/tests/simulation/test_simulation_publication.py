# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which SRV records a KMS host wants published, and when it says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winlab.simulation.computer import Computer
from winlab.simulation.estate import Estate
from winlab.simulation.publication import Publication, line, parse_line

MakeEstate = Callable[[str], Estate]
SPP = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
LIST = "DnsDomainPublishList"
ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab}
    kms_hosts:
      - {name: kms, address: 127.56.33.1, os: Server 2022 Standard}
      - {name: wide, address: 127.56.33.2, os: Server 2022 Standard, publish: [corp.lab, branch.lab], priority: 10, weight: 5}
      - {name: silent, address: 127.56.33.3, os: Server 2022 Standard, publish: []}
      - {name: branch, address: 127.56.33.4, os: Server 2022 Standard, publish: [branch.lab], listening_port: 1700}
    machines:
      - {name: quiet, address: 127.56.33.5, os: Server 2022 Standard, state: kms_host}
      - {name: rogue, address: 127.56.33.6, os: Server 2022 Standard, state: csvlk_on_client}
      - {name: pc, address: 127.56.33.7, os: Windows 10 Enterprise, state: grace}
      - {name: loner, address: 127.56.33.8, os: Server 2022 Standard, state: csvlk_on_client, domain: null}
"""


class Recorder:
    """Takes the place of the DNS server and keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[str]]] = []

    def __call__(self, computer: Computer, records: Sequence[Publication]) -> None:
        self.sent.append((computer.name, [record.domain for record in records]))


@pytest.fixture
def estate(estate_of: MakeEstate) -> Estate:
    return estate_of(ESTATE)


def restart(host: Any) -> None:
    for method in ("StopService", "StartService"):
        host.invoke("Win32_Service", {"Name": "sppsvc"}, method)


def shown(estate: Estate, name: str) -> list[tuple[str, int, int, int, str]]:
    return [(record.domain, record.priority, record.weight, record.port, record.target) for record in estate.machines[name].publications()]


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("kms", [("corp.lab", 0, 0, 1688, "kms.corp.lab")]),
        ("wide", [("corp.lab", 10, 5, 1688, "wide.corp.lab"), ("branch.lab", 10, 5, 1688, "wide.corp.lab")]),
        ("silent", []),
        ("branch", []),
        ("quiet", []),
        ("rogue", [("corp.lab", 0, 0, 1688, "rogue.corp.lab")]),
        ("pc", []),
        ("loner", []),
    ],
)
def test_a_host_publishes_its_own_domain_and_those_of_its_list(estate: Estate, name: str, records: list[Any]) -> None:
    assert shown(estate, name) == records


def test_the_list_is_read_when_the_service_starts(estate: Estate, remote: Any) -> None:
    kms = remote(estate, "kms")
    lines = ["branch.lab, 5, 100", "CORP.lab,1,2", "plain.lab"]
    kms.registry("SetMultiStringValue", SPP, sValueName=LIST, sValue=lines)
    assert shown(estate, "kms") == [("corp.lab", 0, 0, 1688, "kms.corp.lab")]
    restart(kms)
    assert [record[:3] for record in shown(estate, "kms")] == [("CORP.lab", 1, 2), ("branch.lab", 5, 100), ("plain.lab", 0, 0)]
    kms.registry("DeleteValue", SPP, sValueName=LIST)
    restart(kms)
    assert shown(estate, "kms") == [("corp.lab", 0, 0, 1688, "kms.corp.lab")]


def test_the_list_of_the_file_is_in_the_registry(estate: Estate, remote: Any) -> None:
    found = remote(estate, "wide").registry("GetMultiStringValue", SPP, sValueName=LIST).outputs["sValue"]
    assert found == ("corp.lab, 10, 5", "branch.lab, 10, 5")
    restart(remote(estate, "wide"))
    assert len(shown(estate, "wide")) == 2


@pytest.mark.parametrize(
    "entry", ["two words", "a.lab, 1", "a.lab, 1, 2, 3", "a.lab, one, 2", "a.lab, 65536, 0", ", 1, 2", "-a.lab", "a..lab"]
)
def test_a_line_that_says_nothing_is_event_12293(estate: Estate, remote: Any, entry: str) -> None:
    estate.publisher = recorder = Recorder()
    kms = remote(estate, "kms")
    kms.registry("SetMultiStringValue", SPP, sValueName=LIST, sValue=[entry, "good.lab", ""])
    restart(kms)
    (event,) = kms.machine.events.newest_first(number=12293)
    assert event.strings == ("0x8007000D", entry)
    assert recorder.sent == [("kms", ["corp.lab", "good.lab"])]


@pytest.mark.parametrize("method", ["service", "slmgr"])
def test_publishing_turned_off_counts_from_the_next_start_of_the_service(estate: Estate, remote: Any, method: str) -> None:
    kms = remote(estate, "kms")
    if method == "slmgr":
        assert kms.run("slmgr /cdns").exit_code == 0
    else:
        kms.on_service("DisableKeyManagementServiceDnsPublishing", DisablePublishing="true")
    assert kms.service()["KeyManagementServiceDnsPublishing"] is False
    assert "DNS publishing disabled" in kms.run("slmgr /dlv").stdout
    assert len(shown(estate, "kms")) == 1
    restart(kms)
    assert shown(estate, "kms") == []
    kms.run("slmgr /sdns")
    assert shown(estate, "kms") == []
    restart(kms)
    assert len(shown(estate, "kms")) == 1


def test_a_new_port_is_published_once_it_is_used(estate: Estate, remote: Any) -> None:
    kms = remote(estate, "kms")
    kms.run("slmgr /sprt 1700")
    assert shown(estate, "kms")[0][3] == 1688
    restart(kms)
    assert shown(estate, "kms")[0][3] == 1700


def test_records_are_sent_at_every_start_and_then_every_24_hours(estate: Estate, remote: Any) -> None:
    estate.publisher = recorder = Recorder()
    restart(remote(estate, "kms"))
    restart(remote(estate, "silent"))
    assert recorder.sent == [("kms", ["corp.lab"])]
    estate.advance(timedelta(hours=23))
    assert len(recorder.sent) == 1
    estate.advance(timedelta(hours=50))
    assert len(recorder.sent) == 4
    estate.crash("kms")
    estate.advance(timedelta(days=3))
    assert len(recorder.sent) == 4
    estate.power_on("kms")
    assert len(recorder.sent) == 5


def test_in_a_long_stretch_of_time_a_host_publishes_often_enough_to_be_believed(estate: Estate, remote: Any) -> None:
    estate.publisher = recorder = Recorder()
    restart(remote(estate, "kms"))
    estate.advance(timedelta(days=180, minutes=1))
    assert len(recorder.sent) == 1 + 7 + 1
    next_time = estate.machines["kms"].next_publication
    assert next_time is not None
    assert next_time - estate.clock.now() == timedelta(hours=24, minutes=-1)


@pytest.mark.parametrize(("fault", "code"), [(None, "0x8007267C"), ("dns_down", "0x8007232A")])
def test_without_a_dns_server_a_host_says_so_for_every_domain(estate: Estate, remote: Any, fault: str | None, code: str) -> None:
    wide = remote(estate, "wide")
    if fault:
        estate.set_fault("wide", fault)
    restart(wide)
    events = wide.machine.events.newest_first(number=12293)
    assert sorted(event.strings for event in events) == [(code, "branch.lab"), (code, "corp.lab")]
    (shown, *_) = wide.query("SELECT * FROM Win32_NTLogEvent WHERE EventCode = 12293")
    assert (shown["EventIdentifier"], "branch.lab" in shown["Message"] or "corp.lab" in shown["Message"]) == (0x40003005, True)


def test_a_machine_that_gets_a_host_key_publishes_from_the_next_start_of_its_service(estate: Estate, remote: Any) -> None:
    estate.publisher = recorder = Recorder()
    pc = remote(estate, "pc")
    pc.on_service("InstallProductKey", ProductKey=estate.keys.for_product("csvlk", "Windows 10").key)
    assert recorder.sent == []
    restart(pc)
    assert recorder.sent == [("pc", ["corp.lab"])]


@given(st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9}){0,3}", fullmatch=True), st.integers(0, 65535), st.integers(0, 65535))
def test_a_line_that_was_written_is_read_again(domain: str, priority: int, weight: int) -> None:
    assert parse_line(line(domain, priority, weight)) == (domain, priority, weight)
