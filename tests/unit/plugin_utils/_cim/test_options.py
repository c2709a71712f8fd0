# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in the variables of a connection: each is named by its variable, and what works is let through."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.options import ConnectionOptionsError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.psrp_options import check_psrp, refuse_configuration
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.winrm_options import WinrmOptions, check_winrm

PASSWORD = "Lab-Passw0rd!"
ACCOUNT = {"username": "LabAdmin", "password": PASSWORD}


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate, its key, that key with a password, the key of another one, and a file that is none of them."""
    folder = tmp_path_factory.mktemp("pki")
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked = serialization.BestAvailableEncryption(b"open")
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    (folder / "locked.pem").write_bytes(key.private_bytes(pem, form, locked))
    (folder / "other.pem").write_bytes(other.private_bytes(pem, form, serialization.NoEncryption()))
    (folder / "text.txt").write_text("no certificate", encoding="utf-8")
    return folder


def winrm(transport: str | tuple[str, ...] = "ntlm", *, scheme: str = "https", port: Any = 5986, **arguments: Any) -> WinrmOptions:
    transports = (transport,) if isinstance(transport, str) else transport
    return WinrmOptions(transports, scheme, port, {**ACCOUNT, **arguments})


def psrp(auth: str = "negotiate", **arguments: Any) -> dict[str, Any]:
    return {"auth": auth, "ssl": True, "port": 5986, "cert_validation": True, "encryption": "auto", **ACCOUNT, **arguments}


def nothing(_: str) -> bool:
    return False


def everything(_: str) -> bool:
    return True


def problem(check: Callable[[], None]) -> str:
    with pytest.raises(ConnectionOptionsError) as failed:
        check()
    error = failed.value.explain()
    assert (error.code, error.transient) == ("connection_options", False)
    assert all(step in str(failed.value) for step in error.next_steps)
    assert PASSWORD not in str(failed.value)
    assert "\n" not in str(failed.value)
    return str(failed.value)


CA, CERTIFICATE, KEY = "ansible_winrm_ca_trust_path", "ansible_winrm_cert_pem", "ansible_winrm_cert_key_pem"


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        (winrm(read_timeout_sec=20, operation_timeout_sec=30), "ansible_winrm_read_timeout_sec is 20"),
        (winrm(read_timeout_sec="30", operation_timeout_sec="30"), "ansible_winrm_read_timeout_sec is 30"),
        (winrm(read_timeout_sec=10), "operation_timeout_sec, which is 20"),
        (winrm(operation_timeout_sec=0), "ansible_winrm_operation_timeout_sec is 0"),
        (winrm(operation_timeout_sec="20s"), "ansible_winrm_operation_timeout_sec is not a whole number"),
        (winrm(read_timeout_sec=None), "ansible_winrm_read_timeout_sec is not a whole number"),
        (winrm(port=0), "ansible_port is 0"),
        (winrm(port=65536), "ansible_port is 65536"),
        (winrm(server_cert_validation=False), "ansible_winrm_server_cert_validation is False"),
        (winrm(server_cert_validation=None), "ansible_winrm_server_cert_validation is None"),
        (winrm(message_encryption="yes"), "ansible_winrm_message_encryption is 'yes'"),
        (winrm("basic", message_encryption="always"), "ansible_winrm_message_encryption is set to always"),
        (winrm("carrier-pigeon"), "ansible_winrm_transport is 'carrier-pigeon'"),
        (winrm("certificate"), "ansible_winrm_cert_pem is not set"),
        (winrm("certificate", scheme="http"), "requires https"),
        (winrm("basic", username=""), "ansible_user is not set"),
        (winrm("ssl", password=None), "ansible_password is not set"),
        (winrm(ca_trust_path="/no/such/ca.pem"), "ansible_winrm_ca_trust_path is set to /no/such/ca.pem"),
        (WinrmOptions(("ntlm",), "https", 5986, ACCOUNT, connection_timeout="soon"), "ansible_winrm_connection_timeout is not"),
        (WinrmOptions(("kerberos",), "http", 5985, ACCOUNT, kinit="/no/such/kinit"), "/no/such/kinit"),
    ],
)
def test_a_mistake_in_the_options_of_winrm_is_named_by_its_variable(given: WinrmOptions, variable: str) -> None:
    assert variable in problem(lambda: check_winrm(given, everything))


@pytest.mark.parametrize(("transport", "package"), [("kerberos", "kerberos"), ("credssp", "requests_credssp"), ("ntlm", "requests_ntlm")])
def test_a_library_of_winrm_that_is_missing_is_named_with_what_installs_it(transport: str, package: str) -> None:
    text = problem(lambda: check_winrm(winrm(transport), nothing))
    assert f"requires the Python package {package}," in text
    assert "pip install 'pywinrm" in text
    assert "ansible_winrm_transport" in text


@pytest.mark.parametrize("packages", [("gssapi", "krb5"), ("krb5",)])
def test_a_library_of_psrp_that_is_missing_is_named_with_what_installs_it(packages: tuple[str, ...]) -> None:
    text = problem(lambda: check_psrp(psrp("kerberos"), lambda name: name not in packages))
    assert f"requires the Python package {packages[0]}," in text
    assert "pip install 'pypsrp[kerberos]'" in text


def test_of_several_transports_one_that_can_work_is_enough() -> None:
    check_winrm(winrm(("kerberos", "basic")), nothing)
    assert "Python package kerberos" in problem(lambda: check_winrm(winrm(("kerberos", "credssp")), nothing))


@pytest.mark.parametrize(
    "given",
    [
        winrm(),
        winrm(read_timeout_sec="70", operation_timeout_sec="60"),
        winrm("basic", scheme="http", port=5985),
        winrm("kerberos", username=None, password=None),
        winrm("certificate", scheme="https", username=None, password=None, cert_pem="cert.pem", cert_key_pem="key.pem"),
        winrm("ssl", username=None, password=None, cert_pem="cert.pem", cert_key_pem="key.pem"),
        winrm(server_cert_validation="ignore", ca_trust_path="/no/such/ca.pem"),
        winrm(scheme="http", ca_trust_path="/no/such/ca.pem"),
        winrm(ca_trust_path="cert.pem"),
        winrm(ca_trust_path="."),
        winrm(ca_trust_path=None),
        WinrmOptions(("ntlm",), "https", 5986, {**ACCOUNT, "read_timeout_sec": 1}, connection_timeout=5),
    ],
)
def test_options_of_winrm_that_can_work_are_let_through(given: WinrmOptions, pki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pki)
    check_winrm(given, everything)


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        ("cert.pem", None, (KEY, "is not set")),
        (None, "key.pem", (CERTIFICATE, "is not set")),
        ("gone.pem", "key.pem", (CERTIFICATE, "gone.pem", "No such file")),
        ("cert.pem", "gone.pem", (KEY, "gone.pem", "No such file")),
        ("cert.pem", "other.pem", (CERTIFICATE, KEY, "KEY_VALUES_MISMATCH")),
        ("cert.pem", "locked.pem", (KEY, "a key with a passphrase", "openssl pkey")),
        ("text.txt", "key.pem", (CERTIFICATE, KEY, "PEM")),
    ],
)
def test_a_client_certificate_that_cannot_be_used_is_told_apart(
    certificate: str | None, key: str | None, words: tuple[str, ...], pki: Path
) -> None:
    files = {name: value and str(pki / value) for name, value in (("cert_pem", certificate), ("cert_key_pem", key))}
    text = problem(lambda: check_winrm(winrm("certificate", **files)))
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(("value", "refused"), [(False, False), (True, False), ("true", False), ("False", True), ("no", True), ("", True)])
def test_a_text_that_means_false_is_no_switch(value: object, refused: bool) -> None:
    given = winrm("ntlm", send_cbt=value)
    if refused:
        assert f"ansible_winrm_send_cbt is the text {value!r}" in problem(lambda: check_winrm(given))
    else:
        check_winrm(given)


def test_a_key_with_a_password_is_taken_where_the_connection_knows_it(pki: Path) -> None:
    files = {"certificate_pem": str(pki / "cert.pem"), "certificate_key_pem": str(pki / "locked.pem")}
    check_psrp(psrp("certificate", **files, certificate_key_password="open"))
    text = problem(lambda: check_psrp(psrp("certificate", **files, certificate_key_password="wrong-one")))
    assert "ansible_psrp_certificate_key_pem" in text
    assert "wrong-one" not in text


def test_a_bundle_without_a_certificate_is_named(pki: Path) -> None:
    assert f"{CA} is set to" in problem(lambda: check_winrm(winrm(ca_trust_path=str(pki / "text.txt"))))
    assert "ansible_psrp_ca_cert is set to" in problem(lambda: check_psrp(psrp(cert_validation=str(pki / "text.txt"))))


@pytest.mark.parametrize("path", ["~/cert.pem", "~nosuchuser/cert.pem", "a\0b"])
def test_a_path_is_looked_at_as_the_library_takes_it(path: str, pki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pywinrm and pypsrp open the path to the letter, so that a home directory in short form is no path that is there."""
    monkeypatch.setenv("HOME", str(pki))
    for variable, check in (
        (CA, lambda: check_winrm(winrm(ca_trust_path=path))),
        (CERTIFICATE, lambda: check_winrm(winrm("certificate", cert_pem=path, cert_key_pem=str(pki / "key.pem")))),
        ("ansible_psrp_ca_cert", lambda: check_psrp(psrp(cert_validation=path))),
    ):
        text = problem(check)
        assert f"{variable} is set to" in text
        assert ("~ in the path is not expanded" in text) == path.startswith("~")


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_that_is_not_there_is_named_by_its_own_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "/no/such/bundle.pem")
    for check in (lambda: check_winrm(winrm()), lambda: check_psrp(psrp())):
        assert f"{name} in the environment of Ansible is set to /no/such/bundle.pem" in problem(check)


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        (psrp(operation_timeout=30), "ansible_psrp_read_timeout is 30"),
        (psrp(read_timeout=5), "ansible_psrp_operation_timeout, which is 20"),
        (psrp(port=99999), "ansible_port is 99999"),
        (psrp("certificate"), "ansible_psrp_certificate_pem is not set"),
        (psrp("certificate", ssl=False, encryption="never"), "requires https"),
        (psrp("basic", password=None), "ansible_password is not set"),
        (psrp("basic", username=None), "ansible_user is not set"),
        (psrp("basic", ssl=False), "ansible_psrp_auth"),
        (psrp("basic", encryption="always"), "ansible_psrp_message_encryption is set to always"),
        (psrp(cert_validation="/no/such/ca.pem"), "ansible_psrp_ca_cert is set to /no/such/ca.pem"),
    ],
)
def test_a_mistake_in_the_options_of_psrp_is_named_by_its_variable(given: dict[str, Any], variable: str) -> None:
    assert variable in problem(lambda: check_psrp(given, everything))


@pytest.mark.parametrize(
    "given", [psrp(), psrp("ntlm", ssl=False), psrp("basic", ssl=False, encryption="never"), psrp(cert_validation=False)]
)
def test_options_of_psrp_that_can_work_are_let_through(given: dict[str, Any]) -> None:
    check_psrp(given)


@pytest.mark.parametrize("configuration", [None, "", "Microsoft.PowerShell", "microsoft.powershell"])
def test_the_session_configuration_that_limits_nothing_is_let_through(configuration: str | None) -> None:
    refuse_configuration(configuration)


@pytest.mark.parametrize("configuration", ["JEA_KMS", "PowerShell.7"])
def test_a_session_configuration_is_refused_because_wmi_is_not_asked_through_it(configuration: str) -> None:
    text = problem(lambda: refuse_configuration(configuration))
    assert f"ansible_psrp_configuration_name is {configuration}" in text
    assert "vars: {ansible_psrp_configuration_name: Microsoft.PowerShell}" in text
