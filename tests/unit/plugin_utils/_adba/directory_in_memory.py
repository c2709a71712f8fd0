# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory in memory with the interface of a session, for the pure parts; the real one is in tests/directory."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import MappingProxyType

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import NoSuchObjectError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.messages import DirectoryEntry
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.model import ConnectionFacts, RootDse

CONFIGURATION = "CN=Configuration,DC=corp,DC=lab"
CONTAINER = f"CN=Activation Objects,CN=Microsoft SPP,CN=Services,{CONFIGURATION}"
SCHEMA = f"CN=Schema,{CONFIGURATION}"
NOW = datetime(2026, 12, 1, 12, tzinfo=timezone.utc)


def entry(name: str = "Server 2022", **changes: tuple[bytes, ...]) -> DirectoryEntry:
    """An activation object as a domain controller returns it; an attribute that is empty is left out."""
    attributes: dict[str, tuple[bytes, ...]] = {
        "objectClass": (b"top", b"msSPP-ActivationObject"),
        "objectGUID": (uuid.uuid5(uuid.NAMESPACE_DNS, name).bytes_le,),
        "cn": (name.encode(),),
        "whenCreated": (b"20261120100000.0Z",),
        "whenChanged": (b"20261121100000.0Z",),
        "msSPP-CSVLKSkuId": (uuid.UUID("47f3b983-7c53-4d45-abc6-bcd91e2dd90a").bytes_le,),
        "msSPP-CSVLKPid": (b"55041-00206-471-111111-03-1033-17763.0000-2712026",),
        "msSPP-CSVLKPartialProductKey": (b"3QDRM",),
        "msSPP-KMSIds": (uuid.UUID(int=2).bytes_le, uuid.UUID(int=1).bytes_le),
        **{attribute.replace("_", "-"): values for attribute, values in changes.items()},
    }
    escaped = name.replace(",", "\\,").replace("\n", "\\0A")
    return DirectoryEntry(f"CN={escaped},{CONTAINER}", MappingProxyType({key: values for key, values in attributes.items() if values}))


def guid_of(found: DirectoryEntry) -> str:
    """The objectGUID as text."""
    return str(uuid.UUID(bytes_le=found.values("objectGUID")[0]))


@dataclass
class Memory:
    """Answers searches as a domain controller does. `on_delete` lets a test decide what a delete does."""

    objects: list[DirectoryEntry] = field(default_factory=list)
    has_container: bool = True
    has_class: bool = True
    partitions: tuple[str, ...] = ()
    deleted: list[str] = field(default_factory=list)
    searches: list[tuple[str, str, str, tuple[str, ...]]] = field(default_factory=list)
    on_delete: Callable[[Memory, str], None] | None = None

    root = RootDse(CONFIGURATION, SCHEMA, "DC=corp,DC=lab", "DC=corp,DC=lab", "dc1.corp.lab", "corp.lab", NOW, True, False, (), 7, 7)
    facts = ConnectionFacts("dc1.corp.lab", "192.0.2.10", 389, "kerberos", "sealed", None, "CORP\\reader", 0)

    def search(self, base: str, scope: str, filter_text: str, attributes: Iterable[str], *, limit: int) -> tuple[DirectoryEntry, ...]:
        """Return what the base has below it, or the object with this GUID."""
        assert limit > 0
        self.searches.append((base, scope, filter_text, tuple(attributes)))
        if base == CONTAINER and self.has_container:
            return tuple(self.objects)
        if base == SCHEMA:
            return (DirectoryEntry("CN=ms-SPP-Activation-Object", MappingProxyType({})),) if self.has_class else ()
        if base == f"CN=Partitions,{CONFIGURATION}" and self.partitions:
            return tuple(DirectoryEntry(f"CN={name}", MappingProxyType({"dnsRoot": (name.encode(),)})) for name in self.partitions)
        found = [item for item in self.objects if base.casefold() == f"<guid={guid_of(item)}>"]
        if not found:
            raise NoSuchObjectError("directory_no_such_object", "it is gone", 32)
        return tuple(found)

    def delete(self, dn: str) -> None:
        """Delete the object with this GUID."""
        self.deleted.append(dn)
        if self.on_delete:
            self.on_delete(self, dn)
            return
        before = len(self.objects)
        self.objects = [item for item in self.objects if dn.casefold() != f"<guid={guid_of(item)}>"]
        if len(self.objects) == before:
            raise NoSuchObjectError("directory_no_such_object", "it is gone", 32)
