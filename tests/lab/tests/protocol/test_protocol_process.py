# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as a process: ready file, control API, inventory, and an end without leftovers."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from winlab.client import LabClient, LabError
from winlab.protocol.inventory import PROBE_NETWORKS, ROLES_THAT_PROBE, inventory

SCRIPT = Path(__file__).with_name("tiny_lab.py")
AUTH = "Basic " + base64.b64encode(b"LabAdmin:Wire-Passw0rd!").decode()
NETWORK = 150 + 4 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
FIRST = f"127.55.{NETWORK}.1"
Start = Callable[..., tuple["subprocess.Popen[bytes]", dict[str, Any]]]


def wait_until(there: Callable[[], bool], what: str) -> None:
    """Look again and again; a test that waits in vain says for what."""
    for _ in range(1500):
        if there():
            return
        time.sleep(0.02)
    pytest.fail(f"waited in vain for {what}")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    processes: list[subprocess.Popen[bytes]] = []

    def run(count: int = 2, slow: float = 0.0) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        with (tmp_path / "complaints").open("wb") as complaints:
            arguments = [sys.executable, str(SCRIPT), str(tmp_path), str(count), str(NETWORK), str(slow)]
            process = subprocess.Popen(arguments, stderr=complaints)
        processes.append(process)
        ready = tmp_path / "ready.json"
        wait_until(lambda: ready.exists() or process.poll() is not None, "the lab to be ready")
        assert process.poll() is None, "the lab ended before it was ready"
        return process, json.loads(ready.read_text())

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()


def post(body: bytes) -> int:
    connection = http.client.HTTPConnection(FIRST, 5985, timeout=30)
    try:
        connection.request("POST", "/wsman", body, {"Content-Type": "application/soap+xml;charset=UTF-8", "Authorization": AUTH})
        return connection.getresponse().status
    finally:
        connection.close()


def is_closed(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) != 0


def test_the_ready_file_tells_where_everything_is(start: Start, soap: Any) -> None:
    process, ready = start()
    assert set(ready) == {"control", "pid", "machines", "ca", "seconds"}
    assert (ready["pid"], ready["machines"]) == (process.pid, 2)
    assert "BEGIN CERTIFICATE" in Path(ready["ca"]).read_text()
    assert post(soap.invoke("SetKey")) == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_lab_while_a_request_is_running(start: Start, soap: Any, tmp_path: Path, number: int) -> None:
    process, ready = start(slow=60)
    connection = socket.create_connection((FIRST, 5985))
    body = soap.invoke("SetKey")
    head = f"POST /wsman HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTH}\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/soap+xml\r\n\r\n"
    connection.sendall(head.encode() + body)
    client = LabClient(ready["control"])
    wait_until(lambda: bool(client.counters("TINY0")["writes"]), "the request to arrive")
    process.send_signal(number)
    assert process.wait(10) == 0
    connection.close()
    assert (tmp_path / "complaints").read_text() == ""
    assert is_closed(FIRST, 5985)
    assert is_closed(FIRST, 5986)
    assert is_closed("127.0.0.1", int(ready["control"].rpartition(":")[2]))
    assert not (tmp_path / "ready.json").exists()


def test_the_control_api_stops_the_lab(start: Start) -> None:
    process, ready = start()
    LabClient(ready["control"]).stop()
    assert process.wait(10) == 0


def test_the_lab_ends_with_its_parent(tmp_path: Path) -> None:
    arguments = [sys.executable, str(SCRIPT), str(tmp_path), "1", str(NETWORK), "0"]
    code = f"import subprocess, pathlib, time\nsubprocess.Popen({arguments!r})\n"
    code += f"while not pathlib.Path({str(tmp_path / 'ready.json')!r}).exists(): time.sleep(0.02)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
    wait_until(lambda: is_closed(FIRST, 5985), "the lab to end with its parent")


