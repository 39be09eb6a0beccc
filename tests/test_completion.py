"""A text that earns its points by its length: read, scored, shown, overruled, and never run."""

import json
import re
import shutil

import pytest
from classroom import CHECK, HONEST, PROMPT, STUB, Classroom, answered, make_course

from course.bank import load_course
from course.notebook import assignment_notebook, dumps
from grading import records
from grading.bankkeys import read_bank
from grading.execution import cleaned
from grading.feedback import write_feedback
from grading.gradebook import opened
from grading.keys import key_digest
from grading.places import find_places
from grading.preprocessors import OnlyOurMarks
from grading.steps import WorkflowError
from grading.submission import read_answers
from grading.tables import connected
from grading.workflow import release

ID, CELL = "greeting-post", "greeting-post-written"
RULE = "1 point for writing at least 5 words. Nobody scores what you say."
ADDED = f"""
[[prompt]]
id = "{ID}"
text = "Whom do you greet at your post?"
words = [5, 20]
credit = "completion"
objective = "greeting-first"
claims = ["S0-01"]
"""
FOUR, FIVE = "I greet the driver.", "I greet <b>each</b> new driver."


@pytest.fixture(scope="session")
def with_length(tmp_path_factory):
    """The small course with one more prompt in its check, released, made once for all tests."""
    root = tmp_path_factory.mktemp("length") / "course-folder"
    root.mkdir()
    make_course(root)
    graded = root / "course/lessons/greeting/graded.toml"
    graded.write_text(graded.read_text(encoding="utf-8") + ADDED, encoding="utf-8", newline="\n")
    build(root)
    release(find_places(root), CHECK)
    return root


def build(root):
    course = load_course(root)
    text = dumps(assignment_notebook(course, course.assignments[0]))
    (root / f"source/{CHECK}/{CHECK}.ipynb").write_text(text, encoding="utf-8", newline="\n")


@pytest.fixture
def room(with_length, tmp_path):
    root = tmp_path / "course-folder"
    shutil.copytree(with_length, root)
    return Classroom(root)


def saying(room, text, answers=None):
    """Return the released notebook with this text under the prompt, or without its cell where it is None."""
    notebook = answered(room.released, HONEST if answers is None else answers)
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("course", {}).get("prompt") == ID)
    if text is None:
        notebook["cells"].remove(cell)
    else:
        cell["source"] = text
    return notebook


def released(room):
    with connected(room.places) as connection:
        return records.assignment(connection, CHECK).notebooks[CHECK]


def source_of(cell):
    return "".join(cell["source"])


def copy_of(room, student):
    path = room.folder("autograded", student) / f"{CHECK}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_the_point_is_in_a_locked_cell_of_its_own_and_the_rule_is_said_where_the_text_is_asked_for(room):
    cells = {cell["id"]: cell for cell in room.released["cells"]}
    assert "1 point for writing at least 5 words. Nobody scores what you say." in source_of(
        cells[f"prompt-{ID}"]
    )
    assert "nbgrader" not in cells[f"answer-{ID}"]["metadata"]
    assert source_of(cells[f"answer-{ID}"]) == STUB
    grade = cells[f"grade-{ID}"]
    marks = grade["metadata"]["nbgrader"]
    assert (marks["grade_id"], marks["points"], marks["locked"], marks["solution"]) == (CELL, 1, True, False)
    assert source_of(grade).splitlines()[1:] == ["from course import written", f'words = written("{ID}")']
    assert [cell["id"] for cell in room.released["cells"]][-2:] == [f"grade-{ID}", "hand-in"]
    setup = json.loads(source_of(cells["setup"]).split("setup(", 1)[1].rstrip(")"))
    assert [prompt.get("rule") for prompt in setup["prompts"]] == [
        None,
        "1 point for writing at least 5 words. Nobody scores what you say.",
    ]


