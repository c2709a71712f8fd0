# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the activation objects of a forest.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The container is in the configuration partition, which every domain controller of the forest has. A search below it returns no
references to other servers. An account without read rights gets an answer with success and no object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from .._ldap.errors import DirectoryError, NoSuchObjectError
from .._ldap.filters import equal
from .._ldap.messages import DirectoryEntry
from .._ldap.model import ConnectionFacts, RootDse
from .._ldap.names import by_guid
from .model import ATTRIBUTES, OBJECT_CLASS, ActivationObject, of_entry

_CONTAINER = "CN=Activation Objects,CN=Microsoft SPP,CN=Services"
_ALL = f"(objectClass={OBJECT_CLASS})"
MOST_OBJECTS = 1000
"""Maximum number of objects that are read. A forest usually has fewer than ten."""


class OpenDirectory(Protocol):
    """What is required of an open session with a domain controller; see :mod:`session` of the LDAP package."""

    @property
    def root(self) -> RootDse:
        """The root entry."""

    @property
    def facts(self) -> ConnectionFacts:
        """How the directory was reached."""

    def search(self, base: str, scope: str, filter_text: str, attributes: tuple[str, ...], *, limit: int) -> tuple[DirectoryEntry, ...]:
        """Return entries."""

    def delete(self, dn: str) -> None:
        """Delete one object."""


def container_of(directory: OpenDirectory) -> str:
    """Return the distinguished name of the container, which is not built from a domain: all domains of a forest have the same one."""
    return f"{_CONTAINER},{directory.root.configuration_naming_context}"


def read_objects(directory: OpenDirectory, learned: Mapping[str, str]) -> tuple[ActivationObject, ...]:
    """Return the activation objects that the account can see, sorted by name.

    `learned` maps activation IDs to product names. Raises DirectoryError: `directory_schema_too_old` or `directory_no_container` if there
    is no container.
    """
    try:
        entries = directory.search(container_of(directory), "one", _ALL, ATTRIBUTES, limit=MOST_OBJECTS)
    except NoSuchObjectError:
        raise _no_container(directory) from None
    found = (of_entry(entry, learned) for entry in entries)
    return tuple(sorted((item for item in found if item), key=lambda item: (item.name.casefold(), item.guid)))


def read_object(directory: OpenDirectory, guid: str, learned: Mapping[str, str]) -> ActivationObject | None:
    """Return the object with this GUID; None if it does not exist, or is not an activation object, or the account cannot read it."""
    try:
        entries = directory.search(by_guid(guid), "base", "(objectClass=*)", ATTRIBUTES, limit=1)
    except NoSuchObjectError:
        return None
    return next((found for entry in entries if (found := of_entry(entry, learned))), None)


def exists(directory: OpenDirectory, guid: str) -> bool:
    """Return whether the directory still has an object with this GUID, of any class."""
    try:
        return bool(directory.search(by_guid(guid), "base", "(objectClass=*)", ("objectClass",), limit=1))
    except NoSuchObjectError:
        return False


@dataclass(frozen=True)
class Domains:
    """The DNS name of the root domain of a forest, and those of its domains that the account can see, in lower case."""

    root: str
    seen: tuple[str, ...] = ()

    def include(self, name: str) -> bool:
        """Return whether a domain is in the forest.

        A domain whose name is below the root domain can be the root of a forest of its own. So the name decides only if the account does
        not see the domains.
        """
        own = name.casefold().rstrip(".")
        return own in (self.root, *self.seen) or (not self.seen and own.endswith(f".{self.root}"))


def domains_of(directory: OpenDirectory) -> Domains:
    """Return the domains of the forest."""
    base = f"CN=Partitions,{directory.root.configuration_naming_context}"
    try:
        entries = directory.search(base, "one", "(&(objectClass=crossRef)(nETBIOSName=*))", ("dnsRoot",), limit=MOST_OBJECTS)
    except NoSuchObjectError:
        entries = ()
    seen = tuple(text.casefold().rstrip(".") for entry in entries for text in entry.texts("dnsRoot"))
    return Domains(directory.root.forest.casefold(), seen)


def _no_container(directory: OpenDirectory) -> DirectoryError:
    """Return the error for a forest without container: its schema decides whether adprep has to extend the schema first."""
    wanted, schema = equal("lDAPDisplayName", OBJECT_CLASS), directory.root.schema_naming_context
    where = f"{directory.facts.server} was asked by {directory.facts.account} for {container_of(directory)}."
    try:
        has_class = bool(directory.search(schema, "one", wanted, ("cn",), limit=2)) if schema else True
    except NoSuchObjectError:
        has_class = True
    return DirectoryError("directory_no_container" if has_class else "directory_schema_too_old", where)


__all__ = ["MOST_OBJECTS", "Domains", "OpenDirectory", "container_of", "domains_of", "exists", "read_object", "read_objects"]
