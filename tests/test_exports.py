"""`grading export`: each format to the byte, who is left out and why, and what the platforms make of it."""

import csv
import io
import json
import shutil
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from classroom import CHECK, HONEST, MULTIPLE, PROMPT, SINGLE, TEXT, Classroom, answered
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grading.cli import main
from grading.exports import ExportError
from grading.exports.canvas import fill
from grading.exports.marks import DONE, Column, Mark
from grading.exports.moodle import moodle_csv
from grading.exports.rawcsv import parse
from grading.gradebook import opened
from grading.records import StudentRecord

GOLDEN = Path(__file__).resolve().parent / "golden" / "exports"
EARLY = "2026-03-02 08:00:00 UTC"
PEOPLE = {
    "ana": ("Ana", "Ruiz", "ana@x.org", "101"),
    "ben": ('Ben "B"', "O'Neil, Jr.", None, None),
    "cyd": ("=HYPERLINK(A1)", "@SUM(A1)", "cyd@x.org", None),
    "dee": ("Dee\nNewline", "Ümit", "dee@x.org", None),
    "eve": (None, None, None, None),
}


@pytest.fixture(scope="module")
def graded(released_course, tmp_path_factory):
    """A class in which one is done, one waits for a person, one is late, and three have no scores."""
    root = tmp_path_factory.mktemp("exports") / "course-folder"
    shutil.copytree(released_course, root)
    made = Classroom(root)
    with opened(made.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-02 09:00:00 UTC")
        for student, (first, last, mail, number) in PEOPLE.items():
            book.update_or_create_student(
                student, first_name=first, last_name=last, email=mail, lms_user_id=number
            )
    made.hand_in("ana", answered(made.released, HONEST, TEXT), time=EARLY)
    wrong = {SINGLE: "a", MULTIPLE: ["a", "b", "c", "d"]}
    made.hand_in("ben", answered(made.released, wrong, TEXT), time=EARLY)
    made.hand_in("dee", answered(made.released, {MULTIPLE: ["a"]}))
    made.grade()
    made.grade_by_hand("ana", PROMPT, 4, "encounter: 2\nplan: 2\nGood <start> & on.")
    for student in ("eve", "fay"):
        made.hand_in(student, answered(made.released, HONEST))
    return made


@pytest.fixture
def export(graded, tmp_path):
    """Run the command into a file of this test; return its result and the file's bytes."""

    def run(*arguments, to="out.csv"):
        target = tmp_path / to
        command = ["--root", str(graded.root), "export", *map(str, arguments), "--to", str(target)]
        result = CliRunner().invoke(main, command)
        return result, target.read_bytes() if target.exists() else None

    return run


def golden(name):
    return (GOLDEN / name).read_bytes()


def read(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "scores.csv"),
        (["--format", "canvas"], "canvas.csv"),
        (["--format", "moodle"], "moodle.csv"),
        (["--format", "long"], "answers.csv"),
        (["--format", "canvas", "--into", GOLDEN / "canvas-teacher.csv"], "canvas-filled.csv"),
    ],
)
def test_each_format_is_as_typed_by_hand_to_the_byte(export, options, expected):
    result, data = export(*options)
    assert data == golden(expected), data.decode()
    assert result.exit_code == 1  # somebody is listed


def test_who_has_no_final_score_is_named_and_has_an_empty_cell_unless_it_is_wanted_anyway(export):
    result, data = export(CHECK, "--json")
    left = {(one["student"], one["why"]) for one in json.loads(result.output)["left"]}
    assert left == {
        ("ben", "to grade by hand; 0 so far, left empty"),
        ("eve", "handed in, not graded yet, left empty"),
        ("fay", "handed in, but not in the gradebook: grade it first"),
    }
    assert {row[0]: row[4] for row in read(data)[1:]} == {
        "ana": "9", "ben": "", "cyd": "", "dee": "1.5", "eve": "",
    }  # fmt: skip
    _, data = export(CHECK, "--anyway", "--missing-zero")
    assert {row[0]: row[4] for row in read(data)[1:]} == {
        "ana": "9", "ben": "0", "cyd": "0", "dee": "1.5", "eve": "",
    }  # fmt: skip


