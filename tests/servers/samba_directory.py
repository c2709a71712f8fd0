# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samba as the domain controllers of a forest with activation objects, each on the standard ports of its own loopback address. Root only.

Making a domain takes much longer than starting it, so that a domain is made once, and each test starts a copy of it.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import socket
import ssl
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from certificates import Authority
from kdc import write_krb5_conf
from needed import need
from server_process import Process, ServerFailed, program, run

REALM = "AD.TEST"
DOMAIN = "ad.test"
SERVER = f"dc1.{DOMAIN}"
PASSWORD = "Passw0rd-of-the-tests"
ORDINARY, ADMINISTRATOR, DELEGATED, DISABLED = "ordinary", "eadmin", "delegated", "disabled"
"""An account without any permission, one of Enterprise Admins, one that may create and delete activation objects, and a disabled one."""

USERS = (ORDINARY, ADMINISTRATOR, DELEGATED, DISABLED)
OBJECT_CLASS = "51a0e68c-0dc5-43ca-935d-c1c911bf2ee5"
"""schemaIDGUID of msSPP-ActivationObject."""

SERVICES = "CN=Microsoft SPP,CN=Services,{config}"
CONTAINER = f"CN=Activation Objects,{SERVICES}"
_LONGEST_SOCKET, _LONGEST_PATH = "dc/ncalrpc/np/protected_storage", 107
"""The longest name of a socket in the folder of a server, and what Linux permits (sun_path)."""
SERVICES_OF_ONE = "ldap, kdc"
"""What a domain controller without others runs."""

OLD_SCHEMA = "2008_R2"
SCHEMA = "2012_R2"

_PYTHON = "/usr/bin/python3"
_EDIT = Path(__file__).with_name("samba_edit.py")
_CONTAINER_ACL = "O:EAG:EAD:(A;;RPLCLORC;;;AU)(A;;RPWPCRLCLOCCRCWDWOSW;;;EA)(A;;RPWPCRLCLOCCDCRCWDWOSDDTSW;;;SY)"
_CLASS_ACL = "O:BAG:BAD:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPLCLORC;;;AU)"
"""As Windows has it. The text of Samba has a blank after D:, which Samba itself cannot read."""

HIDDEN_ACL = "O:EAG:EAD:P(A;;RPWPCRLCLOCCDCRCWDWOSDDTSW;;;EA)(A;;RPWPCRLCLOCCDCRCWDWOSDDTSW;;;SY)"
"""Of an object that only Enterprise Admins see."""


def need_samba() -> None:
    """Skip where Samba is missing, and for other users than root."""
    need("samba")
    if os.geteuid():
        pytest.skip("Samba makes a domain, and listens on its standard ports, as root only")


