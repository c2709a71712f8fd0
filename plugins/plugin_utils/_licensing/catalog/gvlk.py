# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which generic volume license key belongs to which Windows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The keys are public: Microsoft prints them in its documentation (sources in ``data/gvlk.json``). The choice goes by
edition (LicenseFamily or the registry's EditionID), build and product type, never by a caption.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..problems import TaskRefusedError
from ..state.model import Application, Channel, LicensedProduct, OperatingSystem
from ..state.product_key import ProductKey

_DATA = Path(__file__).parent / "data" / "gvlk.json"


@dataclass(frozen=True)
class Gvlk:
    """One published key. Builds are inclusive, `build_max` None is open ended; Office keys have neither edition nor builds.

    `auto_select` is false for keys that no volume edition uses: they are recognized but never chosen.
    """

    product: str
    key: ProductKey
    application: Application
    edition_id: str | None = None
    is_server: bool = False
    build_min: int = 0
    build_max: int | None = None
    auto_select: bool = True

    @property
    def partial_product_key(self) -> str:
        """What Windows shows as PartialProductKey."""
        return self.key.partial_product_key

    def covers(self, os: OperatingSystem) -> bool:
        """Whether the key is for this product type and build."""
        return self.is_server == os.is_server and self.build_min <= os.build and (self.build_max is None or os.build <= self.build_max)

    def fits(self, os: OperatingSystem, edition: str | None) -> bool:
        """Whether the key is for this machine: edition, product type and build."""
        return self.edition_id is not None and edition is not None and self.edition_id in _spellings(edition) and self.covers(os)


def catalog() -> tuple[Gvlk, ...]:
    """Every published key this collection knows."""
    return _CATALOG


def known(key: ProductKey) -> Gvlk | None:
    """The published key this one is, None for any other key."""
    return _BY_KEY.get(key)


def ending(partial_product_key: str | None) -> Gvlk | None:
    """The published key that ends like this, None for any other: the last five are all a machine tells of its key."""
    return next((entry for entry in catalog() if entry.partial_product_key == partial_product_key), None)


def has_last_five(partial_product_key: str) -> bool:
    """Whether some published key ends like this."""
    return ending(partial_product_key) is not None


def choose_gvlk(os: OperatingSystem, edition: str | None) -> Gvlk:
    """The GVLK for a Windows edition; raises TaskRefusedError with what the machine reported and what can be done instead."""
    if not edition:
        raise TaskRefusedError(
            "edition_unknown",
            f"{os.computer_name} has no product key and reports no EditionID, so the edition is unknown ({_machine(os)}).",
            ("Give the GVLK of its edition as product_key.",),
        )
    refuse_evaluation(os, edition)
    fitting = [entry for entry in catalog() if entry.auto_select and entry.fits(os, edition)]
    if len(fitting) != 1:
        raise TaskRefusedError(
            "no_gvlk_for_edition",
            f"There is no known GVLK for edition {edition} on {_machine(os)}.",
            (
                "Editions without a GVLK cannot be KMS clients: use the key it came with, or change to a volume edition.",
                "If Microsoft publishes a GVLK for it, give it to kms_client as product_key, with allow_unknown_key: true.",
            ),
        )
    return fitting[0]


def refuse_evaluation(os: OperatingSystem, edition: str | None, kind: str = "GVLK") -> None:
    """Raise TaskRefusedError for an evaluation edition, with the way to a full one; `kind` of key is what it does not take."""
    if not is_evaluation(edition):
        return
    full = (edition or "").replace("Eval", "")
    way_out = (
        f"Convert it first: DISM /Online /Set-Edition:{full} /ProductKey:<GVLK of {full}> /AcceptEula, restart, then run this task again."
        if os.is_server
        else f"A client evaluation cannot be converted: reinstall Windows from volume media of {full}."
    )
    raise TaskRefusedError(
        "evaluation_edition", f"{os.computer_name} runs the evaluation edition {edition}, which takes no {kind}.", (way_out,)
    )


def is_evaluation(edition: str | None) -> bool:
    """ServerStandardEval, EnterpriseEval, ServerDatacenterEvalCor and their like."""
    return "Eval" in (edition or "")


def tells_edition(product: LicensedProduct) -> bool:
    """Whether LicenseFamily is a Windows edition; the family of a KMS host key may be that of the key's group instead."""
    family = product.family or ""
    return product.channel is not Channel.CSVLK and (is_evaluation(family) or not _EDITIONS.isdisjoint(_spellings(family)))


def describe_range(entry: Gvlk) -> str:
    """The machines a key is for, in words."""
    if entry.edition_id is None:
        return f"{entry.product}, not one of a volume edition of Windows"
    last = "and later" if entry.build_max is None else f"to {entry.build_max}"
    return f"{entry.product} (edition {entry.edition_id}, builds {entry.build_min} {last})"


def _machine(os: OperatingSystem) -> str:
    return f"{os.caption}, {'server' if os.is_server else 'client'}, version {os.version}, build {os.build}"


def is_same_edition(one: str, other: str) -> bool:
    """Whether two EditionIDs name one edition, with Server Core or without."""
    return not set(_spellings(one)).isdisjoint(_spellings(other))


def _spellings(edition: str) -> tuple[str, ...]:
    """Server Core may report ServerStandardCore (2008 and 2008 R2) or ServerStandardCor, and takes the key of the full edition."""
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
    return Gvlk(product=fact["product"], key=ProductKey(fact["key"]), application=Application.OFFICE, auto_select=fact["auto_select"])


def _load() -> tuple[Gvlk, ...]:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    return (*map(_windows_entry, data["windows"]), *map(_office_entry, data["office"]))


# Read at import: Ansible imports an action plugin before it forks, so no machine pays for it.
_CATALOG = _load()
_BY_KEY = {entry.key: entry for entry in _CATALOG}
_EDITIONS = frozenset(entry.edition_id for entry in _CATALOG if entry.edition_id)