def test_a_flagged_newer_or_doubted_submission_is_not_final(classroom, tmp_path):
    for student in ("ana", "ben", "cyd", "dee"):
        classroom.hand_in(student, answered(classroom.released, HONEST))
    classroom.grade()
    with opened(classroom.places) as book:
        book.find_submission_notebook(CHECK, CHECK, "ana").flagged = True
        book.db.commit()
    classroom.hand_in("ben", answered(classroom.released, {SINGLE: "a"}))
    classroom.grade_by_hand("dee", PROMPT, 1, "encounter: 3\nplan: 3")
    command = ["--root", str(classroom.root), "export", "--to", str(tmp_path / "x.csv")]
    result = CliRunner().invoke(main, command)
    states = {row[0]: row[4:] for row in read((tmp_path / "x.csv").read_bytes())[1:]}
    assert states["ana"] == ["", "11", "", "flagged for a look"]
    assert states["ben"] == ["", "11", "", "newer work is not graded yet"]
    assert states["dee"] == ["", "11", "", "a comment does not fit the rubric"]
    assert states["cyd"] == ["5", "11", "", "done"]
    assert result.exit_code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_files_are_for_their_owner_alone_also_where_nothing_says_where_to_put_them(
    graded, export, tmp_path
):
    export()
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
    (tmp_path / "out.csv").chmod(0o644)
    export()
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
    command = ["--root", str(graded.root), "export", "--format", "long", "--anonymous"]
    CliRunner().invoke(main, command)
    folder = graded.places.work / "exports"
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    names = [f"{CHECK}-answers.csv", f"{CHECK}-answers-columns.csv", "codes.csv"]
    assert made == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# Moodle's rules, from its grade/import/csv/classes/load_data.php.


def moodle_imports(data, users, by):
    """Return user -> {grade item: grade or None} as Moodle stores it, or stop as Moodle stops."""
    head, *rows = [[cell.strip() for cell in row] for row in read(data)]
    user = None  # kept from row to row, as there
    stored = {}
    for row in rows:
        named = row[head.index(by)]
        if named not in ("", "0"):
            user = next(one for one in users if one[by] == named)["id"]
        for name, value in zip(head, row, strict=True):
            if "(max" in name:
                grade = None if value in ("", "-") else float(value)
                assert grade is None or grade <= 100
                stored.setdefault(user, {})[name] = grade
    return stored


def test_moodle_gives_each_grade_to_the_right_user_and_none_to_anybody_without_one(export):
    _, data = export("--format", "moodle", "--anyway", "--missing-zero")
    users = [{"id": one, "Email address": f"{one}@x.org"} for one in ("ana", "dee", "cyd", "zoe")]
    name = "Check: Greeting (max 11)"
    assert moodle_imports(data, users, "Email address") == {
        "ana": {name: 9.0}, "cyd": {name: 0.0}, "dee": {name: 1.5},
    }  # fmt: skip


def test_who_cannot_be_named_in_moodle_has_no_row_since_the_row_before_would_get_the_grade(export):
    result, data = export("--format", "moodle", "--anyway")
    assert [row[2] for row in read(data)[1:]] == ["ana", "dee"]
    assert "has no Email address: not in the file" in " ".join(result.output.split())
    _, data = export("--format", "moodle", "--anyway", "--by", "username")
    assert [row[2] for row in read(data)[1:]] == ["ben", "ana", "dee"]
    _, data = export("--format", "moodle", "--anyway", "--by", "idnumber")
    assert [row[1] for row in read(data)[1:]] == ["101"]


