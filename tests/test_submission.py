"""Reading one submission: any bytes at all, without ever raising; whole cases are in submissions/."""

import json
import time

import pytest
from classroom import MULTIPLE, PROMPT, SINGLE, STUB
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grading.answer_cells import CELL_LIMIT
from grading.notebook_json import MOST_CELLS, UnreadableError, parse_notebook, source_of
from grading.submission import Question, asked_ids, notebook_names, read_answers

QUESTIONS = (
    Question(SINGLE, "single", ("a", "b", "c")),
    Question(MULTIPLE, "multiple", ("a", "b", "c", "d")),
)
PROMPTS = {PROMPT: STUB}


def quiz(source, **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], **more}


def notebook(*cells):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def read(*cells):
    return read_answers(notebook(*cells), QUESTIONS, PROMPTS)


def reflection(source):
    return {"cell_type": "markdown", "source": source, "metadata": {"course": {"prompt": PROMPT}}}


def single(*sources):
    return read(*(quiz(source) for source in sources)).items[SINGLE]


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ('ask("greeting-single", answer="b")', "b"),
        ('from course import ask\nask("greeting-single", answer="b")', "b"),
        ("import course\ncourse.ask('greeting-single', 'b')", "b"),
        ('q = ask(item_id="greeting-single", answer="b")', "b"),
        ('ask("greeting-single", answer=None)', None),
        ('ask("greeting-single")', None),
        ('ask("greeting-single", answer="")', None),
        ('ask("greeting-single", answer=[])', None),
    ],
)
def test_the_usual_ways_to_write_the_call_are_read(source, answer):
    assert single(source).answer == answer
    assert single(source).state == ("answered" if answer else "unanswered")


@pytest.mark.parametrize(
    "literal",
    ["b", "f'b'", "('b',)", "{'b'}", "{'a': 1}", "[['b']]", "['b', x]", "...", "True", "1.5", "b'b'"],
)
def test_anything_but_a_letter_in_quotes_is_unreadable_for_a_single_choice(literal):
    assert single(f'ask("greeting-single", answer={literal})').state == "unreadable"


def test_a_list_is_read_sorted_and_without_repeats():
    reading = read(quiz('ask("greeting-multiple", answer=["d", "a", "d"])')).items[MULTIPLE]
    assert reading.answer == ["a", "d"]


def test_unknown_arguments_and_unpacking_are_unreadable():
    for call in (
        'ask("greeting-single", "a", answer="b")',
        'ask("greeting-single", answer="b", points=9)',
        'ask("greeting-single", *["b"])',
        'ask("greeting-single", **{"answer": "b"})',
    ):
        assert single(call).state == "unreadable", call


def test_the_id_in_a_comment_or_text_is_no_answer_cell():
    assert single('# ask("greeting-single", answer="b")').reason == "its cell is missing from the notebook"
    assert single('print(\'ask("greeting-single", answer="b")\')').state == "unreadable"


def test_an_answer_in_a_cell_of_another_question_does_not_count():
    readings = read(quiz('ask("greeting-multiple", answer=["a"])'))
    assert readings.items[SINGLE].state == "unreadable"
    assert readings.items[MULTIPLE].answer == ["a"]


def test_a_cell_that_carries_the_marks_of_two_prompts_is_unreadable_for_both():
    cell = {
        "cell_type": "markdown",
        "source": "My text",
        "metadata": {"course": {"prompt": "one"}, "nbgrader": {"grade_id": "two"}},
    }
    texts = read_answers(notebook(cell), (), {"one": STUB, "two": STUB}).texts
    assert [text.reason for text in texts.values()] == ["a cell carries the marks of two questions"] * 2


@pytest.mark.parametrize("metadata", [{"course": {"prompt": PROMPT}}, {"nbgrader": {"grade_id": PROMPT}}])
def test_a_reflection_is_found_by_either_mark_and_in_any_kind_of_cell(metadata):
    for kind in ("markdown", "raw", "code"):
        cell = {"cell_type": kind, "source": ["Line one\r\n", "line two"], "metadata": metadata}
        assert read(cell).texts[PROMPT].text == "Line one\nline two"


def test_an_untouched_and_an_emptied_reflection_are_both_unanswered_but_told_apart():
    for source in (STUB, "", "  \n"):
        reading = read(reflection(source)).texts[PROMPT]
        assert (reading.state, reading.text) == ("unanswered", source)


