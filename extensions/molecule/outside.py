# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a scenario did, independently of the collection: WinRS through testinfra, DNS through dnspython, and files of the controller.

The shell of testinfra has code page 437, so that Japanese words arrive as question marks. Numbers, keys, names, and IDs do not.
"""

from __future__ import annotations

import functools
import json
import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dns.message
import dns.query
import testinfra
import yaml

from winlab.client import LabClient

_FOLDER = Path(__file__).parents[2] / "build" / "molecule"
_INVENTORY = yaml.safe_load((Path(__file__).parent / "inventory.yml").read_text(encoding="utf-8"))["all"]
_DNS_SECONDS = 10
_CONNECT_SECONDS = 5

FILES = _FOLDER / "files"
"""Files that scenarios write on the controller."""
PLATFORM = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
"""The registry key of the licensing service."""
FULL_KEY = re.compile(r"(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}")
"""What no output and no file may contain."""


def names(group: str) -> list[str]:
    """The machines of a group of the inventory."""
    return list(_INVENTORY["children"][group]["hosts"])


def address(name: str) -> str:
    """The address of a machine."""
    return str(next(content["hosts"][name] for content in _INVENTORY["children"].values() if name in content["hosts"])["ansible_host"])


def _url(name: str) -> str:
    account = f"{_INVENTORY['vars']['ansible_user']}:{quote(_INVENTORY['vars']['ansible_password'])}"
    return f"winrm://{account}@{address(name)}:{_INVENTORY['vars']['ansible_port']}?no_ssl=true"


def machines(group: str) -> list[str]:
    """The machines of a group as testinfra_hosts."""
    return [_url(name) for name in names(group)]


@functools.cache
def machine(name: str) -> Any:
    """One machine as a host of testinfra."""
    return testinfra.get_host(_url(name))


def output(host: Any, command: str) -> str:
    """What a command prints on a host of testinfra. Fails if the command fails."""
    done = host.run(command)
    assert done.rc == 0, (command, done.stdout, done.stderr)
    return str(done.stdout)


@functools.cache
def details(name: str) -> str:
    """What slmgr.vbs /dlv prints on a machine, in the language of the machine."""
    return output(machine(name), "cscript //nologo slmgr.vbs /dlv")


def _found(pattern: str, text: str) -> re.Match[str]:
    (found,) = re.finditer(pattern, text, re.MULTILINE)
    return found


def status(name: str) -> str:
    """The license status of a machine in English."""
    return _found(r"^License Status: (.*?)\.?\s*$", details(name))[1]


def channel(name: str) -> str:
    """The channel of the license, such as VOLUME_KMSCLIENT."""
    return _found(r", (\w+) channel\s*$", details(name))[1]


def partial_key(name: str) -> str:
    """The last five characters of the product key."""
    return _found(r": ([0-9A-Z]{5})\s*$", details(name))[1]


def minutes_left(name: str) -> int | None:
    """How many minutes the license or the grace period still lasts; None if it does not end."""
    ends = [int(found[1]) for found in re.finditer(r": (\d+) \S+ \((\d+) \S+\)", details(name))]
    assert len(ends) <= 1, ends
    return ends[0] if ends else None


def cmid(name: str) -> str:
    """The client machine ID of a KMS client."""
    return _found(r"\(CMID\): ([0-9a-f-]{36})\s*$", details(name))[1]


def kms_host(name: str) -> str:
    """The name and the port of the KMS host that a client uses."""
    return _found(r": (\S+\.lab:\d+)\s*$", details(name))[1]


def extended_pids(name: str) -> list[str]:
    """The extended product ID of a machine, and behind it that of the KMS host that activated it."""
    return re.findall(r": (\d{5}-\d{5}-\d{3}-\d{6}-\d{2}-\d{4}-\d+\.\d{4}-\d{7})\s*$", details(name), re.MULTILINE)


def rearms_left(name: str) -> int:
    """How often Windows can still be rearmed, by a machine in English."""
    return int(_found(r"^Remaining Windows rearm count: (\d+)\s*$", details(name))[1])


def registry(name: str, value: str) -> str | None:
    """A value of the licensing service as reg.exe prints it, without its type; None if it is absent."""
    done = machine(name).run(f'reg query "{PLATFORM}" /v {value}')
    return _found(rf"^\s+{value}\s+REG_\w+\s+(.*?)\s*$", done.stdout)[1] if done.rc == 0 else None


def lab() -> LabClient:
    """The control API of the lab: where its name server is, and what Microsoft has counted."""
    return LabClient(json.loads((_FOLDER / "ready.json").read_text(encoding="utf-8"))["control"])


def srv_records(domain: str) -> set[tuple[int, int, int, str]]:
    """The SRV records of KMS hosts that the name server returns for a domain: priority, weight, port, and target."""
    where = lab().dns()
    question = dns.message.make_query(f"_vlmcs._tcp.{domain}", "SRV")
    answer = dns.query.tcp(question, where["server"], port=where["port"], timeout=_DNS_SECONDS)
    return {(one.priority, one.weight, one.port, one.target.to_text(omit_final_dot=True)) for rrset in answer.answer for one in rrset}


def is_listening(name: str, port: int) -> bool:
    """Whether a machine accepts a TCP connection. A port that refuses it is closed; no answer is an error."""
    try:
        socket.create_connection((address(name), port), timeout=_CONNECT_SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True


def activations_used(partial: str, fits: str) -> int:
    """How many activations of a key Microsoft has counted."""
    (found,) = (key for key in lab().batch()["keys"] if key["partial_key"] == partial and fits in key["fits"])
    return int(found["used"])


def read(name: str) -> str:
    """A file that a scenario wrote, which only its owner can read, and which does not contain a full product key."""
    file = testinfra.get_host("local://").file(str(FILES / name))
    assert file.mode == 0o600, oct(file.mode)
    text = str(file.content_string)
    assert not FULL_KEY.search(text)
    return text


def records(name: str) -> dict[str, dict[str, Any]]:
    """The records of a file with a JSON document in each line, by machine."""
    found = [json.loads(line) for line in read(name).splitlines()]
    assert len({record["inventory_hostname"] for record in found}) == len(found)
    return {record["inventory_hostname"]: record for record in found}
