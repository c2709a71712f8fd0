# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The explanation of every error of a question to the batch activation service.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The codes in hexadecimal are those of the service. Its answers are explained only as far as public clients explain them. A code that they
do not explain is unknown: it does not show whether an activation was counted.
"""

from __future__ import annotations

from typing import NamedTuple

from .protocol import SOURCE


class CodeExplanation(NamedTuple):
    """The explanation of a code; the most promising step comes first."""

    meaning: str
    cause: str
    next_steps: tuple[str, ...]
    category: str = "online_service"


_OTHER_MAK = (
    "Use another MAK of your agreement: see the Microsoft 365 admin center (Billing, Your products, Volume licensing). Install it with"
    " mak_client and collect the installation IDs again."
)
_ASK_WHY = "Ask Microsoft why the key is blocked: call the telephone activation center or the licensing center."
_NOT_BLOCKED = "If the key is not blocked according to Microsoft, run the task again later."
_BY_TELEPHONE = "Call the telephone activation center for these records, and enter the confirmation IDs in the file."
_ADMIN_CENTER = "Check the key in the Microsoft 365 admin center (Billing, Your products, Volume licensing)."
_ASK_AGAIN = (
    "Set ask_again: true to request a confirmation ID again. This might use another activation if Microsoft counted the first request."
)
_ON_THE_HOST = "Activate a KMS host key on the KMS host itself with kms_host, with activation_method: online or telephone."
_CHECK_REMAINING = "Compare the remaining activations with mak_activations_info before and after."

UNKNOWN = CodeExplanation(
    "Microsoft returned an error code that is not in the catalog of this collection.",
    "The code is not documented. It does not show whether Microsoft counted an activation.",
    (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
)

_OF_THE_SERVICE = {
    "0x7F": CodeExplanation(
        "The MAK has no activations left.",
        "The activations of the agreement are used up.",
        (
            "Ask Microsoft to increase the number of activations of the MAK: call the telephone activation center or the licensing center.",
            "Use another MAK, or activate machines that reach a KMS host by KMS.",
        ),
    ),
    "0x67": CodeExplanation(
        "Microsoft has blocked the product key.",
        "The key was reported as misused or replaced. Users also report this code as a passing fault of the service.",
        (_OTHER_MAK, _ASK_WHY, _NOT_BLOCKED),
    ),
    "0x68": CodeExplanation(
        "The extended product ID does not belong to a valid product key.",
        "The extended product ID was changed, or comes from another product than the installation ID.",
        ("Read the extended product ID of the machine again with activation_info, and correct the record.", _ADMIN_CENTER),
    ),
    "0x86": CodeExplanation(
        "The extended product ID belongs to a key that is not a MAK.",
        "Microsoft gives confirmation IDs in this way only for MAKs. The machine has a retail key, a KMS client key, or a KMS host key.",
        ("Install the MAK with mak_client, and collect the installation ID again.", _ON_THE_HOST, _BY_TELEPHONE),
    ),
    "0x90": CodeExplanation(
        "Microsoft does not accept the installation ID.",
        "The installation ID was changed, or belongs to another product key than the extended product ID.",
        ("Collect the installation ID and the extended product ID again from the machine, and run the task again.",),
    ),
}

_ROUTE = "Check the route and the firewall from the machine that runs the task to the service, or set http_proxy."

_BEFORE_SENDING = {
    "service_unresolved": CodeExplanation(
        "The name of the service could not be resolved.",
        "The machine that runs the task has no internet access, or its DNS does not resolve public names and a proxy must be used.",
        ("Set http_proxy to the proxy of your network.", "Delegate the task to a machine with internet access."),
        "network",
    ),
    "service_unreachable": CodeExplanation(
        "The service could not be reached.",
        "A firewall blocks the connection, or the network requires a proxy.",
        (_ROUTE, "Delegate the task to a machine with internet access."),
        "network",
    ),
    "service_untrusted": CodeExplanation(
        "The certificate of the service is not trusted. The module sent nothing.",
        "A proxy of your network decrypts TLS and its certification authority is not known here, or the certificates of this machine are"
        " missing or old.",
        (
            "Set ca_path to a file with the certificate of the certification authority of your proxy.",
            "Update the package with the certificates of public certification authorities, for example ca-certificates.",
        ),
        "network",
    ),
    "service_no_tls": CodeExplanation(
        "The TLS connection to the service could not be established.",
        "A firewall interrupts TLS connections to this name, or the other end does not support TLS 1.2.",
        (_ROUTE, "Check that the time of the machine that runs the task is correct."),
        "network",
    ),
    "proxy_unresolved": CodeExplanation(
        "The name of the proxy could not be resolved.",
        "The name is misspelled, or the machine that runs the task uses another DNS.",
        ("Correct http_proxy.",),
        "network",
    ),
    "proxy_unreachable": CodeExplanation(
        "The proxy could not be reached.",
        "The proxy does not listen on this port, or a firewall blocks the connection.",
        ("Correct host and port in http_proxy.", "Check the firewall from the machine that runs the task to the proxy."),
        "network",
    ),
    "proxy_untrusted": CodeExplanation(
        "The certificate of the proxy is not trusted. The module sent nothing.",
        "The certification authority of the proxy is not known here, or http_proxy has another name than the certificate.",
        (
            "Set ca_path to a file with the certificates of the certification authorities of the proxy and of the service.",
            "Correct http_proxy.",
        ),
        "network",
    ),
    "proxy_no_tls": CodeExplanation(
        "The TLS connection to the proxy could not be established.",
        "The proxy does not use TLS for the connection to itself, or does not support TLS 1.2.",
        ("Set http_proxy to the URL of the proxy with http://. The connection to the service is encrypted in any case.",),
        "network",
    ),
    "proxy_authentication": CodeExplanation(
        "The proxy requires a user name and a password, or rejected them (407).",
        "The user name or the password is missing or wrong, or the proxy accepts only schemes that the module does not support, such as"
        " Kerberos.",
        (
            "Set http_proxy_username and http_proxy_password. For NTLM, the user name can contain the domain (DOMAIN\\user).",
            "For NTLM and Negotiate, install the Python package pyspnego on the machine that runs the task.",
            "If the proxy accepts only Kerberos or another scheme, permit this machine on the proxy without authentication.",
            "Set http_proxy to another proxy that authenticates with the first one.",
        ),
        "network",
    ),
    "proxy_refused": CodeExplanation(
        "The proxy refused the connection to the service.",
        "The rules of the proxy do not permit the service, or the proxy cannot reach it.",
        ("Permit activation.sls.microsoft.com, port 443, on the proxy.",),
        "network",
    ),
    "journal_failed": CodeExplanation(
        "The module did not send the request, because it could not write the request to the journal.",
        "The disk is full, or permissions are missing.",
        ("Free disk space or correct the permissions, and run the task again.",),
        "task",
    ),
    "not_requested": CodeExplanation(
        "The module did not send the request.",
        "Earlier requests of the task failed, or the time of the task was over.",
        ("Correct the cause of the first error of the task, and run the task again.",),
        "network",
    ),
}

_COLLECT_AGAIN = "Collect the installation ID of the machine again, or take the record from a complete copy of the file."

_OF_THE_RECORD = {
    "kms_host_key": CodeExplanation(
        "The record is for a KMS host key, for which the service does not give confirmation IDs. The module sent nothing for it.",
        "The record was written by hand, or comes from another tool. Microsoft gives confirmation IDs in this way only for MAKs.",
        (_ON_THE_HOST,),
        "task",
    ),
    "invalid_installation_id": CodeExplanation(
        "The record does not have a valid installation ID. The module sent nothing for it.",
        "Digits were changed or lost when the record was copied.",
        (_COLLECT_AGAIN,),
        "task",
    ),
    "no_extended_pid": CodeExplanation(
        "The record does not have an extended product ID, which Microsoft requires. The module sent nothing for it.",
        "The record is old or was written by hand, or the machine runs Windows Server 2003, which does not show an extended product ID.",
        ("Collect the installation ID of the machine again, which adds the extended product ID.", _BY_TELEPHONE),
        "task",
    ),
    "invalid_extended_pid": CodeExplanation(
        "The record does not have a valid extended product ID. The module sent nothing for it.",
        "The extended product ID was changed when the record was copied.",
        (_COLLECT_AGAIN,),
        "task",
    ),
}

_WITHOUT_ANSWER = {
    "redirected": CodeExplanation(
        "The other end redirected the request. The module does not follow redirects.",
        "A proxy or a login page of your network answers instead of the service, or service_url is not right.",
        ("Set http_proxy to the proxy of your network.", "Correct service_url, or do not set it."),
        "network",
    ),
    "request_refused": CodeExplanation(
        "The other end did not accept the request.",
        "A proxy of your network answers instead of the service, or service_url is not right.",
        ("Correct service_url, or do not set it.", "Permit activation.sls.microsoft.com on the proxy."),
        "network",
    ),
}

_AFTER_SENDING = {
    "response_lost": CodeExplanation(
        "The request was sent, and no complete response arrived.",
        "The connection was interrupted, or the service took longer than the task permits. Microsoft might have counted an activation.",
        (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
        "network",
    ),
    "response_invalid": CodeExplanation(
        "The request was sent, and the response is not one of the service.",
        "A proxy of your network answers instead of the service, or the service has changed. Microsoft might have counted an activation.",
        ("Check with the administrator of the proxy who answered.", _CHECK_REMAINING, _ASK_AGAIN),
        "network",
    ),
    "response_too_large": CodeExplanation(
        "The request was sent, and the response is larger than a response of the service can be.",
        "A proxy of your network answers instead of the service. Microsoft might have counted an activation.",
        ("Check with the administrator of the proxy who answered.", _CHECK_REMAINING, _ASK_AGAIN),
        "network",
    ),
    "service_failed": CodeExplanation(
        "The request was sent, and the service failed.",
        "The service or a proxy has a fault that usually passes. Microsoft might have counted an activation.",
        (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
    ),
    "service_fault": CodeExplanation(
        "The request was sent, and the service returned a SOAP fault.",
        "The service has a fault, or has changed. Microsoft might have counted an activation.",
        (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
    ),
    "unknown_outcome": CodeExplanation(
        "A confirmation ID was requested before, and the response was not kept. Microsoft might have counted an activation.",
        "The run was interrupted between the request and the response, or the response was lost.",
        (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
    ),
}

CATALOG = {**_OF_THE_SERVICE, **_OF_THE_RECORD, **_BEFORE_SENDING, **_WITHOUT_ANSWER, **_AFTER_SENDING}

NOT_SENT = frozenset(_BEFORE_SENDING)
"""Codes of questions that did not reach the service."""

LOST = frozenset(_AFTER_SENDING)
"""Codes after which it is not known whether the service counted an activation."""

TRANSIENT = frozenset(
    {
        "service_unresolved",
        "service_unreachable",
        "proxy_unresolved",
        "proxy_unreachable",
        "response_lost",
        "service_failed",
        "service_fault",
    }
)
"""Codes after which the same question can have an answer later."""


def is_known(code: str) -> bool:
    """Whether the catalog has an entry for the code."""
    return code in CATALOG


def entry_of(code: str) -> CodeExplanation:
    """Return the entry of a code, or the entry for an unknown code of the service."""
    return CATALOG.get(code, UNKNOWN)


def source_of(code: str) -> str | None:
    """Return the source of an explanation, or None if it is this collection."""
    return SOURCE if code in _OF_THE_SERVICE else None
