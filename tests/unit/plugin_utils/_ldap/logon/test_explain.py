# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions of the libraries: the number decides, then the text, in whatever they are wrapped."""

from __future__ import annotations

import time

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryLogonError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.logon.bounded import OutOfTimeError, within
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.logon.explain import logon_error

WHO = "reader@AD.TEST on dc1.ad.test:389"
SAID = {
    # As pyspnego 0.12, krb5 0.10, and gssapi 1.12 wrote them with MIT Kerberos 1.20.
    "Preauthentication failed -1765328360": ("directory_logon_failed", "wrong_password"),
    "Client 'x@AD.TEST' not found in Kerberos database -1765328378": ("directory_logon_failed", "no_such_account"),
    "Client's credentials have been revoked -1765328366": ("directory_logon_failed", "disabled"),
    "Password has expired -1765328361": ("directory_logon_failed", "password_expired"),
    'Cannot find KDC for realm "OTHER.TEST" -1765328230': ("directory_no_kdc", None),
    "Cannot contact any KDC for realm 'AD.TEST' -1765328228": ("directory_no_kdc", None),
    "Keytab contains no suitable keys for x@AD.TEST -1765328203": ("directory_no_credentials", None),
    "Pre-authentication failed: Key table file '/x' not found 2": ("directory_no_credentials", None),
    "SpnegoError (16): Major (851968): Unspecified GSS failure.  Minor code may provide more information, Minor (2529638944): Ticket"
    " expired, Context: Processing security token": ("directory_ticket_expired", None),
    "SpnegoError (4294967295): Major (851968): Unspecified GSS failure.  Minor code may provide more information, Minor (2529638919):"
    " Server not found in Kerberos database, Context: Processing security token": ("directory_spn_unknown", None),
    "SpnegoError (7): Major (458752): No credentials were supplied, or the credentials were unavailable, Minor (2529639053):"
    " No Kerberos credentials available (default cache: FILE:/x), Context: Getting GSSAPI credential": ("directory_no_credentials", None),
    "Major (851968): Unspecified GSS failure, Minor (2529638947): Clock skew too great": ("directory_clock_skew", None),
    "something that nobody has seen": ("directory_kerberos_failed", None),
}


class NumberedError(Exception):
    """An exception of krb5."""

    def __init__(self, text: str, number: int) -> None:
        self.err_code = number
        super().__init__(text)


class MinorError(Exception):
    """An exception of gssapi, whose minor code is not signed."""

    def __init__(self, text: str, number: int) -> None:
        self.min_code = number % 2**32
        super().__init__(text)


@pytest.mark.parametrize(("text", "expected"), SAID.items())
def test_texts_of_the_libraries_have_their_codes(text: str, expected: tuple[str, str | None]) -> None:
    error = logon_error(RuntimeError(text), WHO)
    assert isinstance(error, DirectoryLogonError)
    assert (error.error_code, error.subcode) == expected
    assert error.message.endswith(".")
    assert not any(word in error.message for word in ("Major", "Minor (", "SpnegoError", "Context:", "-17653"))
    assert WHO in error.message


@pytest.mark.parametrize("kind", [NumberedError, MinorError])
def test_the_number_decides_in_any_language(kind: type[NumberedError | MinorError]) -> None:
    for number, expected in (
        (-1765328360, "wrong_password"),
        (-1765328378, "no_such_account"),
        (-1765328383, "account_expired"),
        (-1765328361, "password_expired"),
    ):
        assert logon_error(kind("例外", number), WHO).subcode == expected
    for number, code in (
        (-1765328352, "directory_ticket_expired"),
        (-1765328347, "directory_clock_skew"),
        (-1765328377, "directory_spn_unknown"),
        (-1765328189, "directory_no_credentials"),
        (-1765328228, "directory_no_kdc"),
    ):
        assert logon_error(kind("例外", number), WHO).error_code == code


def test_a_wrapped_exception_is_found_as_base_error_cause_or_context() -> None:
    inner = MinorError("Major (1): x, Minor (2): Ticket expired", -1765328352)
    outer = RuntimeError("SpnegoError (4294967295): x")
    outer.base_error = inner  # type: ignore[attr-defined]
    by_cause = RuntimeError("outer")
    by_cause.__cause__ = inner
    for error in (outer, by_cause):
        found = logon_error(error, WHO)
        assert found.error_code == "directory_ticket_expired"
        assert "Ticket expired." in found.message
    inner.__cause__ = by_cause  # a circle
    assert logon_error(by_cause, WHO).error_code == "directory_ticket_expired"


def test_texts_of_libraries_are_one_short_line() -> None:
    error = logon_error(RuntimeError("a\nb\x1b[31m\0" + "x" * 5000), WHO)
    assert "a b\ufffd[31m" in error.message
    assert len(error.message) < 1000


def test_work_has_its_result_or_its_exception_or_ends_at_the_deadline() -> None:
    assert within(Deadline.after(5), lambda: 7) == 7
    with pytest.raises(KeyError):
        within(Deadline.after(5), lambda: {}["x"])
    begin = time.monotonic()
    with pytest.raises(OutOfTimeError):
        within(Deadline.after(0.05), lambda: time.sleep(0.5))
    assert time.monotonic() - begin < 0.4
