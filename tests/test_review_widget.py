"""The review without a browser: what it reads from the lessons, what it draws, and what it refuses."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from editor import Editor
from hypothesis import given
from hypothesis import strategies as st

from course.widgets import Notice, Review, lesson_files, review, setup, state
from course.widgets.lesson_files import Practice, read_lessons
from course.widgets.rounds import Round, Standing, draw, parse_round, standing, told

NAMES = ["01-gate.ipynb", "02-door.ipynb"]
DATA: dict[str, Any] = {
    "notebook": "review", "seed": 7, "graded": 0, "items": [], "prompts": [],
    "reviews": [{"id": "review-draw", "count": 3, "notebooks": NAMES}],
}  # fmt: skip


def item(id_: str, **changes: Any) -> dict[str, Any]:
    """Return a question with the options a, b, c and the key a."""
    return {
        "id": id_, "kind": "single", "vignette": "A scene.", "stem": f"What about {id_}?",
        "rule": "Choose one.",
        "options": [["a", "Yes"], ["b", "No"], ["c", "Later"]], "key": ["a"],
        "rationales": {"a": "Right.", "b": "Wrong.", "c": "Late."}, **changes,
    }  # fmt: skip


def many(id_: str) -> dict[str, Any]:
    """Return a question with two keys."""
    return item(id_, kind="multiple", key=["a", "c"])


def cell(source: str, kind: str = "code") -> dict[str, Any]:
    return {"cell_type": kind, "source": source.splitlines(keepends=True), "metadata": {}}


def notebook(title: str, items: list[Any], *sources: str, **data: Any) -> dict[str, Any]:
    """Return a lesson; `sources` are code cells after the set-up cell."""
    table = {"notebook": title, "seed": 7, "graded": 0, "items": items, "prompts": [], **data}
    text = f"from course import setup\n\nsetup({table!r})"
    cells = [cell(f"# {title}\n\nText.", "markdown"), cell(text), *map(cell, sources)]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def ask(id_: str, literal: str) -> str:
    return f'from course import ask\nask("{id_}", answer={literal})'


def write(folder: Path, name: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The learner's folder with two lessons of which three questions are answered, two of them wrongly."""
    gate = [item("gate-one"), item("gate-two"), many("gate-three")]
    write(tmp_path, NAMES[0], notebook("The gate", gate, ask("gate-one", '"a"'), ask("gate-two", '"b"')))
    door = [many("door-one"), item("door-two")]
    write(tmp_path, NAMES[1], notebook("The door", door, ask("door-one", '["a"]'), ask("door-two", "None")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    monkeypatch.setattr(lesson_files, "PAUSE", 0)
    return tmp_path


@pytest.fixture(autouse=True)
def ready(kernel: state.Kernel) -> None:
    """The set-up cell of the review has run."""
    setup(DATA)


def shown(answer: Any = None) -> Review:
    widget = review("review-draw", answer=answer)
    assert isinstance(widget, Review)
    return widget


# ---- Reading the lessons ------------------------------------------------------------------------


def test_questions_and_answers_are_read_from_the_lessons(folder: Path) -> None:
    lessons = read_lessons(folder, NAMES)
    assert lessons.left_out == []
    assert list(lessons.questions) == ["gate-one", "gate-two", "gate-three", "door-one", "door-two"]
    answers = {id_: practice.answers for id_, practice in lessons.questions.items()}
    assert answers == {
        "gate-one": (frozenset("a"),),
        "gate-two": (frozenset("b"),),
        "gate-three": (),
        "door-one": (frozenset("a"),),
        "door-two": (),
    }
    one = lessons.questions["door-one"]
    assert (one.lesson, one.file, one.item["key"]) == ("The door", "02-door.ipynb", ["a", "c"])


def test_a_question_in_two_lessons_belongs_to_the_first_and_keeps_both_answers(folder: Path) -> None:
    again = notebook("The door", [item("gate-one")], ask("gate-one", '"c"'))
    write(folder, NAMES[1], again)
    one = read_lessons(folder, NAMES).questions["gate-one"]
    assert (one.lesson, one.answers) == ("The gate", (frozenset("a"), frozenset("c")))
    assert standing(one, None) is Standing.MISSED


@pytest.mark.parametrize(
    "source",
    [
        'ask("gate-one", "b")',
        "q = ask('gate-one', answer='b')",
        'ask(\n  "gate-one",\n  answer="b",\n)',
        '"\\d"\nask("gate-one", answer="b")',
    ],
)
def test_every_way_to_write_an_answer_is_read(folder: Path, source: str) -> None:
    write(folder, NAMES[0], notebook("The gate", [item("gate-one")], source))
    assert read_lessons(folder, NAMES[:1]).questions["gate-one"].answers == (frozenset("b"),)


@pytest.mark.parametrize(
    "source",
    [
        'ask("gate-one", answer="z")',
        'ask("gate-one", answer=["a"])',
        'ask("gate-one", answer=1)',
        'ask("gate-one", answer=chr(97))',
        'ask("gate-one", answer=__import__("os")._exit(1))',
        'ask(["gate-one"], answer="a")',
        'ask("other", answer="a")',
        "ask()",
        'ask("gate-one", answer="a"',
        "ask('gate-one', answer=" + "[" * 90 + "]" * 90 + ")",
        "ask('gate-one', answer=" + "-" * 3000 + "1)",
        "#" * 5000 + '\nask("gate-one", answer="a")',
        "ask('gate-one', answer='\ud800')",
        "ask(*x, **y)",
    ],
)
def test_what_is_no_answer_counts_as_not_answered(folder: Path, source: str) -> None:
    write(folder, NAMES[0], notebook("The gate", [item("gate-one")], source))
    assert read_lessons(folder, NAMES[:1]).questions["gate-one"].answers == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not a whole notebook"),
        ('{"cells": [', "is not a whole notebook"),
        ("[" * 100_000, "is not a whole notebook"),
        ("[]", "is not a notebook"),
        ('{"cells": {}}', "is not a notebook"),
        ({"cells": [{}] * 2001}, "is not a notebook"),
        ({"cells": [None, 3, {"cell_type": "code"}]}, "is not a lesson with practice questions"),
        ({"cells": [cell("setup(open('x'))")]}, "is not a lesson"),
        ({"cells": [cell("setup({**x})")]}, "is not a lesson"),
        ({"cells": [cell("setup(" + "[" * 150 + "]" * 150 + ")")]}, "is not a lesson"),
        ({"cells": [cell("setup(" + "-" * 200_000 + "1)")]}, "is not a lesson"),
        ({"cells": [cell("setup('" + "x" * 1024**2 + "')")]}, "is not a lesson"),
        (notebook("The gate", [item("gate-one")], graded=1), "is not a lesson"),
        (notebook("The gate", []), "is not a lesson"),
    ],
)
def test_a_file_that_is_no_lesson_is_left_out_and_said(folder: Path, content: Any, words: str) -> None:
    write(folder, NAMES[0], content)
    lessons = read_lessons(folder, NAMES)
    assert lessons.left_out == [f"01-gate.ipynb {lessons.left_out[0].removeprefix('01-gate.ipynb ')}"]
    assert words in lessons.left_out[0]
    assert list(lessons.questions) == ["door-one", "door-two"]


