# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify an update from its response, and from the records that are read afterwards; pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

After a lost response, or an echoed request of Samba, the update is successful if the records are in the desired state. If updates are
signed, the response with these records must be signed too. If the response to an update must be signed and is not, or has a wrong
signature, the update failed, whatever the records are.
"""

from __future__ import annotations

from .errors import DnsError, DnsResponseLostError
from .exchange import DnsResponse
from .model import RecordSet
from .plan import DesiredRecords, plan

_DENIED = ("REFUSED", "SERVFAIL")


def accepted(answer: DnsResponse | DnsResponseLostError) -> bool:
    """Whether the server confirmed the update."""
    return isinstance(answer, DnsResponse) and answer.flaw is None and answer.rcode == "NOERROR"


def is_verified_by_records(answer: DnsResponse | DnsResponseLostError) -> bool:
    """Whether the records can verify the update, because the response was not forged."""
    return isinstance(answer, DnsResponseLostError) or answer.flaw in (None, "echoed_request")


def matches(after: RecordSet | None, desired: DesiredRecords) -> bool:
    """Whether the records are in the desired state; False if they could not be read."""
    return after is not None and not plan(after, desired)


def verify_update(
    answer: DnsResponse | DnsResponseLostError,
    after: RecordSet | None,
    desired: DesiredRecords,
    *,
    kerberos: bool,
    shows: bool = True,
    is_conclusive: bool = True,
    signed: bool = True,
) -> tuple[DnsError | None, str | None]:
    """Return the error of an update, or the warning of a successful update, or neither.

    :param after: The records that were read afterwards; None if they could not be read.
    :param shows: Whether the records show if the update was done. They do not after a refresh, so only the response decides.
    :param is_conclusive: False if the records must be read in a signed response, and were not.
    :param signed: Whether the records were read in a signed response.
    """
    right = matches(after, desired)
    if isinstance(answer, DnsResponse) and not is_verified_by_records(answer):
        return _untrusted(answer, after, right=right, is_conclusive=is_conclusive), None
    if right and (accepted(answer) or (shows and is_conclusive)):
        return None, _warning(answer, "in a signed answer" if signed else "in an unsigned answer")
    if isinstance(answer, DnsResponseLostError):
        return _lost(answer, after, right=right, is_conclusive=is_conclusive), None
    if answer.rcode != "NOERROR":
        return _denied(answer, after, desired, kerberos=kerberos), None
    # The messages of both codes already contain that the records do not show the update.
    detail = _seen(after, right=right, is_conclusive=is_conclusive) if right or after is None else ""
    return DnsError("echoed_request" if answer.flaw else "not_verified", detail), None


def _warning(answer: DnsResponse | DnsResponseLostError, how: str) -> str | None:
    """Return a warning if the records are in the desired state, but the server did not confirm the update. `how` they were read."""
    if isinstance(answer, DnsResponseLostError):
        return f"The answer to the update was lost ({answer.error_code}); read afterwards {how}, the records are in the desired state."
    if answer.flaw:
        return (
            f"The server sent the request back ({answer.rcode}) instead of a signed answer, as Samba does with errors;"
            f" read afterwards {how}, the records are in the desired state."
        )
    if answer.rcode != "NOERROR":
        found = f"read afterwards {how}, the records are in the desired state"
        return f"The server answered {answer.rcode}, and {found}: another writer changed them."
    return None


def _lost(answer: DnsResponseLostError, after: RecordSet | None, *, right: bool, is_conclusive: bool) -> DnsError:
    unknown = " Whether the update was done is not known." if after is None or right else ""
    found = _seen(after, right=right, is_conclusive=is_conclusive)
    return DnsResponseLostError(answer.error_code, f"{answer.detail} {found}{unknown}".strip())


def _untrusted(answer: DnsResponse, after: RecordSet | None, *, right: bool, is_conclusive: bool) -> DnsError:
    """Return the error of an untrusted response. PowerDNS and Knot do not sign refusals, so these keep their response code."""
    if answer.flaw == "unsigned_answer" and answer.rcode != "NOERROR":
        return DnsError(answer.rcode, f"The answer was not signed. {_seen(after, right=right, is_conclusive=is_conclusive)}")
    return DnsError(answer.flaw or "malformed_answer", _seen(after, right=right, is_conclusive=is_conclusive))


def _denied(answer: DnsResponse, after: RecordSet | None, desired: DesiredRecords, *, kerberos: bool) -> DnsError:
    detail = "The answer was the request sent back, so its code is not authenticated." if answer.flaw else ""
    others = after.others(desired.keys) if after else ()
    if kerberos and answer.rcode in _DENIED and others:
        owners = ", ".join(record.host for record in others)
        return DnsError("record_owned_by_other", f"There is a record of {owners}. The server answered {answer.rcode}. {detail}".rstrip())
    return DnsError(answer.rcode, detail)


def _seen(after: RecordSet | None, *, right: bool, is_conclusive: bool = True) -> str:
    """Return what the records on the same server showed afterwards."""
    if after is None:
        return "The records could not be read afterwards."
    if right and not is_conclusive:
        return "Read afterwards, the records are in the desired state, but that answer is not signed by the server, so it proves nothing."
    return f"Read afterwards from the same server, the records are {'' if right else 'not '}in the desired state."
