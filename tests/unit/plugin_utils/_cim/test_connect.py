# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a session over Ansible's own connection plugins, without a shell or a runspace."""

from __future__ import annotations

import importlib.machinery
import os
import stat
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleConnectionFailure
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import _connect
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim._connect import open_session, open_session_to
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimPath
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError, VolumeActivationError

from . import answers
from .loopback import ADDRESS, PASSWORD, USER, Http, Listener

winrm = pytest.importorskip("winrm")
pytest.importorskip("pypsrp")

WQL = "SELECT * FROM C"


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    page = answers.first_page([answers.instance("C", {"A": "x"})])
    listening.answer = lambda body: Http(answers.envelope(page, answers.message_id(body)))
    yield listening
    listening.close()


class Inventory:
    """Makes connection plugins for one host, as a task would."""

    def __init__(self, port: int) -> None:
        self.variables: dict[str, Any] = {
            "ansible_host": ADDRESS,
            "ansible_port": port,
            "ansible_user": USER,
            "ansible_password": PASSWORD,
            "ansible_winrm_scheme": "http",
            "ansible_winrm_transport": ["basic"],
            "ansible_psrp_protocol": "http",
            "ansible_psrp_auth": "basic",
            "ansible_psrp_message_encryption": "never",
        }
        self.sessions: list[Any] = []

    def connection(self, kind: str, **variables: Any) -> Any:
        plugin = connection_loader.get(kind, PlayContext())
        self.options(plugin, **variables)
        return plugin

    def options(self, plugin: Any, **variables: Any) -> None:
        known = {**self.variables, **variables}
        if plugin.allow_extras:  # the task executor hands over what the plugin documents no option for
            known["_extras"] = {name: value for name, value in known.items() if name in EXTRAS}
        plugin.set_options(var_options=known)

    def open(self, plugin: Any) -> Any:
        session = open_session(plugin)
        self.sessions.append(session)
        return session


EXTRAS = ("ansible_winrm_operation_timeout_sec", "ansible_winrm_read_timeout_sec")


@pytest.fixture
def inventory(listener: Listener) -> Iterator[Inventory]:
    made = Inventory(listener.port)
    yield made
    for session in made.sessions:
        session.close()


both = pytest.mark.parametrize("kind", ["winrm", "psrp"])


@both
def test_opening_sends_nothing_and_a_query_costs_one_request(listener: Listener, inventory: Inventory, kind: str) -> None:
    session = inventory.open(inventory.connection(kind))
    assert (listener.connections, listener.refused) == (0, 0)
    assert session.query(WQL)[0].text("A") == "x"
    assert len(listener.bodies) == 1
    assert (listener.connections, listener.refused) == (1, 0)


@both
def test_the_connection_keeps_its_own_state(inventory: Inventory, kind: str) -> None:
    plugin = inventory.connection(kind)
    inventory.open(plugin).query(WQL)
    if kind == "winrm":
        assert (plugin.protocol, plugin.shell_id) == (None, None)
    else:
        assert plugin.runspace is None
    plugin.close()


@both
def test_items_of_a_loop_share_the_session(listener: Listener, inventory: Inventory, kind: str) -> None:
    plugin = inventory.connection(kind)
    first = inventory.open(plugin)
    first.query(WQL)
    assert plugin.connected  # by this the task executor decides whether the next item gets the same connection
    inventory.options(plugin)
    again = inventory.open(plugin)
    again.query(WQL)
    assert again is first
    assert listener.connections == 1


@both
def test_an_item_with_another_password_does_not_use_the_session_of_the_one_before(inventory: Inventory, kind: str) -> None:
    plugin = inventory.connection(kind)
    inventory.open(plugin).query(WQL)
    inventory.options(plugin, ansible_password="wrong")
    with pytest.raises(UnreachableError, match=f"refused user {USER}"):
        inventory.open(plugin).query(WQL)


@both
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ("PT20.000S", "PT60.000S")),
        ({"ansible_winrm_connection_timeout": 3, "ansible_psrp_operation_timeout": 3}, ("PT3.000S", "PT3.000S")),
        (
            {
                "ansible_winrm_operation_timeout_sec": 50,
                "ansible_winrm_read_timeout_sec": 70,
                "ansible_psrp_operation_timeout": 50,
                "ansible_psrp_read_timeout": 70,
            },
            ("PT50.000S", "PT50.000S"),
        ),
    ],
)
def test_the_inventorys_timeouts_hold_and_a_write_has_a_minute_where_it_says_none(
    listener: Listener, inventory: Inventory, kind: str, variables: dict[str, Any], expected: tuple[str, str]
) -> None:
    session = inventory.open(inventory.connection(kind, **variables))
    session.query(WQL)
    listener.answer = lambda body: Http(answers.envelope(answers.output("C", "M", {}), answers.message_id(body)))
    session.invoke(CimPath("C"), "M", {})
    assert expected[0].encode() in listener.bodies[0]
    assert expected[1].encode() in listener.bodies[1]