def test_missing_files_folders_and_names_with_a_path_are_left_out_and_said(folder: Path) -> None:
    (folder / NAMES[0]).unlink()
    (folder / NAMES[0]).mkdir()
    names = [
        *NAMES,
        "03-none.ipynb",
        "../02-door.ipynb",
        str(folder / NAMES[1]),
        "a\\b.ipynb",
        "x.py",
        "\0.ipynb",
    ]
    lessons = read_lessons(folder, names)
    assert len(lessons.questions) == 2
    assert lessons.left_out[:3] == [
        "01-gate.ipynb is not in this folder.",
        "03-none.ipynb is not in this folder.",
        "../02-door.ipynb is not the name of a notebook.",
    ]
    assert len(lessons.left_out) == 7


def test_a_file_that_is_too_large_or_cannot_be_opened_is_left_out_and_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson_files, "FILE_LIMIT", 10 * 1024**2)
    with (folder / NAMES[0]).open("ab") as file:
        file.truncate(10 * 1024**2 + 1)

    def refuse(path: Path, *_arguments: Any) -> None:
        raise PermissionError(13, "Permission denied")

    assert read_lessons(folder, NAMES[:1]).left_out == ["01-gate.ipynb is larger than 10 MB."]
    monkeypatch.setattr(Path, "open", refuse)
    assert read_lessons(folder, NAMES[1:]).left_out == ["02-door.ipynb cannot be opened (Permission denied)."]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_named_pipe_does_not_make_the_review_wait(folder: Path) -> None:
    (folder / NAMES[0]).unlink()
    os.mkfifo(folder / NAMES[0])
    assert read_lessons(folder, NAMES).left_out == ["01-gate.ipynb is not in this folder."]


