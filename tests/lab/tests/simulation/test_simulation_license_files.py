# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""InstallLicense of both licensing services: what is taken, what is refused, and what is listed afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from winlab.simulation import ospp
from winlab.simulation.catalog import windows_skus
from winlab.simulation.estate import Estate
from winlab.simulation.facts import OFFICE, WINDOWS
from winlab.simulation.license_files import OFFICE_2010, USE, document
from winlab.simulation.lifecycle import rebuild

ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    machines:
      - {name: srv, address: 127.56.74.1, os: Server 2022 Standard, state: grace}
      - {name: pc, address: 127.56.74.2, os: Windows 10 Enterprise, state: grace, office_service: true}
      - {name: seven, address: 127.56.74.3, os: Windows 7 Professional, state: grace, office_service: true}
      - {name: bare, address: 127.56.74.4, os: Windows 7 Professional, state: grace}
"""
ID = "11111111-2222-4333-8444-555555555555"
LISTED = f"SELECT * FROM {{}} WHERE ID='{ID}'"
FaultCode = Callable[[Callable[[], object]], int]


@pytest.fixture
def machines(estate_of: Callable[[str], Estate], remote: Any) -> Callable[[str], Any]:
    estate = estate_of(ESTATE)
    return lambda name: remote(estate, name)


def install(machine: Any, text: str, *, of_office: bool = False) -> int:
    if of_office:
        return int(machine.invoke(ospp.SERVICE, {"Version": ospp.VERSION}, "InstallLicense", License=text).return_value)
    return int(machine.on_service("InstallLicense", License=text).return_value)


def test_a_publishing_license_makes_its_product_known_without_a_key(machines: Callable[[str], Any]) -> None:
    server = machines("srv")
    count = len(server.query("SELECT ID FROM SoftwareLicensingProduct"))
    for _again in range(2):
        assert install(server, document("Publishing", ID.upper(), product="Lab Office", application_id=OFFICE)) == 0
        (found,) = server.query(LISTED.format("SoftwareLicensingProduct"))
        assert (found["Name"], found["ApplicationID"], found["PartialProductKey"]) == ("Lab Office", OFFICE, None)
    assert len(server.query("SELECT ID FROM SoftwareLicensingProduct")) == count + 1
    assert server.machine.licenses.titles == ["Publishing", "Publishing"]


def test_a_use_license_and_one_without_a_product_make_nothing_known(machines: Callable[[str], Any]) -> None:
    server = machines("srv")
    assert install(server, document("Use", ID, category=USE)) == install(server, document("Keys")) == 0
    assert server.query(LISTED.format("SoftwareLicensingProduct")) == []
    assert server.machine.licenses.titles == ["Use", "Keys"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 0xC004F01F),
        ("<a/>", 0xC004F01F),
        (document("Cut")[:-5], 0xC004F01F),
        (document("Two", ID).replace("<r:license ", "<r:grant ").replace("</r:license>", "</r:grant>"), 0xC004F01F),
        ("<!DOCTYPE a>" + document("Type").partition("?>")[2], 0xC004F01F),
        (document("Other service", ID, OFFICE_2010), 0xC004F01F),
        (document("Unsigned", ID, signature=""), 0xC004F01D),
        (document("Signed by somebody", ID, signature="AAAA"), 0xC004F01D),
    ],
)
def test_what_is_refused_leaves_nothing(machines: Callable[[str], Any], fault_code: FaultCode, text: str, code: int) -> None:
    server = machines("srv")
    assert fault_code(lambda: install(server, text)) == code
    assert server.machine.licenses.titles == []


def test_the_service_of_office_lists_its_own_products(machines: Callable[[str], Any], fault_code: FaultCode) -> None:
    pc, seven = machines("pc"), machines("seven")
    assert install(pc, document("2010", ID, OFFICE_2010), of_office=True) == 0
    assert install(seven, document("2016", ID, OFFICE), of_office=True) == 0
    assert fault_code(lambda: install(pc, document("2016", ID, OFFICE), of_office=True)) == 0xC004F01F
    assert fault_code(lambda: install(seven, document("Windows", ID, WINDOWS), of_office=True)) == 0xC004F01F
    for machine in (pc, seven):
        (found,) = machine.query(LISTED.format(ospp.PRODUCT))
        assert found["PartialProductKey"] is None
        assert machine.query(LISTED.format("SoftwareLicensingProduct")) == []
        assert [service["Version"] for service in machine.query(f"SELECT * FROM {ospp.SERVICE}")] == [ospp.VERSION]
    assert fault_code(lambda: pc.invoke(ospp.SERVICE, {"Version": ospp.VERSION}, "InstallProductKey", ProductKey="x")) == 0xC004F050
    assert fault_code(lambda: pc.invoke(ospp.SERVICE, {"Version": "1"}, "InstallLicense", License="x")) == 0x80041002


def test_without_such_an_office_there_are_no_such_classes(machines: Callable[[str], Any], fault_code: FaultCode) -> None:
    for name in ("bare", "srv"):
        for class_name in (ospp.SERVICE, ospp.PRODUCT.upper()):
            assert fault_code(lambda wanted=class_name, on=name: machines(on).query(f"SELECT * FROM {wanted}")) == 0x80041010


def test_a_rebuilt_machine_has_no_license_file(machines: Callable[[str], Any]) -> None:
    pc = machines("pc")
    install(pc, document("2010", ID, OFFICE_2010), of_office=True)
    install(pc, document("Windows", ID))
    rebuild(pc.machine)
    assert set(pc.machine.skus()) == set(windows_skus(pc.machine.os))
    assert (pc.machine.licenses.titles, pc.machine.office_licenses) == ([], None)
