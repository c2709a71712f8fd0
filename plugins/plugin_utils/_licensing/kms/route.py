# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a KMS client finds its KMS host, and the results of the probes from the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KmsEndpoint:
    """A KMS host as a client knows it; `address` is its last known address."""

    host: str
    port: int
    address: str | None = None


@dataclass(frozen=True)
class Route:
    """How a product finds its KMS host: the `fixed` one, else the `cached` one, else a KMS host from DNS in `domain`."""

    fixed: KmsEndpoint | None = None
    cached: KmsEndpoint | None = None
    domain: str | None = None


@dataclass(frozen=True)
class HostAnswer:
    """The result of probing a KMS host; `is_known` is false if the controller could not probe it, or must not."""

    endpoint: str
    answers: bool
    is_known: bool
    meaning: str
    next_steps: tuple[str, ...]


@dataclass(frozen=True)
class ProbeResult:
    """The results of probing a route; None for a part that was not required.

    `published` are the results of the KMS hosts in DNS. `unasked` is the number of further KMS hosts, which exceed the limit of the probe,
    and `unasked_steps` what to do about them. `problem` is why DNS could not be queried, with the next steps.
    """

    fixed: HostAnswer | None = None
    cached: HostAnswer | None = None
    published: tuple[HostAnswer, ...] | None = None
    unasked: int = 0
    unasked_steps: tuple[str, ...] = ()
    problem: tuple[str, tuple[str, ...]] | None = None
