# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a directory: entries by name, what may be added where, and what a search finds.

Facts: AD-based activation on Samba, sections 1 to 3 and 5. Answers follow what was measured there; texts are the lab's own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from winlab.directory import names
from winlab.directory.messages import Test
from winlab.directory.rules import (
    BLOBS,
    CLASS_VIOLATION,
    CONSTRAINT,
    CONTAINER,
    EXISTS,
    GIVEN,
    MAY,
    MUST,
    NAMING,
    NO_SUCH_OBJECT,
    NOT_LEAF,
    OBJECT,
    SUPERIORS,
    UNWILLING,
    WRONG_NAME,
    Attributes,
    LdapError,
    change_values,
    check_values,
    spelled,
)  # fmt: skip

BASE, ONE_LEVEL, SUBTREE = range(3)
LONGEST_NAME = 64
_CATEGORIES = {OBJECT: "ms-SPP-Activation-Object", CONTAINER: "ms-SPP-Activation-Objects-Container"}


@dataclass
class Entry:
    """One entry. Names of attributes are as the schema spells them."""

    parts: tuple[names.Rdn, ...]
    attributes: dict[str, list[bytes]] = field(default_factory=dict)

    @property
    def dn(self) -> str:
        """The distinguished name."""
        return names.write(self.parts)

    @property
    def key(self) -> names.Key:
        """The name in the form that is compared."""
        return names.key(self.parts)

    @property
    def guid(self) -> bytes:
        """The object GUID in octets."""
        return self.attributes["objectGUID"][0]

    @property
    def is_object(self) -> bool:
        """Whether it is an activation object."""
        return OBJECT.encode() in self.attributes["objectClass"]

    def values(self, name: str) -> list[bytes]:
        """The values of an attribute in any spelling."""
        wanted = name.casefold()
        return next((values for known, values in self.attributes.items() if known.casefold() == wanted), [])


def stamp(moment: datetime) -> bytes:
    """A time as the directory shows it."""
    return moment.astimezone(timezone.utc).strftime("%Y%m%d%H%M%S.0Z").encode()


def read_key(text: str) -> names.Key:
    """The name of an entry as compared; raises LdapError for what is no name."""
    try:
        return names.key(names.parse(text))
    except names.WrongName as error:
        raise LdapError(WRONG_NAME, str(error)) from None


