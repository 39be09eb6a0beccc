"""What a table of a TOML file may hold: the check, and its outcome in an author's words."""

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from course.reading import Problem, suggestion
from course.toml_text import Location, Table


class Shape(BaseModel):
    """A table of a TOML file: strict types, and no key that is not named here."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


S = TypeVar("S", bound=Shape)


def check_shape(
    table: Table,
    shape: type[S],
    problems: list[Problem],
    data: Any = None,
    at: Location = (),
    hints: Mapping[str, str] | None = None,
) -> S | None:
    """Return a table as a value of its shape, or None with every mismatch added as a problem.

    `data` and `at` choose a table inside the file; without them it is the whole file. `hints` holds what to
    do about a key that is known to be written there by mistake.
    """
    try:
        return shape.model_validate(table.data if data is None else data)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
        meant = {
            (*error["loc"][:-1], key)
            for error in errors
            if error["type"] == "extra_forbidden" and (key := _meant(shape, error["loc"]))
        }
        for error in errors:
            if error["type"] == "missing" and error["loc"] in meant:
                continue  # Its misspelt name is told already.
            location, wanted = _field(shape, error["loc"])
            what, remedy = _say(error, location, wanted, shape, hints or {})
            found = Problem(table.place(*at, *location), what, remedy)
            if found not in problems:
                problems.append(found)
        return None


def _meant(shape: Any, location: Location) -> str:
    """Return the key that an unknown one is a slip for, or nothing."""
    near = suggestion(str(location[-1]), _keys_at(shape, location[:-1]))
    return near[len("did you mean '") : -len("'?")] if near.startswith("did you mean") else ""


def _keys_at(shape: Any, location: Location) -> list[str]:
    """Return the keys that the table at a location may hold."""
    around = _shape_in(_field(shape, location)[1] if location else shape)
    return list(around.model_fields) if around else []


def _field(shape: Any, location: Location) -> tuple[Location, Any]:
    """Return a pydantic location without its names of types, and the annotation of the field it ends in.

    Where a value may be of several types, pydantic puts the name of the tried one into the location.
    """
    kept: list[str | int] = []
    annotation: Any = shape
    for part in location:
        inner = _shape_in(annotation)
        if isinstance(part, int):
            kept.append(part)
        elif get_origin(annotation) is dict:
            kept.append(part)
            annotation = _plain(get_args(annotation)[1])
        elif inner is not None and part in inner.model_fields:
            kept.append(part)
            annotation = _plain(inner.model_fields[part].annotation)
        elif inner is not None:
            kept.append(part)
            annotation = None
    return tuple(kept), annotation


def _plain(annotation: Any) -> Any:
    """Return an annotation without its limits."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _shape_in(annotation: Any) -> type[BaseModel] | None:
    """Return the shape inside an annotation such as ``list[ItemShape]``, if any."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _shape_in(part)
        if found is not None:
            return found
    return None


def _say(
    error: Any, location: Location, wanted: Any, shape: type[BaseModel], hints: Mapping[str, str]
) -> tuple[str, str]:
    """Return what is wrong and what to do, in an author's words, for one pydantic error."""
    key = next((str(part) for part in reversed(location) if isinstance(part, str)), "")
    kind, given, limits = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"'{key}' is missing", f"add a line {_example(key, wanted)}"
    if kind == "extra_forbidden":
        return f"unknown key '{key}'", hints.get(key) or suggestion(key, _keys_at(shape, location[:-1]))
    if kind == "literal_error":
        allowed = limits["expected"].replace("'", '"')
        remedy = f"use one of: {allowed}" if " or " in allowed else f"write {key} = {allowed}"
        return f"'{key}' has the value {_shown(given)}", remedy
    if kind in _RANGES:
        name, words = _RANGES[kind]
        remedy = f"write {_EXAMPLES[key]}" if key in _CHOICES else f"write a number {words} {limits[name]:g}"
        return f"'{key}' is {_shown(given)}", remedy
    if kind == "finite_number":
        return f"'{key}' is no number to count with", f"write it as {_example(key, wanted)}"
    if kind == "string_too_short":
        return f"'{key}' is empty", "write its text"
    if kind == "string_too_long":
        return f"'{key}' has {len(given)} characters", f"shorten it to {limits['max_length']} or fewer"
    if kind == "string_pattern_mismatch":
        return _unfit(key, given, limits["pattern"])
    if kind in {"too_short", "too_long"}:
        count = limits["min_length"] if kind == "too_short" else limits["max_length"]
        least = "at least " if kind == "too_short" and key not in _EXACT else ""
        have = limits["actual_length"]
        number = f"{have} {'entry' if have == 1 else 'entries'}"
        return f"'{key}' has {number} and needs {least}{count}", f"write it as {_example(key, wanted)}"
    in_list = bool(location) and isinstance(location[-1], int) and _shape_in(wanted) is None
    return _wrong_type(key, wanted, in_list=in_list)


