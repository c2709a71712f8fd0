# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generic volume license keys (GVLKs) of Windows and Office.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The keys are public: Microsoft publishes them in its documentation (sources in ``data/gvlk.json``). A key is selected by edition
(LicenseFamily or EditionID of the registry), build, and product type, but never by a caption.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..problems import TaskRefusedError
from ..state.model import Application, Channel, LicensedProduct, OperatingSystem
from ..state.product_key import ProductKey
from .evaluation import is_evaluation, refuse_evaluation

_DATA = Path(__file__).parent / "data" / "gvlk.json"


@dataclass(frozen=True)
class Gvlk:
    """One published key. Builds are inclusive, and `build_max` None means no limit. Office keys have neither edition nor builds.

    `auto_select` is false for keys that no volume edition uses. The collection recognizes these keys, but never selects them.
    `office_product` and `office_release` are as in :class:`names.OfficeName`, or None for Windows. `click_to_run` is true or false for a
    key that only one kind of installation accepts, and None for every other key.
    """

    product: str
    key: ProductKey
    application: Application
    edition_id: str | None = None
    is_server: bool = False
    build_min: int = 0
    build_max: int | None = None
    auto_select: bool = True
    office_product: str | None = None
    office_release: str | None = None
    click_to_run: bool | None = None

    @property
    def partial_product_key(self) -> str:
        """The last five characters, which Windows shows as PartialProductKey."""
        return self.key.partial_product_key

    def covers(self, os: OperatingSystem) -> bool:
        """Return whether the key is for this product type and build."""
        return self.is_server == os.is_server and self.build_min <= os.build and (self.build_max is None or os.build <= self.build_max)

    def fits(self, os: OperatingSystem, edition: str | None) -> bool:
        """Return whether the key is for the edition, product type, and build of this machine."""
        return self.edition_id is not None and edition is not None and self.edition_id in _spellings(edition) and self.covers(os)


@dataclass(frozen=True)
class NewestServer:
    """The newest Windows Server with known GVLKs, and the version of the collection that knows them."""

    name: str
    build: int
    collection: str


def catalog() -> tuple[Gvlk, ...]:
    """Return every published key that this collection knows."""
    return _CATALOG


def known(key: ProductKey) -> Gvlk | None:
    """Return the published key that equals this key, or None."""
    return _BY_KEY.get(key)


def ending(partial_product_key: str | None) -> Gvlk | None:
    """Return the published key with these last five characters, or None. A machine does not show more of its key."""
    return next(iter(with_ending(partial_product_key)), None)


def with_ending(partial_product_key: str | None) -> tuple[Gvlk, ...]:
    """Return all entries with these last five characters: a key can be for several editions or builds."""
    return _BY_ENDING.get(partial_product_key or "", ())


def is_published(partial_product_key: str) -> bool:
    """Return whether a published key has these last five characters."""
    return ending(partial_product_key) is not None


def choose_gvlk(os: OperatingSystem, edition: str | None) -> Gvlk:
    """Return the GVLK for a Windows edition. Raises TaskRefusedError if there is none, with the data of the machine and next steps."""
    if not edition:
        raise TaskRefusedError(
            "edition_unknown",
            f"{os.computer_name} does not have a product key or an EditionID, so its edition is not known ({_machine(os)}).",
            ("Set product_key to the GVLK of the edition.",),
        )
    refuse_evaluation(os, edition)
    _refuse_newer_build(os)
    entries = (entry for spelling in dict.fromkeys(_spellings(edition)) for entry in _BY_EDITION.get(spelling, ()))
    fitting = [entry for entry in entries if entry.auto_select and entry.covers(os)]
    if len(fitting) != 1:
        raise TaskRefusedError(
            "no_gvlk_for_edition",
            f"There is no known GVLK for edition {edition} on {_machine(os)}.",
            (
                "Editions without a GVLK cannot be KMS clients. Use the original key of the machine, or change to a volume edition.",
                "If Microsoft publishes a GVLK for this edition, set product_key of kms_client to this GVLK, with allow_unknown_key: true.",
            ),
        )
    return fitting[0]