def free_address() -> str:
    """A loopback address of this worker on which nothing listens on port 389; two numbers come from WINOPS_TEST_NETWORK and the worker."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    network = (int(os.environ.get("WINOPS_TEST_NETWORK", "41")) + 50 * worker) % 255
    for last in range(1, 255):
        address = f"127.{network}.253.{last}"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, 389))
            except OSError:
                continue
            return address
    raise AssertionError("no free address")


@dataclass(frozen=True)
class Template:
    """A domain that was made and is not running, with its authority and the address in its settings."""

    folder: Path
    address: str
    authority: Path


def make_template(folder: Path, schema: str = SCHEMA) -> Template:
    """Make a domain with USERS and, unless the schema is too old for it, the container for activation objects."""
    address = free_address()
    authority = Authority(folder / "tls")
    certificate, key = authority.issue(SERVER)
    (folder / "empty.conf").write_text("[global]\n", encoding="utf-8")  # otherwise it begins with the settings in /etc
    template = Template(folder, address, authority.path)
    about = {
        "configfile": folder / "empty.conf",
        "targetdir": folder / "dc",
        "realm": REALM,
        "domain": "AD",
        "host-name": "dc1",
        "host-ip": address,
        "server-role": "dc",
        "dns-backend": "NONE",
        "adminpass": PASSWORD,
        "base-schema": schema,
    }
    options = {
        # The length of the network is needed: Samba does not find the interface of an address that no interface is configured with.
        "interfaces": f"{address}/8",
        "bind interfaces only": "yes",
        "server services": SERVICES_OF_ONE,
        "pid directory": folder / "dc",
        "ncalrpc dir": folder / "dc" / "ncalrpc",
        "log file": folder / "dc" / "log.samba",
        "tls enabled": "yes",
        "tls cafile": authority.path,
        "tls certfile": certificate,
        "tls keyfile": key,
    }
    settings = [f"--option={name} = {value}" for name, value in options.items()]
    run([program("samba-tool"), "domain", "provision", *(f"--{name}={value}" for name, value in about.items()), *settings])
    _fill(Database(folder / "dc"), with_container=schema == SCHEMA)
    return template


def _fill(database: Database, *, with_container: bool) -> None:
    database.tool("spn", "add", f"ldap/{SERVER}", "dc1$")  # a full server registers it later
    for user in USERS:
        database.tool("user", "create", user, PASSWORD)
    database.tool("group", "addmembers", "Enterprise Admins", ADMINISTRATOR)
    database.tool("user", "disable", DISABLED)
    if not with_container:
        return
    database.modify(
        f"dn: CN={name},{{schema}}\nchangetype: modify\nreplace: defaultSecurityDescriptor\ndefaultSecurityDescriptor: {_CLASS_ACL}\n"
        for name in ("ms-SPP-Activation-Object", "ms-SPP-Activation-Objects-Container")
    )
    sid = database.sid_of(DELEGATED)
    delegated = f"{_CONTAINER_ACL}(OA;;CCDC;{OBJECT_CLASS};;{sid})"
    for dn, kind, acl in (
        (SERVICES, "container", _CONTAINER_ACL),
        (CONTAINER, "msSPP-ActivationObjectsContainer", delegated),
    ):
        database.add(dn, {"objectClass": [kind], "showInAdvancedViewOnly": ["TRUE"], "nTSecurityDescriptor": [acl]})


class Database:
    """The database of a domain controller, which can be changed while it runs."""

    def __init__(self, state: Path) -> None:
        self._config = state / "etc" / "smb.conf"
        self._database = state / "private" / "sam.ldb"

    def tool(self, *arguments: str) -> str:
        """Run samba-tool, and return its output."""
        return run([program("samba-tool"), *arguments, "-s", str(self._config), "-H", str(self._database)])

    def modify(self, texts: Iterable[str]) -> None:
        """Make the changes of LDIF texts."""
        self._edit({"modify": list(texts)})

    def add(self, dn: str, attributes: Mapping[str, Iterable[str | bytes]]) -> None:
        """Add an entry."""
        lines = [_line("dn", dn), "changetype: add", *(_line(name, value) for name, values in attributes.items() for value in values)]
        self.modify(["\n".join([*lines, ""])])

    def delete(self, dn: str) -> None:
        """Delete an entry."""
        self._edit({"delete": [dn]})

    def search(self, base: str, filter_text: str, *attributes: str) -> list[tuple[str, dict[str, list[bytes]]]]:
        """Return names and values of the entries below a base."""
        found = self._edit({"search": {"base": base, "filter": filter_text, "attributes": attributes}})
        return [
            (entry["dn"], {name: [base64.b64decode(value) for value in values] for name, values in entry["values"].items()})
            for entry in json.loads(found)
        ]

    def sid_of(self, user: str) -> str:
        """The SID of an account."""
        shown = self.tool("user", "show", user, "--attributes=objectSid")
        return next(line.partition(": ")[2] for line in shown.splitlines() if line.startswith("objectSid: "))

    def _edit(self, request: dict[str, Any]) -> str:
        return run([_PYTHON, str(_EDIT), str(self._config), str(self._database)], text=json.dumps(request), only_output=True)


def _line(name: str, value: str | bytes) -> str:
    """A line of LDIF; bytes, and texts that a plain line cannot have, in base64. Placeholders stay readable."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and value == value.strip() and value[:1] not in (":", "<"):
        return f"{name}: {value}"
    data = value if isinstance(value, bytes) else value.encode()
    return f"{name}:: {base64.b64encode(data).decode()}"