def test_what_was_released_says_who_grades_each_text(room):
    first, second = released(room).prompts
    assert (first.id, first.cell, first.points, first.least) == (PROMPT, PROMPT, 6.0, None)
    assert (second.id, second.cell, second.points, second.least) == (ID, CELL, 1.0, 5)
    assert (second.stub, second.text) == (STUB, "Whom do you greet at your post?")
    assert (released(room).points, released(room).others) == (12.0, ())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("completion(", "other("),
        ("completion(", "completion(1) or completion("),
        ("least=5", "least=n"),
        ("least=5", "least=True"),
        ("least=5, ", ""),
        (f'written("{ID}")', "written(name)"),
        (f'written("{ID}")', 'written("nowhere")'),
        ("words = ", "words = ("),
    ],
)
def test_a_cell_of_another_kind_is_left_to_running(room, old, new):
    stored = dict(released(room).sources)
    assert old in stored[CELL].source
    stored[CELL] = stored[CELL].__class__(
        **{**stored[CELL].__dict__, "source": stored[CELL].source.replace(old, new)}
    )
    other = records.released_notebook(CHECK, stored.values())
    assert (other.others, len(other.prompts)) == ((CELL,), 1)


@pytest.mark.parametrize(
    ("text", "row", "outcome"),
    [
        (FIVE, (1.0, False, None), "complete"),
        ("one two\r\nthree — four\u00a0five", (1.0, False, None), "complete"),
        (FOUR, (0.0, False, None), "too short"),
        (STUB, (0.0, False, None), "unanswered"),
        ("", (0.0, False, None), "unanswered"),
        (None, (0.0, True, "Not readable: its answer cell is missing from the notebook"), "unreadable"),
    ],
)
def test_all_or_nothing_by_the_least_length_that_is_asked_for(room, text, row, outcome):
    room.hand_in("ana", saying(room, text))
    (result,) = room.grade().students
    assert room.rows("ana")[CELL] == row
    assert room.record("ana").flagged == (outcome == "unreadable")
    assert result.score == 5.0 + row[0]
    notebook = json.loads((room.folder("submitted", "ana") / f"{CHECK}.ipynb").read_text(encoding="utf-8"))
    prompt = released(room).prompts[1]
    assert prompt.outcome(read_answers(notebook, (), {ID: STUB}).texts[ID]) == outcome


def test_the_text_counts_in_any_kind_of_cell_and_two_different_texts_do_not(room):
    for kind in ("code", "raw"):
        notebook = saying(room, FIVE)
        cell = next(one for one in notebook["cells"] if one["id"] == f"answer-{ID}")
        cell["cell_type"] = kind
        room.hand_in(kind, notebook)
    notebook = saying(room, FIVE)
    cell = next(one for one in notebook["cells"] if one["id"] == f"answer-{ID}")
    notebook["cells"].append({**cell, "id": "another", "source": FIVE + " And more."})
    room.hand_in("twice", notebook)
    room.grade()
    assert [room.rows(student)[CELL][0] for student in ("code", "raw", "twice")] == [1.0, 1.0, 0.0]
    assert room.rows("twice")[CELL][2] == "Not readable: its answer cell stands there twice, with two texts"


def test_a_file_that_cannot_be_read_earns_nothing_and_waits_for_a_person(room):
    room.hand_in("ana", b"{")
    room.grade()
    score, waiting, comment = room.rows("ana")[CELL]
    assert (score, waiting) == (0.0, True) and comment.startswith("Not readable: ")


def test_a_grader_may_overrule_and_is_asked_again_only_when_the_text_changes(room):
    room.hand_in("ana", saying(room, FOUR))
    room.grade()
    room.grade_by_hand("ana", CELL, 1.0)
    room.grade()
    cell = next(one for one in room.record("ana").cells if one.name == CELL)
    assert (cell.auto_score, cell.manual_score, cell.needs_manual, cell.score) == (0.0, 1.0, False, 1.0)
    room.hand_in("ana", saying(room, "I greet nobody there."))
    room.grade()
    cell = next(one for one in room.record("ana").cells if one.name == CELL)
    assert (cell.auto_score, cell.manual_score, cell.needs_manual) == (0.0, 1.0, True)


