# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a KMS client finds its host, and what the controller saw of that.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """A KMS host as a client knows it; `address` is where it was found the last time."""

    host: str
    port: int
    address: str | None = None


@dataclass(frozen=True)
class Route:
    """How a product finds its KMS host: the `fixed` one, else the `cached` one, else what DNS names in `domain`."""

    fixed: Endpoint | None = None
    cached: Endpoint | None = None
    domain: str | None = None


@dataclass(frozen=True)
class HostAnswer:
    """What a KMS host said to a probe from the controller; `is_known` is false when the controller could not ask, or must not."""

    endpoint: str
    answers: bool
    is_known: bool
    meaning: str
    next_steps: tuple[str, ...]


@dataclass(frozen=True)
class ProbeResult:
    """What the controller saw on a route; None for a part that was not needed.

    `published` are the hosts DNS names, without the last `unasked` ones, which are too many to be asked, with what to do about that;
    `problem` says why DNS could not be asked, with what to do.
    """

    fixed: HostAnswer | None = None
    cached: HostAnswer | None = None
    published: tuple[HostAnswer, ...] | None = None
    unasked: int = 0
    unasked_steps: tuple[str, ...] = ()
    problem: tuple[str, tuple[str, ...]] | None = None
