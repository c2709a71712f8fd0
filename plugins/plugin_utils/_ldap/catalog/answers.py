# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that a domain controller refused.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from .explanation import DELETE_RIGHT, OTHER_SERVER, READER, WRITABLE, Explanation

UNKNOWN = Explanation(
    "The directory returned an error that is not in the catalog of this collection.",
    "Domain controllers do not usually return this result for such a request.",
    ("Read the event log Directory Service of the domain controller at the time of the task.",),
)

RESULTS = {
    "directory_not_authorized": Explanation(
        "The account does not have the permission for this request.",
        "Deleting activation objects is reserved to administrators of the forest by default.",
        (DELETE_RIGHT, READER),
    ),
    "directory_no_such_object": Explanation(
        "The object does not exist, or the account cannot see it.",
        "It was deleted, has not been replicated to this domain controller yet, or its permissions hide it from the account.",
        ("Check the name or the GUID, and use an account that can read the object.", OTHER_SERVER),
    ),
    "directory_name_taken": Explanation(
        "An object with this name exists already.",
        "Names of activation objects are unique in the forest, without regard to case.",
        ("Choose another name, or delete the existing object first.",),
    ),
    "directory_read_only": Explanation(
        "The domain controller does not accept changes, and refers to another one.",
        "It is a read-only domain controller.",
        (WRITABLE,),
    ),
    "directory_referral": Explanation(
        "The domain controller does not have this part of the directory, and refers to another server.",
        "The name belongs to another forest or another partition. Referrals are not followed, because that would send the logon there.",
        ("Set server to a domain controller of the forest.",),
    ),
    "directory_schema_too_old": Explanation(
        "The schema of the forest does not have the classes of activation objects.",
        "Activation objects require the schema of Windows Server 2012 or newer.",
        ("Ask an administrator to extend the schema: adprep /forestprep of Windows Server 2012 or newer.", "Or use KMS."),
    ),
    "directory_no_container": Explanation(
        "The forest has no container for activation objects, or the account cannot see it.",
        "adprep did not run to its end, or the permissions of the container were changed.",
        (
            "Ask an administrator to run adprep /forestprep of Windows Server 2012 or newer.",
            "Check that the account can read CN=Activation Objects,CN=Microsoft SPP,CN=Services in the configuration partition.",
        ),
    ),
    "directory_busy": Explanation(
        "The domain controller is busy or shutting down.",
        "It has too many requests, or it restarts.",
        ("Run the task again.", OTHER_SERVER),
    ),
    "directory_limit": Explanation(
        "The domain controller ended the search at one of its limits.",
        "The limits of the query policy of the domain are lower than usual, or the domain controller is overloaded.",
        ("Run the task again.", OTHER_SERVER),
    ),
    "directory_has_children": Explanation(
        "The object has objects below it, and is not deleted.",
        "Only single activation objects are deleted, never containers.",
        ("Check the name or the GUID.",),
    ),
    "directory_refused": Explanation(
        "The domain controller refused the request.",
        "The rules of the directory do not allow this change for anyone.",
        ("Check that the request is for a single activation object.", "Read the event log Directory Service of the domain controller."),
    ),
    "directory_failed": UNKNOWN,
}

__all__ = ["RESULTS", "UNKNOWN"]
