# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can become of a probe: one word each, with its meaning and what a person does next.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class ProbeStatus(Enum):
    """Statuses of a probe, in the order of what says most: of several addresses, the first of these values is the status of the host.

    A host of which one address was not probed might respond there, so these values come before those of a failed one.
    """

    AVAILABLE = "available"
    NOT_ALLOWED = "not_allowed"
    NOT_ASKED = "not_asked"
    BUSY = "busy"
    NOT_KMS = "not_kms"
    CLOSED = "closed"
    TIMEOUT = "timeout"
    CONNECTION_REFUSED = "connection_refused"
    UNREACHABLE = "unreachable"
    UNRESOLVED = "unresolved"
    UNKNOWN = "unknown"


_SERVICE = "On the host: check that the service sppsvc (Software Protection) runs and that a KMS host key (CSVLK) is installed."
_FIREWALL = (
    "On the host: check that the firewall rules of the group Key Management Service (@FirewallAPI.dll,-28002) are enabled. They open only"
    " TCP port 1688. Any other port requires its own rule."
)
_PORT = "Compare the port with the listening port of the KMS host, which activation_info and kms_host show."

TOO_MANY_NAMED = (
    "Remove SRV records of hosts that no longer exist.",
    "Read the records with kms_srv_record_info.",
)
"""Next steps if there are more KMS hosts than the limit."""

OUT_OF_TIME = (
    "Increase probe_timeout, so that there is time for all KMS hosts.",
    "Set dns_server to a name server that responds.",
)
"""Next steps if the time limit was reached before all KMS hosts were probed."""

MEANINGS: Mapping[ProbeStatus, str] = MappingProxyType(
    {
        ProbeStatus.AVAILABLE: "A KMS host listens here: it accepted the KMS interface.",
        ProbeStatus.NOT_ALLOWED: "Not probed: the address is not allowed.",
        ProbeStatus.NOT_ASKED: "Not probed: a limit was reached.",
        ProbeStatus.BUSY: "An RPC server listens here. It did not accept another connection, so it might be a KMS host.",
        ProbeStatus.NOT_KMS: "A program listens here, but it is not a KMS host.",
        ProbeStatus.CLOSED: "The connection was accepted, and closed before a response arrived.",
        ProbeStatus.TIMEOUT: "No response arrived in time.",
        ProbeStatus.CONNECTION_REFUSED: "The machine responds, but no program listens on this port.",
        ProbeStatus.UNREACHABLE: "The network reports that there is no machine at this address.",
        ProbeStatus.UNRESOLVED: "The name does not have an address.",
        ProbeStatus.UNKNOWN: "The host could not be probed, so nothing is known about it.",
    }
)

NEXT_STEPS: Mapping[ProbeStatus, tuple[str, ...]] = MappingProxyType(
    {
        ProbeStatus.AVAILABLE: (),
        ProbeStatus.NOT_ALLOWED: (
            "If machines reach a KMS host at this address, add its network to probe_networks.",
            "Otherwise correct the SRV record or the setting of the machine that contains this address.",
        ),
        ProbeStatus.NOT_ASKED: TOO_MANY_NAMED,
        ProbeStatus.BUSY: ("Try again later. A single response of this kind is not an error.",),
        ProbeStatus.NOT_KMS: (_PORT, "Find out which program listens on this port of the machine.", _SERVICE),
        ProbeStatus.CLOSED: (
            "Look for a firewall, a load balancer, or a port forwarder that accepts connections for a host that is down.",
            _SERVICE,
        ),
        ProbeStatus.TIMEOUT: (
            "Check that the machine is up.",
            _FIREWALL,
            "Check the firewalls between the two machines. Most firewalls drop packets without a response.",
        ),
        ProbeStatus.CONNECTION_REFUSED: (_SERVICE, _PORT, "Restart sppsvc after the listening port was changed."),
        ProbeStatus.UNREACHABLE: (
            "Check that the machine is up and has this address.",
            "Check the routes and firewalls between the two machines.",
        ),
        ProbeStatus.UNRESOLVED: (
            "Check the spelling of the name, and that the host has an address record (A or AAAA).",
            "Remove the SRV record if the host no longer exists.",
        ),
        ProbeStatus.UNKNOWN: (
            "Correct the problem on the machine that runs the probe, or run the probe on another machine with delegate_to.",
        ),
    }
)

NOT_PROBED = frozenset({ProbeStatus.NOT_ALLOWED, ProbeStatus.NOT_ASKED, ProbeStatus.UNKNOWN})
"""Statuses of a host that was not probed."""


@dataclass(frozen=True)
class ProbeFinding:
    """The result of one address. `detail` is added to the meaning of the status, and `steps` are the next steps of this case."""

    status: ProbeStatus
    detail: str
    address: str | None = None
    response_time_ms: int | None = None
    steps: tuple[str, ...] = ()
