"""Any notebook, and any change to an honest one: never a crash, one state each, never right by luck."""

import copy
import json

import pytest
from corpus import all_cases, honest_bytes, honest_notebook
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from oracle import check, check_notebook

from grading.handedin import parse_time, written_time

often = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

letters = st.text(st.characters(codec="utf-8") | st.sampled_from("\ud800\udfff"), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | letters,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4),
    max_leaves=10,
)

names = st.sampled_from(
    [
        "ask",
        "ask",
        "ask",
        "course.ask",
        "ａｓｋ",
        "aſk",
        "(ask)",
        "task",
        "ask_",
        "a",
        "print",
        "ask.ask",
        "lambda: ask",
    ]
)
ids = st.sampled_from(
    [
        *['"gate-word"', '"gate-signs"', '"gate-log"'] * 3,
        *[
            "'gate-word'",
            'r"gate-word"',
            '"gate-" "word"',
            '"\\x67ate-word"',
            '("gate-word")',
            'b"gate-word"',
        ],
        *[
            'f"gate-word"',
            '"gate-" + "word"',
            '*["gate-word"]',
            "item",
            '"gate-story"',
            '"gate-nothing"',
            "# ?\n",
        ],
    ]
)
one_letter = st.sampled_from(["a", "b", "c", "d", "z", "C", "с", "\\x63", ""]).map('"{}"'.format)
literals = st.one_of(
    one_letter,
    st.lists(one_letter, max_size=4).map(lambda parts: f"[{', '.join(parts)}]"),
    st.lists(one_letter, min_size=1, max_size=3).map(lambda parts: f"({', '.join(parts)},)"),
    st.sampled_from(
        ["None", "c", "3", "True", '"" "c"', 'f"c"', '"c" or "a"', '[["a"]]', '["a", 1]', '{"a"}', "..."]
    ),
)
arguments = st.one_of(
    st.builds("{}, answer={}".format, ids, literals),
    st.builds("{}, answer={}".format, ids, literals),
    st.builds("{}, {}".format, ids, literals),
    st.builds("answer={}, item_id={}".format, literals, ids),
    st.builds("item_id={}, answer={}".format, ids, literals),
    st.builds("{}, answer={}, answer={}".format, ids, literals, literals),
    st.builds("{}, item_id={}, answer={}".format, ids, ids, literals),
    st.builds("{}, **{{'answer': {}}}".format, ids, literals),
    st.builds("{}".format, ids),
)
calls = st.builds("{}{}({})".format, names, st.sampled_from(["", "", " ", " \\\n", "\t"]), arguments)
around = st.sampled_from(
    [
        *["{}"] * 4,
        *[
            "x = {}",
            "if x:\n    {}",
            "lambda: {}",
            "[{}]",
            "({})",
            "{}; {}",
            "# {}",
            "'''{}'''",
            "%%time\n{}",
            "!{}",
        ],
        *[
            "f(answer={})",
            "x: int = {}",
            "(x := {})",
            "print({})",
            "from course import ask\n{}",
            "{}\n{}",
            "{} # c",
        ],
    ]
)


def wrapped(outside: str, call: str, other: str) -> str:
    return outside.replace("{}", call, 1).replace("{}", other)


sources = st.lists(st.builds(wrapped, around, calls, calls), min_size=1, max_size=3).map("\n".join)


@often
@given(json_values)
def test_any_json_is_refused_in_words_or_read(value):
    check(json.dumps({"nbformat": 4, "cells": value} if not isinstance(value, dict) else value).encode())


@often
@given(st.lists(sources, max_size=4), st.lists(json_values, max_size=2))
def test_calls_in_every_form_count_only_as_python_sees_them(written, others):
    cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in written]
    check_notebook({"nbformat": 4, "metadata": {}, "cells": [*cells, *others]})


def places(value, path=()):
    """The paths of all values inside a JSON value."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*path, key))


PLACES = [path for path in places(honest_notebook()) if path]


@st.composite
def changed(draw):
    """An honest notebook with one to three changes, anywhere."""
    notebook = copy.deepcopy(honest_notebook())
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(PLACES))
        inside = notebook
        try:
            for key in way:
                inside = inside[key]
            old = inside[last]
            how = draw(st.sampled_from(["other", "gone", "twice", "source", "letters"]))
            if how == "gone":
                del inside[last]
            elif how == "twice" and isinstance(inside, list):
                inside.insert(last, copy.deepcopy(old))
            elif how == "source" and last == "source":
                inside[last] = draw(sources)
            elif how == "letters" and isinstance(old, str):
                cut = draw(st.integers(0, len(old)))
                inside[last] = old[:cut] + draw(letters) + old[cut + draw(st.integers(0, 3)) :]
            else:
                inside[last] = draw(json_values)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    return notebook


@often
@given(changed())
def test_no_change_to_an_honest_notebook_is_right_by_luck(notebook):
    check(json.dumps(notebook).encode())


@often
@given(st.data())
def test_no_change_to_the_bytes_of_a_file_is_right_by_luck(data):
    whole = bytearray(honest_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole)))
        whole[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    check(bytes(whole))


@pytest.mark.parametrize(
    "case", [one for one in all_cases() if one.data is not None], ids=lambda one: one.name
)
def test_what_holds_of_every_file_holds_of_every_case(case):
    check(case.data)


@settings(max_examples=400)
@given(
    st.text(max_size=60)
    | st.builds("{} {}".format, st.datetimes(), st.text(max_size=12))
    | st.builds(
        "{} {}".format, st.datetimes(), st.sampled_from(["UTC", "+1400", "-14:00", "Europe/Berlin", "X"])
    )
)
@example("0001-01-01 00:00:00 +1400")
@example("9999-12-31 23:59:59.9 -2359")
@example("٢٠٢٦-٠٣-٠٢ ٠٩:٣٠:٠٠")
def test_any_text_is_a_time_or_none_and_a_time_is_written_as_it_is_read(text):
    time = parse_time(text)
    if time is not None:
        assert time.tzinfo is None and parse_time(written_time(time)) == time
