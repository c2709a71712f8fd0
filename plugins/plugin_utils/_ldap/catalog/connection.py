# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of the connection to a domain controller, and of TLS.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from .explanation import CA, CLOCKS, NAME, OTHER_SERVER, PORTS, Explanation

CONNECTION = {
    "directory_unreachable": Explanation(
        "The connection to the domain controller could not be opened.",
        "The domain controller is off, does not listen on the port, or a firewall blocks the connection.",
        (PORTS, "Check server, address, and port.", OTHER_SERVER),
    ),
    "directory_timeout": Explanation(
        "The domain controller did not answer within the time limit.",
        "A firewall drops the packets, or the domain controller or the network is overloaded.",
        (PORTS, "Increase directory_timeout.", OTHER_SERVER),
    ),
    "directory_connection_lost": Explanation(
        "The domain controller ended the connection.",
        "The domain controller restarts, refuses the logon or the request, or a device between it and the controller ended the connection.",
        ("Run the task again.", "Check with tls that the port is the one of LDAPS, and without tls that it is not.", OTHER_SERVER),
    ),
    "directory_answer_lost": Explanation(
        "The object might have been deleted: the request was sent, and its answer did not arrive.",
        "The connection was lost, or the domain controller did not answer in time.",
        ("Run the task again: it reads the object first.",),
    ),
    "directory_name_not_found": Explanation(
        "The name of the domain controller has no address.",
        "The name is misspelled, or the resolver of the controller does not know the domain.",
        ("Check server, and that the resolvers of the controller know the domain.", "Or set address to the address of the server."),
    ),
    "directory_not_found": Explanation(
        "No domain controller was found for the domain in DNS.",
        "The domain is misspelled, or the name servers that were queried do not have the SRV records of the domain.",
        ("Check domain.", "Set dns_server to a name server of the domain.", "Or set server to the name of a domain controller."),
    ),
    "directory_too_much_data": Explanation(
        "The domain controller sent more than an answer can have.",
        "Another service answers at this address, or the container has many more objects than usual.",
        ("Check which service answers at this address and port.",),
    ),
    "directory_malformed_answer": Explanation(
        "The answer is not valid LDAP, or does not belong to the request.",
        "Another service answers at this address and port, or a device on the network path changes the messages.",
        ("Check server, address, and port.", "Check with tls that the port is the one of LDAPS, and without tls that it is not."),
    ),
    "directory_not_sealed": Explanation(
        "A message was not encrypted although the connection must be, so it was not used.",
        "A device between the controller and the domain controller answers instead of it, or the server does not support encryption.",
        ("Check which service answers at this address.", "Or use authentication=simple with tls, and the CA of the domain."),
    ),
    "directory_no_start_tls": Explanation(
        "The domain controller does not accept StartTLS.",
        "It has no certificate, or the certificate is not valid for this purpose.",
        (
            "Install a certificate for server authentication with the name of the domain controller.",
            "Or use authentication=kerberos, which needs no certificate.",
        ),
    ),
    "directory_not_active_directory": Explanation(
        "The server is not a domain controller of Active Directory.",
        "Its root entry does not name a configuration partition; AD LDS and other directories have no activation objects.",
        ("Set server to a domain controller.",),
    ),
}

TLS = {
    "directory_tls_failed": Explanation(
        "The TLS connection to the domain controller failed. No password was sent.",
        "The domain controller has no certificate, the port is not one of LDAPS, or both sides have no version of TLS in common.",
        (
            "Check with openssl s_client which certificate the port has.",
            PORTS,
            "Or use authentication=kerberos, which needs no certificate.",
        ),
    ),
    "directory_tls_failed.untrusted": Explanation(
        "The certificate of the domain controller was issued by a CA that is not trusted. No password was sent.",
        "ca_file is missing or names another CA, or another machine answers at this address.",
        (CA, "Check that the address leads to the domain controller."),
    ),
    "directory_tls_failed.name": Explanation(
        "The certificate of the domain controller is for another name. No password was sent.",
        "server is an address or an alias that is not in the certificate, or another machine answers at this address.",
        (NAME, "Check that the address leads to the domain controller."),
    ),
    "directory_tls_failed.time": Explanation(
        "The certificate of the domain controller is not valid at this time. No password was sent.",
        "The clock of the controller is wrong, or the certificate has expired.",
        (CLOCKS, "Renew the certificate of the domain controller."),
    ),
    "directory_tls_failed.ca_file": Explanation(
        "The file with the trusted certificates cannot be used. Nothing was sent.",
        "The file does not exist, cannot be read, or contains no certificate in PEM format.",
        ("Check ca_file.",),
    ),
}

__all__ = ["CONNECTION", "TLS"]
