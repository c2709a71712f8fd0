# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extended Security Updates: licenses that stand beside that of Windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation.addons import programmes
from winlab.simulation.estate import Estate, EstateError
from winlab.simulation.identity import confirmation_id

MakeEstate = Callable[[str], Estate]
FaultCode = Callable[[Callable[[], object]], int]

YEAR_1, YEAR_2 = "f520e45e-7413-4a34-a497-d2765967d094", "1043add5-23b1-4afb-9a0f-64343c8f3f8d"
MAK_1, MAK_2, MAK_2012 = (f"MMMMM-KKKKK-MMMMM-22222-{tail}" for tail in ("3333Y", "4444Y", "6666Y"))
NOT_PREPARED, NO_BASE = 0xC004F050, 0xC004F055
ESTATE = f"""
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    kms_hosts:
      - {{name: kms1, address: 127.56.31.1, os: Server 2012 R2 Standard, host_key: Server 2012 R2, outside_clients: 60, domain: corp.lab,
         updates: [KB5017220]}}
    defaults: {{domain: corp.lab}}
    microsoft:
      keys:
        - {{key: {MAK_1}, channel: mak, fits: [ESU Windows 10 year 1], activations: 20}}
        - {{key: {MAK_2}, channel: mak, fits: ESU Windows 10 year 2, activations: 1}}
        - {{key: {MAK_2012}, channel: mak, fits: [ESU Server 2012 year 3]}}
        - {{key: MMMMM-KKKKK-MMMMM-22222-77777, channel: mak, fits: [Windows 10 Pro]}}
    machines:
      - {{name: gvlk, address: 127.56.31.11, os: Windows 10 Pro, state: kms_licensed, ubr: 6456}}
      - {{name: oem, address: 127.56.31.12, os: Windows 10 Pro, state: oem, ubr: 5131}}
      - {{name: retail, address: 127.56.31.13, os: Windows 10 Pro, state: retail, updates: [KB5046613]}}
      - {{name: mak, address: 127.56.31.14, os: Windows 10 Pro, state: mak_licensed, key: MMMMM-KKKKK-MMMMM-22222-77777, ubr: 6456}}
      - {{name: stepped, address: 127.56.31.15, os: Windows 10 Enterprise, state: subscription, ubr: 6456}}
      - {{name: bare, address: 127.56.31.16, os: Windows 10 Pro, state: kms_licensed, ubr: 5130}}
      - {{name: grace, address: 127.56.31.17, os: Windows 10 Pro, state: grace, ubr: 6456}}
      - {{name: ltsc, address: 127.56.31.18, os: Windows 10 Enterprise LTSC 2021, state: kms_licensed, ubr: 6456}}
      - {{name: both, address: 127.56.31.19, os: Windows 10 Pro, state: oem, ubr: 6456,
         esu: [{{programme: windows_10_year_1, key: {MAK_1}}}, {{programme: windows_10_year_2, state: installed}}]}}
      - {{name: seven, address: 127.56.31.20, os: Windows 7 Professional, state: mak_licensed, updates: [KB4538483]}}
"""


@pytest.fixture
def fleet(estate_of: MakeEstate) -> Estate:
    return estate_of(ESTATE)


