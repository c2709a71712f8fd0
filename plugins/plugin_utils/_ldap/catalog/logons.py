# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of the logon to a domain.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from .explanation import CLOCKS, NAME, PASSWORD, PRINCIPAL, TICKET, Explanation

LOGON = {
    "directory_logon_failed": Explanation(
        "The domain did not accept the logon.",
        "The account, the password, or the authentication method is not accepted.",
        (PRINCIPAL, PASSWORD),
    ),
    "directory_logon_failed.wrong_password": Explanation(
        "The domain did not accept the account or its password.",
        "The password is wrong, the keytab has an old key, or the account does not exist: domain controllers do not always say which.",
        (PASSWORD, PRINCIPAL),
    ),
    "directory_logon_failed.ticket_refused": Explanation(
        "The domain controller did not accept the Kerberos ticket.",
        "The ticket is for another computer of this name, or was issued before the domain controller got a new key.",
        (
            "Get a new ticket: run kdestroy and kinit, or use password or keytab.",
            "Check that address leads to server, and that setspn -Q ldap/NAME shows only the account of the domain controller.",
        ),
    ),
    "directory_logon_failed.no_such_account": Explanation(
        "The domain does not know the account.",
        "principal is misspelled, is of another domain, or does not have the form USER@REALM.",
        (PRINCIPAL,),
    ),
    "directory_logon_failed.disabled": Explanation(
        "The account is disabled or locked.",
        "An administrator disabled the account, or too many logons with a wrong password locked it.",
        ("Enable or unlock the account in the domain, and check password.",),
    ),
    "directory_logon_failed.locked": Explanation(
        "The account is locked.",
        "Too many logons with a wrong password locked the account.",
        ("Unlock the account in the domain, and check password.",),
    ),
    "directory_logon_failed.password_expired": Explanation(
        "The password of the account has expired or must be changed.",
        "The account has a new password, or the password is older than the domain allows.",
        ("Change the password of the account, then set password.",),
    ),
    "directory_logon_failed.account_expired": Explanation(
        "The account has expired.",
        "The account has an end date, which is in the past.",
        ("Extend the account in the domain, or use another one.",),
    ),
    "directory_logon_failed.not_now": Explanation(
        "The account must not log on at this time or from this machine.",
        "The logon hours or the logon workstations of the account do not allow it.",
        ("Check logon hours and logon workstations of the account, or use another one.",),
    ),
    "directory_logon_failed.channel_binding": Explanation(
        "The domain controller requires channel binding, which this logon does not have.",
        "A device between the controller and the domain controller ends TLS, or the policy applies to this kind of logon.",
        ("Use authentication=kerberos without tls, which the policy does not apply to.",),
    ),
    "directory_logon_failed.ntlm_refused": Explanation(
        "The domain controller does not accept NTLM.",
        "A policy restricts NTLM in the domain, or the account is a member of Protected Users.",
        ("Use authentication=kerberos.",),
    ),
    "directory_ticket_expired": Explanation(
        "The Kerberos ticket has expired.",
        "The ticket in the credential cache was valid for a limited time, usually 10 hours.",
        (TICKET, "A ticket must be valid until the end of the run."),
    ),
    "directory_no_credentials": Explanation(
        "There is no Kerberos ticket and no key for the account.",
        "The credential cache or the keytab does not exist, cannot be read, or is for another account.",
        (TICKET, "Check ccache, keytab, and principal."),
    ),
    "directory_spn_unknown": Explanation(
        "The domain does not know the service ldap of this server, so that it issued no ticket.",
        "server is an address or an alias, or the domain controller has not registered its name.",
        (
            NAME,
            "setspn -L COMPUTER shows the names that the domain knows.",
            "If the reverse lookup of the address has another name, set rdns = false in the section libdefaults of /etc/krb5.conf.",
        ),
    ),
    "directory_no_kdc": Explanation(
        "No domain controller of the realm answers on the port of Kerberos.",
        "The realm is misspelled or missing in krb5.conf and DNS, or port 88 is blocked.",
        (
            PRINCIPAL,
            "Check the domain controllers of the realm in /etc/krb5.conf or in DNS, and port 88.",
            "Or use authentication=simple with tls.",
        ),
    ),
    "directory_clock_skew": Explanation(
        "The clock of the controller differs too much from the clock of the domain controller, so that it did not accept the ticket.",
        "One of the two clocks is wrong. Domain controllers report this like a wrong password.",
        (CLOCKS,),
    ),
    "directory_kerberos_failed": Explanation(
        "Kerberos did not issue a ticket for the domain controller, or the ticket was not accepted.",
        "The configuration of Kerberos, the trusts of the domain, or the encryption types do not allow this logon.",
        (
            "Check /etc/krb5.conf, or the file that the environment variable KRB5_CONFIG names.",
            "Run the task again with KRB5_TRACE=/dev/stderr in the environment of Ansible.",
            "Or use authentication=simple with tls.",
        ),
    ),
    "directory_stronger_logon_required": Explanation(
        "The domain controller requires a signed or encrypted connection, and does not accept this one as such.",
        "The policy 'LDAP server signing requirements' is set, and a device between the controller and the domain controller ends TLS.",
        ("Use authentication=kerberos, or connect directly to the domain controller.",),
    ),
    "directory_library_missing": Explanation(
        "A Python library that the logon requires is not installed on the controller.",
        "Kerberos requires gssapi, and pyspnego with krb5 unless gssapi alone is sufficient; NTLM requires pyspnego.",
        ("Install pyspnego[kerberos] for the Python that runs Ansible.", "Or use authentication=simple with tls, which requires none."),
    ),
}

__all__ = ["LOGON"]