@pytest.mark.parametrize("kind", ["ssh", "local"])
def test_any_other_connection_is_refused_with_what_to_set(kind: str) -> None:
    plugin = connection_loader.get(kind, PlayContext())
    with pytest.raises(VolumeActivationError, match=rf"the connection plugin {kind} is not supported\. Set ansible_connection to winrm"):
        open_session(plugin)


def test_kerberos_that_the_controller_cannot_do_is_a_mistake_of_the_options_and_no_unreachable_machine(inventory: Inventory) -> None:
    variables = {"ansible_winrm_transport": ["kerberos"], "ansible_winrm_kinit_cmd": "/no/such/kinit"}
    with pytest.raises(VolumeActivationError, match=r"^The options of the winrm connection are not valid: .*(?i:kerberos)") as failed:
        inventory.open(inventory.connection("winrm", **variables))
    assert not isinstance(failed.value, UnreachableError)
    assert failed.value.error_code == "connection_options"
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("kind", "variables", "reason"),
    [
        ("winrm", {"ansible_winrm_transport": ["carrier-pigeon"]}, "carrier-pigeon"),
        ("winrm", {"ansible_winrm_operation_timeout_sec": 40}, "ansible_winrm_read_timeout_sec"),
        ("winrm", {"ansible_winrm_transport": ["certificate"], "ansible_winrm_scheme": "https"}, "ansible_winrm_cert_pem"),
        ("psrp", {"ansible_psrp_message_encryption": "always"}, "ansible_psrp_message_encryption"),
        ("psrp", {"ansible_psrp_operation_timeout": 40}, "ansible_psrp_read_timeout"),
        ("psrp", {"ansible_psrp_configuration_name": "JEA"}, "ansible_psrp_configuration_name"),
    ],
)
def test_options_that_do_not_fit_are_named(inventory: Inventory, kind: str, variables: dict[str, Any], reason: str) -> None:
    with pytest.raises(VolumeActivationError, match=rf"The options of the {kind} connection are not valid: .*{reason}") as failed:
        inventory.open(inventory.connection(kind, **variables))
    assert not isinstance(failed.value, UnreachableError)
    assert PASSWORD not in str(failed.value)


class LaterCore:
    """A connection plugin whose private names are not those we know; its public side is that of every core."""

    def __init__(self, kind: str, client: Any) -> None:
        self.transport = kind
        self.client = client
        self.options: dict[str, Any] = {"configuration_name": "Microsoft.PowerShell"}
        self._connected = False

    def get_option(self, name: str) -> Any:
        return self.options[name]

    def _connect(self) -> LaterCore:
        if self.transport == "winrm":
            self.protocol = self.client
        else:
            self.runspace = self
            self.connection = self.client
        return self


@both
def test_where_a_private_name_is_missing_the_plugin_connects_in_full(listener: Listener, inventory: Inventory, kind: str) -> None:
    if kind == "winrm":
        from winrm.protocol import Protocol  # noqa: PLC0415

        client = Protocol(f"http://{ADDRESS}:{listener.port}/wsman", "plaintext", USER, PASSWORD)
    else:
        from pypsrp.wsman import WSMan  # noqa: PLC0415

        client = WSMan(ADDRESS, port=listener.port, username=USER, password=PASSWORD, ssl=False, auth="basic", encryption="never")
    plugin = LaterCore(kind, client)
    session = inventory.open(plugin)
    assert session.query(WQL)[0].text("A") == "x"
    assert inventory.open(plugin) is session


def test_a_session_configuration_is_refused_whatever_the_plugin_calls_it(inventory: Inventory) -> None:
    """ansible-core 2.21 keeps it under another name than 2.19, where it was looked for."""
    plugin = LaterCore("psrp", None)
    plugin.options["configuration_name"] = "JEA"
    with pytest.raises(VolumeActivationError, match="ansible_psrp_configuration_name is JEA"):
        inventory.open(plugin)


