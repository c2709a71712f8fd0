# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS hosts of clouds, which answer the machines of their cloud and nobody else.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A probe from the controller says nothing about them: the addresses of Amazon are link-local, where the controller has neighbors of
its own, and Azure answers virtual machines of Azure. What to do when activation fails there is each cloud's own documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....module_utils import _hosts as hosts


@dataclass(frozen=True)
class Cloud:
    """A cloud with a KMS of its own, by the names and addresses its machines know it by, and its remedy."""

    name: str
    kms_hosts: tuple[str, ...]
    next_steps: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """Why nothing is known of it."""
        return f"It is the KMS of {self.name}, which answers machines of {self.name} only, so it was not asked from here."


_EC2LAUNCH = "C:\\ProgramData\\Amazon\\EC2-Windows\\Launch\\Module\\Ec2Launch.psd1"

CLOUDS = (
    Cloud(
        "Amazon EC2",
        ("169.254.169.250", "169.254.169.251", "fd00:ec2::250", "fd00:ec2::251"),
        (
            f"If activation fails, run on the machine: Import-Module {_EC2LAUNCH}; Add-Routes; Set-ActivationSettings; slmgr.vbs /ato.",
            "Check that the machine has a route to 169.254.169.250 and 169.254.169.251, which an image from another subnet may lack.",
        ),
    ),
    Cloud(
        "Azure",
        ("azkms.core.windows.net", "kms.core.windows.net", "20.118.99.224", "40.83.235.53"),
        (
            "If activation fails, run on the machine: Test-NetConnection azkms.core.windows.net -Port 1688.",
            "Have route tables, firewalls and proxies let the machine through to 20.118.99.224 and 40.83.235.53 from an address of Azure.",
            "Set the host with kms_client (kms_host: azkms.core.windows.net) where the machine still names kms.core.windows.net.",
        ),
    ),
)


def cloud_of(host: str) -> Cloud | None:
    """The cloud whose KMS a host is, None for any other host."""
    known = hosts.normalize_name(host)
    return next((cloud for cloud in CLOUDS if known in map(hosts.normalize_name, cloud.kms_hosts)), None)