class Tree:
    """The entries of one forest."""

    def __init__(self, forest: str, *, schema: int = 69, container: bool = True) -> None:
        self.root = tuple(("DC", label) for label in forest.split("."))
        self.configuration = (("CN", "Configuration"), *self.root)
        self.schema = (("CN", "Schema"), *self.configuration)
        self.container = (("CN", "Activation Objects"), ("CN", "Microsoft SPP"), ("CN", "Services"), *self.configuration)
        self._entries: dict[names.Key, Entry] = {}
        self._changes = 0
        self.has_classes = schema >= 48
        self._put(self.configuration, "configuration")
        self._put(self.schema, "dMD", objectVersion=str(schema).encode())
        self._put(self.container[2:], "container")
        if self.has_classes:
            self._put((("CN", "ms-SPP-Activation-Object"), *self.schema), "classSchema", lDAPDisplayName=OBJECT.encode())
            self._put((("CN", "ms-SPP-Activation-Objects-Container"), *self.schema), "classSchema", lDAPDisplayName=CONTAINER.encode())
            if container:
                self._put(self.container[1:], "container")
                self._put(self.container, CONTAINER)

    def add_domain(self, domain: str) -> None:
        """The naming context of a domain of the forest."""
        parts = tuple(("DC", label) for label in domain.split("."))
        if names.key(parts) not in self._entries:
            self._put(parts, "domainDNS")
            self._put((("CN", "Users"), *parts), "container")

    def _put(self, parts: tuple[names.Rdn, ...], kind: str, **attributes: bytes) -> Entry:
        now = stamp(datetime.now(timezone.utc))
        self._changes += 1
        category = _CATEGORIES.get(kind, kind)
        entry = Entry(parts, {
            "objectClass": [name.encode() for name in SUPERIORS.get(kind, ("top", kind))],
            **({"cn": [parts[0][1].encode()]} if parts[0][0].upper() == "CN" else {}),
            "name": [parts[0][1].encode()], "distinguishedName": [names.write(parts).encode()], "objectGUID": [uuid.uuid4().bytes_le],
            "objectCategory": [f"CN={category},{names.write(self.schema)}".encode()], "instanceType": [b"4"],
            "showInAdvancedViewOnly": [b"TRUE"], "whenCreated": [now], "whenChanged": [now],
            "uSNCreated": [b"%d" % self._changes], "uSNChanged": [b"%d" % self._changes],
            **{name: [value] for name, value in attributes.items()},
        })  # fmt: skip
        self._entries[entry.key] = entry
        return entry

    def create(self, name: str, given: Mapping[str, Sequence[bytes | str] | bytes | str], created: datetime) -> Entry:
        """Put an activation object there without asking who does it; raises LdapError for values that it cannot have."""
        attributes = {
            attribute: [
                each.encode() if isinstance(each, str) else each for each in ([value] if isinstance(value, (str, bytes)) else value)
            ]
            for attribute, value in given.items()
        }
        check_values(attributes)
        entry = self._put((("CN", name), *self.container), OBJECT)
        entry.attributes.update(attributes)
        entry.attributes["whenCreated"] = entry.attributes["whenChanged"] = [stamp(created)]
        return entry

    def find(self, name: str) -> Entry:
        """The entry of a name or a GUID; raises LdapError when there is none."""
        try:
            guid = names.guid_of(name)
        except names.WrongName as error:
            raise LdapError(WRONG_NAME, str(error)) from None
        if guid is not None:
            found = next((entry for entry in self._entries.values() if entry.guid == guid), None)
            if found is None:
                raise LdapError(NO_SUCH_OBJECT, "there is no object with this GUID")
            return found
        key = read_key(name)
        if key in self._entries:
            return self._entries[key]
        above = next((self._entries[key[level:]].dn for level in range(1, len(key)) if key[level:] in self._entries), "")
        raise LdapError(NO_SUCH_OBJECT, f"there is no object {name}", above)

    def below(self, entry: Entry, scope: int) -> Iterator[Entry]:
        """The entries in the scope of a search. A domain has other naming contexts below it, which do not belong to it."""
        if scope == BASE:
            yield entry
            return
        base = entry.key
        for other in list(self._entries.values()):
            depth = len(other.key) - len(base)
            if depth < 0 or other.key[depth:] != base or (scope == ONE_LEVEL and depth != 1):
                continue
            if self._context(other.key) == self._context(base):
                yield other

    def _context(self, key: names.Key) -> names.Key:
        """The naming context of a name."""
        for context in (names.key(self.schema), names.key(self.configuration)):
            if key[len(key) - len(context) :] == context:
                return names.key(self.configuration)
        return tuple(part for part in key if part[0] == "dc")

    def objects(self) -> list[Entry]:
        """The activation objects."""
        return [entry for entry in self._entries.values() if entry.is_object]

    def add(self, name: str, given: Attributes) -> Entry:
        """Add an activation object; raises LdapError."""
        parts = names.parse(name) if read_key(name) else ()
        attributes = {spelled(attribute): list(values) for attribute, values in given.items()}
        classes = {value.decode("utf-8", "replace") for value in attributes.pop("objectClass", ())}
        if OBJECT not in classes or not self.has_classes:
            raise LdapError(UNWILLING if self.has_classes else CLASS_VIOLATION, f"the lab's directory takes objects of {OBJECT} only")
        if not parts or parts[0][0].upper() != "CN":
            raise LdapError(NAMING, f"the name of an object of {OBJECT} begins with CN")
        above = self._entries.get(names.key(parts[1:]))
        if above is None:
            raise LdapError(NO_SUCH_OBJECT, f"there is no object {names.write(parts[1:])}")
        if CONTAINER.encode() not in above.attributes["objectClass"]:
            raise LdapError(NAMING, f"objects of {OBJECT} are below a {CONTAINER}")
        if names.key(parts) in self._entries:
            raise LdapError(EXISTS, f"there is an object {name}")
        if not 1 <= len(parts[0][1]) <= LONGEST_NAME:
            raise LdapError(CONSTRAINT, f"a name has at most {LONGEST_NAME} characters")
        for missing in (must for must in MUST if not attributes.get(must)):
            raise LdapError(CLASS_VIOLATION, f"{missing} is missing")
        kept = {attribute: values for attribute, values in attributes.items() if attribute not in GIVEN}
        check_values(kept)
        entry = self._put((("CN", parts[0][1]), *above.parts), OBJECT)
        entry.attributes.update(kept)
        return entry

    def delete(self, name: str) -> None:
        """Delete an activation object; raises LdapError."""
        entry = self.find(name)
        if next((other for other in self.below(entry, ONE_LEVEL)), None) is not None:
            raise LdapError(NOT_LEAF, f"{entry.dn} has objects below it")
        if not entry.is_object:
            raise LdapError(UNWILLING, f"the lab's directory deletes objects of {OBJECT} only")
        del self._entries[entry.key]

    def modify(self, name: str, changes: Sequence[tuple[int, str, Sequence[bytes]]]) -> None:
        """Change an activation object: operation (0 add, 1 delete, 2 replace), attribute, values; raises LdapError."""
        entry = self.find(name)
        if not entry.is_object:
            raise LdapError(UNWILLING, f"the lab's directory changes objects of {OBJECT} only")
        changed = {attribute: list(values) for attribute, values in entry.attributes.items()}
        for operation, attribute, values in changes:
            change_values(changed, operation, spelled(attribute), values)
        for must in MUST:
            if not changed.get(must):
                raise LdapError(CLASS_VIOLATION, f"{must} is missing")
        check_values({attribute: values for attribute, values in changed.items() if attribute in (*MUST, *MAY)})
        self._changes += 1
        changed["whenChanged"], changed["uSNChanged"] = [stamp(datetime.now(timezone.utc))], [b"%d" % self._changes]
        entry.attributes = {attribute: values for attribute, values in changed.items() if values}