def test_one_address_for_two_people_and_one_that_is_a_formula_are_left_out_of_moodles_file():
    mails = {"a": "x@x.org", "b": "X@x.org", "c": "=1@x.org", "d": "0", "e": "e@x.org"}
    people = {one: StudentRecord(one, email=mail) for one, mail in mails.items()}
    columns = [
        Column("one", "One", 200, {one: Mark(DONE, 120.0) for one in people}),
        Column("two", "Two", 10, {one: Mark("to grade by hand", 3.0) for one in people}),
    ]
    data, left, told = moodle_csv(people, columns)
    assert [one for one, _ in left] == ["a", "b", "c", "d"]
    assert read(data)[1] == ["e@x.org", "", "e", "120", "Points: 120 of 200.", "-", ""]
    assert any("takes away the one that Moodle has" in line for line in told)
    assert any("More than 100 points: One." in line for line in told)


# Canvas's rules, from its lib/gradebook_importer.rb.


def canvas_imports(data):
    """Return (ID, login, name) -> {assignment: grade} as Canvas reads it."""
    text = data.decode("utf-8-sig")
    first = text.splitlines()[:3]
    counts = {sign: {len(next(csv.reader([line], delimiter=sign))) for line in first} for sign in ";,"}
    semicolon = len(counts[";"]) == 1 and (len(counts[","]) > 1 or max(counts[";"]) > max(counts[","]))
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if semicolon else ",")
    assert "Student" in head[0] and "ID" in head[1]
    width = head.index("Section") + 1
    totals = ("Current Score", "Final Score", "Final Grade")
    titles = [one for one in head[width:] if not any(total in one for total in totals)]
    found = {}
    for row in rows:
        if "Points Possible" in row[0] or all(one.strip() in ("", "Manual Posting") for one in row):
            continue
        key = (row[1], row[head.index("SIS Login ID")], row[0])
        found[key] = {title: row[head.index(title)].strip().replace(",", ".") for title in titles}
    return found


def test_canvas_finds_the_scores_where_its_own_rules_look_for_them(export):
    _, data = export("--format", "canvas")
    assert canvas_imports(data) == {
        ("101", "ana", "Ruiz, Ana"): {"Check: Greeting": "9"},
        ("", "dee", "Ümit, Dee Newline"): {"Check: Greeting": "1.5"},
    }
    result, data = export("--format", "canvas", "--into", GOLDEN / "canvas-teacher.csv")
    grades = {name: row["Check: Greeting (4711)"] for (_, _, name), row in canvas_imports(data).items()}
    assert grades == {
        "Ruiz, Ana": "9",
        "Umit, Dee": "1.5",
        'O\'Neil, Jr., Ben "B"': "",
        "Cyd": "EX",
        "Stranger, Sam": "4.00",
        "Student, Test": "",
    }
    told = " ".join(result.output.split())
    assert "1 score was written, 0 stood there already, 1 took the place of another score." in told
    assert "Stranger, Sam (in Canvas)" in told.replace("? ", ", ") or "Stranger? Sam" in told
    assert "eve" in told and "has no line in Canvas's file" in told


@pytest.mark.parametrize(
    ("cell", "why"), [("EX", "excused in Canvas"), ("n/a", "not assigned to them in Canvas")]
)
def test_who_is_excused_in_canvas_stays_so_where_missing_work_is_written_as_zero(export, tmp_path, cell, why):
    text = (GOLDEN / "canvas-teacher.csv").read_text(encoding="utf-8").replace(";EX;", f";{cell};")
    (tmp_path / "teacher.csv").write_text(text, encoding="utf-8", newline="\n")
    result, data = export("--format", "canvas", "--into", tmp_path / "teacher.csv", "--missing-zero")
    grades = {login: row["Check: Greeting (4711)"] for (_, login, _), row in canvas_imports(data).items()}
    assert grades["cyd"] == cell
    assert f"{why}: left as it is" in " ".join(result.output.split())


def test_two_assignments_never_go_into_one_column_of_canvas():
    people = {"ana": StudentRecord("ana")}
    columns = [Column(name, name, 11, {"ana": Mark(DONE, 1.0)}) for name in ("one", "two")]
    with pytest.raises(ExportError, match="two assignments would go into one column: name the columns"):
        fill(HEAD.encode(), "x.csv", people, columns, wanted=dict.fromkeys(("one", "two"), "Check: Greeting"))


