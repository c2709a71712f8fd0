# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code of a DNS task in words: what it means, what usually leads to it, what to do.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Response codes are those of RFC 1035 and RFC 2136, TSIG errors those of RFC 8945. What each server means by them was
measured with BIND, Knot, PowerDNS and Samba; Windows DNS was not available.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One code in words; the most promising step comes first."""

    meaning: str
    cause: str
    next_steps: tuple[str, ...]


UNKNOWN = Entry(
    "The name server returned an error that is not in the catalog of this collection.",
    "Name servers do not usually return this code for an update.",
    ("Read the log of the name server at the time of the task.",),
)

_GRANT = (
    "BIND: grant the key the name in the update-policy of the zone, such as"
    " 'grant <key name> name _vlmcs._tcp.<domain> SRV;'. Knot: name the key in an acl with 'action: update' of the zone."
)
_AD_GROUP = (
    "Create a security group in AD, add the accounts of all KMS hosts, and grant it write access to the node _vlmcs._tcp of the zone."
)
_AD_TICKET = "Get a new ticket after you changed the group."
_AD_STATIC = "Or ask an administrator to create static records with the commands that mode=render returns."
_AD_TOMBSTONE = (
    "In AD, a name still belongs to its former owner after all its records were deleted: ask an administrator to change its"
    " permissions, or to create the record."
)
_LOG = "Read the log of the name server at the time of the task: it contains the rule that rejected the request."

_RESPONSES = {
    "REFUSED": Entry(
        "The name server rejected the request.",
        "The account or key is not allowed to change this name, the zone does not accept dynamic updates, the update was not signed,"
        " or the server is a secondary that does not forward updates.",
        (
            "Check that authentication is what the zone requires: AD zones with secure updates require gss_tsig.",
            _GRANT,
            "Check that dns_server is a primary of the zone.",
            _AD_GROUP,
            _AD_TOMBSTONE,
            _LOG,
        ),
    ),
    "NOTAUTH": Entry(
        "The name server is not authoritative for the zone.",
        "The zone is on another server, or the server does not have a zone of this name. Knot 3.4 also returns this code if the key is"
        " correct but is not allowed to update the name.",
        ("Set dns_server to a primary of the zone, or do not set it, so that the module finds the primary.", _GRANT, _LOG),
    ),
    "NOTZONE": Entry(
        "The name of the records is not in the zone of the update.",
        "The server returned a zone for the name that does not contain the name, for example because of a wrong delegation.",
        ("Query the server for the SOA record of the domain, and compare it with the zone in this result.",),
    ),
    "SERVFAIL": Entry(
        "The name server failed while it processed the request.",
        "The zone cannot be written (BIND: the directory of the journal is not writable) or is not loaded. Samba before 4.21 also"
        " returns this code if the account is not allowed to change the name.",
        (
            "With gss_tsig, check the permissions first.",
            _AD_GROUP,
            _AD_TOMBSTONE,
            "Check that the server process can write to the directory of the zone, and that the disk is not full.",
            _LOG,
        ),
    ),
    "FORMERR": Entry(
        "The name server does not understand the request.",
        "The server does not support dynamic updates, or a device on the network path changes DNS messages.",
        (
            "Check that dns_server and dns_port are those of the primary of the zone, and not of a proxy that changes DNS messages.",
            _LOG,
        ),
    ),
    "NOTIMP": Entry(
        "The name server does not accept dynamic updates.",
        "The server does not support RFC 2136, or dynamic updates are disabled.",
        ("Enable dynamic updates for the zone.", "Or use mode=render and load the returned records manually."),
    ),
    "NXDOMAIN": Entry(
        "The name does not exist.",
        "The zone or the domain is misspelled, or it is not on this server.",
        ("Check the spelling of the domain.", "Set dns_server to a name server of its zone."),
    ),
    "BADKEY": Entry(
        "The name server does not accept the key.",
        "The server does not have a key of this name with this algorithm. Knot 3.2 also returns this code if the key is correct but is not"
        " allowed to update the name. With gss_tsig, the server lost the session, or its own keytab is outdated.",
        (
            "Compare key_name and key_algorithm with the key in the configuration of the server.",
            _GRANT,
            "With gss_tsig: export the keytab of the DNS service again on the server.",
        ),
    ),
    "BADSIG": Entry(
        "The name server reports a wrong signature of the request.",
        "The secret differs from the secret of the server. With gss_tsig: Samba without the fix for bug 16083, or an outdated session.",
        (
            "Compare the secret with the secret of the key on the server; a new key must be on both sides.",
            "With gss_tsig against Samba: update Samba.",
        ),
    ),
    "BADTIME": Entry(
        "The time of the signature differs too much from the clock of the name server.",
        "The clocks of this machine and of the server differ by more than 300 seconds.",
        ("Synchronize both clocks with NTP, then run the task again.",),
    ),
    "BADTRUNC": Entry(
        "The name server requires a longer signature.",
        "The server does not accept truncated signatures of this algorithm.",
        ("Use a key with another algorithm, such as hmac-sha256.",),
    ),
}

_ANSWERS = {
    "unsigned_answer": Entry(
        "The name server did not sign its response to a signed request, so the sender of the response is not known.",
        "A device between this machine and the server responds instead of the server, or the server is not configured correctly.",
        (
            "Check that dns_server and dns_port are those of the primary of the zone, and not of a proxy.",
            "Compare the records in 'after' with the desired records; they were read from the same address.",
        ),
    ),
    "forged_answer": Entry(
        "The signature of the response is not the signature of the server.",
        "Another system responded instead of the server, or the response was changed on the network path.",
        (
            "Do not rely on the records until you have checked the network path to the server.",
            "Check that dns_server and dns_port are those of the primary of the zone.",
        ),
    ),
    "echoed_request": Entry(
        "The name server returned the request instead of a response, and nothing shows that the update was done.",
        "Samba does this for most errors, so the code in the response is not authenticated.",
        (_AD_GROUP, _LOG),
    ),
    "malformed_answer": Entry(
        "The received message is not a response to the request.",
        "Another service listens on the port, or a device on the network path changes DNS messages.",
        ("Check dns_server and dns_port.",),
    ),
    "not_verified": Entry(
        "The name server reported success, but the records that were read afterwards do not confirm it.",
        "The server limits or rounds the TTL, another system changed the record of the same host at the same time, or another server"
        " responds to queries than to updates, for example behind a load balancer.",
        ("Compare 'after' with the options and run the task again.", "Set dns_server to one primary."),
    ),
    "exclusive_conflict": Entry(
        "Other systems changed the records between every read and write.",
        "KMS hosts or other tasks publish under the same name, while exclusive=true removes their records.",
        ("Disable DNS publishing on the other KMS hosts, then run the task again.", "Or set exclusive=false."),
    ),
    "cname_found": Entry(
        "The name of the records is an alias (CNAME) of another name.",
        "There is a CNAME record for _vlmcs._tcp, and no other record is allowed next to it.",
        ("Use the domain of the target of the alias, or remove the alias.",),
    ),
    "record_owned_by_other": Entry(
        "There is a record of another host, and this account is not allowed to change the name: only the first KMS host could register.",
        "In AD, the account that creates the DNS node owns it, and no other KMS host is allowed to write to it. After all records of a"
        " node were deleted, it stays as a tombstone with its former owner.",
        (_AD_GROUP, _AD_TICKET, _AD_STATIC, _AD_TOMBSTONE),
    ),
}

_WAY = {
    "connection_refused": Entry(
        "No program listens on the TCP port of the name server.",
        "The server is down, listens on another port, or a firewall rejects TCP. The module uses TCP, even if other clients use UDP.",
        ("Check dns_server and dns_port.", "Open TCP port 53 between the machine that runs the task and the server."),
    ),
    "connection_lost": Entry(
        "The connection to the name server was closed before a complete response arrived.",
        "The server was restarted, or it does not accept the request and closes the connection.",
        ("Run the task again: it reads the records first and sends only what is missing.", _LOG),
    ),
    "timeout": Entry(
        "The name server did not respond in time.",
        "A firewall drops packets to TCP port 53, or the server is overloaded or down.",
        ("Check the TCP connection to the server.", "Increase dns_timeout."),
    ),
    "name_server_unreachable": Entry(
        "The name server cannot be reached.",
        "The network reports that the host or its network cannot be reached.",
        ("Check the routes to dns_server, and its addresses.",),
    ),
    "name_not_found": Entry(
        "The name of the name server does not have an address.",
        "The name is misspelled, or the resolver of the machine that runs the task does not know it.",
        ("Check dns_server, or set it to an address.", "With gss_tsig, use a name: it is part of the Kerberos service name."),
    ),
    "resolver_failed": Entry(
        "The resolver of the machine that runs the task could not resolve the name.",
        "The name server of this machine does not respond.",
        ("Check the resolver of this machine.", "Or set dns_server to an address."),
    ),
    "no_such_zone": Entry(
        "No zone was found that contains the domain.",
        "The domain is misspelled, or the name server does not serve it, has not loaded it, or cannot reach the one that serves it.",
        ("Check the spelling of the domain.", "Set dns_server to a primary of its zone."),
    ),
    "not_authoritative": Entry(
        "The name server has the zone only in its cache.",
        "The name server is a resolver and does not serve the zone, or the primary of the zone could not be reached.",
        ("Set dns_server to a primary of the zone.",),
    ),
}

_KEYS = {
    "no_ticket": Entry(
        "There is no Kerberos ticket for the signature.",
        "There was no kinit on the machine that runs the task, the ticket has expired, or the keytab or cache is not readable.",
        (
            "Set principal with password or keytab, or run kinit first and set its ccache.",
            "Compare principal with the output of 'klist -k <keytab>'.",
        ),
    ),
    "wrong_password": Entry(
        "Kerberos does not accept the principal and the password.",
        "The password is wrong or expired, or the principal does not exist.",
        ("Check principal (with its realm in capital letters) and password.",),
    ),
    "unknown_server_principal": Entry(
        "Kerberos does not have a DNS service of this name.",
        "The option dns_server is an alias or an address. The service is DNS/<full name of the server>.",
        ("Set dns_server to the full name of the domain controller, or set server_principal.",),
    ),
    "server_keytab_mismatch": Entry(
        "The name server cannot read the Kerberos ticket.",
        "The keytab of the server is missing, outdated, or for another name.",
        ("Export the keytab of the DNS service again on the server, then restart the service.",),
    ),
    "no_gss": Entry(
        "The name server does not support GSS-TSIG.",
        "The server does not have a Kerberos keytab, or it is not an AD DNS server.",
        ("Use authentication=tsig with a key of the server.", "BIND: set tkey-gssapi-keytab."),
    ),
    "kerberos_failed": Entry(
        "Kerberos could not create a session with the name server.",
        "The key distribution center cannot be reached, the clocks differ by more than 5 minutes, or the realm is not configured.",
        ("Check krb5.conf, the clocks, and the connection to the domain controller.",),
    ),
    "invalid_key_file": Entry(
        "The key file cannot be used.",
        "The file is missing, is not readable, or is not a key file of BIND with a 'key' statement.",
        ("Create the file with tsig-keygen, or set key_name and key_secret.",),
    ),
    "dnspython_missing": Entry(
        "The Python library dnspython is missing.",
        "The library must be on the machine that runs the task, for the Python interpreter that runs modules there.",
        ("Install dnspython 2.3 or newer, or delegate the task to a machine with this library.",),
    ),
    "gssapi_missing": Entry(
        "The Python library gssapi is missing, which gss_tsig requires.",
        "The library must be on the machine that runs the task, for the Python interpreter that runs modules there.",
        ("Install gssapi (Debian: python3-gssapi), or delegate the task to a machine with this library.",),
    ),
}

CATALOG: dict[str, Entry] = {**_RESPONSES, **_ANSWERS, **_WAY, **_KEYS}
"""Every code a result may carry."""

_GUIDE = "Microsoft: Windows Volume Activation Operations Guide"
STANDARDS = {
    **dict.fromkeys(("REFUSED", "SERVFAIL", "FORMERR", "NOTIMP", "NXDOMAIN"), "RFC 1035"),
    **dict.fromkeys(("NOTAUTH", "NOTZONE"), "RFC 2136"),
    **dict.fromkeys(("BADKEY", "BADSIG", "BADTIME", "BADTRUNC"), "RFC 8945"),
}
"""The standard that defines a code. The other codes are codes of this collection."""
SOURCES = {
    **dict.fromkeys(("unsigned_answer", "forged_answer"), "RFC 8945"),
    "cname_found": "RFC 1034",
    "no_gss": "RFC 3645",
    "record_owned_by_other": _GUIDE,
}
"""Sources of the explanation of a code, if there are any."""
MAY_PASS = frozenset(
    ("connection_refused", "connection_lost", "timeout", "name_server_unreachable", "resolver_failed", "exclusive_conflict", "not_verified")
)
"""Codes of what may be gone at the next attempt with nothing changed."""