class Pc:
    """A machine with the license of a programme."""

    def __init__(self, remote: Any, activation_id: str) -> None:
        self.remote, self.id = remote, activation_id

    def shown(self) -> Mapping[str, Any]:
        (found,) = self.remote.query(f"SELECT * FROM SoftwareLicensingProduct WHERE ID = '{self.id}'")
        return dict(found)

    def windows(self) -> list[Mapping[str, Any]]:
        return [product for product in self.keyed() if not product["LicenseIsAddon"]]

    def keyed(self) -> list[Mapping[str, Any]]:
        return list(self.remote.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"))

    def install(self, key: str) -> None:
        self.remote.on_service("InstallProductKey", ProductKey=key)
        self.remote.on_service("RefreshLicenseStatus")

    def call(self, method: str, **arguments: object) -> Any:
        return self.remote.invoke("SoftwareLicensingProduct", {"ID": self.id}, method, **arguments)


@pytest.fixture
def at(fleet: Estate, remote: Any) -> Callable[..., Pc]:
    return lambda name, activation_id=YEAR_1: Pc(remote(fleet, name), activation_id)


def used(estate: Estate, key: str) -> int:
    found = estate.keys.of(key)
    assert found is not None
    return found.used


def test_a_license_is_shown_as_microsoft_names_it(at: Callable[..., Pc]) -> None:
    shown = at("gvlk").shown()
    assert shown["Name"].startswith("Windows(R), Client-ESU-Year1 add-on for Education,EducationN,Enterprise,")
    assert (shown["Description"], shown["LicenseFamily"]) == ("Windows(R) Operating System, VOLUME_MAK channel", "Client-ESU-Year1")
    assert (shown["LicenseIsAddon"], shown["PartialProductKey"], shown["LicenseStatus"]) == (True, None, 0)
    assert shown["LicenseDependsOn"]
    assert not at("gvlk").windows()[0]["LicenseIsAddon"]
    assert at("gvlk").windows()[0]["LicenseDependsOn"] is None


@pytest.mark.parametrize("name", ["bare", "ltsc"])
def test_without_its_preparation_there_is_no_license_and_the_key_is_refused(
    at: Callable[..., Pc], fault_code: FaultCode, name: str
) -> None:
    pc = at(name)
    assert pc.remote.query("SELECT ID FROM SoftwareLicensingProduct WHERE LicenseIsAddon = TRUE") == []
    before = pc.keyed()
    assert fault_code(lambda: pc.install(MAK_1)) == NOT_PREPARED
    assert pc.keyed() == before


def test_a_key_for_another_windows_is_refused(at: Callable[..., Pc], fault_code: FaultCode) -> None:
    assert fault_code(lambda: at("gvlk").install(MAK_2012)) == NOT_PREPARED
    assert fault_code(lambda: at("kms1").install(MAK_1)) == NOT_PREPARED


@pytest.mark.parametrize("name", ["gvlk", "oem", "retail", "mak", "stepped"])
def test_a_key_stands_beside_that_of_windows_and_costs_one_activation(fleet: Estate, at: Callable[..., Pc], name: str) -> None:
    pc = at(name)
    windows, subscription = pc.windows(), pc.remote.machine.service.subscription
    spent = used(fleet, MAK_1)
    pc.install(MAK_1)
    assert (pc.shown()["PartialProductKey"], pc.shown()["LicenseStatus"], pc.shown()["LicenseStatusReason"]) == ("3333Y", 0, 0xC004F034)
    pc.call("Activate")
    assert (pc.shown()["LicenseStatus"], pc.shown()["GracePeriodRemaining"], pc.shown()["ProductKeyChannel"]) == (1, 0, "Volume:MAK")
    assert pc.windows() == windows
    assert pc.remote.machine.service.subscription is subscription
    assert used(fleet, MAK_1) == spent + 1
    assert used(fleet, "MMMMM-KKKKK-MMMMM-22222-77777") == 1


def test_each_year_has_its_own_key_and_its_own_activations(fleet: Estate, at: Callable[..., Pc], fault_code: FaultCode) -> None:
    first, second = at("gvlk"), at("gvlk", YEAR_2)
    first.install(MAK_1)
    second.install(MAK_2)
    second.call("Activate")
    assert (first.shown()["LicenseStatus"], second.shown()["LicenseStatus"]) == (0, 1)
    other = at("oem", YEAR_2)
    other.install(MAK_2)
    assert fault_code(lambda: other.call("Activate")) == 0xC004C020
    assert (used(fleet, MAK_1), used(fleet, MAK_2)) == (1, 1)


def test_an_add_on_is_not_activated_before_windows(fleet: Estate, at: Callable[..., Pc], fault_code: FaultCode) -> None:
    pc = at("grace")
    pc.install(MAK_1)
    iid = pc.shown()["OfflineInstallationId"]
    spent = used(fleet, MAK_1)
    assert fault_code(lambda: pc.call("Activate")) == NO_BASE
    deposit = {"InstallationId": iid, "ConfirmationId": confirmation_id(iid)}
    assert fault_code(lambda: pc.call("DepositOfflineConfirmationId", **deposit)) == NO_BASE
    assert used(fleet, MAK_1) == spent
    pc.remote.machine.service.keyed()[0].license_forever()
    pc.call("Activate")
    assert pc.shown()["LicenseStatus"] == 1


def test_slmgr_activates_windows_alone_unless_told(at: Callable[..., Pc]) -> None:
    pc = at("oem")
    pc.remote.run(f"cscript slmgr.vbs /ipk {MAK_1}")
    said = pc.remote.run("cscript slmgr.vbs /ato")
    assert said.exit_code == 0
    assert pc.shown()["LicenseStatus"] == 0
    said = pc.remote.run(f"cscript slmgr.vbs /ato {YEAR_1}")
    assert "Client-ESU-Year1" in said.stdout
    assert pc.shown()["LicenseStatus"] == 1


def test_slmgr_shows_the_add_on_only_when_asked(at: Callable[..., Pc]) -> None:
    pc = at("both")
    assert "ESU" not in pc.remote.run("cscript slmgr.vbs /dlv").stdout
    assert pc.remote.run("cscript slmgr.vbs /dlv all").stdout.count("-ESU-Year") == 3
    one = pc.remote.run(f"cscript slmgr.vbs /dlv {YEAR_1}").stdout
    assert "Partial Product Key: 3333Y" in one
    assert "License Status: Licensed" in one


def test_uninstalling_by_slmgr_leaves_windows_alone(at: Callable[..., Pc]) -> None:
    pc = at("both")
    windows = pc.windows()
    assert pc.remote.run(f"cscript slmgr.vbs /upk {YEAR_1}").exit_code == 0
    assert pc.shown()["PartialProductKey"] is None
    assert at("both", YEAR_2).shown()["PartialProductKey"]
    assert pc.windows() == windows


def test_a_new_key_of_windows_leaves_the_add_ons(at: Callable[..., Pc]) -> None:
    pc = at("both")
    before = pc.shown()
    pc.install("W269N-WFGWX-YVC9B-4J6C9-T83GX")
    assert pc.windows()[0]["ProductKeyChannel"] == "Volume:GVLK"
    assert pc.shown() == before
    pc.remote.invoke("SoftwareLicensingProduct", {"ID": pc.windows()[0]["ID"]}, "UninstallProductKey")
    assert (pc.windows(), pc.shown()) == ([], before)


def test_the_telephone_counts_on_the_key_of_the_add_on(fleet: Estate, at: Callable[..., Pc]) -> None:
    pc = at("mak")
    pc.install(MAK_1)
    iid = pc.shown()["OfflineInstallationId"]
    assert len(iid) == 63
    assert iid != pc.windows()[0]["OfflineInstallationId"]
    assert pc.remote.run(f"cscript slmgr.vbs /dti {YEAR_1}").stdout.split()[-1] == iid
    spent = used(fleet, MAK_1)
    answer = fleet.phone(iid)
    assert pc.remote.run(f"cscript slmgr.vbs /atp {answer} {YEAR_1}").exit_code == 0
    assert pc.shown()["LicenseStatus"] == 1
    assert (used(fleet, MAK_1), used(fleet, "MMMMM-KKKKK-MMMMM-22222-77777")) == (spent + 1, 1)


def test_the_confirmation_id_of_windows_does_not_activate_the_add_on(at: Callable[..., Pc], fault_code: FaultCode) -> None:
    pc = at("mak")
    pc.install(MAK_1)
    wrong = confirmation_id(pc.windows()[0]["OfflineInstallationId"])
    deposit = {"InstallationId": pc.shown()["OfflineInstallationId"], "ConfirmationId": wrong}
    assert fault_code(lambda: pc.call("DepositOfflineConfirmationId", **deposit)) == 0xC004F031


def test_an_add_on_survives_a_restart_and_loses_its_activation_with_a_rearm(at: Callable[..., Pc]) -> None:
    pc = at("both")
    pc.remote.machine.restart()
    assert pc.shown()["LicenseStatus"] == 1
    pc.remote.on_service("ReArmWindows")
    pc.remote.machine.restart()
    assert (pc.shown()["PartialProductKey"], pc.shown()["LicenseStatus"], pc.shown()["GracePeriodRemaining"]) == ("3333Y", 0, 0)


def test_other_hardware_ends_an_add_on_without_a_grace(fleet: Estate, at: Callable[..., Pc]) -> None:
    pc = at("both")
    before = pc.shown()["OfflineInstallationId"]
    fleet.change_hardware("both")
    assert (pc.shown()["LicenseStatus"], pc.shown()["LicenseStatusReason"]) == (0, 0xC004F00F)
    assert pc.shown()["OfflineInstallationId"] != before


def test_time_alone_does_not_end_an_add_on(fleet: Estate, at: Callable[..., Pc]) -> None:
    fleet.advance(timedelta(days=800))
    assert at("both").shown()["LicenseStatus"] == 1
    assert at("both", YEAR_2).shown()["LicenseStatus"] == 0


def test_an_update_brings_the_license(fleet: Estate, at: Callable[..., Pc]) -> None:
    fleet.install_update("bare", "KB5046613")
    at("bare").install(MAK_1)
    at("bare").call("Activate")
    assert at("bare").shown()["LicenseStatus"] == 1


def test_windows_7_names_its_add_on_in_its_own_way(at: Callable[..., Pc]) -> None:
    shown = at("seven", "77db037b-95c3-48d7-a3ab-a9c6d41093e0").shown()
    assert shown["Name"].startswith("Windows(R) 7, Client-ESU-Year1 add-on for Enterprise,")
    assert shown["LicenseIsAddon"]


def test_a_kms_host_takes_the_key_of_an_add_on_and_stays_one(fleet: Estate, at: Callable[..., Pc]) -> None:
    host = at("kms1", "55b1dd2d-2209-4ea0-a805-06298bad25b3")
    host.install(MAK_2012)
    host.call("Activate")
    assert host.shown()["LicenseStatus"] == 1
    assert host.shown()["OfflineInstallationId"] != host.windows()[0]["OfflineInstallationId"]
    assert len(host.shown()["OfflineInstallationId"]) == 54
    assert host.remote.service()["IsKeyManagementServiceMachine"] == 1
    assert used(fleet, MAK_2012) == 1


def test_there_are_three_years_of_four_programmes() -> None:
    assert len(programmes()) == len({programme.activation_id for programme in programmes().values()}) == 12
    assert {programme.title for programme in programmes().values() if programme.name.startswith("windows_server_2012")} == {
        f"ESU Server 2012 year {year}" for year in (1, 2, 3)
    }


PREPARED = {
    "windows_7": "Windows 7 Enterprise, updates: [KB4538483]",
    "windows_10": "Windows 10 Education, ubr: 5131",
    "windows_server_2008": "Server 2008 R2 Enterprise, updates: [KB4538483]",
    "windows_server_2012": "Server 2012 Datacenter, updates: [KB5017221]",
}


@pytest.mark.parametrize("name", programmes())
def test_every_programme_can_be_there_from_the_beginning(estate_of: MakeEstate, remote: Any, name: str) -> None:
    os = PREPARED[name.rpartition("_year_")[0]]
    estate = estate_of(f"""
        dns: none
        machines: [{{name: m, address: 127.56.31.1, os: {os}, state: grace, esu: [{{programme: {name}, state: licensed}}]}}]
    """)
    m = Pc(remote(estate, "m"), programmes()[name].activation_id)
    assert (m.shown()["LicenseStatus"], m.shown()["LicenseFamily"]) == (1, programmes()[name].family)
    assert m.remote.run(f"cscript slmgr.vbs /dlv {m.id}").exit_code == 0
    assert used(estate, m.remote.machine.service.products[m.id].key) == 1


def test_a_kms_host_can_begin_with_one_too(estate_of: MakeEstate, remote: Any) -> None:
    estate = estate_of("""
        dns: none
        kms_hosts: [{name: k, address: 127.56.31.1, os: Server 2012 R2 Standard, updates: [KB5017220],
                     esu: [{programme: windows_server_2012_year_3, state: installed}]}]
    """)
    k = Pc(remote(estate, "k"), programmes()["windows_server_2012_year_3"].activation_id)
    assert (k.shown()["LicenseStatus"], k.windows()[0]["LicenseStatus"], len(k.keyed())) == (0, 1, 2)


MACHINE = "machines: [{name: m, address: 127.56.31.1, os: %s}]"
KEY = "microsoft: {keys: [{key: MMMMM-KKKKK-MMMMM-22222-22222, channel: %s, fits: %s}]}"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (MACHINE % "Windows 10 Pro, esu: [{programme: windows_10_year_4}]", "esu[0].programme: 'windows_10_year_4' is none of "),
        (MACHINE % "Windows 10 Pro, esu: [{programme: windows_10_year_1}]",
         "machines[0].esu[0].programme: windows_10_year_1 needs build 19045.5131 (entries updates and ubr)"),
        (MACHINE % "Server 2012 R2 Standard, esu: [{programme: windows_server_2012_year_1}]", "windows_server_2012_year_1 needs KB5017220"),
        (MACHINE % "Windows 11 Pro, esu: [{programme: windows_10_year_1}]", "windows_10_year_1 is not for Windows 11 Pro"),
        (MACHINE % "Windows 10 Enterprise LTSC 2021, ubr: 9999, esu: [{programme: windows_10_year_1}]", "is not for Windows 10 E"),
        (MACHINE % "Windows 10 Pro, ubr: 6456, esu: [{programme: windows_10_year_1, state: happy}]", "esu[0].state: 'happy' is "),
        (MACHINE % "Windows 10 Pro, ubr: 6456, esu: [{programme: windows_10_year_1, key: MMMMM-KKKKK-MMMMM-22222-22222}]",
         "machines[0].esu[0].key: no key of microsoft.keys that fits ESU Windows 10 year 1 ends in 22222"),
        (MACHINE % "Windows 10 Pro, ubr: 6456, esu: [{program: windows_10_year_1}]", "machines[0].esu[0]: unknown entry program"),
        (MACHINE % "Windows 10 Pro, ubr: 5000, updates: [KB5046613]", "machines[0].ubr: 5000 is too low: KB5046613 of the entry updates "),
        (MACHINE % "Server 2012 R2 Standard, ubr: 1", "machines[0].ubr: Server 2012 R2 shows no build revision"),
        (KEY % ("mak", "ESU Windows 11 year 1"), "microsoft.keys[0].fits: 'ESU Windows 11 year 1' is none of ESU Windows 7 year 1, "),
        (KEY % ("retail", "ESU Windows 10 year 1"), "microsoft.keys[0].fits: the key of ESU Windows 10 year 1 is a MAK"),
        (KEY % ("mak", "[ESU Windows 10 year 1, Windows 10 Pro]"), "microsoft.keys[0].fits: a key of Extended Security Updates fits one "),
    ],
)  # fmt: skip
def test_a_mistake_in_an_estate_is_named_with_its_place(estate_of: MakeEstate, text: str, where: str) -> None:
    with pytest.raises(EstateError) as caught:
        estate_of(f"dns: none\n{text}")
    assert where in str(caught.value)