def test_filling_a_filled_file_changes_nothing(export, tmp_path):
    _, data = export("--format", "canvas", "--into", GOLDEN / "canvas-teacher.csv")
    (tmp_path / "again.csv").write_bytes(data)
    result, again = export("--format", "canvas", "--into", tmp_path / "again.csv")
    assert again == data
    assert "0 scores were written, 2 stood there already" in result.output


HEAD = "Student,ID,SIS User ID,SIS Login ID,Section,Check: Greeting (7)\n    Points Possible,,,,,11\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,score\nana,1\n", "is no gradebook of Canvas's"),
        (HEAD.split("\n")[0] + "\n", "has no line 'Points Possible'"),
        (HEAD.replace(",11", ",100"), "has 11 points here and 100 in Canvas"),
        (HEAD.replace("Check: Greeting", "Essay"), "no column is check-greeting (Check: Greeting)"),
        (HEAD.replace(",11", ",(read only)"), "no column is check-greeting"),
        (HEAD.replace("Check: Greeting (7)", "Check: Greeting (7),Check: Greeting (8)"), "several columns"),
        (HEAD + 'a"b,1,,,,\n', ":3: a quotation mark is out of place"),
        (HEAD.encode("utf-16"), "is not UTF-8"),
        ("", "is no gradebook of Canvas's"),
    ],
)
def test_a_file_that_cannot_be_filled_is_refused_with_what_to_do(export, tmp_path, text, told):
    path = tmp_path / "teacher.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    result, data = export(CHECK, "--format", "canvas", "--into", path)
    assert result.exit_code == 1 and data is None
    assert told in result.output