def test_without_the_libraries_the_code_still_loads_and_says_what_to_install() -> None:
    program = """
import sys
for name in ("winrm", "pypsrp", "requests", "urllib3"):
    sys.modules[name] = None
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import _connect
class Connection:
    transport = sys.argv[1]
try:
    _connect.open_session(Connection())
except _connect.VolumeActivationError as error:
    sys.stdout.write(str(error))
"""
    for kind, package in (("winrm", "pywinrm"), ("psrp", "pypsrp")):
        done = subprocess.run([sys.executable, "-c", program, kind], capture_output=True, text=True, check=True, timeout=60)
        assert f"pip install '{package}>=" in done.stdout


def test_a_plugin_that_cannot_connect_in_full_makes_the_machine_unreachable() -> None:
    class Failing(LaterCore):
        def _connect(self) -> LaterCore:
            raise AnsibleConnectionFailure("no\nroute")

    with pytest.raises(UnreachableError, match=r"^The winrm connection cannot be opened: no route$"):
        open_session(Failing("winrm", None))


@pytest.fixture
def kerberos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Variables of a host with Kerberos, whose library is not installed everywhere, and a kinit that writes the name of its account."""
    module = types.ModuleType("kerberos")
    module.__spec__ = importlib.machinery.ModuleSpec("kerberos", None)
    monkeypatch.setitem(sys.modules, "kerberos", module)
    monkeypatch.setattr(winrm, "FEATURE_SUPPORTED_AUTHTYPES", [*winrm.FEATURE_SUPPORTED_AUTHTYPES, "kerberos"])
    plugin = connection_loader.get("winrm", PlayContext())
    monkeypatch.setattr(sys.modules[type(plugin).__module__], "HAVE_KERBEROS", True)
    kinit = tmp_path / "kinit"
    kinit.write_text(f'#!/bin/sh\nread password\ncase "$password" in wrong*) echo refused >&2; exit 1;; esac\n'
                     f'echo "$1" >> {tmp_path}/calls\necho "ticket of $1" > "${{KRB5CCNAME#FILE:}}"\n', encoding="utf-8")  # fmt: skip
    kinit.chmod(0o755)
    own = tmp_path / "own"
    own.write_text("ticket of the user", encoding="utf-8")
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{own}")
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    _connect._tickets.cache_clear()
    yield {"ansible_winrm_transport": ["kerberos"], "ansible_winrm_kinit_cmd": str(kinit)}
    _connect._tickets.cache_clear()


def test_many_machines_share_the_ticket_of_their_account_and_the_environment_stays_the_same(
    inventory: Inventory, kerberos: dict[str, Any], tmp_path: Path
) -> None:
    """Threads share the environment: with a credential cache for each machine, one would log on with the ticket of another."""
    connections = [inventory.connection("winrm", **kerberos, ansible_user=user) for user in ("a@LAB", "b@LAB")]
    seen = set()
    for number in range(6):
        session = open_session_to(connections[number % 2], f"127.0.0.{number + 1}")
        inventory.sessions.append(session)
        seen.add(os.environ["KRB5CCNAME"])
        assert session._transport.endpoint.startswith(f"http://127.0.0.{number + 1}:")
    assert (tmp_path / "calls").read_text(encoding="utf-8").split() == ["a@LAB", "b@LAB"]
    (collection,) = seen
    folder = Path(collection.removeprefix("DIR:"))
    assert sorted(path.read_text(encoding="utf-8").strip() for path in folder.iterdir()) == [
        "ticket of a@LAB",
        "ticket of b@LAB",
        "ticket of the user",
    ]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_refused_ticket_is_requested_once_and_makes_all_its_machines_unreachable(inventory: Inventory, kerberos: dict[str, Any]) -> None:
    connection = inventory.connection("winrm", **kerberos, ansible_password="wrong")
    for address in ("127.0.0.1", "127.0.0.2"):
        with pytest.raises(UnreachableError, match="Kerberos auth failure for principal") as failed:
            open_session_to(connection, address)
        assert "wrong" not in str(failed.value)
        assert "kinit" in failed.value.next_steps[0]


@pytest.mark.usefixtures("listener")
@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_a_session_to_another_address_has_the_other_options_of_the_connection(inventory: Inventory, kind: str) -> None:
    connection = inventory.connection(kind, ansible_host="192.0.2.1")
    session = open_session_to(connection, ADDRESS)
    inventory.sessions.append(session)
    assert [found.text("A") for found in session.query(WQL)] == ["x"]
    assert connection.get_option("remote_addr") == "192.0.2.1"