def test_a_notebook_that_is_being_saved_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (folder / NAMES[0]).read_text(encoding="utf-8")
    write(folder, NAMES[0], whole[:200])
    monkeypatch.setattr("time.sleep", lambda _seconds: write(folder, NAMES[0], whole))
    assert read_lessons(folder, NAMES).left_out == []


@pytest.mark.parametrize(
    "broken",
    [
        None, "text", [], {}, item("gate-x", key=[]), item("gate-x", key=["z"]),
        item("gate-x", key=["a", "b"]), item("Gate X"), item("x" * 101), item("gate-x", id=3),
        item("gate-x", stem=None),
        item("gate-x", options=[["a"]]), item("gate-x", options=[["a+b", "x"], ["c", "y"]], key=["c"]),
        item("gate-x", options=[["a", "x"], ["a", "y"]]), item("gate-x", kind="essay"),
        item("gate-x", kind=["single"]),
        item("gate-x", rationales=[]), item("gate-x", rationales={"a": 1}), item("gate-x", options=7),
        {key: value for key, value in item("gate-x").items() if key != "key"},
    ],
)  # fmt: skip
def test_a_question_that_is_not_whole_or_has_no_key_is_left_out(folder: Path, broken: Any) -> None:
    write(folder, NAMES[0], notebook("The gate", [broken, item("gate-one")]))
    assert list(read_lessons(folder, NAMES[:1]).questions) == ["gate-one"]


def test_a_lesson_without_a_title_goes_by_its_file_and_halves_of_characters_are_replaced(
    folder: Path,
) -> None:
    content = notebook("x", [item("gate-one", stem="What \ud800 now?")])
    del content["cells"][0]
    write(folder, NAMES[0], content)
    one = read_lessons(folder, NAMES[:1]).questions["gate-one"]
    assert (one.lesson, one.item["stem"]) == ("01-gate.ipynb", "What ? now?")


NOTEBOOK_KEYS = st.sampled_from(["cells", "source", "cell_type", "metadata"])
ANY_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(NOTEBOOK_KEYS, part, max_size=4),
    max_leaves=12,
)


