# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WQL: text to a query object, by the grammar in wql.lark.

Meaning (checked against Microsoft's WQL pages where they say anything): names and string comparison ignore case; a
comparison with a NULL property is neither true nor false, so neither it nor its negation selects the instance; LIKE knows
% _ [a-z] [^a]; date-times are DMTF text compared as instants. `= NULL` means IS NULL.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import LarkError

from ..interfaces import Value
from .schema import CimClass

Literal = str | int | float | bool | None
Truth = bool | None
Row = Mapping[str, Value]
Predicate = Callable[[Row], Truth]


class InvalidQuery(ValueError):
    """The text is no WQL, or does not fit the class."""


@dataclass(frozen=True)
class Comparison:
    """One test of a property; operator is one of = <> < > <= >= like isa."""

    name: str
    operator: str
    literal: Literal


@dataclass(frozen=True)
class Junction:
    """and, or, not over conditions."""

    kind: str
    parts: tuple[Condition, ...]


Condition = Comparison | Junction


@dataclass(frozen=True)
class Query:
    """A parsed query; columns is empty for SELECT *."""

    class_name: str
    columns: tuple[str, ...]
    where: Condition | None


class _Build(Transformer[Token, Any]):
    def start(self, items: list[Any]) -> Query:
        columns, name, where = items
        return Query(str(name), columns, where)

    def every(self, _items: list[Any]) -> tuple[str, ...]:
        return ()

    def named(self, items: list[Token]) -> tuple[str, ...]:
        return tuple(str(item) for item in items)

    def either(self, items: list[Any]) -> Any:
        return items[0] if len(items) == 1 else Junction("or", tuple(items))

    def both(self, items: list[Any]) -> Any:
        return items[0] if len(items) == 1 else Junction("and", tuple(items))

    def negate(self, items: list[Condition]) -> Condition:
        return Junction("not", tuple(items))

    def compare(self, items: list[Any]) -> Condition:
        name, symbol, literal = items
        return Comparison(str(name), "<>" if symbol == "!=" else str(symbol), literal)

    def compare_reversed(self, items: list[Any]) -> Condition:
        literal, symbol, name = items
        turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(str(symbol), str(symbol))
        return self.compare([name, turned, literal])

    def is_null(self, items: list[Token]) -> Condition:
        return Comparison(str(items[0]), "=", None)

    def is_not_null(self, items: list[Token]) -> Condition:
        return Comparison(str(items[0]), "<>", None)

    def like(self, items: list[Token]) -> Condition:
        return Comparison(str(items[0]), "like", _unquote(items[1]))

    def not_like(self, items: list[Token]) -> Condition:
        return Junction("not", (self.like(items),))

    def isa(self, items: list[Token]) -> Condition:
        return Comparison(str(items[0]), "isa", _unquote(items[1]))

    def text(self, items: list[Token]) -> Literal:
        return _unquote(items[0])

    def number(self, items: list[Token]) -> Literal:
        text = str(items[0])
        return float(text) if "." in text else int(text, 0) if "x" in text.lower() else int(text)

    def true(self, _items: list[Token]) -> Literal:
        return True

    def false(self, _items: list[Token]) -> Literal:
        return False

    def null(self, _items: list[Token]) -> Literal:
        return None


def _unquote(token: Token) -> str:
    return re.sub(r"\\(.)", r"\1", str(token)[1:-1], flags=re.DOTALL)


_PARSER = Lark((Path(__file__).with_name("wql.lark")).read_text("utf-8"), parser="lalr", transformer=_Build(), maybe_placeholders=True)


@lru_cache(maxsize=4096)
def parse(wql: str) -> Query:
    """The query in `wql`; raises InvalidQuery."""
    try:
        query: Query = _PARSER.parse(wql)  # type: ignore[assignment]  # the transformer runs inside the parser
    except LarkError as error:
        raise InvalidQuery(f"not WQL: {wql}") from error
    return query


_DMTF = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{1,6}|\*{6}))?([+-]\d{3})?")


