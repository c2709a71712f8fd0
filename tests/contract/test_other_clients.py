# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab against WS-Management clients that know nothing of it: pypsrp, pywinrm, Debian's wsl, python-dracclient, testinfra.

Where the lab and one of them disagree, the lab is wrong until a capture of real Windows says otherwise.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import testinfra
import winrm
import yaml
from dracclient.wsman import Client as DracClient
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import SelectorSet, WSMan

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.reply import read_reply
from project import ROOT
from winlab.client import LabClient, running_lab

USER, PASSWORD = "LabAdmin", "Lab-Passw0rd!"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/"
DMTF = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
CAPTURES = ROOT.parent / "shared" / "captures"
STDREGPROV = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/default/StdRegProv"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
CURRENT_VERSION = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
NETWORK = "127.41." + str(192 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))
MACHINES = {"OLD": "Server 2008 R2 Standard", "NEW": "Server 2022 Standard"}
"""One machine of each fault shape."""


@dataclass(frozen=True)
class Lab:
    client: LabClient
    ca: str
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("clients")
    addresses = {name: f"{NETWORK}.{number}" for number, name in enumerate(MACHINES, start=1)}
    estate = folder / "estate.yml"
    machines = [{"name": name, "os": system, "address": addresses[name], "state": "grace"} for name, system in MACHINES.items()]
    estate.write_text(yaml.safe_dump({"dns": "none", "defaults": {"listen": {"allow_unencrypted": True}}, "machines": machines}))
    with running_lab(estate, run_dir=folder / "run") as (client, _inventory):
        yield Lab(client, str(folder / "run" / "tls" / "ca.pem"), addresses)