@given(ANY_JSON)
def test_no_json_at_all_stops_the_review(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    place = tmp_path_factory.mktemp("any")
    write(place, NAMES[0], json.dumps(value))
    assert not read_lessons(place, NAMES[:1]).questions


# ---- The literal of a round ---------------------------------------------------------------------


def test_a_round_is_read_from_its_literal() -> None:
    read = parse_round(["round:12", "gate-one:b", "gate-three:a+c", "door-two"])
    assert read is not None
    assert read.number == 12
    assert dict(read.chosen) == {"gate-one": {"b"}, "gate-three": {"a", "c"}, "door-two": set()}
    assert list(read.chosen) == ["gate-one", "gate-three", "door-two"]


@pytest.mark.parametrize(
    "literal",
    [
        None, [], "round:1", ["round:1"], ["gate-one:a"], ["round:0", "x"], ["round:x", "x"],
        ["round:1234567", "x"], ["round:1", "gate one"], ["round:1", "gate-one:"], ["round:1", "gate-one:a+"],
        ["round:1", "gate-one:a:b"],
        ["round:1", "x", "x:a"], ["round:1", 3], ["round:1", None], {"round:1": 1}, ("round:1", "x"),
        ["round:1", "x" * 101],
    ],
)  # fmt: skip
def test_what_is_no_round_is_refused(literal: Any) -> None:
    assert parse_round(literal) is None


# ---- The draw -----------------------------------------------------------------------------------


def practice(id_: str, *answers: str) -> Practice:
    return Practice(item(id_), "The gate", NAMES[0], tuple(frozenset(one.split("+")) for one in answers))  # type: ignore[arg-type]


POOL = {
    one.item["id"]: one
    for one in [
        *(practice(f"right-{n}", "a") for n in range(4)),
        *(practice(f"blank-{n}") for n in range(4)),
        *(practice(f"missed-{n}", "b") for n in range(3)),
        practice("mixed-0", "a", "b"),
    ]
}
WISHES: dict[str, Any] = {"review_id": "review-draw", "count": 10, "seed": 7, "user": "ana"}


def kinds(drawn: list[str]) -> list[str]:
    return [id_.split("-")[0] for id_ in drawn[1:]]


def test_missed_questions_come_first_then_those_without_an_answer_then_the_others() -> None:
    drawn = draw(POOL, None, **WISHES)
    assert drawn[0] == "round:1"
    assert sorted(kinds(drawn)[:4]) == ["missed", "missed", "missed", "mixed"]
    assert kinds(drawn)[4:] == ["blank"] * 4 + ["right"] * 2
    assert told(POOL, None, drawn) == (
        "Drawn for this round: 4 missed in the lessons, 4 without an answer so far, 2 right in the lessons."
    )


def test_the_same_saved_answers_give_the_same_draw_and_another_learner_another() -> None:
    drawn = draw(POOL, None, **WISHES)
    assert drawn == draw(dict(reversed(POOL.items())), None, **WISHES)
    # Worked out once with sha256sum over "7\nana\nreview-draw:1\n<id>".
    assert drawn[5:9] == ["blank-0", "blank-3", "blank-1", "blank-2"]
    others = {tuple(draw(POOL, None, **{**WISHES, "user": f"student{n}"})) for n in range(20)}
    assert len(others) > 15


def test_the_next_round_starts_with_what_was_missed_and_ends_with_what_was_right() -> None:
    last = parse_round(
        ["round:1", "missed-0:a", "missed-1:b", "mixed-0", "right-0:c", "blank-0:a", "blank-1"]
    )
    assert last is not None
    drawn = draw(POOL, last, **{**WISHES, "count": 12})
    assert drawn[0] == "round:2"
    assert set(drawn[1:3]) == {"missed-1", "right-0"}
    assert set(drawn[3:5]) == {"missed-2", "mixed-0"}
    assert set(drawn[5:8]) == {"blank-1", "blank-2", "blank-3"}
    assert set(drawn[8:11]) == {"right-1", "right-2", "right-3"}
    assert set(drawn[11:]) == {"missed-0", "blank-0"}
    assert told(POOL, last, drawn).startswith("Drawn for this round: 2 missed in the last round, 2 missed in")


def test_a_choice_that_cannot_be_counts_as_none() -> None:
    for chosen in (frozenset("z"), frozenset("ab")):
        assert standing(POOL["blank-0"], Round(1, {"blank-0": chosen})) is Standing.UNANSWERED


def test_fewer_questions_than_wished_are_all_drawn() -> None:
    few = {id_: POOL[id_] for id_ in ("right-0", "blank-0")}
    assert draw(few, None, **WISHES) == ["round:1", "blank-0", "right-0"]


# ---- The widget ---------------------------------------------------------------------------------


def test_a_review_before_the_set_up_and_an_unknown_one_are_said(kernel: state.Kernel) -> None:
    assert "no review" in repr(review("<i>", answer=None))
    kernel.data = None
    assert "Run > Run All Cells" in repr(review("review-draw", answer=None))


def test_without_any_lesson_the_review_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    notice = review("review-draw", answer=["round:1", "gate-one:a"])
    assert isinstance(notice, Notice)
    assert "into the folder with 01-gate.ipynb, 02-door.ipynb. Then choose Run > Run All" in repr(notice)


@pytest.mark.usefixtures("folder")
def test_a_review_offers_the_first_round_with_all_it_needs() -> None:
    widget = shown()
    assert (widget.kind, widget.item, widget.answer, widget.problem) == ("review", "review-draw", None, "")
    assert widget.offer[0] == "round:1"
    assert set(widget.offer[1:3]) == {"gate-two", "door-one"}
    assert widget.offer[3] in {"gate-three", "door-two"}
    assert widget.told == "Drawn for this round: 2 missed in the lessons, 1 without an answer so far."
    assert list(widget.pool) == ["gate-one", "gate-two", "gate-three", "door-one", "door-two"]
    one = widget.pool["gate-two"]
    assert (one["key"], one["lesson"], one["file"]) == (["a"], "The gate", "01-gate.ipynb")
    assert sorted(one["options"]) == [["a", "Yes"], ["b", "No"], ["c", "Later"]]
    assert (widget.place, widget.checked, widget.pending, widget.left_out) == (None, [], False, [])


def test_a_stored_round_stays_while_the_lessons_change(folder: Path) -> None:
    stored = ["round:1", "gate-one:b", "door-two"]
    assert shown(stored).answer == stored
    write(folder, NAMES[0], notebook("The gate", [item("gate-one")], ask("gate-one", '"b"')))
    assert shown(stored).answer == stored


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("typed", ["round:1", ["gate-one:a"], ["round:1", "x", "x"], 7, {"round:1"}])
def test_a_round_that_cannot_be_read_is_explained_and_a_new_one_offered(typed: Any) -> None:
    widget = shown(typed)
    assert (widget.answer, widget.typed) == (None, typed)
    assert (
        widget.problem == "The round typed in this cell cannot be read. Answer a question here to replace it."
    )
    assert widget.offer[0] == "round:1"


def ask_for_a_draw(widget: Review, content: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what the kernel sends when the front end sends a message."""
    sent: list[Any] = []
    monkeypatch.setattr(widget, "send", sent.append)
    widget._handle_custom_msg(content, [])
    return sent


def test_the_next_round_is_drawn_on_request_from_the_lessons_as_they_are_then(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = shown()
    write(
        folder, NAMES[1], notebook("The door", [item("door-new"), item("door-two")], ask("door-two", '"b"'))
    )
    sent = ask_for_a_draw(widget, {"draw": ["round:4", "gate-two:a", "gate-one:c", "door-two"]}, monkeypatch)
    assert len(sent) == 1
    assert sent[0]["drawn"][:3] == ["round:5", "gate-one", "door-two"]
    assert sent[0]["drawn"][3] in {"gate-three", "door-new"}
    assert sent[0]["told"].startswith(
        "Drawn for this round: 1 missed in the last round, 1 missed in the lessons"
    )
    assert {"door-new", "door-one"} <= set(widget.pool)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("content", [None, [], "draw", {"other": 1}])
def test_other_messages_are_no_requests(content: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_for_a_draw(shown(), content, monkeypatch) == []


def test_a_request_after_the_lessons_are_gone_draws_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = shown()
    for name in NAMES:
        (folder / name).unlink()
    sent = ask_for_a_draw(widget, {"draw": "nonsense"}, monkeypatch)
    assert sent[0]["drawn"] == ["round:1"]
    assert widget.left_out == ["01-gate.ipynb is not in this folder.", "02-door.ipynb is not in this folder."]


@pytest.mark.usefixtures("folder")
def test_answers_that_an_editor_could_not_write_are_written_by_running_the_cell_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = shown()
    before.pending, before.answer = True, ["round:1", "gate-three:a+c", "door-two"]
    editor = Editor.running('review("review-draw", answer=None)', monkeypatch)
    assert shown().answer == ["round:1", "gate-three:a+c", "door-two"]
    assert editor.rewritten == 'review("review-draw", answer=["round:1", "gate-three:a+c", "door-two"])'


def test_the_notebooks_of_the_course_fill_a_round(repository: Path) -> None:
    names = [path.name for path in sorted((repository / "notebooks").glob("0[0-5]-*.ipynb"))]
    lessons = read_lessons(repository / "notebooks", names)
    assert (len(names), lessons.left_out) == (6, [])
    assert len(lessons.questions) > 40
    assert "Two jobs in one" in {one.lesson for one in lessons.questions.values()}
    assert all(one.answers == () for one in lessons.questions.values())
