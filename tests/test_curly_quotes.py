"""Curly quotes in an answer typed by hand: what counts as such, and what a student reads."""

import nbformat
import pytest
from nbclient import NotebookClient

from course.widgets.curly_quotes import MESSAGE, has_curly_quotes

SETUP = (
    "from course import setup\n"
    'setup({"notebook": "n", "seed": 1, "graded": 1, "prompts": [], "items": [{"id": "gate",'
    ' "kind": "single", "stem": "What?", "rule": "Choose one.", "options": [["a", "This"], ["b", "That"]]}]})'
)


@pytest.mark.parametrize(
    "source",
    [
        'ask("gate", answer=“b”)',
        "ask(“gate”, answer=“b”)",
        "ask('gate', answer=‘b’)",
        'ask("gate", answer=„b“)',
        'ask("gate", answer="b”)',
        'from course import ask\nask(\n    "gate",\n    answer=[“a”, “b”],\n)',
        'scenario("story", answer=[“line:a”])',
    ],
)
def test_curly_quotes_in_a_call_of_ours_are_found(source: str) -> None:
    assert has_curly_quotes(source)


@pytest.mark.parametrize(
    "source",
    [
        'ask("gate", answer="b")',
        'ask("gate", answer="“b”")',
        "ask(\"gate\", answer='it’s')",
        'ask("gate", answer="b")  # the “right” one',
        'ask("gate",  # the “right” one\n    answer="b")',
        'print("“hello”")',
        "task(“gate”)",
        "text = “hello”",
        "",
    ],
)
def test_curly_quotes_elsewhere_are_nobodys_business(source: str) -> None:
    assert not has_curly_quotes(source)


def test_a_student_reads_what_to_type_and_the_straight_quotes_are_taken() -> None:
    sources = [SETUP, SETUP, 'from course import ask\nask("gate", answer=“b”)',
               "print('“fine”')", 'from course import ask\nask("gate", answer="b").answer']  # fmt: skip
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = NotebookClient(nbformat.v4.new_notebook(cells=cells), timeout=60, allow_errors=True).execute()
    told = notebook.cells[2].outputs
    assert [(output.ename, output.traceback) for output in told] == [("CurlyQuotes", [MESSAGE])]
    assert notebook.cells[3].outputs[0].text == "“fine”\n"
    assert notebook.cells[4].outputs[0].data["text/plain"] == "'b'"
    assert 'Type straight ones, as in answer="a"' in MESSAGE
