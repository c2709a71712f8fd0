# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License files (xrm-ms) and directories of them on the controller: find and read them within limits, and extract the products.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The files are not trusted: document types, and with them all entities, are rejected, and size, depth, and number of elements are limited.
Elements are identified by namespace and name. Microsoft does not document the format, so unknown elements are ignored.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from uuid import UUID

from ansible.errors import AnsibleError

from ...module_utils._strict_xml import parse, strict_parser
from .._errors import InvalidOptionsError
from .._jobs.license_file.model import LicenseFile

MAX_FILES = 1000
MAX_BYTES = 4 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024
SUFFIX = ".xrm-ms"
_MAX_DEPTH = 64
_MAX_ELEMENTS = 50_000
_LONGEST_TITLE = 200

_R = "urn:mpeg:mpeg21:2003:01-REL-R-NS"
_TM = "http://www.microsoft.com/DRM/XrML2/TM/v2"
_ROOTS = (f"{_R} licenseGroup", f"{_R} license")
_TITLE, _INFO = f"{_R} title", f"{_TM} infoStr"
_PRODUCT, _APPLICATION = "productSkuId", "applicationId"

codecs.lookup("utf-16")  # loads the codec once, in the process from which Ansible forks its workers

_WHERE = "Copy it to the directory files of the role or of the playbook on the controller, or specify its full path."
_RIGHT_FILE = "Specify an original license file, whose name ends in .xrm-ms."


class _FilesError(ValueError):
    """The files cannot be used: a message, and the next step."""


class InvalidLicenseError(ValueError):
    """The text is not a license document; the message completes "FILE is not a license file: "."""


def read_files(names: Sequence[str], find: Callable[[str], str], module: str = "license_file") -> tuple[LicenseFile, ...]:
    """Return the files of these names and in these directories, without duplicates. `find` is Ansible's search for a file.

    `module` is the module whose option src has the names. Raises InvalidOptionsError.
    """
    try:
        return _read_files(names, find)
    except _FilesError as error:
        message, step = error.args
    # Outside the except block, so that the context does not contain Ansible's advice about remote_src.
    raise InvalidOptionsError(f"{module}: src: {message}", (step,))


def _read_files(names: Sequence[str], find: Callable[[str], str]) -> tuple[LicenseFile, ...]:
    if not names:
        raise _error("the list is empty.", "Specify at least one license file.")
    _check_count(len(names))
    paths = dict.fromkeys(path for name in names for path in _files(_found(name, find)))
    _check_count(len(paths))
    files: list[LicenseFile] = []
    total = 0
    for path in paths:
        files.append(_read(path))
        total += len(files[-1].text)
        if total > MAX_TOTAL_BYTES:
            raise _error(f"the files are larger than {MAX_TOTAL_BYTES // 1024**2} MiB together.", "Use several tasks.")
    return tuple(files)


def _check_count(count: int) -> None:
    if count > MAX_FILES:
        raise _error(f"the list has {count} files, but the maximum is {MAX_FILES}.", "Use several tasks.")


def _files(path: str) -> list[str]:
    """Return the file, or the license files in the directory and its subdirectories, sorted. Links to directories are not followed."""
    if not Path(path).is_dir():
        return [path]
    found = [str(Path(directory) / name) for directory, _subdirectories, names in os.walk(path, onerror=_raise) for name in names]
    licenses = sorted(name for name in found if name.casefold().endswith(SUFFIX))
    if not licenses:
        raise _error(f"the directory {path} does not contain a file whose name ends in {SUFFIX}.", "Specify the directory of the files.")
    return licenses


def _raise(error: OSError) -> NoReturn:
    message = f"the directory {error.filename} cannot be read: {error.strerror or error}."
    raise _error(message, "Correct the permissions of the directory.") from error


def _found(name: str, find: Callable[[str], str]) -> str:
    try:
        return str(find(name))
    except AnsibleError as error:
        raise _error(f"Ansible does not find the file {name}.", _WHERE) from error


def _read(path: str) -> LicenseFile:
    try:
        if not Path(path).is_file():
            raise _error(f"{path} is not a regular file.", "Specify files or directories.")
        with Path(path).open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _error(f"{path} cannot be read: {error.strerror or error}.", "Correct the permissions of the file.") from error
    try:
        return license_of(path, content)
    except InvalidLicenseError as error:
        raise _error(f"{path} is not a license file: {error}.", _RIGHT_FILE) from error


def license_of(path: str, content: bytes) -> LicenseFile:
    """Return a license file from its bytes. Raises InvalidLicenseError."""
    if len(content) > MAX_BYTES:
        raise InvalidLicenseError(f"it is larger than {MAX_BYTES} bytes")
    text = _decoded(content)
    reader = _LicenseReader()
    try:
        problem = parse(reader.parser, text.encode())
    finally:
        reader.close()
    if problem:
        raise InvalidLicenseError(f"it is not well-formed XML ({problem})")
    return LicenseFile(path, text, reader.title or None, tuple(dict.fromkeys(reader.products)), frozenset(reader.applications))


def _decoded(content: bytes) -> str:
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16") if is_wide else content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # also in UTF-16 without a byte order mark
        raise InvalidLicenseError("it is neither UTF-8 nor UTF-16 with a byte order mark")
    return text


def _refuse(*_: object) -> NoReturn:
    raise InvalidLicenseError("it declares a document type or an entity, which is not allowed")


@dataclass
class _LicenseReader:
    """Reads the document once, and keeps the text of a few elements."""

    title: str = ""
    products: list[str] = field(default_factory=list)
    applications: list[str] = field(default_factory=list)
    _text: list[str] | None = None
    _depth: int = 0
    _elements: int = 0
    _info: str = ""

    def __post_init__(self) -> None:
        self.parser = strict_parser(_refuse, namespaces=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def close(self) -> None:
        """Delete the parser, whose handlers refer to this object."""
        del self.parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name not in _ROOTS:
            raise InvalidLicenseError(f"it starts with <{name.rpartition(' ')[2][:40]}>, not with <rg:licenseGroup> or <r:license>")
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise InvalidLicenseError("it has too many elements, or they are nested too deeply")
        self._info = attributes.get("name", "") if name == _INFO else ""
        is_kept = self._info in (_PRODUCT, _APPLICATION) or (name == _TITLE and not self.title)
        self._text = [] if is_kept else None

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._text is None:
            return
        text, self._text = " ".join("".join(self._text).split()), None
        if name == _TITLE:
            self.title = text[:_LONGEST_TITLE]
        elif self._info == _PRODUCT:
            self.products.append(_guid(text))
        else:
            self.applications.append(_guid(text))


def _guid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise InvalidLicenseError(f"it contains {text[:60]!r} instead of the ID of a product or an application") from None


def _error(message: str, step: str) -> _FilesError:
    return _FilesError(message, step)


__all__ = ["MAX_BYTES", "MAX_FILES", "MAX_TOTAL_BYTES", "InvalidLicenseError", "license_of", "read_files"]