class SambaDirectory:
    """A running domain controller, a copy of a template. Clients connect to `address` with the name `server`."""

    server = SERVER
    realm = REALM
    domain = DOMAIN
    password = PASSWORD

    def __init__(self, template: Template, folder: Path, services: str = SERVICES_OF_ONE, address: str | None = None) -> None:
        if len(str(folder / _LONGEST_SOCKET)) > _LONGEST_PATH:
            raise ServerFailed(f"{folder} is too long for the sockets of Samba")
        self.folder = folder
        self.address = address or free_address()
        self.ca_file = template.authority
        folder.mkdir(parents=True)
        shutil.copytree(template.folder / "dc", folder / "dc", symlinks=True)
        state = folder / "dc"
        config = state / "etc" / "smb.conf"
        text = config.read_text(encoding="utf-8")
        text = text.replace(str(template.folder / "dc"), str(state)).replace(template.address, self.address)
        text = text.replace(f"server services = {SERVICES_OF_ONE}", f"server services = {services}")
        config.write_text(text, encoding="utf-8")
        self.krb5_conf = write_krb5_conf(folder / "client-krb5.conf", REALM, 88, address=self.address)
        self.database = Database(state)
        # Replication finds the KDC in this file too.
        self._process = Process(folder, [program("samba"), "-F", "--no-process-group", "-s", str(config)], self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a client."""
        return {**os.environ, "KRB5_CONFIG": str(self.krb5_conf)}

    def start(self) -> None:
        """Start the server, and wait until it serves LDAP and TLS."""
        self._process.start(self._listens)

    def stop(self) -> None:
        """End it."""
        self._process.stop()

    def _listens(self) -> bool:
        with socket.create_connection((self.address, 88), timeout=1), socket.create_connection((self.address, 389), timeout=1):
            pass
        context = ssl.create_default_context(cafile=str(self.ca_file))
        with socket.create_connection((self.address, 636), timeout=5) as plain, context.wrap_socket(plain, server_hostname=SERVER):
            return True

    def principal(self, user: str) -> str:
        """The name of an account for a logon."""
        return f"{user}@{REALM}"

    def make_object(
        self,
        name: str,
        *,
        sku_id: uuid.UUID,
        partial_key: str,
        kms_ids: Iterable[uuid.UUID] = (),
        pid: str = "00000-00000-000-000000-00-0000-00000.0000-0000000",
        display_name: str | None = None,
        hidden: bool = False,
        database: Database | None = None,
    ) -> uuid.UUID:
        """Add an activation object, as Windows does when it is activated, and return its GUID. Only Enterprise Admins see a hidden one.

        `database` is that of another domain controller of the forest, to add it there.
        """
        values: dict[str, list[str | bytes]] = {
            "objectClass": ["msSPP-ActivationObject"],
            "msSPP-CSVLKSkuId": [sku_id.bytes_le],
            "msSPP-CSVLKPartialProductKey": [partial_key],
            "msSPP-CSVLKPid": [pid],
            "msSPP-KMSIds": [value.bytes_le for value in kms_ids] or [sku_id.bytes_le],
        }
        if display_name:
            values["displayName"] = [display_name]
        if hidden:
            values["nTSecurityDescriptor"] = [HIDDEN_ACL]
        database = database or self.database
        database.add(f"CN={name},{CONTAINER}", values)
        (found,) = database.search(CONTAINER, f"(&(objectClass=msSPP-ActivationObject)(cn={name}))", "objectGUID")
        return uuid.UUID(bytes_le=found[1]["objectGUID"][0])

    def object_names(self) -> set[str]:
        """The names of all activation objects, whoever may see them."""
        found = self.database.search(CONTAINER, "(objectClass=msSPP-ActivationObject)", "cn")
        return {values["cn"][0].decode() for _dn, values in found}

    def remove_container(self) -> None:
        """Undo what adprep did after it extended the schema."""
        self.database.delete(CONTAINER)
        self.database.delete(SERVICES)

    def keytab(self, user: str) -> Path:
        """A keytab with the keys of an account."""
        path = self.folder / f"{user}.keytab"
        if not path.exists():
            config = self.folder / "dc" / "etc" / "smb.conf"
            run([program("samba-tool"), "domain", "exportkeytab", str(path), f"--principal={user}", "-s", str(config)])
        return path

    def ticket(self, user: str, *options: str, name: str = "") -> Path:
        """A credential cache with a ticket, as kinit makes it. `options` are those of kinit, such as -l 5s."""
        need("kerberos")
        cache = self.folder / f"ccache-{name or user}"
        run([program("kinit"), *options, "-c", str(cache), self.principal(user)], self.environment, text=f"{PASSWORD}\n")
        return cache


@contextmanager
def shared_template(folder: Path, schema: str = SCHEMA) -> Iterator[Template]:
    """The template in a folder that several processes of the tests share: the first one makes it, and the others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "made.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder / "domain", ignore_errors=True)
            (folder / "domain").mkdir()
            template = make_template(folder / "domain", schema)
            made.write_text(json.dumps({"address": template.address, "authority": str(template.authority)}), encoding="utf-8")
    known = json.loads(made.read_text(encoding="utf-8"))
    yield Template(folder / "domain", known["address"], Path(known["authority"]))
