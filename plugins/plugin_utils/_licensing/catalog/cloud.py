# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS hosts of clouds, which respond only to machines of their cloud.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The controller cannot probe them: the addresses of Amazon are link-local, and Azure responds only to virtual machines of Azure.
The next steps are from the documentation of each cloud.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....module_utils import _hosts as hosts


@dataclass(frozen=True)
class Cloud:
    """A cloud with its own KMS: the names and addresses of its KMS hosts, and the next steps."""

    name: str
    kms_hosts: tuple[str, ...]
    next_steps: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """The reason why the KMS host was not probed."""
        return f"The KMS host belongs to {self.name} and responds only to machines of {self.name}, so the controller did not probe it."


_EC2LAUNCH = "C:\\ProgramData\\Amazon\\EC2-Windows\\Launch\\Module\\Ec2Launch.psd1"

CLOUDS = (
    Cloud(
        "Amazon EC2",
        ("169.254.169.250", "169.254.169.251", "fd00:ec2::250", "fd00:ec2::251"),
        (
            f"If activation fails, run on the machine: Import-Module {_EC2LAUNCH}; Add-Routes; Set-ActivationSettings; slmgr.vbs /ato.",
            "Check that the machine has a route to 169.254.169.250 and 169.254.169.251. An image from another subnet might not have it.",
        ),
    ),
    Cloud(
        "Azure",
        ("azkms.core.windows.net", "kms.core.windows.net", "20.118.99.224", "40.83.235.53"),
        (
            "If activation fails, run on the machine: Test-NetConnection azkms.core.windows.net -Port 1688.",
            "In route tables, firewalls, and proxies, allow the machine to reach 20.118.99.224 and 40.83.235.53 from an Azure address.",
            "If the machine still uses kms.core.windows.net, set kms_host: azkms.core.windows.net with kms_client.",
        ),
    ),
)


def cloud_of(host: str) -> Cloud | None:
    """Return the cloud that a KMS host belongs to, or None for any other host."""
    known = hosts.normalize_name(host)
    return next((cloud for cloud in CLOUDS if known in map(hosts.normalize_name, cloud.kms_hosts)), None)
