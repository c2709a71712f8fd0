# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says about the activation objects of a forest.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .model import ActivationObject
from .reading import OpenDirectory, container_of

_NAMED = 3


def describe_directory(directory: OpenDirectory) -> dict[str, Any]:
    """Return the domain controller and the connection as the data of a result."""
    return {
        **asdict(directory.facts),
        "forest": directory.root.forest,
        "container": container_of(directory),
        "is_read_only": directory.root.is_read_only,
    }


def summary(directory: OpenDirectory, found: Sequence[ActivationObject]) -> str:
    """Return one line about the objects. If there is none, it names the account, because an account without rights sees nothing."""
    where, forest = directory.facts.server, directory.root.forest
    if not found:
        return (
            f"{where}: {directory.facts.account} sees no activation object in the forest {forest}. An account without the right to read"
            " them gets the same answer."
        )
    named = "; ".join(item.label for item in found[:_NAMED])
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    noun = "activation object" if len(found) == 1 else "activation objects"
    return f"{where}: {len(found)} {noun} in the forest {forest}: {named}{more}."


def warnings_about(found: Sequence[ActivationObject]) -> tuple[str, ...]:
    """Return warnings about objects that need attention."""
    copies = [item.label for item in found if item.is_conflict_copy]
    unread = [item.label for item in found if item.activation_id is None]
    unknown = sorted({item.activation_id for item in found if item.activation_id and item.product_name is None})
    texts = (
        (copies, "Replication renamed an object because another one got the same name on another domain controller: {}."),
        (unread, "The account cannot read the attributes of an object: {}."),
        (unknown, "The product of a KMS host key is not known, so it is not known what its object covers. Set csvlk_products for: {}."),
    )
    return tuple(text.format(", ".join(named)) for named, text in texts if named)


__all__ = ["describe_directory", "summary", "warnings_about"]
