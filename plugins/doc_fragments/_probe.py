# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the modules that probe KMS hosts: timeout, networks, and name server."""

from __future__ import annotations


class ModuleDocFragment:
    """Options and notes of the probe. Whether to probe is an option of each module."""

    DOCUMENTATION = r"""
options:
  probe_timeout:
    description:
      - Time in seconds in which each address of a KMS host must accept the connection and respond.
      - Must be between 1 and 300.
    type: int
    default: 5
attributes:
  action_group:
    description: "Use C(group/winops.volume_activation.probe) in C(module_defaults) to set O(probe_timeout) for all modules of the group."
    support: full
    membership:
      - winops.volume_activation.probe
"""

    NETWORKS = r"""
options:
  probe_networks:
    description:
      - Networks such as C(169.254.0.0/16), or single addresses, that the module can probe in addition to the usual addresses.
      - If DNS or a machine names a KMS host, the module does not probe a loopback, link-local, multicast, broadcast, or unspecified address
        of this host, or an IPv6 address that contains such an IPv4 address, unless it is in this list. Such an address can belong to
        different hosts for the clients and for the machine that runs the probe.
    type: list
    elements: str
    default: []
"""

    CONTROLLER = r"""
options:
  dns_server:
    description:
      - Name or address of the name server that can resolve the KMS hosts of the machine.
      - If not specified, the module uses the resolver of the controller.
    type: str
  dns_port:
    description:
      - TCP port of the name server. The module does not use UDP.
      - Must be between 1 and 65535.
    type: int
    default: 53
  dns_timeout:
    description:
      - Time in seconds for each query to the name server and its response.
      - All queries and probes for one machine together take at most 2 x O(dns_timeout) + O(probe_timeout).
      - Must be between 1 and 600.
    type: int
    default: 10
notes:
  - To query DNS, the controller must have the Python library dnspython.
  - For one machine, the module probes at most 16 KMS hosts, and at most 4 addresses of each KMS host, with at most 16 connections at the
    same time. In one run, at most 256 different addresses and ports are probed. If several machines have the same address and port, it
    is probed once for all of them. The module probes the KMS hosts in the order in which DNS lists them, and returns those
    that it did not probe.
  - The module does not probe the KMS hosts of Amazon EC2 and Azure, because they respond only to machines of their cloud.
"""
