# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger contains about one request: the event, the product with its key, what the request used, and its result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An entry is recorded before its request is sent, and again with its result. Both have the same ID, and the last one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ..._errors import VolumeActivationError

SCHEMA = 1
"""Version of the entries in a ledger. It changes if a field gets another meaning, and not if a field is added."""

TIME = "%Y-%m-%dT%H:%M:%SZ"
"""Format of the times in a ledger, which are in UTC."""

LONGEST_LINE = 8192
"""Maximum length of a line in bytes, with its line feed."""

LARGEST_LEDGER = 256 * 1024 * 1024
"""Maximum size of a ledger in bytes, after which no task begins. A machine with a new key and an activation needs about 4,000."""


class LedgerError(VolumeActivationError):
    """The ledger cannot be read or written. The text contains its path and the reason."""

    error_code = "ledger_failed"
    cause = "The path is not that of a file, its directory does not exist, permissions are missing, or the disk is full."
    next_steps = ("Correct the variable activation_ledger, or the file and its directory, and run the task again.",)


class LedgerEvent(Enum):
    """What a request does to a machine, or requests from Microsoft for it."""

    ACTIVATED = "activated"
    KEY_INSTALLED = "key_installed"
    HOST_KEY_INSTALLED = "host_key_installed"
    KEY_REMOVED = "key_removed"
    CONFIRMATION_ID_REQUESTED = "confirmation_id_requested"
    CONFIRMATION_ID_DEPOSITED = "confirmation_id_deposited"
    REARMED = "rearmed"


class EntryResult(Enum):
    """The result of a request. `NOT_REQUIRED`: it was not sent or had no effect, because the machine was in the desired state already."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"


class EntryMethod(Enum):
    """How a product is activated: the activation methods of a MAK, or by KMS or Active Directory."""

    ONLINE = "online"
    TELEPHONE = "telephone"
    PROXY = "proxy"
    KMS = "kms"
    ACTIVE_DIRECTORY = "active_directory"


@dataclass(frozen=True)
class RequestEntry:
    """One entry. `id` is the same for all entries of a request, and for no other request.

    `action` and `description` are those of the step. `consumes` and `loses` are noun phrases, None if the request costs nothing.
    `activations_used` and `rearms_used` are None if Microsoft or the machine might have counted the request, and the result is not known.
    `code` is the error code of a request that failed, or whose result is not known.
    """

    id: str
    event: LedgerEvent
    result: EntryResult = EntryResult.STARTED
    action: str | None = None
    description: str | None = None
    product_name: str | None = None
    activation_id: str | None = None
    application: str | None = None
    channel: str | None = None
    partial_product_key: str | None = None
    extended_pid: str | None = None
    method: EntryMethod | None = None
    consumes: str | None = None
    loses: str | None = None
    activations_used: int | None = 0
    rearms_used: int | None = 0
    code: str | None = None


class Recorder(Protocol):
    """Where entries go."""

    def begin(self, entry: RequestEntry, *, is_required: bool = True) -> None:
        """Record a request before it is sent.

        Raises VolumeActivationError if the entry cannot be recorded. The request must not be sent then, unless the entry is not required.
        """

    def end(self, entry: RequestEntry) -> None:
        """Record the result of a request. Never raises VolumeActivationError, because the request was sent."""
