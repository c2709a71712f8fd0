# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client certificates: their period, keys with a passphrase, and alerts of TLS."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.logon.certificate import (
    is_encrypted,
    period_problem,
    refusal_by_tls,
)

FIRST, LAST = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 12, 1, 9, 30, tzinfo=timezone.utc)
KEY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "deploy")])
PEM = (
    x509.CertificateBuilder(NAME, NAME, KEY.public_key(), 1, FIRST, LAST)
    .sign(KEY, hashes.SHA256())
    .public_bytes(serialization.Encoding.PEM)
)


@pytest.mark.parametrize(
    ("now", "problem"),
    [
        (FIRST, None),
        (LAST, None),
        (LAST + timedelta(seconds=1), "expired on 2026-12-01 09:30 UTC"),
        (FIRST - timedelta(seconds=1), "is not valid before 2026-01-01 00:00 UTC"),
    ],
)
def test_a_certificate_is_valid_in_its_period_only(now: datetime, problem: str | None) -> None:
    assert period_problem(PEM, now) == problem


def test_what_is_no_certificate_has_no_period() -> None:
    assert period_problem(b"no certificate") is None


def test_only_a_key_with_a_passphrase_is_encrypted() -> None:
    pem, pkcs8, old = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
    secret = serialization.BestAvailableEncryption(b"secret")
    assert [is_encrypted(KEY.private_bytes(pem, form, secret)) for form in (pkcs8, old)] == [True, True]
    assert [is_encrypted(KEY.private_bytes(pem, form, serialization.NoEncryption())) for form in (pkcs8, old)] == [False, False]


def test_only_an_alert_about_the_certificate_is_a_refusal() -> None:
    assert refusal_by_tls("TLSV1_ALERT_UNKNOWN_CA") == "the machine does not trust its issuer"
    assert refusal_by_tls("WRONG_VERSION_NUMBER") is None
    assert refusal_by_tls(None) is None
