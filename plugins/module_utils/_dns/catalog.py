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
    "The name server answered with an error this collection has no words for.",
    "The code is not one a name server usually gives to an update.",
    ("Look into the log of the name server at the time of the task.",),
)

_GRANT = (
    "BIND: grant the key the name in the zone's update-policy, such as"
    " 'grant <key name> name _vlmcs._tcp.<domain> SRV;'. Knot: name the key in an acl with 'action: update' of the zone."
)
_AD_GROUP = "Create a security group in AD, add the accounts of all KMS hosts to it, and let it write to the node _vlmcs._tcp of the zone."
_AD_TICKET = "Get a new ticket after the group was changed."
_AD_STATIC = "Or let an administrator make static records, for which 'mode: render' prints the commands."
_AD_TOMBSTONE = (
    "In AD a name whose records were all deleted still belongs to its old owner: have its permissions changed, or the record made by"
    " an administrator."
)
_LOG = "Look into the log of the name server at the time of the task: it names the rule that refused."

_RESPONSES = {
    "REFUSED": Entry(
        "The name server refuses the request.",
        "The account or key may not change this name, the zone takes no dynamic updates, the update was not signed, or the server"
        " is a secondary that does not forward updates.",
        (
            "Check that 'authentication' is what the zone asks for: AD zones that take only secure updates need gss_tsig.",
            _GRANT,
            "Check that dns_server is a primary of the zone.",
            _AD_GROUP,
            _AD_TOMBSTONE,
            _LOG,
        ),
    ),
    "NOTAUTH": Entry(
        "The name server is not authoritative for the zone.",
        "The zone is on another server, or the name that was taken for the zone is none of its zones. Knot 3.4 says the same when the key"
        " is right but has no right to update the name.",
        ("Set dns_server to a primary of the zone, or leave it unset to have it looked up.", _GRANT, _LOG),
    ),
    "NOTZONE": Entry(
        "The name of the records is not inside the zone of the update.",
        "The server told a zone for the name that does not hold it, which happens with a wrong delegation.",
        ("Ask the server for the SOA record of the domain and compare it with the zone in this result.",),
    ),
    "SERVFAIL": Entry(
        "The name server failed while it worked on the request.",
        "The zone cannot be written (BIND: the journal's folder is not writable) or is not loaded. Samba before 4.21 also says this"
        " when the account has no permission to change the name.",
        (
            "With gss_tsig think of permissions first, as follows.",
            _AD_GROUP,
            _AD_TOMBSTONE,
            "Check that the server process may write the zone's folder and that the disk is not full.",
            _LOG,
        ),
    ),
    "FORMERR": Entry(
        "The name server does not understand the request.",
        "The server knows no dynamic updates, or something on the way changes DNS messages.",
        ("Check that dns_server and dns_port name the zone's primary and no proxy or firewall that rewrites DNS.", _LOG),
    ),
    "NOTIMP": Entry(
        "The name server does not do dynamic updates.",
        "The server does not support RFC 2136, or it is switched off.",
        ("Switch dynamic updates on for the zone.", "Or use 'mode: render' and load the printed records by hand."),
    ),
    "NXDOMAIN": Entry(
        "The name does not exist.",
        "The zone or the domain is misspelled, or it is not on this server.",
        ("Check the spelling of the domain.", "Set dns_server to a name server of its zone."),
    ),
    "BADKEY": Entry(
        "The name server does not accept the key.",
        "The server has no key of this name with this algorithm. Knot 3.2 says the same when the key is right but has no right to update"
        " the name. With gss_tsig the server forgot the session or its own keytab is stale.",
        (
            "Compare 'key_name' and 'key_algorithm' with the key in the server's configuration.",
            _GRANT,
            "With gss_tsig: export the keytab of the DNS service anew on the server.",
        ),
    ),
    "BADSIG": Entry(
        "The name server finds the signature of the request wrong.",
        "The secret differs from the server's. With gss_tsig: a Samba without the fix for bug 16083, or a stale session.",
        (
            "Compare the secret with the one of the server's key; a new key has to be on both sides.",
            "With gss_tsig against Samba: update Samba.",
        ),
    ),
    "BADTIME": Entry(
        "The name server finds the time of the signature too far off its own clock.",
        "The clocks of this machine and of the server differ by more than 300 seconds.",
        ("Set both clocks by NTP, then run the task again.",),
    ),
    "BADTRUNC": Entry(
        "The name server wants a longer signature.",
        "The server takes no truncated signatures of this algorithm.",
        ("Use a key with another algorithm, such as hmac-sha256.",),
    ),
}

