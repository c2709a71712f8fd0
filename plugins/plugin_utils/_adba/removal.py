# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Select one activation object, and delete it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An object is deleted by its GUID, so that an object which somebody created with the same name meanwhile is not hit. Right before that, it
is read by its GUID and compared with what was planned. Afterwards the same domain controller is asked for it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .._errors import VolumeActivationError
from .._ldap.errors import AnswerLostError, DirectoryError, NoSuchObjectError
from .._ldap.names import by_guid
from .._licensing.problems import TaskRefusedError
from .covering import CoverageLoss
from .model import ActivationObject, shown
from .reading import OpenDirectory, exists, read_object

_NAMED = 5
"""Number of objects or machines that a message names; the others are counted."""

_CAUSE = "Machines that no object covers are not activated again. They keep their license for up to 180 days after their last renewal."
_FORCE = "To delete the object in any case, set force: true."


class OutcomeUnknownError(VolumeActivationError):
    """The object was deleted, or not: the delete was sent, and the directory could not be read afterwards."""

    error_code = "unknown_outcome"
    category = "directory"
    cause = "The domain controller or the network failed after the request was sent."
    next_steps = ("Run the task again. It reads the directory first.",)
    transient = True


@dataclass(frozen=True)
class WantedObject:
    """What identifies the object of a task; each is None if the task does not set it."""

    guid: str | None = None
    name: str | None = None
    activation_id: str | None = None
    partial_product_key: str | None = None

    def is_met_by(self, found: ActivationObject) -> bool:
        """Return whether an object has everything that is set."""
        return (
            self.guid in (None, found.guid)
            and (self.name is None or found.has_name(self.name))
            and self.activation_id in (None, found.activation_id)
            and self.partial_product_key in (None, (found.partial_product_key or "").upper())
        )

    def __str__(self) -> str:
        parts = (
            self.name and f"with the name '{shown(self.name)}'",
            self.guid and f"with the GUID {self.guid}",
            self.activation_id and f"with the activation ID {self.activation_id}",
            self.partial_product_key and f"with the key ending in {self.partial_product_key}",
        )
        return " and ".join(part for part in parts if part)


class NotDeletedError(VolumeActivationError):
    """The domain controller returned success, but still has the object."""

    error_code = "activation_object_not_deleted"
    category = "directory"
    cause = "The domain controller has not completed the request, or another administrator restored the object."
    next_steps = ("Run the task again.", "Read the objects with adba_object_info.")


def select(objects: Sequence[ActivationObject], wanted: WantedObject) -> ActivationObject | None:
    """Return the object that the task means, None if there is none. Raises TaskRefusedError if there are several."""
    found = [item for item in objects if wanted.is_met_by(item)]
    if len(found) > 1:
        named = _listed([f"{item.label} ({item.guid})" for item in found])
        raise TaskRefusedError(
            "several_activation_objects",
            f"The directory has {len(found)} activation objects {wanted}: {named}. Nothing was deleted.",
            ("Set guid to the GUID of the object to delete.",),
            cause="A task deletes one object, and several have what it names. Replication renames objects that were created twice.",
        )
    return found[0] if found else None


def refuse_losses(target: ActivationObject, lost: Sequence[CoverageLoss]) -> None:
    """Raise TaskRefusedError if machines would have no activation object."""
    if not lost:
        return
    unsure = not any(loss.is_certain for loss in lost)
    verb = "might be" if unsure else "is"
    machines = list(dict.fromkeys(f"{loss.machine} ({loss.what})" for loss in lost))
    steps = ["Create an object that covers these machines first, with adba_object and state: present.", _FORCE]
    if unsure:
        steps.insert(0, "If the product of an object is not known, set csvlk_products. Read the machines that were not read.")
    raise TaskRefusedError(
        "last_activation_object",
        f"The activation object {target.label} {verb} the last one that covers {_listed(machines)}. Nothing was deleted.",
        tuple(steps),
        cause=_CAUSE,
    )


def refuse_last(target: ActivationObject, others: Sequence[ActivationObject]) -> None:
    """Raise TaskRefusedError for the only object of the forest, for a task that does not name machines."""
    if others:
        return
    raise TaskRefusedError(
        "last_activation_object",
        f"The activation object {target.label} is the only one of the forest. Nothing was deleted.",
        ("Set machines to the results of activation_info, so that the module can check which machines need the object.", _FORCE),
        cause=_CAUSE,
    )


def delete(directory: OpenDirectory, target: ActivationObject, learned: Mapping[str, str], reopen: Callable[[], OpenDirectory]) -> bool:
    """Delete the object, and prove it. Return False if it was already absent.

    `reopen` opens another session with the same domain controller. Raises TaskRefusedError if the object is not the planned one any more,
    NotDeletedError, OutcomeUnknownError, and DirectoryError.
    """
    now = read_object(directory, target.guid, learned)
    if now is None and not exists(directory, target.guid):
        return False
    if now is None or not _is_same(now, target):
        raise TaskRefusedError(
            "activation_object_changed",
            f"The activation object {target.label} ({target.guid}) was changed while the task ran. Nothing was deleted.",
            ("Read the objects with adba_object_info, and run the task again.",),
            cause="The module compares the class, the activation ID, and the key of the object right before it deletes it.",
        )
    try:
        directory.delete(by_guid(target.guid))
    except NoSuchObjectError:
        return False
    except AnswerLostError as lost:
        sent = f"The response to deleting the activation object {target.label} ({target.guid}) was lost: {lost.message}"
        is_left = _look_again(sent, target, reopen)
    else:
        is_left = _is_left(directory, target, reopen)
    if is_left:
        raise NotDeletedError(f"{directory.facts.server} still has the activation object {target.label} ({target.guid}).")
    return True


def _is_left(directory: OpenDirectory, target: ActivationObject, reopen: Callable[[], OpenDirectory]) -> bool:
    """Return whether the directory still has the object after success. The session can end between the delete and the proof."""
    try:
        return exists(directory, target.guid)
    except DirectoryError:
        sent = f"{directory.facts.server} returned success for deleting the activation object {target.label} ({target.guid})."
        return _look_again(sent, target, reopen)


def _look_again(sent: str, target: ActivationObject, reopen: Callable[[], OpenDirectory]) -> bool:
    """Return whether the directory has the object, by another session. `sent` is what is known of the delete, for the error."""
    try:
        return exists(reopen(), target.guid)
    except DirectoryError as problem:
        raise OutcomeUnknownError(f"{sent} Then the directory could not be read: {problem.message}") from problem


def _is_same(now: ActivationObject, planned: ActivationObject) -> bool:
    return (now.activation_id, now.partial_product_key) == (planned.activation_id, planned.partial_product_key)


def _listed(texts: Sequence[str]) -> str:
    more = f", and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return f"{', '.join(texts[:_NAMED])}{more}"


__all__ = ["NotDeletedError", "OutcomeUnknownError", "WantedObject", "delete", "refuse_last", "refuse_losses", "select"]
