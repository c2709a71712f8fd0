# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading an estate file: YAML to checked entries. Every error names the file and the path inside it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

Entry = Mapping[str, Any]
_RANGE = re.compile(r"\{(\d+)(?:\.\.(\d+))?\}")


class EstateError(ValueError):
    """The estate file is wrong; the text says where and how."""


class Node:
    """A piece of the file that knows its path."""

    def __init__(self, value: Any, where: str) -> None:
        self.value = value
        self.where = where

    def fail(self, text: str) -> EstateError:
        """An error at this place."""
        return EstateError(f"{self.where}: {text}")

    def child(self, name: str, default: Any = None) -> Node:
        """An entry of a mapping."""
        return Node(self.mapping().get(name, default), f"{self.where}.{name}")

    def mapping(self, allowed: tuple[str, ...] | None = None) -> dict[str, Any]:
        """The value as a mapping with only the allowed names."""
        value = {} if self.value is None else self.value
        if not isinstance(value, dict):
            raise self.fail(f"must be a mapping, not {type(value).__name__}")
        unknown = [] if allowed is None else [str(name) for name in value if name not in allowed]
        if unknown:
            raise self.fail(f"unknown entry {', '.join(unknown)}; known: {', '.join(allowed or ())}")
        return value

    def items(self) -> Iterator[Node]:
        """The elements of a list."""
        value = [] if self.value is None else self.value
        if not isinstance(value, list):
            raise self.fail(f"must be a list, not {type(value).__name__}")
        for index, element in enumerate(value):
            yield Node(element, f"{self.where}[{index}]")

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str) or not self.value:
            raise self.fail(f"must be a text, not {self.value!r}")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """A list of texts, or one text."""
        if isinstance(self.value, str):
            return (self.value,)
        return tuple(item.text() for item in self.items())

    def number(self, low: float = 0, high: float = float("inf")) -> float:
        """A number in a range."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)) or not low <= self.value <= high:
            raise self.fail(f"must be a number from {low:g} to {high:g}, not {self.value!r}")
        return self.value

    def integer(self, low: int = 0, high: int = 10**9) -> int:
        """A whole number in a range."""
        if not isinstance(self.value, int):
            raise self.fail(f"must be a whole number, not {self.value!r}")
        return int(self.number(low, high))

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.fail(f"must be true or false, not {self.value!r}")
        return self.value

    def address(self) -> str:
        """An IP address."""
        try:
            return str(ipaddress.ip_address(self.text()))
        except ValueError as error:
            raise self.fail(f"{self.value!r} is no IP address") from error

    def one_of(self, *choices: str) -> str:
        """One of some texts."""
        text = self.text()
        if text not in choices:
            raise self.fail(f"{text!r} is none of {', '.join(choices)}")
        return text


def read_file(path: Path) -> Node:
    """The root of an estate file."""
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError as error:
        raise EstateError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise EstateError(f"{path}: no YAML: {error}") from error
    return Node(content, path.name)


def expand_names(node: Node, count: int | None) -> list[str]:
    """Machine names of a pattern: srv{001..300}, or srv{001} with a count, or a plain name."""
    pattern = node.text()
    found = _RANGE.search(pattern)
    if found is None:
        if count not in (None, 1):
            raise node.fail(f"{pattern!r} stands for one machine; for {count} write a number like {{001}}")
        return [pattern]
    first = int(found.group(1))
    last = int(found.group(2)) if found.group(2) else first
    if count is not None:
        last = first + count - 1
    if last < first and count != 0:
        raise node.fail(f"{pattern!r}: the range is empty")
    width = len(found.group(1))
    return [f"{pattern[: found.start()]}{number:0{width}d}{pattern[found.end() :]}" for number in range(first, last + 1)]


def addresses(node: Node, count: int) -> list[str]:
    """`count` addresses from the first on, without those ending in .0 or .255."""
    try:
        current = ipaddress.IPv4Address(node.text())
    except ValueError as error:
        raise node.fail(f"{node.value!r} is no IPv4 address") from error
    if not current.is_loopback:
        raise node.fail(f"{current} is not in 127.0.0.0/8: the lab listens on loopback only")
    found: list[str] = []
    number = int(current)
    while len(found) < count:
        if number % 256 not in (0, 255):
            found.append(str(ipaddress.IPv4Address(number)))
        number += 1
    return found
