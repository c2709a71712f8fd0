# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Kerberos says is told apart by its sentences, as measured with MIT Kerberos 1.20; the rest needs a real one (tests/dns)."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._dns import gss
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.gss import KerberosLogin, SambaCompat, explain

gssapi = pytest.importorskip("gssapi", reason="gssapi is missing")

NO_CREDENTIALS = "Major (458752): No credentials were supplied, or the credentials were unavailable or inaccessible, Minor (%d): %s"
UNSPECIFIED = "Major (851968): Unspecified GSS failure. Minor code may provide more information, Minor (%d): %s"

SENTENCES = [
    (NO_CREDENTIALS % (100005, "Decrypt integrity check failed\0"), True, "wrong_password"),
    (NO_CREDENTIALS % (100005, "Preauthentication failed\0"), True, "wrong_password"),
    (NO_CREDENTIALS % (100006, "Client 'nobody@CORP.TEST' not found in Kerberos database\0"), True, "wrong_password"),
    (NO_CREDENTIALS % (100006, "Client 'nobody@CORP.TEST' not found in Kerberos database\0"), False, "no_ticket"),
    (NO_CREDENTIALS % (22, "Invalid argument\0"), True, "kerberos_failed"),
    (NO_CREDENTIALS % (2529639053, "No Kerberos credentials available (default cache: /tmp/krb5cc_0)\0"), False, "no_ticket"),
    (UNSPECIFIED % (2529638943, "Ticket expired\0"), False, "no_ticket"),
    (UNSPECIFIED % (100008, "Server DNS/ns9.corp.test@CORP.TEST not found in Kerberos database\0"), True, "unknown_server_principal"),
    (UNSPECIFIED % (2529639068, "Cannot contact any KDC for realm 'CORP.TEST'\0"), True, "kerberos_failed"),
    (UNSPECIFIED % (100001, "Clock skew too great\0"), False, "kerberos_failed"),
]


@pytest.mark.parametrize(("sentence", "password", "code"), SENTENCES)
def test_a_sentence_of_kerberos_becomes_a_code_and_stays_readable(sentence: str, code: str, *, password: bool) -> None:
    problem = explain(RuntimeError(sentence), password=password)
    assert problem.error_code == code
    assert "\0" not in problem.detail
    assert "Major" not in problem.detail
    assert problem.detail.endswith(".")


def test_a_password_is_in_no_repr() -> None:
    assert "word of honor" not in repr(KerberosLogin("somebody", "word of honor"))


class OldSamba:
    """A context that signed what comes after the two octets Samba leaves out; everything else it finds wrong."""

    complete = True

    def verify_signature(self, data: bytes, _mac: bytes) -> str:
        if data == b"signed":
            return "good"
        raise gss.gssapi.raw.misc.GSSError(0x60000, 0)


def test_an_answer_whose_mac_length_samba_left_out_is_taken_and_any_other_is_not() -> None:
    context = SambaCompat(OldSamba())
    assert context.verify_signature(b"signed", b"") == context.verify_signature(b"\0\x1csigned", b"") == "good"
    for data in (b"\0signed", b"\0\0\0signed", b"forged", b"\0\x1cforged"):
        with pytest.raises(gssapi.exceptions.GSSError):
            context.verify_signature(data, b"")
