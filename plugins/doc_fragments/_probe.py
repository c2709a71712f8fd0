# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share that ask KMS hosts and DNS from the controller: how to ask, and where the limits are."""

from __future__ import annotations


class ModuleDocFragment:
    """Options and notes of the probe; whether to probe at all is an option of each module, with words of its own."""

    DOCUMENTATION = r"""
options:
  dns_server:
    description:
      - Name or address of the name server that knows the KMS hosts of the machines. When it is not set, the resolver of the controller is
        asked.
    type: str
  dns_port:
    description: TCP port of the name server, from 1 to 65535.
    type: int
    default: 53
  timeout:
    description:
      - Seconds, from 1 to 300, in which a KMS host or a name server has to answer.
      - All questions for one machine together take three times as long at most.
    type: int
    default: 5
  probe_networks:
    description:
      - Networks such as C(169.254.0.0/16), or single addresses, that a probe may open although it opens no address of their kind by itself.
      - A KMS host that a machine or DNS names is not asked at a loopback, link-local, multicast, broadcast or unspecified address, nor at
        an IPv6 address that carries such an IPv4 address. From the controller such an address leads to another place than from the machine.
    type: list
    elements: str
    default: []
notes:
  - Looking into DNS needs the Python library dnspython on the controller.
  - For one machine at most 16 KMS hosts are asked, at most 4 addresses of each, with at most 16 connections, and all of them side by side.
    In one run at most 256 different addresses and ports are asked, and one that several machines have is asked once for all of them.
    KMS hosts that DNS names first are asked first, and the result says what was not asked.
  - The KMS hosts of Amazon EC2 and Azure are not asked, because they answer machines of their cloud only.
"""