def test_a_column_with_another_name_and_other_points_is_filled_when_asked_for(export, tmp_path):
    path = tmp_path / "teacher.csv"
    text = HEAD.replace("Check: Greeting", "Quiz 1").replace(",11", ",22")
    path.write_text(text + '"Ruiz, Ana",,,,A,\n', encoding="utf-8")
    column = ["--column", "Quiz 1", "--scale"]
    _, data = export(CHECK, "--format", "canvas", "--into", path, *column)
    assert data.decode() == text + '"Ruiz, Ana",,,,A,18\n'


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["Ana Ruiz,,,,A,", "Ruiz; Ana,,,,A,"], "several lines could be ana"),
        (["X,101,,ben,A,"], "could be ana or ben"),
        (["Zed,999,9,z,A,"], "is not in the gradebook here"),
    ],
)
def test_nobody_is_guessed_in_canvas(export, tmp_path, rows, told):
    path = tmp_path / "teacher.csv"
    text = HEAD + "".join(f"{row}\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    result, data = export(CHECK, "--format", "canvas", "--into", path)
    assert told in " ".join(result.output.split())
    assert data.decode("utf-8") == text


TEXTS = st.text(st.sampled_from('ab,;"\n 1é'), max_size=6)


@given(
    rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=5),
    separator=st.sampled_from(",;"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_a_file_is_read_as_pythons_csv_reads_it_and_written_back_to_the_byte(
    rows, separator, quoting, end, last
):
    made = io.StringIO(newline="")
    head = ["Student", "ID", "Section"]  # the first line says which sign separates
    csv.writer(made, delimiter=separator, quoting=quoting, lineterminator=end).writerows([head, *rows])
    text = made.getvalue() if last else made.getvalue().removesuffix(end)
    table = parse(text.encode(), "x.csv")
    assert table.data() == text.encode()
    assert [[cell.value for cell in row] for row in table.rows] == [head, *rows]
    table.rows[1][1].put("7,5", separator)
    changed = list(csv.reader(io.StringIO(table.data().decode(), newline=""), delimiter=separator))
    assert changed == [head, [rows[0][0], "7,5", rows[0][2]], *rows[1:]]


def test_the_teachers_own_file_is_never_written_over(graded, tmp_path):
    path = tmp_path / "teacher.csv"
    path.write_text(HEAD, encoding="utf-8")
    command = [
        "--root",
        str(graded.root),
        "export",
        "--format",
        "canvas",
        "--into",
        str(path),
        "--to",
        str(path),
    ]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1 and "is the teacher's own file" in result.output
    assert path.read_text(encoding="utf-8") == HEAD


@pytest.mark.parametrize("title", ["Quiz (12)", "Final Score so far"])
def test_a_title_that_canvas_takes_for_another_column_is_refused(export, title):
    result, data = export(CHECK, "--format", "canvas", "--column", f"{CHECK}={title}")
    assert data is None and "Canvas would take the title" in result.output


def test_a_student_whose_name_is_a_line_of_canvass_own_is_left_out():
    from grading.exports.canvas import canvas_csv
    from grading.exports.marks import DONE, Column, Mark
    from grading.records import StudentRecord

    people = {"x": StudentRecord("x", "Points Possible", "Y"), "=1": StudentRecord("=1")}
    data, left = canvas_csv(people, [Column("a", "A", 5, {one: Mark(DONE, 5.0) for one in people})])
    assert len(read(data)) == 2 and [one for one, _ in left] == ["x", "=1"]


# The long table.


def test_parquet_holds_the_same_rows_with_types_and_meanings(export, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    _, _ = export("--format", "long", to="answers.parquet")
    table = parquet.read_table(tmp_path / "answers.parquet")
    rows = table.to_pylist()
    assert table.column_names == read(golden("answers.csv"))[0]
    assert [(row["student"], row["item"], row["score"]) for row in rows] == [
        (row[0], row[3], float(row[12]) if row[12] else None) for row in read(golden("answers.csv"))[1:]
    ]
    assert rows[0]["handed_in"] == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert (rows[0]["late"], rows[0]["version"], rows[2]["version"]) == (False, 1, None)
    assert b"points earned" in table.schema.field("score").metadata[b"meaning"]
    meanings = read((tmp_path / "answers-columns.csv").read_bytes())
    assert [row[0] for row in meanings[1:]] == table.column_names


def test_without_pyarrow_the_message_says_how_to_get_it(export, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result, data = export("--format", "long", to="answers.parquet")
    assert (result.exit_code, data) == (1, None)
    assert "python -m pip install pyarrow" in result.output


def test_anonymous_codes_stay_the_same_and_neither_they_nor_their_order_tell_who_it_is(graded, export):
    _, first = export("--format", "long", "--anonymous")
    _, again = export("--format", "long", "--anonymous")
    assert first == again
    codes = [row[0] for row in read(first)[1:]]
    assert codes == sorted(codes) and len(set(codes)) == 3
    assert not any(name in first.decode() for name in ("ana,", "ben,", "dee,"))
    kept = dict(read((graded.places.work / "exports" / "codes.csv").read_bytes())[1:])
    assert {kept["ana"], kept["ben"], kept["dee"]} == set(codes)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--into", GOLDEN / "canvas.csv"], "--into goes with --format canvas"),
        (["--format", "long", "--anyway"], "--anyway and --missing-zero are for"),
        (["--format", "canvas", "--scale"], "--scale goes with --into"),
        (["--format", "canvas", "--column", "x"], "write ASSIGNMENT=TITLE"),
        (["no-such-check"], "no assignment is called no-such-check"),
    ],
)
def test_wrong_use_says_what_goes_with_what(export, options, told):
    result, data = export(*options)
    assert (result.exit_code, data) == (2, None)
    assert told in result.output


def test_nothing_graded_yet_is_told(classroom):
    result = CliRunner().invoke(main, ["--root", str(classroom.root), "export"])
    assert result.exit_code == 1 and "there are no scores yet - run: grading autograde" in result.output


@pytest.mark.parametrize("name", ["scores.xlsx", "scores.ODS"])
def test_csv_is_not_written_under_a_name_that_a_spreadsheet_does_not_open_it_by(graded, tmp_path, name):
    command = ["--root", str(graded.root), "export", "--to", str(tmp_path / name)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1 and "name it scores.csv" in result.stderr
    assert not (tmp_path / name).exists()
