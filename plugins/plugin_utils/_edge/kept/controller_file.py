# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a file on the controller within limits, through trusted links only.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The path leads only through links of this user or of root, see :mod:`kept_path`. A pipe or a device is not opened for long: the file must be
a regular one, and not be larger than permitted. A file that is encrypted with ansible-vault is decrypted.
"""

from __future__ import annotations

import os
import stat
from typing import Protocol

from ansible.errors import AnsibleError

from ..._regular_file import open_regular
from ..kept_path import UnsafePathError, resolved


class Loader(Protocol):
    """What is needed of Ansible's data loader."""

    def get_real_file(self, file_path: str) -> str:
        """Return the path of the decrypted copy of an encrypted file, or else the path itself."""

    def cleanup_tmp_file(self, file_path: str) -> None:
        """Remove a decrypted copy."""


class UnreadableFileError(ValueError):
    """The file cannot be read; the message is readable, and completes "OPTION: "."""


def read_controller_file(path: str, loader: Loader, most: int) -> bytes:
    """Return the content of a file of at most `most` bytes. Raises UnreadableFileError."""
    problem: UnreadableFileError
    try:
        found = resolved(path)
        _refuse_other_kinds(found)
        real = loader.get_real_file(found)
        try:
            return _read(real, found, most)
        finally:
            if real != found:
                loader.cleanup_tmp_file(real)
    except UnsafePathError as error:
        raise UnreadableFileError(f"{error}.") from None
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror or error}.") from None
    except AnsibleError as error:
        problem = UnreadableFileError(f"{path} cannot be decrypted: {error}")
    raise problem  # outside the except block, because the context could contain parts of the file


def _refuse_other_kinds(path: str) -> None:
    """Raise UnreadableFileError for a path that is not a regular file, before Ansible opens it."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise UnreadableFileError(f"{path} is not a regular file.")


def _read(path: str, shown: str, most: int) -> bytes:
    with open_regular(path, follow_links=False) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise UnreadableFileError(f"{shown} is larger than {most} bytes.")
    return content


__all__ = ["Loader", "UnreadableFileError", "read_controller_file"]
