# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source: KMS hosts, and the SRV records that name them."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

DOCUMENTATION = r"""
short_description: Watch KMS hosts and their SRV records
description:
  - Probes KMS hosts at an interval, as M(winops.volume_activation.kms_endpoint_info) does, and makes an event of each change. The hosts are
    those of O(endpoints), and those that the C(_vlmcs._tcp) SRV records of O(domains) name.
  - The source does not request a license, so no KMS host counts the machine that runs ansible-rulebook as a client.
  - An event has the key C(event.kms_endpoint), with the fields of a probe (C(endpoint), C(host), C(port), C(address), C(status),
    C(is_kms_host), C(response_time_ms), C(meaning), C(next_steps)), and C(change), C(domains), C(is_silent), C(consecutive_failures),
    C(since), C(last_response), and C(previous_status).
  - If the records of a domain cannot be read, an event has the key C(event.kms_dns), with C(domain), C(change), C(code), C(meaning),
    C(next_steps), C(consecutive_failures), and C(since). The source then probes the hosts that it read last.
options:
  endpoints:
    description:
      - Names or addresses to probe, with or without a port. An IPv6 address with a port must be in brackets. The default port is 1688.
      - At most 64.
    type: list
    elements: str
    default: []
  domains:
    description:
      - DNS domains whose SRV records are read. Requires the Python package dnspython where ansible-rulebook runs.
      - At most 16. At most 64 KMS hosts of all records are probed in a round, and at most 4 addresses of each. Others have the status
        V(not_asked).
      - Set O(endpoints), O(domains), or both.
    type: list
    elements: str
    default: []
  interval:
    description: Pause in seconds between two rounds, from 1 to 86400.
    type: int
    default: 60
  emit:
    description: V(changes) makes an event of each change. V(always) makes an event of each endpoint in each round.
    type: str
    choices: [changes, always]
    default: changes
  silent_after:
    description:
      - Number of rounds in a row in which an endpoint does not respond as a KMS host, after which it counts as silent, from 1 to 1000.
      - The statuses V(busy), V(unknown), V(not_allowed), and V(not_asked) neither count as a failure nor end a series of failures.
    type: int
    default: 3
  probe_timeout:
    description: Timeout in seconds for each address, for connection and response together, from 1 to 300.
    type: int
    default: 5
  probe_networks:
    description:
      - Networks in which hosts of SRV records are probed in addition to the default. By default, loopback, link-local, multicast,
        broadcast, and unspecified addresses are not probed. Hosts of O(endpoints) are probed at any address.
    type: list
    elements: str
    default: []
  dns_server:
    description: Name or address of the name server. By default, the source finds a name server of the zone.
    type: str
  dns_port:
    description: TCP port of the name server, from 1 to 65535.
    type: int
    default: 53
  dns_timeout:
    description: Timeout in seconds for each message to the name server, from 1 to 600. All messages about a domain can take 8 times as long
      and 25 seconds more.
    type: int
    default: 5
"""

EXAMPLES = r"""
- name: Watch KMS hosts
  hosts: all
  sources:
    - winops.volume_activation.kms_endpoints:
        domains: [corp.example.com]
        interval: 60
        silent_after: 3
  rules:
    - name: A KMS host is silent
      condition: event.kms_endpoint.change == "silent"
      action:
        debug:
          msg: "{{ event.kms_endpoint.endpoint }} is silent since {{ event.kms_endpoint.since }}"
"""


def _collection_module(name: str) -> Any:
    """Import a module of the copy of the collection that contains this file.

    ansible-rulebook runs this file by its path and installs no importer for collections. The folder plugins becomes a package of its own
    name, so that sys.path stays as it is, and a second copy of the collection elsewhere is not used.
    """
    plugins = Path(__file__).resolve().parents[4] / "plugins"
    package = "winops_volume_activation_plugins"
    if package not in sys.modules:
        found = ModuleType(package)
        found.__path__ = [str(plugins)]
        sys.modules[package] = found
    return import_module(f"{package}.plugin_utils._watching.{name}")


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Entry point of ansible-rulebook."""
    await _collection_module("endpoints").run(queue, args)


if __name__ == "__main__":  # try the source without ansible-rulebook: python kms_endpoints.py OPTION=VALUE ...

    class _PrintingQueue:
        async def put(self, event: Any) -> None:
            sys.stdout.write(f"{event}\n")

    asyncio.run(main(_PrintingQueue(), dict(argument.split("=", 1) for argument in sys.argv[1:])))
