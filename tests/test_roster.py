"""Whom a path means: names as Moodle, Canvas and people write them, matched with the class list."""

import pytest
from classroom import CHECK
from deliveries import NOTEBOOK

from grading.collecting import CollectError
from grading.records import StudentRecord
from grading.roster import Label, Roster, parse_label, read_ids
from grading.untrusted import RefusedError


def student_of(label, people, ids):
    match = Roster(people, ids).student(label)
    return match.student, match.remark


@pytest.mark.parametrize(
    ("parts", "label"),
    [
        (["Ana_Maria Lopez_9_assignsubmission_file_", "x.ipynb"], Label("Ana_Maria Lopez", "moodle", "9")),
        (["Ana Lopez_9_assignsubmission_file_x.ipynb"], Label("Ana Lopez", "moodle", "9")),
        (["lopezana_7_8_x.ipynb"], Label("lopezana", "canvas", "7")),
        (["lopezana_LATE_7_8_x_y.ipynb"], Label("lopezana", "canvas", "7", True)),
        (["ana", "deep", "x.ipynb"], Label("ana", "folder")),
        (["ana", CHECK, "x.ipynb"], Label("ana", "folder")),
        (["a_b_c.ipynb"], Label("a_b_c", "file")),
        ([NOTEBOOK], None),
    ],
)
def test_paths_name_students_as_the_platforms_write_them(parts, label):
    assert parse_label(parts, CHECK) == label


def test_the_instructors_table_decides_before_anything_else(tmp_path):
    people = {"ana": StudentRecord("ana", "Ana", "Lopez")}
    assert student_of(Label("Ana Lopez", "moodle"), people, {"ana LOPEZ": "x1"}) == (
        "x1",
        "taken for ana LOPEZ",
    )
    assert student_of(Label("Ana Lopez", "moodle"), people, {}) == ("ana", "")
    with pytest.raises(RefusedError, match="give another with --ids"):
        student_of(Label("Bad", "moodle"), {}, {"bad": "a/b"})
    table = tmp_path / "ids.csv"
    for text, told in (
        ("a,b,c", "has not two columns"),
        ("a", "has not two"),
        ("a,1\na,2", "stands there twice"),
        ("Ana López,1\nana lopez,2", r":2: ana lopez and Ana López differ only in accents"),
    ):
        table.write_text(text, encoding="utf-8")
        with pytest.raises(CollectError, match=told):
            read_ids(table)
    table.write_bytes(b"PK\x03\x04")
    with pytest.raises(CollectError, match="choose File > Save as, type CSV UTF-8"):
        read_ids(table)


@pytest.mark.parametrize(
    "saved",
    [
        'Ana López,al1\r\n"Weiß, Zoë",zw2\r\n'.encode(),
        "Ana López;al1\r\nWeiß, Zoë;zw2\r\n".encode("cp1252"),
        "Ana López\tal1\r\nWeiß, Zoë\tzw2\r\n".encode("utf-16"),
        "sep=;\r\nAna López;al1\r\nWeiß, Zoë;zw2\r\n".encode("utf-8-sig"),
        "\n\nWeiß, Zoë;zw2\nAna López;al1\n".encode(),
    ],
)
def test_the_table_of_ids_is_read_as_a_spreadsheet_saves_it(tmp_path, saved):
    table = tmp_path / "ids.csv"
    table.write_bytes(saved)
    assert read_ids(table) == {"Ana López": "al1", "Weiß, Zoë": "zw2"}


def test_in_a_student_id_every_sign_counts_but_case():
    people = {"s-12-3": StudentRecord("s-12-3", None, None)}
    assert student_of(Label("s-1-23", "file"), people, {}) == ("s-1-23", "")
    assert student_of(Label("s123", "folder"), people, {}) == ("s123", "")
    assert student_of(Label("S-12-3", "folder"), people, {}) == ("s-12-3", "taken for s-12-3")
    assert student_of(Label("s-12-3", "file"), people, {}) == ("s-12-3", "")


def test_vowel_signs_make_a_name_and_accents_do_not():
    people = {
        "st1": StudentRecord("st1", "राम", "शर्मा"),
        "st2": StudentRecord("st2", "José", "Ñandú"),
        "st3": StudentRecord("st3", "Алёна", "Королёва"),
    }
    assert student_of(Label("राम शर्मा", "moodle", "9"), people, {}) == ("st1", "")
    assert student_of(Label("रमा शर्मा", "moodle", "9"), people, {}) == ("रमा-शर्मा", "")
    assert student_of(Label("Jose Nandu", "moodle", "9"), people, {}) == ("st2", "taken for José Ñandú")
    assert student_of(Label("Jose\u0301 N\u0303andu\u0301", "moodle", "9"), people, {}) == ("st2", "")
    assert student_of(Label("Королева Алена", "moodle", "9"), people, {})[0] == "st3"
    assert student_of(Label("nandujose", "canvas", "9"), people, {}) == ("st2", "taken for José Ñandú")


def test_names_that_differ_in_blanks_are_different_people():
    ids = {"Ana-Maria Lopez": "s1", "Anamaria Lopez": "s2"}
    assert student_of(Label("Ana-Maria Lopez", "moodle", "1"), {}, ids) == ("s1", "")
    assert student_of(Label("Anamaria Lopez", "moodle", "2"), {}, ids) == ("s2", "")
    assert student_of(Label("Ana Maria Lopez", "moodle", "3"), {}, ids) == ("s1", "taken for Ana-Maria Lopez")
    with pytest.raises(RefusedError, match="anamarialopez could be s1, s2: say which with --ids"):
        student_of(Label("anamarialopez", "canvas", "4"), {}, ids)
    assert (
        student_of(Label("--", "moodle", "5"), {}, {"..": "s3", "-": "s4", "x": "s5", "--": "s6"})[0] == "s6"
    )
