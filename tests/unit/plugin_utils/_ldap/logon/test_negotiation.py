# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens around those of Kerberos: as pyspnego reads and writes them, and nothing else than Kerberos is accepted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spnego._spnego import NegState, NegTokenInit, NegTokenResp, unpack_token

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.ber import MalformedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.logon import negotiation

KERBEROS = "1.2.840.113554.1.2.2"
KERBEROS_OF_WINDOWS_2000 = "1.2.840.48018.1.2.2"
NTLM = "1.3.6.1.4.1.311.2.2.10"


@given(st.binary(min_size=1, max_size=3000))
def test_the_first_token_offers_kerberos_only(token: bytes) -> None:
    found = unpack_token(negotiation.first_token(token))
    assert isinstance(found, NegTokenInit)
    assert found.mech_types == [KERBEROS]
    assert found.mech_token == token


@given(st.binary(min_size=1, max_size=3000))
def test_later_tokens_have_the_token_only(token: bytes) -> None:
    found = unpack_token(negotiation.next_token(token))
    assert isinstance(found, NegTokenResp)
    assert (found.response_token, found.supported_mech, found.mech_list_mic) == (token, None, None)


@pytest.mark.parametrize("mechanism", [None, KERBEROS, KERBEROS_OF_WINDOWS_2000])
def test_an_answer_with_kerberos_is_read(mechanism: str | None) -> None:
    state = NegState.accept_complete
    data = NegTokenResp(neg_state=state, supported_mech=mechanism, response_token=b"token", mech_list_mic=b"mic").pack()
    assert negotiation.read_response(data) == negotiation.Response(negotiation.ACCEPTED, b"token")
    assert negotiation.answer_of(data, "x") == b"token"


def test_an_answer_with_another_mechanism_is_refused() -> None:
    data = NegTokenResp(neg_state=NegState.accept_incomplete, supported_mech=NTLM, response_token=b"NTLMSSP\0").pack()
    with pytest.raises(MalformedError, match="another mechanism"):
        negotiation.read_response(data)
    with pytest.raises(DirectoryError) as failed:
        negotiation.answer_of(data, "x")
    assert failed.value.error_code == "directory_malformed_answer"


@pytest.mark.parametrize("state", [NegState.reject, NegState.request_mic, NegState.accept_incomplete])
def test_an_answer_without_a_token_ends_the_negotiation(state: NegState) -> None:
    data = NegTokenResp(neg_state=state, supported_mech=KERBEROS).pack()
    with pytest.raises(DirectoryError) as failed:
        negotiation.answer_of(data, "x")
    assert failed.value.error_code == "directory_kerberos_failed"


def test_a_token_of_kerberos_that_is_not_wrapped_is_accepted() -> None:
    assert negotiation.answer_of(b"\x60\x03abc", "x") == b"\x60\x03abc"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_token_or_an_explained_error(data: bytes) -> None:
    try:
        found: object = negotiation.answer_of(data, "x")
    except DirectoryError as error:
        found = error.explain().next_steps
    assert found or data[:1] != b"\x60"
