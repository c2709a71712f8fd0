# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one client of a directory gets: searches and changes for the account that logged on, in the codes Samba and Active Directory use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from winlab.directory import messages
from winlab.directory.accounts import ADMIN, NONE, DirectoryAccount, Settings
from winlab.directory.messages import Outcome, Request, Test
from winlab.directory.names import write
from winlab.directory.rules import UNWILLING, LdapError
from winlab.directory.tree import BASE, SUBTREE, Entry, Tree, matches, stamp

OPERATIONS_ERROR, PROTOCOL_ERROR, SIZE_LIMIT, REFERRAL, UNKNOWN_CONTROL, DENIED = 1, 2, 4, 10, 12, 50
PAGE = 1000
"""Entries in one answer (MaxPageSize of Active Directory)."""
_CONTROLS = (messages.PAGED, messages.DOMAIN_SCOPE)
_CAPABILITIES = ("1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.1791", "1.2.840.113556.1.4.1935",
                 "1.2.840.113556.1.4.2080", "1.2.840.113556.1.4.2237")  # fmt: skip
_READ_ONLY = "1.2.840.113556.1.4.1920"
"""LDAP_CAP_ACTIVE_DIRECTORY_PARTIAL_SECRETS_OID (MS-ADTS 3.1.1.3.4.3)."""
_WRITING = ("addRequest", "delRequest", "modifyRequest", "modDNRequest")


@dataclass
class Book:
    """What was asked of a directory, in order, for tests."""

    operations: list[dict[str, Any]] = field(default_factory=list)
    clock_difference: timedelta = timedelta(0)
    """How far the clock of the domain controller is off."""


