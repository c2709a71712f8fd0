# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Kerberos says is told apart by its sentences, as measured with MIT Kerberos 1.20; the rest needs a real one (tests/kerberos)."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.logon.kerberos import problem_in

GSS = "Major (851968): Unspecified GSS failure. Minor code may provide more information, Minor (2529638919): "
SAID = {
    "Major (720896): The referenced credential has expired, Minor (100001): Success": "the ticket has expired",
    f"{GSS}Ticket expired": "the ticket has expired",
    f"{GSS}Server WSMAN/alias.corp.test@CORP.TEST not found in Kerberos database": (
        "the domain does not know the service WSMAN/alias.corp.test@CORP.TEST"
    ),
    f"{GSS}Cannot contact any KDC for realm 'CORP.TEST'": "no domain controller of the realm CORP.TEST responds",
    'kinit: Cannot find KDC for realm "OTHER.TEST" while getting initial credentials': (
        "no domain controller of the realm OTHER.TEST responds"
    ),
    f"{GSS}Clock skew too great": "the clock of the controller differs too much from the clock of the domain",
    "Decrypt integrity check failed -1765328353": "the password is wrong, or the keytab contains an old key",
    f"{GSS}Server krbtgt/BRANCH.TEST@CORP.TEST not found in Kerberos database": (
        "the domain CORP.TEST does not have a trust with the realm BRANCH.TEST"
    ),
    f"{GSS}KDC policy rejects request": "a policy of a domain does not allow this logon",
    f"{GSS}KDC has no support for encryption type": "the domain does not have an encryption type that all sides allow",
    "Minor (2544367115): No KCM server found, Context: Getting GSSAPI credential": "the credential cache cannot be used here",
    "kinit: Invalid UID in persistent keyring name while getting default ccache": "the credential cache cannot be used here",
    "(\"Credentials cache file '/tmp/krb5cc_513' not found\", -1765328189)": "there is no ticket for this user",
    "('Improper format of Kerberos configuration file', -1765328248)": "the configuration of Kerberos on the controller is not valid",
    "MutualAuthenticationError: Unable to authenticate <Response [200]>": "the machine did not prove its identity with the ticket",
    "Client 'nobody@CORP.TEST' not found in Kerberos database": "the domain does not know the user nobody@CORP.TEST",
    "('No credentials were supplied, or the credentials were unavailable or inaccessible', 458752)": "there is no ticket for this user",
}


@pytest.mark.parametrize("text", SAID)
def test_a_sentence_of_kerberos_has_a_reason_and_a_step(text: str) -> None:
    problem = problem_in(text)
    assert problem is not None
    assert problem.reason == SAID[text]
    assert problem.step.endswith(".")


def test_a_name_from_the_network_is_shown_without_control_characters() -> None:
    problem = problem_in("Client 'a\x1b[31mb' not found in Kerberos database")
    assert problem is not None
    assert "\x1b" not in problem.reason


def test_an_unknown_text_has_no_explanation() -> None:
    assert problem_in("Message stream modified") is None
