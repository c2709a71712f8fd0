# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an update did what it was to do: from the answer and from the records read after it; pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The state decides wherever nobody can have tampered with it on purpose: a lost answer and Samba's echoed request count as
done when the records are in the desired state, and where updates are signed only when the server signed that reading too. An answer to
an update that should be signed and is not, or carries a wrong signature, is a failure whatever the records look like.
"""

from __future__ import annotations

from .errors import DnsError, DnsResponseLostError
from .exchange import DnsResponse
from .model import RecordSet
from .plan import DesiredRecords, plan

_DENIED = ("REFUSED", "SERVFAIL")


def accepted(answer: DnsResponse | DnsResponseLostError) -> bool:
    """Whether the server itself said, beyond doubt, that it took the update."""
    return isinstance(answer, DnsResponse) and answer.flaw is None and answer.rcode == "NOERROR"


def is_verified_by_records(answer: DnsResponse | DnsResponseLostError) -> bool:
    """Whether the records can make a success of it: no answer of somebody else's came."""
    return isinstance(answer, DnsResponseLostError) or answer.flaw in (None, "echoed_request")


def matches(after: RecordSet | None, desired: DesiredRecords) -> bool:
    """Whether nothing is left to do; False when the records could not be read."""
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
        return None, _remark(answer, "in a signed answer" if signed else "in an unsigned answer")
    if isinstance(answer, DnsResponseLostError):
        return _lost(answer, after, right=right, is_conclusive=is_conclusive), None
    if answer.rcode != "NOERROR":
        return _denied(answer, after, desired, kerberos=kerberos), None
    # The words of both codes say already that the records do not show the update.
    detail = _seen(after, right=right, is_conclusive=is_conclusive) if right or after is None else ""
    return DnsError("echoed_request" if answer.flaw else "not_verified", detail), None


def _remark(answer: DnsResponse | DnsResponseLostError, how: str) -> str | None:
    """What to say when the records are in the desired state; nothing when the server said so too. `how` they were read."""
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
    """An unsigned answer with an error code is told by the code: PowerDNS and Knot do not sign their refusals."""
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
    """What reading the same server afterwards showed."""
    if after is None:
        return "The records could not be read afterwards."
    if right and not is_conclusive:
        return "Read afterwards, the records are in the desired state, but that answer is not signed by the server, so it proves nothing."
    return f"Read afterwards from the same server, the records are {'' if right else 'not '}in the desired state."