def test_the_graded_copy_shows_the_text_as_typed_its_length_and_the_points(room):
    room.hand_in("ana", saying(room, FIVE))
    room.hand_in("ben", saying(room, None))
    room.grade()
    cells = {cell["id"]: cell for cell in copy_of(room, "ana")}
    assert source_of(cells[f"answer-{ID}"]) == f"```text\n{FIVE}\n```"
    assert source_of(cells[f"read-{ID}"]) == "*Words: 5. It counts from 5 words on.*"
    grade = cells[f"grade-{ID}"]
    assert "completion(words, least=5, points=1)" in source_of(grade)
    assert grade["outputs"][0]["data"]["text/plain"] == ["1.0"]
    cells = {cell["id"]: cell for cell in copy_of(room, "ben")}
    assert source_of(cells[f"answer-{ID}"]) == "```text\n\n```"
    assert "its answer cell is missing" in source_of(cells[f"read-{ID}"])
    assert cells[f"grade-{ID}"]["outputs"][0]["output_type"] == "error"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIVE, "1 of 1 point: you wrote 5 words."),
        ("Nobody.", "0 of 1 point: you wrote 1 word, and it takes 5."),
        (STUB, "0 of 1 point."),
        (None, "Your text could not be read: its answer cell is missing from the notebook."),
    ],
)
def test_the_feedback_page_says_what_the_length_earned(room, text, expected):
    room.hand_in("ana", saying(room, text))
    room.grade()
    write_feedback(room.places, CHECK)
    html = (room.folder("feedback", "ana") / f"{CHECK}.html").read_text(encoding="utf-8")
    assert expected in re.sub(r"\s+", " ", html)
    assert "Whom do you greet at your post?" in html
    glance = html.partition('id="glance"')[2].partition("</table>")[0]
    told = {FIVE: "✓ Long enough", "Nobody.": "✗ Too short", STUB: "○ Not answered", None: "Not graded yet"}
    assert told[text] in glance
    assert ("✗ Too short: you wrote 1 word, and it takes 5." in html) == (text == "Nobody.")
    if text == FIVE:
        assert "I greet &lt;b&gt;each&lt;/b&gt; new driver." in html


def test_once_somebody_is_graded_the_least_length_stays_as_it_was(room):
    graded = room.root / "course/lessons/greeting/graded.toml"
    before = key_digest(released(room))
    room.hand_in("ana", saying(room, FOUR))
    room.grade()
    graded.write_text(graded.read_text(encoding="utf-8").replace("[5, 20]", "[4, 20]"), encoding="utf-8")
    build(room.root)
    with pytest.raises(WorkflowError, match=f"how many words {ID} takes was 5 and is 4 now"):
        release(room.places, CHECK)
    assert (released(room).prompts[1].least, key_digest(released(room))) == (5, before)
    assert read_bank(room.root).prompts[ID].words == (4, 20)


def test_a_text_left_in_the_instructors_notebook_is_not_handed_out(room):
    path = room.root / f"source/{CHECK}/{CHECK}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    next(cell for cell in notebook["cells"] if cell["id"] == f"answer-{ID}")["source"] = FIVE
    path.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(WorkflowError, match=rf"it holds answers \({ID}\)"):
        release(room.places, CHECK)


def test_the_mark_of_a_text_is_kept_where_nbgrader_runs_a_submission(room):
    from nbformat import notebooknode

    notebook = saying(room, FIVE)
    cell = next(one for one in notebook["cells"] if one["id"] == f"answer-{ID}")
    cell["metadata"] |= {"tags": ["x"], "nbgrader": {"grade_id": "forged"}}
    bare = cleaned(notebook, released(room), room.released)
    assert [one["source"] for one in bare["cells"] if one["metadata"].get("course") == {"prompt": ID}] == [
        FIVE
    ]
    place = {"db_url": room.places.db_url, "notebook": CHECK, "assignment": CHECK}
    kept, _ = OnlyOurMarks().preprocess(notebooknode.from_dict(notebook), {"nbgrader": place})
    assert [one.source for one in kept.cells if one.metadata == {"course": {"prompt": ID}}] == [FIVE]


def test_corrected_keys_leave_the_points_for_length_alone(room):
    room.hand_in("ana", saying(room, FIVE))
    room.grade()
    path = room.root / f"source/{CHECK}/{CHECK}.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('key=[\\"c\\"]', 'key=[\\"a\\"]'), encoding="utf-8")
    run = room.grade(corrected=True)
    assert [change.item for change in run.key_changes] == ["greeting-single"]
    assert (room.rows("ana")["greeting-single"][0], room.rows("ana")[CELL][0]) == (0.0, 1.0)
    with opened(room.places) as book:
        assert "completion(words, least=5" in book.find_source_cell(CELL, CHECK, CHECK).source