def is_newer(os: OperatingSystem) -> bool:
    """Return whether this Windows Server is newer than every Windows Server whose GVLKs this version of the collection knows.

    Each new Windows Server has GVLKs of its own. Newer builds of Windows 10 and 11 have the same ones.
    """
    return os.is_server and os.build > NEWEST_SERVER.build


def _refuse_newer_build(os: OperatingSystem) -> None:
    if is_newer(os):
        raise TaskRefusedError(
            "build_not_known",
            f"{_machine(os)} is newer than this collection: version {NEWEST_SERVER.collection} knows the GVLKs of Windows Server up to"
            f" build {NEWEST_SERVER.build} ({NEWEST_SERVER.name}).",
            (
                "Update the collection. A later version might know the GVLK of this Windows.",
                "If Microsoft publishes a GVLK for this Windows, set product_key of kms_client to this GVLK, with allow_unknown_key: true.",
            ),
        )


def shows_edition(product: LicensedProduct) -> bool:
    """Return whether LicenseFamily is a Windows edition. For a KMS host key, it can be the group of the key instead."""
    family = product.family or ""
    return product.channel is not Channel.CSVLK and (is_evaluation(family) or not _EDITIONS.isdisjoint(_spellings(family)))


def describe_range(entry: Gvlk) -> str:
    """Return the machines that a key is for, as text."""
    if entry.edition_id is None:
        return f"{entry.product}, which is not a volume edition of Windows"
    last = "and later" if entry.build_max is None else f"to {entry.build_max}"
    builds = f"build {entry.build_min}" if entry.build_max == entry.build_min else f"builds {entry.build_min} {last}"
    return f"{entry.product} (edition {entry.edition_id}, {builds})"


def _machine(os: OperatingSystem) -> str:
    return f"{os.caption}, {'server' if os.is_server else 'client'}, version {os.version}, build {os.build}"


def is_same_edition(one: str, other: str) -> bool:
    """Return whether two EditionIDs name the same edition, with or without Server Core."""
    return not set(_spellings(one)).isdisjoint(_spellings(other))


def _spellings(edition: str) -> tuple[str, ...]:
    """Return the notations of an edition.

    Server Core can report ServerStandardCore (2008 and 2008 R2) or ServerStandardCor, and accepts the key of the full edition.
    """
    return (edition, edition.removesuffix("Core"), edition.removesuffix("Cor")) if edition.startswith("Server") else (edition,)


def _windows_entry(fact: dict[str, Any]) -> Gvlk:
    return Gvlk(
        product=fact["product"],
        key=ProductKey(fact["key"]),
        application=Application.WINDOWS,
        edition_id=fact["edition_id"],
        is_server=fact["product_type"] == "server",
        build_min=fact["build_min"],
        build_max=fact["build_max"],
        auto_select=fact["auto_select"],
    )


def _office_entry(fact: dict[str, Any]) -> Gvlk:
    return Gvlk(
        product=fact["product"],
        key=ProductKey(fact["key"]),
        application=Application.OFFICE,
        auto_select=fact["auto_select"],
        office_product=fact["office_product"],
        office_release=fact["office_release"],
        click_to_run=fact["click_to_run"],
    )


def _load(data: dict[str, Any]) -> tuple[Gvlk, ...]:
    return (*map(_windows_entry, data["windows"]), *map(_office_entry, data["office"]))


def _grouped(entries: Iterable[tuple[str, Gvlk]]) -> dict[str, tuple[Gvlk, ...]]:
    groups: dict[str, tuple[Gvlk, ...]] = {}
    for name, entry in entries:
        groups[name] = (*groups.get(name, ()), entry)
    return groups


# Ansible imports an action plugin before it forks. The table is therefore read once, and not for every machine.
_FACTS = json.loads(_DATA.read_text(encoding="utf-8"))
_CATALOG = _load(_FACTS)
NEWEST_SERVER = NewestServer(**_FACTS["newest_server"])
_BY_KEY = {entry.key: entry for entry in _CATALOG}
# A search through all entries would copy their memory pages into each worker process.
_BY_ENDING = _grouped((entry.partial_product_key, entry) for entry in _CATALOG)
_BY_EDITION = _grouped((entry.edition_id, entry) for entry in _CATALOG if entry.edition_id)
_EDITIONS = frozenset(entry.edition_id for entry in _CATALOG if entry.edition_id)
