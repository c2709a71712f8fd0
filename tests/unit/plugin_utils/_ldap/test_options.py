# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options: what is not valid, or would be sent without encryption, is refused before a connection is opened."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import InvalidOptionsError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.messages import simple_bind
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon, check, port_of

SECRET = "a password of the tests"
USER = "reader@AD.TEST"
SERVER = "dc1.ad.test"


def refused_to_connect(*_where: object) -> Any:
    """Instead of opening a connection."""
    raise AssertionError("a connection was opened")


REFUSED = {
    "simple bind in clear": (Logon("simple", None, USER, SECRET), "requires tls"),
    "simple bind without a name": (Logon("simple", "ldaps", None, SECRET), "requires principal and password"),
    "simple bind with an empty name": (Logon("simple", "ldaps", "", SECRET), "requires principal and password"),
    "simple bind without a password": (Logon("simple", "ldaps", USER), "requires principal and password"),
    "an empty password": (Logon("simple", "ldaps", USER, ""), "password is empty"),
    "an empty password for Kerberos": (Logon(principal=USER, password=""), "password is empty"),
    "simple bind with a keytab": (Logon("simple", "ldaps", USER, SECRET, keytab="k"), "authentication=kerberos"),
    "Kerberos inside TLS": (Logon("kerberos", "ldaps", USER, SECRET), "cannot be used inside TLS"),
    "Kerberos inside StartTLS": (Logon("kerberos", "starttls", USER, SECRET), "cannot be used inside TLS"),
    "NTLM inside TLS": (Logon("ntlm", "ldaps", USER, SECRET), "cannot be used inside TLS"),
    "NTLM without a password": (Logon("ntlm", None, USER), "requires principal and password"),
    "a password and a keytab": (Logon(principal=USER, password=SECRET, keytab="k"), "password and keytab cannot be combined"),
    "a keytab and a cache": (Logon(keytab="k", ccache="c"), "keytab and ccache cannot be combined"),
    "a password for nobody": (Logon(password=SECRET), "password requires principal"),
    "a password that is no text": (Logon("simple", "ldaps", USER, "a\udc80b"), "password contains a character"),
    "a password with a null character": (Logon(principal=USER, password="a\0b"), "password contains a character"),
    "an account with a null character": (Logon("ntlm", None, "a\0b", SECRET), "principal contains a character"),
    "a user of Windows for Kerberos": (Logon(principal="AD\\reader", password=SECRET), "USER@REALM"),
}


@pytest.mark.parametrize(("logon", "why"), REFUSED.values(), ids=REFUSED)
def test_a_logon_that_is_not_valid_is_refused_without_a_connection(logon: Logon, why: str) -> None:
    with pytest.raises(InvalidOptionsError, match=why) as refused:
        open_directory(DirectoryTarget(SERVER), logon, connect=refused_to_connect)
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(logon)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (DirectoryTarget("ldap://dc1.ad.test"), "server: .*scheme"),
        (DirectoryTarget("dc1 .ad.test"), "server: .*space"),
        (DirectoryTarget(""), "server: "),
        (DirectoryTarget("."), "server: "),
        (DirectoryTarget("a..b"), "server: "),
        (DirectoryTarget("a" * 300), "server: "),
        (DirectoryTarget("dc1\0.ad.test"), "server: "),
        (DirectoryTarget(SERVER, "ö.test"), "address: "),
        (DirectoryTarget(SERVER, port=0), "port"),
        (DirectoryTarget(SERVER, port=70000), "port"),
        (DirectoryTarget(SERVER, timeout=0), "directory_timeout"),
        (DirectoryTarget("192.0.2.1"), "requires the DNS name"),
        (DirectoryTarget("2001:db8::1"), "requires the DNS name"),
    ],
)
def test_a_target_that_is_not_valid_is_refused_without_a_connection(target: DirectoryTarget, why: str) -> None:
    with pytest.raises(InvalidOptionsError, match=why):
        open_directory(target, Logon(), connect=refused_to_connect)


@pytest.mark.parametrize(
    "logon",
    [
        Logon(),
        Logon(principal=USER),
        Logon(principal=USER, password=SECRET),
        Logon(keytab="k"),
        Logon(ccache="c", principal=USER),
        Logon("ntlm", None, "AD\\reader", SECRET),
        Logon("simple", "ldaps", "CN=reader,DC=ad", SECRET),
        Logon("simple", "starttls", "AD\\reader", SECRET, ca_file="ca.pem"),
    ],
)
def test_valid_logons_are_accepted(logon: Logon) -> None:
    check(DirectoryTarget(SERVER, "192.0.2.1"), logon)


def test_the_port_follows_the_way_to_log_on_unless_the_task_names_it() -> None:
    assert port_of(DirectoryTarget(SERVER), Logon()) == 389
    assert port_of(DirectoryTarget(SERVER), Logon("simple", "starttls")) == 389
    assert port_of(DirectoryTarget(SERVER), Logon("simple", "ldaps")) == 636
    assert port_of(DirectoryTarget(SERVER, port=3269), Logon("simple", "ldaps")) == 3269


@pytest.mark.parametrize(("name", "password"), [("", SECRET), (USER, "")])
def test_even_the_message_of_an_anonymous_bind_cannot_be_made(name: str, password: str) -> None:
    with pytest.raises(ValueError, match="must have a name and a password"):
        simple_bind(name, password)
