# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an update did what it was to do: from the answer and from the records read after it; pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The state decides wherever nobody can have tampered with it on purpose: a lost answer and Samba's echoed request count as
done when the records are as wished. An answer that should be signed and is not, or carries a wrong signature, is a
failure whatever the records look like: somebody may sit in between and answer the reading too.
"""

from __future__ import annotations

from .errors import AnswerLost, DnsProblem
from .exchange import Answer
from .model import RecordSet
from .plan import Wish, plan

_DENIED = ("REFUSED", "SERVFAIL")


def accepted(answer: Answer | AnswerLost) -> bool:
    """Whether the server itself said, beyond doubt, that it took the update."""
    return isinstance(answer, Answer) and answer.flaw is None and answer.rcode == "NOERROR"


def as_wished(after: RecordSet | None, wish: Wish) -> bool:
    """Whether nothing is left to do; False when the records could not be read."""
    return after is not None and not plan(after, wish)


def judge(
    answer: Answer | AnswerLost, after: RecordSet | None, wish: Wish, *, kerberos: bool, shows: bool = True
) -> tuple[DnsProblem | None, str | None]:
    """What is wrong, or a warning to give with a success, or neither.

    `after` None means that reading failed too. `shows` False means that the records cannot show whether the update was
    done, as with a mere refresh: then only a good answer is a success.
    """
    right = as_wished(after, wish)
    if isinstance(answer, Answer) and answer.flaw not in (None, "echoed_request"):
        return _untrusted(answer, after, right=right), None
    if right and (shows or accepted(answer)):
        return None, _remark(answer)
    if isinstance(answer, AnswerLost):
        return answer, None
    if answer.rcode != "NOERROR":
        return _denied(answer, after, wish, kerberos=kerberos), None
    # The words of both codes say already that the records do not show the update.
    detail = _seen(after, right=right) if right or after is None else ""
    return DnsProblem("echoed_request" if answer.flaw else "not_verified", detail), None


def _remark(answer: Answer | AnswerLost) -> str | None:
    """What to say when the records are as wished; nothing when the server said so too."""
    if isinstance(answer, AnswerLost):
        return f"The answer to the update was lost ({answer.code}); read afterwards, the records are as wished."
    if answer.flaw:
        return (
            f"The server sent the request back ({answer.rcode}) instead of a signed answer, as Samba does with errors;"
            " read afterwards, the records are as wished."
        )
    if answer.rcode != "NOERROR":
        return f"The server answered {answer.rcode}, and the records are as wished all the same: somebody else made them so."
    return None


def _untrusted(answer: Answer, after: RecordSet | None, *, right: bool) -> DnsProblem:
    """An unsigned answer with an error code is told by the code: PowerDNS and Knot do not sign their refusals."""
    if answer.flaw == "unsigned_answer" and answer.rcode != "NOERROR":
        return DnsProblem(answer.rcode, f"The answer was not signed. {_seen(after, right=right)}")
    return DnsProblem(answer.flaw or "malformed_answer", _seen(after, right=right))


def _denied(answer: Answer, after: RecordSet | None, wish: Wish, *, kerberos: bool) -> DnsProblem:
    detail = "The answer was the request sent back, so its code is not authenticated." if answer.flaw else ""
    others = after.others(wish.keys) if after else ()
    if kerberos and answer.rcode in _DENIED and others:
        owners = ", ".join(record.host for record in others)
        return DnsProblem("record_owned_by_other", f"There is a record of {owners}. The server answered {answer.rcode}. {detail}".rstrip())
    return DnsProblem(answer.rcode, detail)


def _seen(after: RecordSet | None, *, right: bool) -> str:
    """What reading the same server afterwards showed."""
    if after is None:
        return "The records could not be read afterwards."
    return f"Read afterwards from the same server, the records are {'' if right else 'not '}as wished."