_ANSWERS = {
    "unsigned_answer": Entry(
        "The name server did not sign its answer to a signed request, so nobody knows who answered.",
        "Something between this machine and the server answers in its place, or the server is set up wrongly.",
        (
            "Check that dns_server and dns_port lead to the zone's primary itself and to no proxy.",
            "Compare the records in 'after' with what they should be; they were read from the same address.",
        ),
    ),
    "forged_answer": Entry(
        "The answer carries a signature that is not the server's.",
        "Somebody answered in the server's place, or the answer was changed on the way.",
        (
            "Do not trust the records until the way to the server is checked.",
            "Check that dns_server and dns_port lead to the zone's primary itself.",
        ),
    ),
    "echoed_request": Entry(
        "The name server sent the request back instead of an answer, and nothing shows that the update was done.",
        "Samba does this with most errors, so the code in the answer is not authenticated.",
        (_AD_GROUP, _LOG),
    ),
    "malformed_answer": Entry(
        "What came back is no answer to the request.",
        "Another service listens on the port, or something on the way changes DNS messages.",
        ("Check dns_server and dns_port.",),
    ),
    "not_verified": Entry(
        "The name server reported success, and the records read from it afterwards do not confirm it.",
        "The server limits or rounds the TTL, another writer changed the same host's record at the same moment, or reads are answered"
        " by another server than updates, such as a load balancer.",
        (
            "Compare 'after' with the options and run the task again.",
            "Set dns_server to one single primary.",
        ),
    ),
    "exclusive_conflict": Entry(
        "Other writers changed the records each time between reading and writing.",
        "KMS hosts or other tasks publish into the same name while exclusive wants it for itself.",
        ("Turn off DNS publishing on the other KMS hosts, then run the task again.", "Or leave 'exclusive' off."),
    ),
    "cname_found": Entry(
        "The name of the records is an alias (CNAME) of another name.",
        "Somebody made _vlmcs._tcp a CNAME; no other record may stand beside it.",
        ("Give the domain the alias leads to, or remove the alias.",),
    ),
    "record_owned_by_other": Entry(
        "The record of another host is there and this account may not change the name: only the first KMS host could register.",
        "In AD the account that creates the DNS node owns it, and no other KMS host may write to it. A node whose records were all"
        " deleted stays as a tombstone with its old owner.",
        (
            _AD_GROUP,
            _AD_TICKET,
            _AD_STATIC,
            _AD_TOMBSTONE,
        ),
    ),
}

_WAY = {
    "connection_refused": Entry(
        "Nothing listens on the TCP port of the name server.",
        "The server is down, listens on another port, or a firewall refuses TCP. Updates go over TCP, also where queries use UDP.",
        ("Check dns_server and dns_port.", "Open TCP port 53 between the machine that runs the task and the server."),
    ),
    "connection_lost": Entry(
        "The connection to the name server broke before a whole answer came.",
        "The server was restarted, or does not like the request and hangs up.",
        ("Run the task again: it reads first and sends only what is missing.", _LOG),
    ),
    "timeout": Entry(
        "The name server did not answer in time.",
        "A firewall drops TCP port 53, or the server is overloaded or gone.",
        ("Check the way to the server over TCP.", "Increase dns_timeout."),
    ),
    "name_server_unreachable": Entry(
        "There is no way to the name server.",
        "The network says that the host or its network cannot be reached.",
        ("Check routes and addresses of dns_server.",),
    ),
    "name_not_found": Entry(
        "The name of the name server has no address.",
        "The name is misspelled, or the resolver of the machine that runs the task does not know it.",
        ("Check dns_server, or give its address.", "With gss_tsig keep the name: it is part of the Kerberos service name."),
    ),
    "resolver_failed": Entry(
        "The resolver of the machine that runs the task could not look the name up.",
        "Its own name server does not answer.",
        ("Check the resolver of that machine.", "Or give dns_server as an address."),
    ),
    "no_such_zone": Entry(
        "No zone was found that holds the domain.",
        "The domain is misspelled, or the server that was asked does not serve it, has not loaded it, or cannot ask the one that does.",
        ("Check the spelling of the domain.", "Set dns_server to a primary of its zone."),
    ),
    "not_authoritative": Entry(
        "The server that was asked knows the zone only from its cache.",
        "The option dns_server names a resolver and no name server of the zone, or the zone's primary could not be reached.",
        ("Set dns_server to a primary of the zone.",),
    ),
}