@pytest.mark.parametrize("source", ["Write your answer here.", "Write your answer here.\n"])
def test_an_untouched_reflection_in_a_notebook_of_an_earlier_release_is_untouched(source):
    reading = read(reflection(source)).texts[PROMPT]
    assert (reading.state, reading.text) == ("unanswered", STUB)
    beside_a_text = read(reflection(source), reflection("Mine."), reflection("Mine.")).texts[PROMPT]
    assert (beside_a_text.state, beside_a_text.text) == ("answered", "Mine.")


def test_where_a_reflection_was_split_in_two_a_person_reads_both_halves():
    reading = read(reflection("First half."), reflection(STUB), reflection("Second half.")).texts[PROMPT]
    assert (reading.state, reading.reason) == (
        "unreadable",
        "its answer cell stands there twice, with two texts",
    )
    assert reading.text == "First half.\n\n[another cell:]\n\nSecond half."


def test_half_a_surrogate_pair_becomes_a_character_that_a_file_can_hold():
    assert source_of({"source": "a\ud800b"}) == "a?b"


def test_a_renamed_notebook_is_known_by_its_set_up_data():
    cell = quiz('from course import setup\n\nsetup({\n "notebook": "check-greeting",\n "seed": 7})')
    assert notebook_names(notebook(cell)) == {"check-greeting"}
    assert asked_ids(quiz('ask("greeting-single", answer="b")')) == {"greeting-single"}


def test_more_cells_than_a_notebook_can_have_are_refused():
    data = json.dumps(notebook(*[quiz("")] * (MOST_CELLS + 1))).encode()
    with pytest.raises(UnreadableError, match=f"more than {MOST_CELLS} cells"):
        parse_notebook(data)


def test_no_cell_keeps_the_parser_busy():
    worst = '# ask("greeting-single")\n' + "-" * (CELL_LIMIT - 100) + "1"
    begin = time.perf_counter()
    readings = read(*[quiz(worst)] * MOST_CELLS)
    assert time.perf_counter() - begin < 5
    assert readings.items[SINGLE].state == "unreadable"


@pytest.mark.parametrize(
    "deep",
    [
        "-" * 3000 + "1",
        "(" * 1500 + ")" * 1500,
        "[" * 1500 + "]" * 1500,
        "not " * 900 + "1",
        "a" + ".b" * 999,
    ],
)
def test_deep_expressions_are_unreadable_and_crash_nothing(deep):
    assert single(f'ask("greeting-single", answer={deep})').state == "unreadable"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
sources = st.one_of(
    st.text(max_size=200),
    st.builds('ask("greeting-single", answer={})'.format, st.text(max_size=60)),
    st.builds('ask("greeting-multiple", {})'.format, st.text(max_size=60)),
    st.lists(st.text(max_size=40), max_size=4),
    json_values,
)
any_cells = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", "odd", 5])},
    optional={
        "source": sources,
        "metadata": st.one_of(
            json_values,
            st.fixed_dictionaries(
                {},
                optional={
                    "course": st.one_of(json_values, st.just({"prompt": PROMPT})),
                    "nbgrader": st.one_of(json_values, st.just({"grade_id": PROMPT})),
                },
            ),
        ),
        "outputs": json_values,
    },
)


@settings(max_examples=300, deadline=2000)
@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf{}")
@example(b'{"nbformat": 4, "cells": [1e999, "\\ud800"]}')
@example(b'{"nbformat": ' + b"9" * 5000 + b"}")
def test_any_bytes_are_a_notebook_or_a_reason(data):
    try:
        found = parse_notebook(data)
    except UnreadableError as error:
        assert str(error)
    else:
        read_answers(found, QUESTIONS, PROMPTS)


@settings(max_examples=300, deadline=2000)
@given(st.lists(st.one_of(any_cells, json_values), max_size=6))
def test_any_cells_give_exactly_one_reading_per_question(cells):
    readings = read(*cells)
    assert set(readings.items) == {SINGLE, MULTIPLE} and set(readings.texts) == {PROMPT}
    for reading in [*readings.items.values(), *readings.texts.values()]:
        assert (reading.state == "unreadable") == bool(reading.reason)
        reading.reason.encode("utf-8")
    for reading, question in zip(readings.items.values(), QUESTIONS, strict=True):
        given_ids = [reading.answer] if isinstance(reading.answer, str) else list(reading.answer or ())
        assert set(given_ids) <= set(question.options)
        assert (reading.state == "answered") == bool(given_ids)
    readings.texts[PROMPT].text.encode("utf-8")
