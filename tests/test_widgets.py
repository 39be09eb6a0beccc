"""The widgets without a browser: what the kernel shows, keeps and refuses."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest
from editor import Editor
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from course.arrangement import display_order
from course.widgets import NotAnswered, Notice, Question, Reflection, ask, recorded, reflect, setup, state
from course.widgets import question as question_module
from course.widgets.front_end import CSS, ESM, SCRIPTS
from course.widgets.question import with_answer

DATA: dict[str, Any] = {
    "notebook": "sample",
    "seed": 7,
    "graded": 0,
    "items": [
        {
            "id": "gate-first",
            "kind": "single",
            "vignette": "A visitor waits.",
            "stem": "What comes first?",
            "rule": "Choose one answer.",
            "options": [["a", "Greet"], ["b", "Wait"], ["c", "Leave"]],
            "key": ["a"],
            "rationales": {"a": "Yes.", "b": "No.", "c": "No."},
        },
        {
            "id": "gate-signs",
            "kind": "multiple",
            "stem": "Which signs?",
            "rule": "Choose all that apply. 2 points.",
            "options": [["a", "Nod"], ["b", "Yawn"], ["c", "Repeat"]],
        },
    ],
    "prompts": [
        {"id": "gate-shift", "text": "Think back.", "words": [60, 120], "stub": "(Your text appears here.)"}
    ],
}


pytestmark = pytest.mark.usefixtures("kernel")


@pytest.fixture
def ready(kernel: state.Kernel) -> None:
    """The set-up cell has run."""
    setup(DATA)


def shown(item_id: str, answer: Any = None) -> Question:
    widget = ask(item_id, answer=answer)
    assert isinstance(widget, Question)
    return widget


# ---- Before and around the set-up cell ----------------------------------------------------------


@pytest.mark.parametrize("show", [lambda: ask("gate-first", answer="b"), lambda: reflect("gate-shift")])
def test_a_question_before_the_set_up_says_what_to_run(show: Any) -> None:
    notice = show()
    words = "This question is not ready. Choose Run > Run All Cells in the menu at the top."
    assert isinstance(notice, Notice)
    assert repr(notice) == words
    assert "Run &gt; Run All Cells" in notice._repr_html_()


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("show", [ask, reflect])
def test_an_unknown_id_is_said_in_one_sentence_and_cannot_inject_markup(show: Any) -> None:
    notice = show("<img src=x>")
    assert "<img src=x>" in repr(notice)
    assert "Open a fresh copy of the notebook" in repr(notice)
    assert "<img" not in notice._repr_html_()


def test_a_set_up_cell_that_lost_data_says_so() -> None:
    broken = {name: value for name, value in DATA.items() if name != "items"}
    with pytest.raises(ValueError, match="The set-up cell was changed: items missing"):
        setup(broken)


def test_the_set_up_of_another_notebook_replaces_the_questions_and_forgets_the_widgets(
    kernel: state.Kernel,
) -> None:
    setup(DATA)
    ask("gate-first", answer="a")
    setup(DATA)
    assert list(kernel.live) == ["gate-first"]
    setup({**DATA, "notebook": "other", "items": []})
    assert not kernel.live
    assert isinstance(ask("gate-first"), Notice)


# ---- What is shown ------------------------------------------------------------------------------


@pytest.mark.usefixtures("ready")
def test_a_question_carries_what_its_front_end_needs() -> None:
    widget = shown("gate-first", "b")
    assert (widget.kind, widget.item, widget.stem) == ("single", "gate-first", "What comes first?")
    assert (widget.vignette, widget.rule) == ("A visitor waits.", "Choose one answer.")
    assert sorted(widget.options) == [["a", "Greet"], ["b", "Wait"], ["c", "Leave"]]
    assert (widget.key, widget.rationales["b"]) == (["a"], "No.")
    assert (widget.answer, widget.problem, widget.checked, widget.pending) == ("b", "", False, False)
    assert widget.own_id == widget.model_id


@pytest.mark.usefixtures("ready")
def test_a_question_without_a_key_has_no_key_in_its_state() -> None:
    widget = shown("gate-signs", ["a"])
    assert (widget.key, widget.rationales) == ([], {})


@pytest.mark.usefixtures("ready")
def test_a_reflection_carries_prompt_range_and_stub() -> None:
    widget = reflect("gate-shift")
    assert isinstance(widget, Reflection)
    assert (widget.kind, widget.prompt, widget.text) == ("text", "gate-shift", "Think back.")
    assert (widget.words, widget.stub) == ([60, 120], "(Your text appears here.)")


def test_the_front_end_is_one_module_without_markup_from_text() -> None:
    assert ESM.count("export default") == 1
    assert ESM.index("class Saver") < ESM.index("export default")
    assert len(SCRIPTS) == len(list(Path(question_module.__file__).parent.glob("*.js")))
    for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert unsafe not in ESM
    assert "http" not in ESM + CSS


# ---- Typed answers ------------------------------------------------------------------------------


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("item_id", "typed", "sentence"),
    [
        ("gate-first", "z", 'Question 1 has no choice "z": type one of a, b, c, or choose below.'),
        ("gate-first", "", 'Question 1 has no choice "": type one of a, b, c, or choose below.'),
        ("gate-first", ["a"], 'Question 1 takes one choice: type answer="a", or choose below.'),
        ("gate-first", 2, 'Question 1 takes one choice: type answer="a", or choose below.'),
        ("gate-signs", "a", 'Question 2 takes a list: type answer=["a", "b"], or choose below.'),
        ("gate-signs", ["a", 3], 'Question 2 takes a list: type answer=["a", "b"], or choose below.'),
        ("gate-signs", ("a", "b"), 'Question 2 takes a list: type answer=["a", "b"], or choose below.'),
        ("gate-signs", ["a", "d"], 'Question 2 has no choice "d": type one of a, b, c, or choose below.'),
    ],
)
def test_an_answer_that_is_no_choice_is_explained_and_not_recorded(
    item_id: str, typed: Any, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = shown(item_id, typed)
    assert (widget.problem, widget.answer) == (sentence, None)
    assert recorded(item_id) is None
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(NotAnswered) as refusal:
        recorded(item_id)
    assert str(refusal.value) == sentence


@pytest.mark.usefixtures("ready")
def test_recorded_gives_the_answer_of_the_latest_ask() -> None:
    ask("gate-signs", answer=["c", "a"])
    assert recorded("gate-signs") == ["c", "a"]
    ask("gate-signs", answer=["b"])
    assert recorded("gate-signs") == ["b"]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("blank", [None, []])
def test_a_blank_answer_is_named_by_its_place_in_the_notebook_while_nbgrader_runs_it(
    blank: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("gate-signs", answer=blank)
    assert recorded("gate-signs") is None
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(NotAnswered, match=r"^Question 2 has no answer yet\.$"):
        recorded("gate-signs")


@pytest.mark.usefixtures("ready")
def test_a_question_that_has_not_run_and_one_that_does_not_exist_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (recorded("gate-first"), recorded("nowhere")) == (None, None)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(NotAnswered, match=r"Question 1 has not been run yet\. Choose Run > Run All Cells\."):
        recorded("gate-first")
    with pytest.raises(NotAnswered, match='no question "nowhere" in this notebook'):
        recorded("nowhere")


# ---- The order of choices -----------------------------------------------------------------------


def test_the_order_is_the_documented_ranking() -> None:
    def digest(option: str) -> str:
        return hashlib.sha256(f"7\nana\ngate-first\n{option}".encode()).hexdigest()

    order = display_order(["a", "b", "c"], seed=7, user="ana", item_id="gate-first")
    assert [digest(option) for option in order] == sorted(digest(option) for option in "abc")
    assert order == ["a", "c", "b"]  # b362..., b772..., f958... by sha256sum


@given(st.lists(st.text("abcdef-", min_size=1), unique=True, max_size=6), st.integers(), st.text())
def test_the_order_loses_no_choice_and_does_not_depend_on_the_author(
    ids: list[str], seed: int, user: str
) -> None:
    order = display_order(ids, seed=seed, user=user, item_id="x")
    assert sorted(order) == sorted(ids)
    assert order == display_order(ids[::-1], seed=seed, user=user, item_id="x")


def test_over_many_learners_each_choice_is_first_about_equally_often() -> None:
    orders = [display_order("abc", seed=1, user=f"student{n}", item_id="x") for n in range(3000)]
    first = Counter(order[0] for order in orders)
    assert set(first) == set("abc")
    assert all(900 < count < 1100 for count in first.values())  # 1000 expected, four standard deviations


def test_the_learner_is_the_hub_user_and_a_nameless_account_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    assert state.learner() == "ana"

    def nameless() -> str:
        raise OSError("no user name")

    monkeypatch.delenv("JUPYTERHUB_USER")
    monkeypatch.setattr(state.getpass, "getuser", nameless)
    assert state.learner() == ""


# ---- Editors that cannot write the notebook -----------------------------------------------------


def run_again(monkeypatch: pytest.MonkeyPatch, source: str, answer: Any) -> Editor:
    editor = Editor.running(source, monkeypatch)
    ask("gate-first", answer=answer)
    return editor


@pytest.mark.usefixtures("ready")
def test_a_pending_click_is_written_by_running_the_cell_again(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = shown("gate-first")
    widget.pending, widget.answer = True, "c"
    editor = run_again(monkeypatch, 'from course import ask\n\nask("gate-first", answer=None)', None)
    assert editor.rewritten == 'from course import ask\n\nask("gate-first", answer="c")'
    assert recorded("gate-first") == "c"


@pytest.mark.usefixtures("ready")
def test_a_literal_typed_after_a_pending_click_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = shown("gate-first")
    widget.pending, widget.answer = True, "c"
    editor = run_again(monkeypatch, 'ask("gate-first", answer="b")', "b")
    assert editor.rewritten is None
    assert recorded("gate-first") == "b"


@pytest.mark.usefixtures("ready")
def test_nothing_is_rewritten_where_the_front_end_wrote_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    shown("gate-first").answer = "c"
    editor = run_again(monkeypatch, 'ask("gate-first", answer=None)', None)
    assert editor.rewritten is None


@pytest.mark.usefixtures("ready")
def test_a_pending_click_that_cannot_be_written_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = shown("gate-first")
    widget.pending, widget.answer = True, "c"
    assert run_again(monkeypatch, "show_all_questions()", None).rewritten is None
    assert recorded("gate-first") is None


@pytest.mark.parametrize(
    "source",
    [
        'ask("gate-first", answer=None)',
        'ask("gate-first", answer="b")',
        "ask('gate-first', answer = ['a', 'b'] )",
        'ask("gate-first", "b")',
        'ask("gate-first")',
        'ask(\n    "gate-first",\n    answer="b",\n)',
    ],
)
def test_every_way_to_write_the_call_can_be_rewritten(source: str) -> None:
    calls: list[tuple[Any, ...]] = []
    namespace = {"ask": lambda item_id, answer=None: calls.append((item_id, answer))}
    exec(with_answer(source, "gate-first", ["a", "c"]), namespace)
    assert calls == [("gate-first", ["a", "c"])]


def test_only_the_call_of_that_item_is_rewritten() -> None:
    source = 'ask("gate-first-2", answer=None)\nask("gate-first", answer="b")'
    assert with_answer(source, "gate-first", None) == source.replace('"b"', "None")


# ---- In a real kernel ---------------------------------------------------------------------------


def test_a_grade_cell_shows_nothing_in_run_all_and_one_line_where_nbgrader_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    grade = "from course import recorded\nanswer = recorded({})"
    nbgrader = 'import os\nos.environ["NBGRADER_EXECUTION"] = "validate"'
    cells = [
        nbformat.v4.new_code_cell(f"from course import setup\n\nsetup({json.dumps(DATA)})"),
        nbformat.v4.new_code_cell('from course import ask\n\nask("gate-first", answer=None)'),
        nbformat.v4.new_code_cell('from course import ask\n\nask("gate-signs", answer=["a", "c"])'),
        nbformat.v4.new_code_cell(grade.format('"gate-first"'), metadata={"tags": ["raises-exception"]}),
        nbformat.v4.new_code_cell(grade.format('"gate-signs"') + "\nprint(answer)"),
        nbformat.v4.new_code_cell(nbgrader),
        nbformat.v4.new_code_cell(grade.format('"gate-first"'), metadata={"tags": ["raises-exception"]}),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    view = notebook.cells[1].outputs[0]["data"]["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"]
    assert notebook.cells[3].outputs == []
    assert notebook.cells[4].outputs[0]["text"] == "['a', 'c']\n"
    assert notebook.cells[6].outputs[0]["traceback"] == ["Question 1 has no answer yet."]
