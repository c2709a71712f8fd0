# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a KMS host key (CSVLK) activates, and which key a license belongs to.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A KMS host and an activation object of Active Directory have the same keys and activate the same products. The table
(``data/coverage.json``, with its sources) has the systems by build, and what is not published is not known: None, not False. A product is
named as in :mod:`host_matrix`. Microsoft does not publish the activation IDs of the Windows keys; the description of a license contains
its channel, such as VOLUME_KMS_WS22.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..state.model import Application
from . import host_matrix

_DATA = Path(__file__).parent / "data" / "coverage.json"
_CHANNEL = re.compile(r"\bVOLUME_KMS(?:_([\w.\-]+))? channel")
"""Matches the channel of a KMS host license, and not VOLUME_KMSCLIENT."""
_YEAR = re.compile(r"(20\d\d)$")
_OFFICE_HOST = re.compile(r"^Office (1[456]|19|2\d), ")
_OFFICE_RELEASES = {"14": "2010", "15": "2013", "16": "2016", "19": "2019"}
"""How the name of an Office license begins, with the release. The later ones begin with the last two digits of the year."""


class System(Protocol):
    """What is required of a machine: the build, the type, and the EditionID, or None if the edition is not known."""

    @property
    def build(self) -> int:
        """The build number."""

    @property
    def is_server(self) -> bool:
        """Whether the machine is a server or a domain controller."""

    @property
    def edition_id(self) -> str | None:
        """The EditionID of the registry, or None if it is not known."""


@dataclass(frozen=True)
class SystemFacts:
    """A machine of which only the facts of a result are known. See :class:`System`."""

    build: int
    is_server: bool
    edition_id: str | None


@dataclass(frozen=True)
class _Version:
    """One version of Windows. `builds` are inclusive ranges. `editions` None means all editions."""

    name: str
    is_server: bool
    level: int
    builds: tuple[tuple[int, int], ...]
    editions: frozenset[str] | None

    def includes(self, os: System) -> bool:
        return self.is_server == os.is_server and any(first <= os.build <= last for first, last in self.builds)


@dataclass(frozen=True)
class _Key:
    """What one key activates. A level None means no server, or no client."""

    servers_to: int | None
    clients_to: int | None
    also: frozenset[str]
    unknown: frozenset[str]

    def covers(self, version: _Version) -> bool | None:
        if version.name in self.unknown:
            return None
        highest = self.servers_to if version.is_server else self.clients_to
        return version.name in self.also or (highest is not None and version.level <= highest)


def covers(product_name: str | None, os: System) -> bool | None:
    """Return whether the CSVLK of a product activates the Windows of a machine, or None if it is not known.

    `product_name` is a name of :mod:`host_matrix`; any other name, and None, is not known. Keys of Office activate no Windows. It is not
    considered whether the machine can use Active Directory: see :func:`supports_ad_activation`.
    """
    kind = host_matrix.find_kind(product_name)
    if kind is None:
        return None
    if kind.application is Application.OFFICE:
        return False
    if kind.clients_only and os.is_server:
        return False
    answers = {_KEYS[kind.name].covers(version) for version in _versions(os)}
    return answers.pop() if len(answers) == 1 else None


def covers_office(product_name: str | None, release: str | None) -> bool | None:
    """Return whether the CSVLK of a product activates an Office release such as "2021", or None if it is not known.

    A key of Office activates its release and older ones, except Office 2010, which has an application ID of its own. Keys of Windows
    activate no Office. Source: Microsoft's description of each Office Volume License Pack; for older releases inferred.
    """
    kind = host_matrix.find_kind(product_name)
    if kind is None:
        return None
    if kind.application is not Application.OFFICE:
        return False
    found = _YEAR.search(kind.name)
    if found is None or release is None or not _YEAR.fullmatch(release):
        return None
    if "2010" in (found.group(1), release):
        return found.group(1) == release
    return int(release) <= int(found.group(1))


def any_covers(answers: Iterable[bool | None]) -> bool | None:
    """Return whether one of several keys activates something: None if this is not known of one of them, and no other one does."""
    found = set(answers)
    return True if True in found else None if None in found else False


def oldest_key(covers_it: Callable[[str], bool | None]) -> str | None:
    """Return the product name of the oldest key that activates something, or None. Keys of client versions do not count."""
    names = (name for name in host_matrix.names() if not host_matrix.kind_named(name).clients_only)
    return next((name for name in reversed(tuple(names)) if covers_it(name)), None)


def supports_ad_activation(os: System) -> bool:
    """Return whether this Windows can be activated by Active Directory: Windows 8 and Windows Server 2012, or later."""
    return os.build >= 9200


def product_of_id(activation_id: str | None, learned: Mapping[str, str] | None = None) -> str | None:
    """Return the product of a CSVLK by its activation ID, or None.

    `learned` maps further activation IDs to product names. Only the IDs of Office are published; those of Windows can be read from a
    machine that has the license, see :func:`product_of_license`.
    """
    if activation_id is None:
        return None
    wanted = activation_id.casefold()
    kind = host_matrix.kind_of_id(wanted)
    if kind is not None:
        return kind.name
    return next((name for known, name in (learned or {}).items() if known.casefold() == wanted), None)


def product_of_license(description: str, name: str = "", activation_id: str | None = None) -> str | None:
    """Return the product of a KMS host license by its Description, Name, and ID, or None for another license or an unknown channel.

    Windows puts the product into the channel of the Description. Office has one channel for all releases, and the release is in the Name.
    """
    found = _CHANNEL.search(description)
    if found is None:
        return None
    office = _OFFICE_HOST.match(name) or _OFFICE_HOST.match(description)
    if office:
        return product_of_id(activation_id) or _office_product(office.group(1))
    return _BY_CHANNEL.get((found.group(1) or "").upper())


def inferred_channels() -> frozenset[str]:
    """Return the channels whose text is inferred from others, such as WS25 of VOLUME_KMS_WS25."""
    return _INFERRED


def _office_product(prefix: str) -> str | None:
    release = _OFFICE_RELEASES.get(prefix, f"20{prefix}")
    return next((name for name in host_matrix.names() if name.startswith("Office") and name.endswith(release)), None)


def _versions(os: System) -> list[_Version]:
    """Return the version of a machine; two if it depends on an edition that is not known, and none for a build that is not known."""
    found = [version for version in _VERSIONS if version.includes(os)]
    if os.edition_id is None:
        return found
    limited = [version for version in found if version.editions is not None and os.edition_id in version.editions]
    return limited or [version for version in found if version.editions is None]


def _version(fact: dict[str, Any]) -> _Version:
    editions = fact.get("editions")
    builds = tuple((first, last) for first, last in fact["builds"])
    return _Version(fact["name"], fact["is_server"], fact["level"], builds, None if editions is None else frozenset(editions))


def _key(fact: dict[str, Any]) -> _Key:
    return _Key(fact["servers_to"], fact["clients_to"], frozenset(fact.get("also", ())), frozenset(fact.get("unknown", ())))


# Ansible imports an action plugin before it forks. The table is therefore read once, and not for every machine.
_TABLE = json.loads(_DATA.read_text(encoding="utf-8"))
_VERSIONS = tuple(_version(fact) for fact in _TABLE["systems"])
_KEYS = {fact["name"]: _key(fact) for fact in _TABLE["keys"]}
_BY_CHANNEL = {channel["text"].upper(): fact["name"] for fact in _TABLE["keys"] for channel in fact["channels"]}
_INFERRED = frozenset(channel["text"] for fact in _TABLE["keys"] for channel in fact["channels"] if not channel["seen"])