_EXACT = frozenset(name.casefold() for name in ("msSPP-KMSIds", "msSPP-CSVLKSkuId", "objectGUID", *BLOBS))


def matches(test: Test, entry: Entry) -> bool:
    """Whether an entry passes a filter; raises LdapError for a kind of condition that is not simulated."""
    if test.kind == "and":
        return all(matches(inside, entry) for inside in test.inside)
    if test.kind == "or":
        return any(matches(inside, entry) for inside in test.inside)
    if test.kind == "not":
        return not matches(test.inside[0], entry)
    if test.kind == "present":
        return bool(entry.values(test.attribute))
    if test.kind != "equalityMatch":
        raise LdapError(UNWILLING, f"the lab's directory has no filters of the kind {test.kind}")
    return _equals(test, entry)


def _equals(test: Test, entry: Entry) -> bool:
    values = entry.values(test.attribute)
    if test.attribute.casefold() in _EXACT:
        return test.value in values
    wanted = test.value.decode("utf-8", "replace").casefold()
    shown = [value.decode("utf-8", "replace").casefold() for value in values]
    if test.attribute.casefold() == "objectcategory":
        short = {OBJECT.casefold(): "cn=ms-spp-activation-object,", CONTAINER.casefold(): "cn=ms-spp-activation-objects-container,"}
        return wanted in shown or (wanted in short and any(value.startswith(short[wanted]) for value in shown))
    return wanted in shown