def parse_dmtf(text: str) -> datetime:
    """An instant from DMTF text such as 20261120093000.000000+000 (offset in minutes); raises ValueError."""
    found = _DMTF.fullmatch(text)
    if found is None:
        raise ValueError(f"no DMTF date-time: {text}")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, offset = found.group(7), found.group(8)
    micro = int(fraction.ljust(6, "0")) if fraction and "*" not in fraction else 0
    zone = timezone(timedelta(minutes=int(offset or "0")))
    return datetime(year, month, day, hour, minute, second, micro, zone)


@lru_cache(maxsize=1024)
def _like(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        closing = pattern.find("]", position + 2) if character == "[" else -1
        if closing > 0:
            inside = pattern[position + 1 : closing]
            negated = inside.startswith("^") and len(inside) > 1
            members = inside[1:] if negated else inside
            parts.append("[" + ("^" if negated else "") + re.sub(r"([\\\[\]^&~|])", r"\\\1", members) + "]")
            position = closing
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
        position += 1
    try:
        return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise InvalidQuery(f"bad LIKE pattern: {pattern}") from error


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip


def _operand(cim_type: str, literal: Literal) -> Any:
    """The literal as a value of the property's type; raises InvalidQuery when it cannot be one."""
    try:
        if cim_type == "boolean":
            if isinstance(literal, str):
                return {"true": True, "false": False}[literal.casefold()]
            return bool(literal)
        if cim_type == "datetime":
            return parse_dmtf(str(literal))
        if cim_type == "string":
            return str(literal).casefold()
        return literal if isinstance(literal, (int, float)) else int(str(literal), 0)
    except (ValueError, KeyError) as error:
        raise InvalidQuery(f"{literal!r} is no {cim_type}") from error


def _comparison(test: Comparison, cim: CimClass) -> Predicate:
    name = cim.spelling.get(test.name.casefold())
    if name is None:
        raise InvalidQuery(f"{cim.name} has no property {test.name}")
    if test.operator == "isa":
        raise InvalidQuery("ISA is for embedded objects, of which these classes have none")
    cim_type = cim.properties[name]
    if test.literal is None:
        if test.operator not in ("=", "<>"):
            raise InvalidQuery("NULL can only be tested with = and <>")
        wanted = test.operator == "="
        return lambda row: (row[name] is None) is wanted
    if cim_type.endswith("[]"):
        raise InvalidQuery(f"{name} is an array and cannot be compared")
    if test.operator == "like":
        if cim_type != "string":
            raise InvalidQuery(f"LIKE is for text, and {name} is none")
        pattern = _like(str(test.literal))
        return lambda row: None if row[name] is None else pattern.fullmatch(str(row[name])) is not None
    operand, compare = _operand(cim_type, test.literal), _OPERATORS[test.operator]
    if cim_type == "string":
        return lambda row: None if row[name] is None else compare(str(row[name]).casefold(), operand)
    return lambda row: None if row[name] is None else compare(row[name], operand)


def _junction(kind: str, parts: list[Predicate]) -> Predicate:
    if kind == "not":
        only = parts[0]

        def negated(row: Row) -> Truth:
            truth = only(row)
            return None if truth is None else not truth

        return negated
    decisive = kind == "or"

    def joined(row: Row) -> Truth:
        outcome: Truth = not decisive
        for part in parts:
            truth = part(row)
            if truth is decisive:
                return decisive
            outcome = None if truth is None else outcome
        return outcome

    return joined


def compile_condition(condition: Condition, cim: CimClass) -> Predicate:
    """A function telling whether a row is selected; raises InvalidQuery for an unknown property or a value of a wrong type."""
    if isinstance(condition, Comparison):
        return _comparison(condition, cim)
    return _junction(condition.kind, [compile_condition(part, cim) for part in condition.parts])


def conjuncts(condition: Condition | None) -> tuple[Comparison, ...]:
    """Comparisons every selected row must pass, by which a provider may narrow its rows before building them."""
    if condition is None:
        return ()
    if isinstance(condition, Comparison):
        return (condition,)
    return tuple(test for part in condition.parts for test in conjuncts(part)) if condition.kind == "and" else ()
