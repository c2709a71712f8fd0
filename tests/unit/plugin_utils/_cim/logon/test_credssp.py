# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of requests-credssp: each known one has a reason and a next step."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.logon.accounts import status_problem
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.logon.credssp import credssp_problem


class Native(Exception):
    def __init__(self, status: int) -> None:
        super().__init__("native")
        self.winerror = status


class OfSpnego(Exception):
    def __init__(self, status: int) -> None:
        super().__init__("SpnegoError (4294967295): Received NTStatus in TSRequest from acceptor")
        self.base_error = Native(status)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The server did not response CredSSP being an available authentication method - actual: 'Negotiate'", "does not offer CredSSP"),
        ("Server did not response with a CredSSP token after step TLS Handshake - actual 'Negotiate'", "no version of TLS in common"),
        ("Server did not response with a CredSSP token after step Step 1. TLS Handshake - actual ''", "no version of TLS in common"),
        ("SpnegoError (9): A token was invalid, Context: TLS handshake for CredSSP: [SSL] x", "no version of TLS in common"),
        ("Server did not response with a CredSSP token after step Public key exchange - actual ''", "do not see the same key"),
        ("Public key verification failed, potential man in the middle attack", "do not see the same key"),
        ("Server did not response with a CredSSP token after step Credential exchange - actual ''", "delegated password"),
        ("The peer protocol version was 2 and did not meet the minimum requirements of 5", "older than the minimum"),
        ("Received error status from the server: (3221226036) UNKOWN_STATUS 0xc0000234", "the account is locked"),
    ],
)
def test_a_known_text_has_a_reason(text: str, reason: str) -> None:
    problem = credssp_problem(Exception(text))
    assert problem is not None
    assert reason in problem.reason
    assert problem.step.endswith(".")


def test_the_status_is_read_from_the_cause() -> None:
    error = Exception("SpnegoError (4294967295): Received NTStatus in TSRequest from acceptor")
    error.__cause__ = OfSpnego(0xC0000071 - (1 << 32))
    problem = credssp_problem(error)
    assert problem is not None
    assert problem.reason == "the password has expired (0xC0000071, STATUS_PASSWORD_EXPIRED)"


def test_an_unknown_text_has_none_and_an_unknown_status_is_shown() -> None:
    assert credssp_problem(Exception("Server did not response with a CredSSP token after step Authentication 2 - actual ''")) is None
    assert status_problem(0xC0001234).reason == "the machine refused the logon (0xC0001234, an unknown status)"