class Session:
    """One connection after, or without, a logon."""

    def __init__(self, settings: Settings, tree: Tree, book: Book) -> None:
        self._settings, self._tree, self._book = settings, tree, book
        self.account: DirectoryAccount | None = None
        self.security = "none"
        self._pages: dict[bytes, list[Entry]] = {}

    def answer(self, request: Request) -> Iterator[bytes]:
        """The answers to a request that is no bind; an unbind and an abandon have none."""
        if request.kind in ("unbindRequest", "abandonRequest"):
            return
        noted = {"account": None if self.account is None else self.account.name, "security": self.security,
                 "kind": request.kind.removesuffix("Request"), "code": 0}  # fmt: skip
        self._book.operations.append(noted)
        try:
            for oid, (critical, _value) in request.controls.items():
                if critical and oid not in _CONTROLS:
                    raise LdapError(UNKNOWN_CONTROL, f"the control {oid} is not known here")
            yield from self._search(request, noted) if request.kind == "searchRequest" else self._other(request, noted)
        except LdapError as error:
            noted["code"] = error.outcome.code
            yield messages.extended(request, error.outcome) if request.kind == "extendedReq" else messages.done(request, error.outcome)
        except messages.Malformed as error:
            noted["code"] = PROTOCOL_ERROR
            yield messages.done(request, Outcome(PROTOCOL_ERROR, str(error)))

    def _search(self, request: Request, noted: dict[str, Any]) -> Iterator[bytes]:
        content = request.content
        base, scope, limit = str(content["baseObject"]), int(content["scope"]), int(content["sizeLimit"])
        test = messages.read_filter(bytes(content["filter"]))
        wanted = [str(name) for name in content["attributes"]]
        noted["name"] = base
        if not base and scope == BASE:
            yield from self._shown(request, "", self.root(), wanted, types_only=bool(content["typesOnly"]))
            yield messages.done(request, Outcome())
            return
        if self.account is None:
            raise LdapError(OPERATIONS_ERROR, "00002020: Operation unavailable without authentication")
        entry = self._tree.find(base)
        rest = self._rest_of(request, [found for found in self._tree.below(entry, scope) if self._passes(found, test, scope)])
        size, page = self._page(request, rest, limit)
        for found in page:
            hidden = found.is_object and self.account.rights == NONE
            yield from self._shown(request, found.dn, {} if hidden else found.attributes, wanted, types_only=bool(content["typesOnly"]))
        noted["entries"] = len(page)
        is_domain = entry.key == tuple(("dc", label.casefold()) for label in self._settings.domain.split("."))
        if scope == SUBTREE and is_domain and messages.DOMAIN_SCOPE not in request.controls:
            yield messages.reference(request, f"ldap://{self._settings.domain}/{write(self._tree.configuration)}")
        if size is None and rest:
            raise LdapError(SIZE_LIMIT, f"more than {len(page)} entries")
        yield messages.done(request, Outcome(), None if size is None else (0, self._cookie(rest)))

    def _passes(self, entry: Entry, test: Test, scope: int) -> bool:
        """Whether a search finds an entry; one that the account may not read only by its very name."""
        assert self.account is not None
        if entry.is_object and self.account.rights == NONE:
            return scope == BASE
        return matches(test, entry)

    def _rest_of(self, request: Request, found: list[Entry]) -> list[Entry]:
        """What a search has still to show: all, or what the cookie of the last page stands for."""
        if messages.PAGED not in request.controls:
            return found
        cookie = messages.paged_value(request.controls[messages.PAGED][1])[1]
        if not cookie:
            return found
        if cookie not in self._pages:
            raise LdapError(UNWILLING, "a cookie that this connection did not give")
        return self._pages.pop(cookie)

    @staticmethod
    def _page(request: Request, rest: list[Entry], limit: int) -> tuple[int | None, list[Entry]]:
        """Take the entries of one answer from the rest. The first number is the size of a page, None without pages."""
        paged = request.controls.get(messages.PAGED)
        size = None if paged is None else messages.paged_value(paged[1])[0]
        most = min(number for number in (size or PAGE, limit or PAGE, PAGE) if number > 0)
        page = rest[:most]
        del rest[:most]
        return size, page

    def _cookie(self, rest: list[Entry]) -> bytes:
        if not rest:
            return b""
        cookie = b"page-%d" % (len(self._pages) + len(self._book.operations))
        self._pages[cookie] = rest
        return cookie

    @staticmethod
    def _shown(
        request: Request, dn: str, attributes: Mapping[str, Sequence[bytes]], wanted: Sequence[str], *, types_only: bool
    ) -> Iterator[bytes]:
        asked = {name.casefold() for name in wanted}
        everything = not asked or "*" in asked
        shown = [(name, () if types_only else values) for name, values in attributes.items() if everything or name.casefold() in asked]
        yield messages.entry(request, dn, shown)

    def root(self) -> dict[str, list[bytes]]:
        """The attributes of the rootDSE."""
        settings, tree = self._settings, self._tree
        domain = tuple(("DC", label) for label in settings.domain.split("."))
        now = datetime.now(timezone.utc) + self._book.clock_difference
        found: dict[str, list[str] | str] = {
            "configurationNamingContext": write(tree.configuration), "schemaNamingContext": write(tree.schema),
            "defaultNamingContext": write(domain), "rootDomainNamingContext": write(tree.root),
            "namingContexts": [write(domain), write(tree.configuration), write(tree.schema)],
            "dnsHostName": settings.host,
            "currentTime": stamp(now).decode(), "isSynchronized": "TRUE", "isGlobalCatalogReady": "TRUE",
            "supportedLDAPVersion": ["3", "2"], "supportedSASLMechanisms": ["GSS-SPNEGO"], "supportedControl": list(_CONTROLS),
            "supportedExtension": [messages.START_TLS, messages.WHO_AM_I],
            "supportedCapabilities": [*_CAPABILITIES, *([_READ_ONLY] if settings.read_only else [])],
            "forestFunctionality": "7", "domainFunctionality": "7", "domainControllerFunctionality": "7",
        }  # fmt: skip
        return {name: [text.encode() for text in ([texts] if isinstance(texts, str) else texts)] for name, texts in found.items()}

    def _other(self, request: Request, noted: dict[str, Any]) -> Iterator[bytes]:
        content = request.content
        if request.kind == "extendedReq":
            if str(content["requestName"]) != messages.WHO_AM_I:
                raise LdapError(PROTOCOL_ERROR, f"the extended operation {content['requestName']} is not known here")
            who = "" if self.account is None else f"u:{self._settings.netbios}\\{self.account.name}"
            yield messages.extended(request, Outcome(), value=who.encode())
            return
        if request.kind not in _WRITING:
            raise LdapError(UNWILLING, f"{request.kind} is not simulated")
        noted["name"] = str(content if request.kind == "delRequest" else content["object" if request.kind == "modifyRequest" else "entry"])
        self._admit_writer()
        self._write(request)
        yield messages.done(request, Outcome())

    def _admit_writer(self) -> None:
        if self.account is None:
            raise LdapError(OPERATIONS_ERROR, "00002020: Operation unavailable without authentication")
        if self._settings.read_only:
            url = f"ldap://{self._settings.forest}/"
            raise LdapError(REFERRAL, "0000202B: RefErr: DSID-0310084A, this domain controller is read-only", referrals=(url,))
        if self.account.rights != ADMIN:
            raise LdapError(DENIED, "00002098: SecErr: DSID-031514A0, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0")

    def _write(self, request: Request) -> None:
        content = request.content
        if request.kind == "delRequest":
            self._tree.delete(str(content))
        elif request.kind == "addRequest":
            given = {str(each["type"]): [bytes(value) for value in each["vals"]] for each in content["attributes"]}
            self._tree.add(str(content["entry"]), given)
        elif request.kind == "modifyRequest":
            self._tree.modify(str(content["object"]), [
                (int(each["operation"]), str(each["modification"]["type"]), [bytes(value) for value in each["modification"]["vals"]])
                for each in content["changes"]
            ])  # fmt: skip
        else:
            self._tree.find(str(content["entry"]))
            raise LdapError(UNWILLING, "Cannot rename within the configuration partition")