def test_the_lab_ends_when_its_parent_was_gone_before_it_looked(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(f"dns: none\nmachines: [{{name: tiny, address: {FIRST}, os: Server 2022 Standard}}]\n")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    command = [sys.executable, "-m", "winlab", "serve", "--exit-with-parent", str(gone.pid), "--estate", str(estate)]
    assert subprocess.run(command, cwd=SCRIPT.parents[2], check=False, timeout=30).returncode == 0


def test_machines_counters_clock_and_faults_are_reached_through_the_client(start: Start, soap: Any) -> None:
    _, ready = start()
    client = LabClient(ready["control"])
    assert [machine["name"] for machine in client.machines()] == ["TINY0", "TINY1"]
    assert client.machines()[0]["address"] == FIRST
    post(soap.invoke("SetKey"))
    assert client.machine("TINY0")["invoked"] == 1
    counters = client.counters()
    assert counters["TINY0"]["operations"] == {"Invoke:SetKey": 1}
    assert counters["TINY0"]["bytes_in"] > len(soap.invoke("SetKey"))
    assert counters["TINY0"]["bytes_out"] > 0
    assert counters["TINY1"]["tcp_connections"] == 0
    client.reset_counters()
    assert client.counters("TINY0")["requests"] == 0
    before = client.clock()
    assert (client.advance(minutes=90) - before).total_seconds() == 5400
    client.set_fault("TINY0", "http_400_empty", times=1)
    assert [post(soap.invoke("SetKey")) for _ in range(2)] == [400, 200]
    client.set_fault("*", "kms_host_down")
    client.clear_faults()


def test_a_machine_crashes_and_comes_back_through_the_client(start: Start, soap: Any) -> None:
    _, ready = start()
    client = LabClient(ready["control"])
    client.crash("TINY0")
    assert is_closed(FIRST, 5985)
    client.clear_faults()
    assert is_closed(FIRST, 5985)
    client.power_on("TINY0")
    assert post(soap.invoke("SetKey")) == 200
    assert client.machine("TINY0")["invoked"] == 1
    client.crash("TINY0")
    client.rebuild("TINY0")
    assert client.machine("TINY0")["invoked"] == 0
    assert post(soap.invoke("SetKey")) == 200
    for change in (client.crash, client.power_on, client.rebuild):
        with pytest.raises(LabError, match="TINY9"):
            change("TINY9")


def test_hardware_and_updates_change_and_the_telephone_answers_through_the_client(start: Start, soap: Any) -> None:
    _, ready = start()
    client = LabClient(ready["control"])
    post(soap.invoke("SetKey"))
    client.change_hardware("TINY0")
    assert client.machine("TINY0")["invoked"] == 0
    with pytest.raises(LabError, match="TINY9"):
        client.change_hardware("TINY9")
    client.install_update("TINY0", "KB824345")
    assert client.machines()[0]["tags"] == ["KB824345", "tiny"]
    with pytest.raises(LabError, match="TINY9"):
        client.install_update("TINY9", "KB824345")
    assert client.phone("123") == "321"
    with pytest.raises(LabError, match=r"^POST /phone: invalid literal .*'x'$"):
        client.phone("x")


@pytest.mark.parametrize("body", [{}, {"installation_id": 123}])
def test_a_call_without_an_installation_id_is_an_error_with_a_sentence(start: Start, body: Any) -> None:
    _, ready = start()
    connection = http.client.HTTPConnection(ready["control"].rpartition("/")[2], timeout=30)
    connection.request("POST", "/phone", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)) == (400, {"error": "installation_id must be a text of digits"})
    connection.close()


def test_dns_is_seen_through_the_client_and_its_history_is_reset_with_the_counters(start: Start) -> None:
    _, ready = start()
    client = LabClient(ready["control"])
    assert client.dns()["zones"] == ["tiny.lab"]
    assert client.srv_records("tiny.lab") == [{"priority": 0, "weight": 0, "port": 1688, "host": "kms.tiny.lab"}]
    with pytest.raises(LabError, match="unknown: none"):
        client.srv_records("none.lab")
    assert client.dns_updates() == [{"zone": "tiny.lab", "kind": "add"}]
    client.reset_counters()
    assert client.dns_updates() == []


@pytest.mark.parametrize(
    ("machine", "fault", "message"),
    [("TINY9", "delay", "TINY9"), ("*", "melt", "no such fault: melt"), ("*", "delay", "no such transport fault or option: speed")],
)
def test_a_wrong_fault_is_an_error_with_a_sentence(start: Start, *, machine: str, fault: str, message: str) -> None:
    _, ready = start()
    options = {"speed": 3} if fault == "delay" and machine == "*" else {}
    with pytest.raises(LabError, match=message):
        LabClient(ready["control"]).set_fault(machine, fault, **options)


def test_an_estate_without_batch_activation_says_so(start: Start) -> None:
    _, ready = start()
    client = LabClient(ready["control"])
    for ask in (client.batch, client.batch_requests, client.batch_proxy, lambda: client.set_fault("*", "batch_drop")):
        with pytest.raises(LabError, match=r"the estate has no microsoft\.batch_activation"):
            ask()


def test_the_inventory_of_a_running_lab_is_yaml_with_a_group_per_tag(start: Start, tmp_path: Path) -> None:
    start()
    inventory = yaml.safe_load((tmp_path / "inventory.yml").read_text())["all"]
    networks = {f"{name}_probe_networks": PROBE_NETWORKS for name in ("winlab", *ROLES_THAT_PROBE)}
    assert inventory["vars"] == {"winlab_dns_server": "127.0.0.1", **networks}
    groups = inventory["children"]
    assert list(groups["tiny"]["hosts"]) == ["TINY0", "TINY1"]
    assert groups["windows"]["hosts"]["TINY0"]["ansible_host"] == FIRST


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"transport": "ntlm"},
            {"ansible_connection": "winrm", "ansible_port": 5985, "ansible_winrm_transport": "ntlm", "ansible_winrm_scheme": "http"},
        ),
        (
            {"transport": "basic"},
            {"ansible_port": 5986, "ansible_winrm_scheme": "https", "ansible_winrm_ca_trust_path": "/ca.pem"},
        ),
        ({"transport": "basic", "allow_unencrypted": True}, {"ansible_port": 5985, "ansible_winrm_scheme": "http"}),
        (
            {"connection": "psrp", "transport": "basic", "allow_unencrypted": True},
            {"ansible_connection": "psrp", "ansible_psrp_protocol": "http", "ansible_psrp_message_encryption": "never"},
        ),
        (
            {"connection": "psrp", "transport": "ntlm", "http_port": None},
            {"ansible_psrp_protocol": "https", "ansible_psrp_auth": "ntlm", "ansible_psrp_ca_cert": "/ca.pem", "ansible_port": 5986},
        ),
    ],
)
def test_the_inventory_says_how_each_machine_listens(
    tiny: Callable[..., Any], *, settings: dict[str, Any], expected: dict[str, Any]
) -> None:
    machine = tiny(**settings)
    variables = inventory([machine], Path("/ca.pem"))["all"]["children"]["windows"]["hosts"][machine.name]
    assert variables["ansible_user"] == "LabAdmin"
    assert expected.items() <= variables.items()
