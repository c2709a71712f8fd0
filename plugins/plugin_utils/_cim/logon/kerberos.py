# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed logon with Kerberos means, and what to do about it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

pykerberos, gssapi, krb5, and kinit report the same failures in different forms, but all contain the sentence of the Kerberos library.
The sentences are those of MIT Kerberos 1.20, as measured with each of them.
"""

from __future__ import annotations

import re

from ....module_utils._visible import visible
from .problem import LogonProblem

_NEW_TICKET = (
    "Run kinit for ansible_user as the user who runs Ansible, or set ansible_password, so that the connection requests the ticket."
)

REFUSED_TICKET = (
    "Check ansible_user, and that the account is an administrator of the machine.",
    "Check that ansible_host leads to the machine that the ticket is for, and that setspn -Q HTTP/NAME shows its computer account.",
    "If another account has this name, set ansible_winrm_service or ansible_psrp_negotiate_service to WSMAN or host.",
)
"""Next steps if a machine refuses a valid ticket with HTTP 401."""


_PROBLEMS: tuple[tuple[str, LogonProblem], ...] = (
    (
        r"ticket expired|credentials? (?:has|have) expired",
        LogonProblem("the ticket has expired", f"{_NEW_TICKET} A ticket must be valid until the end of the run."),
    ),
    (
        r"no kcm server found|persistent keyring",
        LogonProblem(
            "the credential cache cannot be used here",
            "Set the environment variable KRB5CCNAME to a file such as FILE:/tmp/krb5cc_ansible, and run kinit with the same value. A"
            " container usually does not have the caches KCM and KEYRING of its host.",
        ),
    ),
    (
        r"server krbtgt/(?P<name>[^\s@]{1,300})@(?P<realm>\S{1,300}) not found in kerberos database",
        LogonProblem(
            "the domain {realm} does not have a trust with the realm {name}",
            "Check the name of the machine, from which domain_realm in /etc/krb5.conf selects the realm. If the trust goes through another"
            " realm, add the way to capaths in /etc/krb5.conf.",
        ),
    ),
    (
        r"kdc policy rejects request|illegal cross-realm ticket",
        LogonProblem(
            "a policy of a domain does not allow this logon",
            "Check that the trusts between the realm of ansible_user and the realm of the machine are transitive, and the authentication"
            " policies of the account.",
        ),
    ),
    (
        r"kdc has no support for encryption type|encryption type not permitted",
        LogonProblem(
            "the domain does not have an encryption type that all sides allow",
            "Allow AES for the computer and the account in the domain (msDS-SupportedEncryptionTypes), and in permitted_enctypes of"
            " /etc/krb5.conf. An account whose password is older than AES in the domain gets its AES keys when the password is changed.",
        ),
    ),
    (
        r"improper format of kerberos configuration file",
        LogonProblem(
            "the configuration of Kerberos on the controller is not valid",
            "Correct /etc/krb5.conf, or the file that the environment variable KRB5_CONFIG names.",
        ),
    ),
    (
        r"server (?P<name>\S{1,300}) not found in kerberos database",
        LogonProblem(
            "the domain does not know the service {name}",
            "Set ansible_host to the DNS name of the machine in the domain, or set ansible_winrm_kerberos_hostname_override or"
            " ansible_psrp_negotiate_hostname_override to this name. setspn -L COMPUTER shows the names that the domain knows.",
        ),
    ),
    (
        r"client '(?P<name>[^']{1,300})' not found in kerberos database",
        LogonProblem("the domain does not know the user {name}", "Set ansible_user to USER@REALM, with the realm in capital letters."),
    ),
    (
        r"cannot (?:contact any|find) kdc for realm ['\"](?P<name>[^'\"]{1,300})['\"]",
        LogonProblem(
            "no domain controller of the realm {name} responds",
            "Check the realm in ansible_user, which is the domain in capital letters, its domain controllers in /etc/krb5.conf or DNS, and"
            " port 88.",
        ),
    ),
    (
        r"clock skew too great",
        LogonProblem(
            "the clock of the controller differs too much from the clock of the domain",
            "Synchronize the clock of the controller with the domain; Kerberos accepts a difference of 5 minutes.",
        ),
    ),
    (
        r"password incorrect|preauthentication failed|decrypt integrity check failed",
        LogonProblem(
            "the password is wrong, or the keytab contains an old key",
            "Check ansible_user and ansible_password, or create the keytab again; more attempts can lock the account.",
        ),
    ),
    (
        r"password has expired|key has expired",
        LogonProblem("the password has expired", "Change the password of the account, and then ansible_password."),
    ),
    (
        r"credentials have been revoked",
        LogonProblem("the account is locked or disabled", "Unlock the account in the domain, and check ansible_password."),
    ),
    (
        r"unable to authenticate <Response|mutual authentication failed",
        LogonProblem(
            "the machine did not prove its identity with the ticket",
            "Run the task again with a new ticket. If it fails again, check that ansible_host leads to this machine, and to no proxy.",
        ),
    ),
    (
        r"can't find client principal|no credentials were supplied|no kerberos credentials|no credentials cache|cache file .+ found",
        LogonProblem("there is no ticket for this user", _NEW_TICKET),
    ),
)


def problem_in(text: str) -> LogonProblem | None:
    """Return what a text of a Kerberos library or of kinit means, or None for an unknown text."""
    for pattern, problem in _PROBLEMS:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            names = {group: visible(text) for group, text in found.groupdict().items()}
            return LogonProblem(problem.reason.format_map(names), problem.step)
    return None


__all__ = ["REFUSED_TICKET", "problem_in"]
