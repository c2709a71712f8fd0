# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP proxies on the way to WinRM: forwarding for http, CONNECT for https, and proxies that answer in the place of the machine."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import Lab, Results, network

ESTATE = "logon_proxies.yml"
PLAIN, TLS = ("WINRM", "PSRP"), ("WINRM-TLS", "PSRP-TLS")
ALL = (*PLAIN, *TLS)
OPEN, BASIC, WINDOWS, POOLED, BAD_GATEWAY, WANTS_LOGON, PORTAL = range(3128, 3135)
PROXY_PASSWORD = "Proxy-Passw0rd!"
VARIABLES = {"WINRM": "ansible_winrm_proxy", "PSRP": "ansible_psrp_proxy"}


def url(port: int, account: str = "") -> str:
    return f"http://{account}127.{network()}.76.250:{port}"


def through(lab: Lab, proxy: str, names: tuple[str, ...] = ALL, **settings: Any) -> Results:
    vars_ = dict.fromkeys(VARIABLES.values(), proxy)
    return lab.all("activation_info", names, {"keywords": {"vars": vars_}, **settings})


def name_in(message: str, port: int, name: str) -> bool:
    variable = VARIABLES[name.partition("-")[0]]
    return f"the proxy 127.{network()}.76.250:{port} ({variable})" in message and f"Correct {variable}, or remove this variable" in message


def test_messages_of_http_are_forwarded_and_those_of_https_tunneled(lab: Lab) -> None:
    asked = through(lab, url(OPEN))
    for name in ALL:
        assert asked[name]["status"] == "ok", asked[name]["msg"]
    seen = {(entry["method"], entry["target"].partition("://")[0].partition(":")[0]) for entry in lab.client.http_proxies()}
    assert seen == {("POST", "http"), *(("CONNECT", lab.address(name)) for name in TLS)}


def test_the_account_of_a_proxy_is_in_its_url_and_in_no_output(lab: Lab) -> None:
    asked = through(lab, url(BASIC, f"LabProxy:{PROXY_PASSWORD.replace('!', '%21')}@"), verbosity=3)
    for name in ALL:
        assert asked[name]["status"] == "ok", asked[name]["msg"]
    assert {entry["user"] for entry in lab.client.http_proxies() if entry["method"] == "CONNECT"} == {"LabProxy"}
    assert "Passw0rd" not in asked.output


@pytest.mark.parametrize("port", [BASIC, WINDOWS, WANTS_LOGON])
def test_a_proxy_that_wants_a_logon_is_no_refusal_by_the_machine(lab: Lab, port: int) -> None:
    asked = through(lab, url(port))
    for name in ALL:
        assert asked[name]["status"] == "unreachable"
        assert "407" in asked[name]["msg"]
        assert name_in(asked[name]["msg"], port, name), asked[name]["msg"]
        assert asked[name]["error"]["code"] == "unreachable"
        assert asked.nothing_sent(name)


def test_the_account_of_a_machine_is_not_shown_to_a_proxy_that_wants_a_logon(lab: Lab) -> None:
    asked = through(lab, url(WINDOWS))
    seen = lab.client.http_proxies()
    assert {entry["status"] for entry in seen} == {407}
    assert [entry["scheme"] for entry in seen if entry["scheme"]] == [], asked.output


def test_a_proxy_that_does_not_reach_the_machine_is_named(lab: Lab) -> None:
    asked = through(lab, url(BAD_GATEWAY))
    for name in ALL:
        assert asked[name]["status"] == "unreachable"
        assert "HTTP 502" in asked[name]["msg"]
        assert name_in(asked[name]["msg"], BAD_GATEWAY, name), asked[name]["msg"]
        assert asked.nothing_sent(name)


def test_a_page_in_the_place_of_an_answer_is_that_of_a_proxy(lab: Lab) -> None:
    asked = through(lab, url(PORTAL))
    for name in PLAIN:
        assert asked[name]["status"] == "unreachable"
        assert name_in(asked[name]["msg"], PORTAL, name), asked[name]["msg"]
        assert asked.nothing_sent(name)


def test_a_proxy_with_a_pool_of_connections_does_not_go_together_with_ntlm_over_http(lab: Lab) -> None:
    asked = through(lab, url(POOLED))
    for name in PLAIN:
        assert asked[name]["status"] == "unreachable"
        assert "authenticates a connection, and the proxy" in asked[name]["msg"]
        assert "might forward each request over another connection" in asked[name]["msg"]
        assert asked.requests(name) == 0
    for name in TLS:
        assert asked[name]["status"] == "ok"


@pytest.mark.parametrize("variable", ["{}_proxy", "{}_PROXY"])
def test_the_proxy_of_the_environment_is_used_and_named(lab: Lab, variable: str) -> None:
    env = {variable.format(scheme if variable.islower() else scheme.upper()): url(BAD_GATEWAY) for scheme in ("http", "https")}
    asked = lab.all("activation_info", ALL, {"env": env})
    for name in ALL:
        scheme = "https" if name.endswith("TLS") else "http"
        shown = variable.format(scheme if variable.islower() else scheme.upper())
        assert asked[name]["status"] == "unreachable"
        assert f"({shown} in the environment of Ansible)" in asked[name]["msg"], asked[name]["msg"]
        assert f"Add {lab.address(name)} to no_proxy" in asked[name]["msg"]


def test_the_inventory_can_ignore_the_proxy_of_the_environment(lab: Lab) -> None:
    env = {f"{scheme}_proxy": url(BAD_GATEWAY) for scheme in ("http", "https")}
    vars_ = {"ansible_winrm_proxy": None, "ansible_psrp_ignore_proxy": True}
    asked = lab.all("activation_info", ALL, {"env": env, "keywords": {"vars": vars_}})
    for name in ALL:
        assert asked[name]["status"] == "ok", asked[name]["msg"]
    assert lab.client.http_proxies() == []


def test_no_proxy_leaves_a_machine_out(lab: Lab) -> None:
    env = {**{f"{scheme}_proxy": url(BAD_GATEWAY) for scheme in ("http", "https")}, "no_proxy": ",".join(map(lab.address, ALL))}
    asked = lab.all("activation_info", ALL, {"env": env})
    for name in ALL:
        assert asked[name]["status"] == "ok", asked[name]["msg"]
