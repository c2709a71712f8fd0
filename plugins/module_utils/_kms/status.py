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
    "On the host: check that the firewall rules of the group Key Management Service (@FirewallAPI.dll,-28002) are on; "
    "they open TCP 1688 only, any other port needs a rule of its own."
)
_PORT = "Compare the port with the listening port of the KMS host; activation_info and kms_host show it."

TOO_MANY_NAMED = (
    "Remove SRV records of hosts that no longer exist, so that few are left to ask.",
    "Look at the records with kms_srv_record_info.",
)
"""What to do when more KMS hosts are named than are asked."""

OUT_OF_TIME = (
    "Increase probe_timeout, so that there is time for all that are named.",
    "Set dns_server to a name server that responds.",
)
"""What to do when the time was over before all were asked."""

MEANINGS: Mapping[ProbeStatus, str] = MappingProxyType(
    {
        ProbeStatus.AVAILABLE: "A KMS host listens here: it accepted the KMS interface.",
        ProbeStatus.NOT_ALLOWED: "Not probed: the address is not allowed.",
        ProbeStatus.NOT_ASKED: "Not probed: too many were named, or there was no time left.",
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
            "Otherwise correct the SRV record or the setting of the machine that leads there.",
        ),
        ProbeStatus.NOT_ASKED: TOO_MANY_NAMED,
        ProbeStatus.BUSY: ("Try again later; a single answer of this kind is no fault.",),
        ProbeStatus.NOT_KMS: (_PORT, "Find out which program listens on this port of the machine.", _SERVICE),
        ProbeStatus.CLOSED: (
            "Look for a firewall, a load balancer or a port forwarder that accepts connections for a host that is down.",
            _SERVICE,
        ),
        ProbeStatus.TIMEOUT: (
            "Check that the machine is up.",
            _FIREWALL,
            "Check the firewalls on the way; most of them drop without a word.",
        ),
        ProbeStatus.CONNECTION_REFUSED: (_SERVICE, _PORT, "Restart sppsvc after the listening port was changed."),
        ProbeStatus.UNREACHABLE: ("Check that the machine is up and has this address.", "Check the routes and firewalls on the way."),
        ProbeStatus.UNRESOLVED: (
            "Check the spelling of the name, and that the host has an address record (A or AAAA).",
            "Remove the SRV record if the host no longer exists.",
        ),
        ProbeStatus.UNKNOWN: (
            "Fix what is named here on the machine that runs the probe, or run the probe from another one with delegate_to.",
        ),
    }
)

NOT_PROBED = frozenset({ProbeStatus.NOT_ALLOWED, ProbeStatus.NOT_ASKED, ProbeStatus.UNKNOWN})
"""The statuses that say nothing about the host."""


@dataclass(frozen=True)
class ProbeFinding:
    """What became of one address; `detail` is what the meaning of the status cannot know, and `steps` are those of this case alone."""

    status: ProbeStatus
    detail: str
    address: str | None = None
    response_time_ms: int | None = None
    steps: tuple[str, ...] = ()