_KEYS = {
    "no_ticket": Entry(
        "There is no Kerberos ticket to sign with.",
        "Nobody has logged in on the machine that runs the task, the ticket has expired, or the keytab or cache is not readable.",
        (
            "Give 'principal' with 'password' or 'keytab', or run kinit first and give its 'ccache'.",
            "Compare 'principal' with what 'klist -k <keytab>' lists.",
        ),
    ),
    "wrong_password": Entry(
        "Kerberos does not accept the name and password.",
        "The password is wrong or expired, or the principal does not exist.",
        ("Check 'principal' (with its realm in capitals) and 'password'.",),
    ),
    "unknown_server_principal": Entry(
        "Kerberos knows no DNS service of this name.",
        "The option dns_server is an alias or an address. The service is DNS/<full name of the server>.",
        ("Set dns_server to the full name of the domain controller, or set server_principal.",),
    ),
    "server_keytab_mismatch": Entry(
        "The name server cannot read the Kerberos ticket.",
        "The keytab of the server is missing, stale or for another name.",
        ("Export the keytab of the DNS service anew on the server, then restart the service.",),
    ),
    "no_gss": Entry(
        "The name server does not do GSS-TSIG.",
        "It has no Kerberos keytab configured, or it is not an AD DNS server.",
        ("Use 'authentication: tsig' with a key of the server.", "BIND: set tkey-gssapi-keytab."),
    ),
    "kerberos_failed": Entry(
        "Kerberos gave no session with the name server.",
        "The key distribution centre cannot be reached, clocks differ by more than 5 minutes, or the realm is not configured.",
        ("Check krb5.conf, the clocks and the way to the domain controller.",),
    ),
    "invalid_key_file": Entry(
        "The key file cannot be used.",
        "It is missing, not readable, or is not the 'key' statement of BIND's key files.",
        ("Make the file with tsig-keygen, or give 'key_name' and 'key_secret'.",),
    ),
    "dnspython_missing": Entry(
        "The Python library dnspython is missing.",
        "It has to be on the machine that runs the task, for the Python that runs modules there.",
        ("Install dnspython 2.3 or newer, or delegate the task to a machine that has it.",),
    ),
    "gssapi_missing": Entry(
        "The Python library gssapi is missing, which gss_tsig needs.",
        "It has to be on the machine that runs the task, for the Python that runs modules there.",
        ("Install gssapi (Debian: python3-gssapi), or delegate the task to a machine that has it.",),
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
"""The standard that names a code; the other codes are words of this collection."""
SOURCES = {
    **dict.fromkeys(("unsigned_answer", "forged_answer"), "RFC 8945"),
    "cname_found": "RFC 1034",
    "no_gss": "RFC 3645",
    "record_owned_by_other": _GUIDE,
}
"""Where the facts behind a word come from, as far as they were written down by somebody else."""
MAY_PASS = frozenset(
    ("connection_refused", "connection_lost", "timeout", "name_server_unreachable", "resolver_failed", "exclusive_conflict", "not_verified")
)
"""Codes of what may be gone at the next attempt with nothing changed."""
