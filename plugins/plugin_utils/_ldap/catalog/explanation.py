# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The explanation of an error code of a directory, and steps that several codes have.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    """One code; the most promising step comes first."""

    meaning: str
    cause: str
    next_steps: tuple[str, ...]


PRINCIPAL = "Set principal to the account in the form USER@REALM, with the realm in capital letters."
PASSWORD = "Check principal and password, or create the keytab again; more attempts can lock the account."
TICKET = "Run kinit as the user who runs Ansible, or set password or keytab, so that the task requests the ticket."
CLOCKS = "Synchronize the clock of the controller with the domain, then run the task again; Kerberos accepts a difference of 5 minutes."
NAME = "Set server to the DNS name of a domain controller, and address to the address to connect to if the name leads elsewhere."
PORTS = "Check that the controller reaches TCP port 389 of the domain controller, or 636 with tls=ldaps."
CA = "Set ca_file to a PEM file with the certificate of the CA that issued the certificate of the domain controller."
WRITABLE = "Set server to a writable domain controller."
READER = "To list activation objects, any account of the forest is sufficient, unless the permissions were changed."
DELETE_RIGHT = (
    "To delete activation objects, use an account of the group Enterprise Admins, or one that may delete child objects of the class"
    " msSPP-ActivationObject in the container Activation Objects."
)
OTHER_SERVER = "Or set server to another domain controller."