_EXACT = frozenset(["words"])
"""Lists of a fixed length."""
_CHOICES = frozenset(["half"])
"""Numbers of which there are so few that all are named."""
_RANGES = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "from"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "up to"),
}
"""pydantic's names of ranges: where the bound stands, and how to say it."""


def _wrong_type(key: str, wanted: Any, *, in_list: bool) -> tuple[str, str]:
    """Return what to say where a value is of another type than wanted."""
    inner = _shape_in(wanted)
    if inner is not None or _is_tables(wanted):
        return (
            f"'{key}' is not written as a table",
            f"write [[{key}]] on a line of its own, its keys below it",
        )
    if get_origin(wanted) in (Union, UnionType):
        types = [part for part in get_args(wanted) if part is not type(None)]
        wanted = types[0] if len(types) == 1 else wanted
    example = _example(key, wanted)
    if in_list and get_origin(wanted) is list:
        return f"'{key}' should hold only {_NAMES[get_args(wanted)[0]][1]}", f"write it as {example}"
    if get_origin(wanted) in (Union, UnionType):
        return f"'{key}' should be a text in quotes, or a list of such texts", f"write it as {example}"
    if get_origin(wanted) is list:
        return f"'{key}' should be a list in square brackets", f"write it as {example}"
    if get_origin(wanted) is dict:
        return f"'{key}' should be a table of names and texts", f"write it as {example}"
    return f"'{key}' should be {_NAMES[wanted][0]}", f"write it as {example}"


_NAMES = {
    str: ("a text in quotes", "texts in quotes"),
    int: ("a whole number without quotes", "whole numbers without quotes"),
    float: ("a number without quotes", "numbers without quotes"),
}
_VALUES = {str: '"..."', int: "1", float: "2"}
_EXAMPLES = {
    "key": 'key = "a", or key = ["a", "c"] for two',
    "words": "words = [60, 120]",
    "half": "half = 1 or half = 2",
    "option": "[[item.option]] with its keys below it",
    "minutes": "minutes = 20",
    "waive": 'waive = { "L-24" = "the reason" }',
    "objectives": '[objectives], and below it my-lesson-first = "..."',
}
"""How to write a key whose type does not say it."""


def _example(key: str, wanted: Any) -> str:
    """Return a line that sets a key."""
    if key in _EXAMPLES and wanted is not str:
        return _EXAMPLES[key]
    if _shape_in(wanted) is not None or _is_tables(wanted):
        return f"[[{key}]] with its keys below it"
    types = [part for part in get_args(wanted) if part is not type(None)]
    if get_origin(wanted) is list:
        return f"{key} = [{_VALUES.get(types[0], '...')}]"
    if get_origin(wanted) in (Union, UnionType):
        return _example(key, types[0])
    if wanted in _VALUES:
        return f"{key} = {_VALUES[wanted]}"
    return f'{key} = "{types[0]}"' if types else f"{key} = ..."


def _is_tables(wanted: Any) -> bool:
    """Return whether a value is a list of tables that are checked one by one later."""
    return get_origin(wanted) is list and get_origin(get_args(wanted)[0]) is dict


def _unfit(key: str, given: str, pattern: str) -> tuple[str, str]:
    """Return what to say of an id that is not in the form of one."""
    if "(-" in pattern:
        remedy = "use small letters a to z, digits and single hyphens, such as lost-and-found-desk"
        return f"'{given}' cannot be an {key}", remedy
    return f"'{given}' cannot be the {key} of a choice", "use a small letter: a, b, c or d"


def _shown(value: Any) -> str:
    """Return a value as it stands in a TOML file, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