@pytest.fixture(params=list(MACHINES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def texts(root: Any, name: str) -> list[str]:
    """Texts of all elements of a name; only local names are sure in WS-Management."""
    return [node.text or "" for node in root.iter() if isinstance(node.tag, str) and local(node.tag) == name]


# --- pypsrp ---


def psrp(lab: Lab, name: str, **options: Any) -> WSMan:
    settings = {"ssl": False, "port": 5985, "auth": "ntlm", "username": USER, "password": PASSWORD, "cert_validation": lab.ca, **options}
    return WSMan(lab.addresses[name], **settings)


def psrp_query(wsman: WSMan, wql: str) -> tuple[list[ElementTree.Element], int]:
    """Instances and the number of requests it took."""
    body = ElementTree.Element(f"{{{ENUMERATION}}}Enumerate")
    ElementTree.SubElement(body, f"{{{WSMAN}}}OptimizeEnumeration")
    ElementTree.SubElement(body, f"{{{WSMAN}}}MaxElements").text = "32000"
    ElementTree.SubElement(body, f"{{{WSMAN}}}Filter", Dialect=WQL).text = wql
    answer, found, requests = wsman.enumerate(WMI + "*", body), [], 1
    while True:
        found += [item for items in answer.iter() if local(items.tag) == "Items" for item in items]
        if any(local(node.tag) == "EndOfSequence" for node in answer.iter()):
            return found, requests
        pull = ElementTree.Element(f"{{{ENUMERATION}}}Pull")
        ElementTree.SubElement(pull, f"{{{ENUMERATION}}}EnumerationContext").text = texts(answer, "EnumerationContext")[0]
        ElementTree.SubElement(pull, f"{{{ENUMERATION}}}MaxElements").text = "32000"
        answer, requests = wsman.pull(WMI + "*", pull), requests + 1


@pytest.mark.parametrize(
    "options",
    [
        {"auth": "ntlm"},
        {"auth": "negotiate"},
        {"auth": "ntlm", "ssl": True, "port": 5986},
        {"auth": "negotiate", "ssl": True, "port": 5986},
        {"auth": "basic", "ssl": True, "port": 5986},
        {"auth": "basic", "encryption": "never"},
    ],
    ids=lambda options: "-".join(str(value) for value in options.values()),
)
def test_pypsrp_queries_with_every_authentication(lab: Lab, name: str, options: dict[str, Any]) -> None:
    with psrp(lab, name, **options) as wsman:
        systems, requests = psrp_query(wsman, "SELECT * FROM Win32_OperatingSystem")
    assert requests == 1
    assert texts(systems[0], "CSName") == [name]


def test_pypsrp_is_told_when_the_password_is_wrong(lab: Lab, name: str) -> None:
    with psrp(lab, name, password="wrong") as wsman, pytest.raises(AuthenticationError):
        psrp_query(wsman, "SELECT * FROM Win32_OperatingSystem")


def test_pypsrp_pulls_all_products_page_by_page(lab: Lab, name: str) -> None:
    with psrp(lab, name) as wsman:
        products, requests = psrp_query(wsman, "SELECT * FROM SoftwareLicensingProduct")
        ids, _ = psrp_query(wsman, "SELECT ID FROM SoftwareLicensingProduct")
    assert requests > 1
    assert sorted(texts(product, "ID")[0] for product in products) == sorted(texts(one, "ID")[0] for one in ids)
    assert {local(item.tag) for item in products} == {"SoftwareLicensingProduct"}
    assert {local(item.tag) for item in ids} == {"XmlFragment"}


def test_pypsrp_gets_and_invokes_an_instance(lab: Lab, name: str) -> None:
    with psrp(lab, name) as wsman:
        services, _ = psrp_query(wsman, "SELECT Version FROM SoftwareLicensingService")
        selectors = SelectorSet()
        selectors.add_option("Version", texts(services[0], "Version")[0])
        uri = WMI + "SoftwareLicensingService"
        assert texts(wsman.get(uri, selector_set=selectors), "ClientMachineID")
        call = ElementTree.Element(f"{{{uri}}}SetKeyManagementServiceMachine_INPUT")
        ElementTree.SubElement(call, f"{{{uri}}}MachineName").text = "kms.lab.example"
        answer = wsman.invoke(f"{uri}/SetKeyManagementServiceMachine", uri, call, selector_set=selectors)
        assert texts(answer, "ReturnValue") == ["0"]
        assert texts(wsman.get(uri, selector_set=selectors), "KeyManagementServiceMachine") == ["kms.lab.example"]


@pytest.mark.parametrize(("selectors", "number"), [({}, 2150859002), ({"Wrong": "1"}, 2150858843)])
def test_pypsrp_sees_the_fault_of_wrong_keys(lab: Lab, name: str, selectors: dict[str, str], number: int) -> None:
    chosen = SelectorSet()
    for key, value in selectors.items():
        chosen.add_option(key, value)
    with psrp(lab, name) as wsman, pytest.raises(WSManFaultError) as fault:
        wsman.get(WMI + "SoftwareLicensingService", selector_set=chosen if selectors else None)
    transport_error = fault.value.__context__
    raw = getattr(transport_error, "response_text", "")
    assert str(number) in raw
    assert ("MSFT_WmiError" in raw) == (name == "NEW")
    assert fault.value.code == (number if name == "OLD" else "w:InvalidSelectors")


def dmtf_selectors(**keys: str) -> SelectorSet:
    """The keys of an instance of root/cimv2, as a CIM session sends them."""
    selectors = SelectorSet()
    for key, value in {"__cimnamespace": "root/cimv2", **keys}.items():
        selectors.add_option(key, value)
    return selectors


def test_pypsrp_reads_and_invokes_by_uris_of_the_dmtf(lab: Lab) -> None:
    uri = DMTF + "SoftwareLicensingService"
    with psrp(lab, "NEW") as wsman:
        body = ElementTree.Element(f"{{{ENUMERATION}}}Enumerate")
        ElementTree.SubElement(body, f"{{{WSMAN}}}OptimizeEnumeration")
        ElementTree.SubElement(body, f"{{{WSMAN}}}Filter", Dialect=WQL).text = "SELECT * FROM SoftwareLicensingService"
        answer = wsman.enumerate(DMTF + "*", body, selector_set=dmtf_selectors())
        (version,) = texts(answer, "Version")
        assert any(node.tag == f"{{{uri}}}Version" for node in answer.iter())
        found = wsman.get(uri, selector_set=dmtf_selectors(Version=version))
        assert texts(found, "Version") == [version]
        call = ElementTree.Element(f"{{{uri}}}RefreshLicenseStatus_INPUT")
        done = wsman.invoke(f"{uri}/RefreshLicenseStatus", uri, call, selector_set=dmtf_selectors(Version=version))
        assert texts(done, "ReturnValue") == ["0"]


def test_a_failure_by_a_uri_of_the_dmtf_has_the_shape_of_the_capture_and_our_client_reads_it(lab: Lab) -> None:
    with psrp(lab, "NEW") as wsman, pytest.raises(WSManFaultError) as fault:
        wsman.get(DMTF + "SoftwareLicensingService", selector_set=dmtf_selectors(Version="1"))
    raw = getattr(fault.value.__context__, "response_text", "")
    read = read_reply(raw.encode()).fault
    assert read is not None
    assert (read.code, read.subcode) == (2150858752, "DestinationUnreachable")
    tags = [local(node.tag) for node in ElementTree.fromstring(raw).iter()]
    captured = CAPTURES / "fault_2012r2_instance_not_found.xml"
    if captured.exists():
        real = [local(node.tag) for node in ElementTree.fromstring(captured.read_bytes()).iter()]
        assert tags == real


def test_server_2008_r2_of_the_lab_knows_no_uri_of_the_dmtf(lab: Lab) -> None:
    with psrp(lab, "OLD") as wsman, pytest.raises(WSManFaultError) as fault:
        wsman.get(DMTF + "SoftwareLicensingService", selector_set=dmtf_selectors(Version="1"))
    assert fault.value.code == 2150858752


def test_pypsrp_runs_a_command_in_a_shell_and_ends_one_early(lab: Lab, name: str) -> None:
    with psrp(lab, name) as wsman, WinRS(wsman) as shell:
        process = Process(shell, "hostname")
        process.invoke()
        process.signal(SignalCode.TERMINATE)
        assert (process.rc, process.stdout.decode().strip(), process.stderr) == (0, name, b"")
        assert lab.client.machine(name)["protocol"]["open_shells"] == 1
    assert lab.client.machine(name)["protocol"]["open_shells"] == 0


def test_pypsrp_cannot_put_a_licensing_service(lab: Lab, name: str) -> None:
    uri = WMI + "SoftwareLicensingService"
    with psrp(lab, name) as wsman, pytest.raises(WSManFaultError) as fault:
        wsman.put(uri, ElementTree.Element(f"{{{uri}}}SoftwareLicensingService"))
    assert fault.value.code == 2150858801


# --- pywinrm ---


@pytest.mark.parametrize(("transport", "scheme"), [("ntlm", "http"), ("ntlm", "https"), ("basic", "https"), ("basic", "http")])
def test_pywinrm_runs_commands(lab: Lab, name: str, transport: str, scheme: str) -> None:
    port = 5985 if scheme == "http" else 5986
    session = winrm.Session(
        f"{scheme}://{lab.addresses[name]}:{port}/wsman", auth=(USER, PASSWORD), transport=transport, ca_trust_path=lab.ca
    )
    before = lab.client.counters(name)
    answer = session.run_cmd("hostname")
    after = lab.client.counters(name)
    assert (answer.status_code, answer.std_out.decode().strip()) == (0, name)
    assert after["shells"] - before["shells"] == 1
    assert after["tcp_connections"] - before["tcp_connections"] == 1


def test_pywinrm_refuses_a_certificate_of_another_authority(lab: Lab, name: str) -> None:
    session = winrm.Session(f"https://{lab.addresses[name]}:5986/wsman", auth=(USER, PASSWORD), transport="ntlm")
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        session.run_cmd("hostname")


def test_pywinrm_is_told_when_the_password_is_wrong(lab: Lab, name: str) -> None:
    session = winrm.Session(f"http://{lab.addresses[name]}:5985/wsman", auth=(USER, "wrong"), transport="ntlm")
    with pytest.raises(winrm.exceptions.InvalidCredentialsError):
        session.run_cmd("hostname")


# --- Debian wsl ---

WSL_NEEDS = ("wslenum", "wslget", "wslinvoke", "uuidgen", "xmllint", "curl")
needs_wsl = pytest.mark.skipif(not all(map(shutil.which, WSL_NEEDS)), reason="needs the Debian packages wsl and uuid-runtime")


def wsl(lab: Lab, name: str, folder: Path, *command: str) -> str:
    """Run one of the wsl tools; its files and its configuration stay in the folder."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "OUTPREFIX": str(folder),
        "WSENDPOINT": f"{lab.addresses[name]}:5985",
        "WSNOSSL": "true",
        "WSUSER": USER,
        "WSPASS": PASSWORD,
        "WSAUTOMATED": "1",
        "WSDONTASK": "y",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


@needs_wsl
def test_wslenum_lists_a_class_and_its_references(lab: Lab, name: str, tmp_path: Path) -> None:
    listed = wsl(lab, name, tmp_path, "wslenum", WMI + "Win32_OperatingSystem")
    assert f"<p:CSName>{name}</p:CSName>" in listed
    references = wsl(lab, name, tmp_path, "wslenum", WMI + "SoftwareLicensingService", "-mode", "epr")
    assert re.search('<w:Selector Name="Version">[0-9.]+</w:Selector>', references)


@needs_wsl
def test_wslenum_filters_with_wql(lab: Lab, name: str, tmp_path: Path) -> None:
    query = "select Version from SoftwareLicensingService"
    answer = wsl(lab, name, tmp_path, "wslenum", WMI + "*", "-dialect", WQL, "-filter", query, "-opti", "100")
    assert re.search("<w:XmlFragment[^>]*>\\s*<Version>[0-9.]+</Version>", answer)


@needs_wsl
def test_wslget_gets_an_instance_and_wslinvoke_calls_a_method_of_it(lab: Lab, name: str, tmp_path: Path) -> None:
    uri = WMI + "SoftwareLicensingService"
    references = wsl(lab, name, tmp_path, "wslenum", uri, "-mode", "epr")
    version = re.findall('<w:Selector Name="Version">([0-9.]+)<', references)[0]
    assert f"<p:Version>{version}</p:Version>" in wsl(lab, name, tmp_path, "wslget", uri, f"Version={version}")
    answer = wsl(lab, name, tmp_path, "wslinvoke", uri, "SetKeyManagementServiceMachine", "MachineName=wsl.lab.example")
    assert "<p:ReturnValue>0</p:ReturnValue>" in answer
    assert "wsl.lab.example" in wsl(lab, name, tmp_path, "wslget", uri, f"Version={version}")


# --- python-dracclient ---


@pytest.fixture(params=["http", "https"])
def drac(request: pytest.FixtureRequest, lab: Lab, name: str) -> DracClient:
    port = 5985 if request.param == "http" else 5986
    return DracClient(lab.addresses[name], USER, PASSWORD, port=port, protocol=request.param)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_dracclient_enumerates_with_wql_and_merges_the_pages(drac: DracClient) -> None:
    answer = drac.enumerate(WMI + "*", filter_query="SELECT ID FROM SoftwareLicensingProduct", filter_dialect="wql")
    ids = texts(answer, "ID")
    assert len(ids) > 1
    assert len(ids) == len(set(ids))


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_dracclient_reads_the_registry(drac: DracClient) -> None:
    arguments = {"hDefKey": "2147483650", "sSubKeyName": CURRENT_VERSION, "sValueName": "EditionID"}
    answer = drac.invoke(STDREGPROV, "GetStringValue", {}, arguments)
    assert texts(answer, "sValue") == ["ServerStandard"]
    assert texts(answer, "ReturnValue") == ["0"]


# --- pytest-testinfra ---


@pytest.mark.parametrize("options", ["no_ssl=true", "no_verify_ssl=true"])
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_testinfra_runs_commands_over_winrm(lab: Lab, name: str, options: str) -> None:
    port = 5985 if options.startswith("no_ssl") else 5986
    host = testinfra.get_host(f"winrm://{USER}:{PASSWORD}@{lab.addresses[name]}:{port}?{options}")
    command = host.run("hostname")
    assert (command.rc, command.stdout.strip()) == (0, name)
