# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is one clear message, and nothing was sent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.options import (
    extended_pids_of,
    resembles_key,
    secrets_in,
    service,
    service_settings,
)
from ansible_collections.winops.volume_activation.plugins.module_utils._errors import InvalidOptionsError

from .test_transport import DEFAULTS

PID = "55041-00140-015-871562-03-1033-7078.0000-0992009"
KEY = "MMMMM-KKKKK-MMMMM-22222-33333"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"service_url": "http://activation.example/"}, "service_url: must begin with https://"),
        ({"service_url": "https://me:secret-7@host/"}, "service_url: must consist of a host, a port, and a path"),
        ({"service_url": "https://host:0/"}, "service_url: does not have a port"),
        ({"service_url": "https://host:99999/"}, "service_url: does not have a port"),
        ({"service_url": "https://host/\r\nX: y"}, "service_url: must not contain spaces"),
        ({"service_url": "https://"}, "service_url: does not contain a host"),
        ({"http_proxy": "http://me:secret-7@proxy:3128"}, "http_proxy: must not contain a user name or a password"),
        ({"http_proxy": "socks5://proxy"}, "http_proxy: must begin with http://, or"),
        ({"http_proxy": "http://proxy/path"}, "http_proxy: must consist of a host and a port"),
        ({"http_proxy": "http://proxy", "use_proxy": False}, "http_proxy: requires use_proxy=true"),
        ({"http_proxy": "http://proxy", "http_proxy_password": "secret-7"}, "http_proxy_password: requires http_proxy_username"),
        ({"http_proxy_username": "me"}, "http_proxy_username: requires http_proxy"),
        ({"http_proxy": "http://proxy", "http_proxy_username": "a:b"}, "http_proxy_username: must not contain a colon"),
        ({"timeout": 0}, "timeout: invalid value 0: must be between 1 and 600"),
        ({"deadline": 86401}, "deadline: invalid value 86401"),
        ({"parallel_requests": 17}, "parallel_requests: invalid value 17: must be between 1 and 16"),
    ],
)
def test_an_option_that_is_wrong_is_named(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidOptionsError) as raised:
        service_settings({**DEFAULTS, **options}, {})
    assert str(raised.value).startswith("Nothing was sent: ")
    assert complaint in str(raised.value)
    assert "secret-7" not in str(raised.value)


def test_everything_that_is_wrong_is_named_together() -> None:
    with pytest.raises(InvalidOptionsError, match=r"service_url: .*; timeout: "):
        service_settings({**DEFAULTS, "service_url": "ftp://x", "timeout": 0}, {})


def test_a_file_without_certificates_is_named(tmp_path: Any) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate", encoding="utf-8")
    for path in (empty, tmp_path / "missing.pem"):
        with pytest.raises(InvalidOptionsError, match=rf"ca_path: {path} cannot be used"):
            service({**DEFAULTS, "ca_path": str(path)}, {})


def test_a_proxy_has_a_port_and_can_be_named_without_a_scheme() -> None:
    proxy = service_settings({**DEFAULTS, "http_proxy": "proxy.corp.test"}, {}).proxy
    assert proxy is not None
    assert proxy.endpoint.shown == "proxy.corp.test:3128"
    assert proxy.authorization is None


def test_a_proxy_can_use_tls_for_the_connection_to_itself() -> None:
    plain, encrypted = (service_settings({**DEFAULTS, "http_proxy": f"{scheme}://proxy"}, {}).proxy for scheme in ("http", "https"))
    assert plain is not None
    assert encrypted is not None
    assert (plain.is_encrypted, plain.endpoint.port, encrypted.is_encrypted, encrypted.endpoint.port) == (False, 3128, True, 443)


def test_passwords_in_urls_are_secrets() -> None:
    found = secrets_in({**DEFAULTS, "http_proxy": "http://me:secret-7@proxy"}, {"https_proxy": "http://you:secret-8@proxy"})
    assert {"secret-7", "secret-8"} <= set(found)


@pytest.mark.parametrize("text", [KEY, KEY.replace("-", ""), KEY.lower(), KEY.replace("-", " - "), f"PID {KEY}"])
def test_a_product_key_in_place_of_an_extended_pid_is_refused_unseen(text: str) -> None:
    with pytest.raises(InvalidOptionsError, match="looks like a product key, which is never sent") as raised:
        extended_pids_of([text])
    assert "MMMMM" not in str(raised.value).upper()


@pytest.mark.parametrize("text", [PID, "-".join(["12345"] * 5), "123456 " * 9, "1234567-" * 9, ""])
def test_ids_of_digits_are_not_taken_for_keys(text: str) -> None:
    assert not resembles_key(text)


@pytest.mark.parametrize("text", ["", "55041", PID[:-1], f"{PID}<", PID.replace("1033", "<x/>")])
def test_what_is_no_extended_pid_is_refused(text: str) -> None:
    with pytest.raises(InvalidOptionsError, match="is not an extended product ID"):
        extended_pids_of([text])


def test_an_extended_pid_that_is_named_twice_is_one() -> None:
    assert extended_pids_of([PID, f" {PID} "]) == [PID]
