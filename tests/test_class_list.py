"""`grading students`: tables as people have them become the class list, and each mistake is named."""

import pytest
from click.testing import CliRunner

from grading.class_list import ClassListError, class_of, import_class_list, read_class_list
from grading.cli import main
from grading.gradebook import opened
from grading.steps import WorkflowError

PLAIN = "id,first_name,last_name,email\nana,Ana,Müller,ana@x.org\nben,,,\n"


def names(listed):
    return {one.id: (one.first_name, one.last_name, one.email) for one in listed.people.values()}


EXPECTED = {"ana": ("Ana", "Müller", "ana@x.org"), "ben": (None, None, None)}


@pytest.mark.parametrize(
    ("data", "doubtful"),
    [
        (PLAIN.encode(), False),
        (PLAIN.encode("utf-8-sig").replace(b"\n", b"\r\n"), False),
        (PLAIN.replace(",", ";").encode("cp1252"), True),
        (PLAIN.replace(",", "\t").encode("utf-16"), False),
        (f"sep=;\r\n\r\n{PLAIN.replace(',', ';')}\n;;;\n".encode(), False),
        ('Username,"First name",Surname,"E-Mail address"\nana,Ana,Müller,ana@x.org\nben\n'.encode(), False),
    ],
    ids=["plain", "Excel's UTF-8", "Excel's CSV", "Excel's Unicode text", "sep=", "Moodle's heads"],
)
def test_tables_as_programs_save_them_are_read(tmp_path, data, doubtful):
    path = tmp_path / "class.csv"
    path.write_bytes(data)
    listed = read_class_list(path)
    assert names(listed) == EXPECTED and listed.doubtful == doubtful


def test_a_column_for_something_else_is_named_and_left_out(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text('room,id,last name\n12,ana,"O\'Hara, Jr."\n', encoding="utf-8")
    listed = read_class_list(path)
    assert names(listed) == {"ana": (None, "O'Hara, Jr.", None)} and list(listed.unused) == ["room"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["no column is called id - there is: an empty file"]),
        ("Matrikel;Vorname\n1;Ana\n", ["no column is called id - there is: Matrikel, Vorname. In the first"]),
        ("id,email\n", ["names nobody"]),
        (
            "id,last_name\n,Sol\nbad/one,X\n\nana,A\nana,B\nAna,C\ncy,O,Jr.\n",
            [
                ":2: has no id",
                ":3: the id bad/one has characters",
                ":6: ana stands there twice",
                ":7: Ana and ana differ only in case",
                ":8: has 3 entries where the first line has 2",
            ],
        ),
    ],
)
def test_every_mistake_in_a_table_is_named_with_its_line(tmp_path, text, told):
    path = tmp_path / "class.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ClassListError) as caught:
        read_class_list(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(told)
    for line, words in zip(lines, told, strict=True):
        assert line.startswith(str(path)) and words in line


def test_a_workbook_is_told_from_a_table(tmp_path):
    path = tmp_path / "class.xlsx"
    path.write_bytes(b"PK\x03\x04rest")
    with pytest.raises(ClassListError, match="is a workbook and no CSV file"):
        read_class_list(path)


def test_doing_it_again_updates_what_is_written_and_takes_nobody_out(classroom, tmp_path):
    with opened(classroom.places) as book:
        book.update_or_create_student("ana", email="old@x.org", lms_user_id="7")
        book.update_or_create_student("cy")
    before = set(class_of(classroom.places))
    path = tmp_path / "class.csv"
    path.write_text(PLAIN, encoding="utf-8")
    done = import_class_list(classroom.places, read_class_list(path))
    assert (done.new, done.changed, done.same) == (["ben"], ["ana"], []) and "cy" in done.left
    people = class_of(classroom.places)
    assert set(people) == before | {"ben"}
    ana = people["ana"]
    assert (ana.first_name, ana.last_name, ana.email, ana.lms_id) == ("Ana", "Müller", "ana@x.org", "7")
    path.write_text("id,email\nana,\nben,\n", encoding="utf-8")
    again = import_class_list(classroom.places, read_class_list(path))
    assert (again.new, again.changed, again.same) == ([], [], ["ana", "ben"])
    assert class_of(classroom.places)["ana"].email == "ana@x.org"
    path.write_text("id\nANA\n", encoding="utf-8")
    with pytest.raises(WorkflowError, match="ANA: the gradebook has ana, which differs only in case"):
        import_class_list(classroom.places, read_class_list(path))


def test_the_command_takes_a_table_in_and_shows_the_class(classroom, tmp_path):
    path = tmp_path / "class.csv"
    path.write_bytes(PLAIN.replace(",", ";").encode("cp1252"))
    call = ["--root", str(classroom.root), "students"]
    looked = CliRunner().invoke(main, [*call, str(path), "--dry-run"])
    assert looked.exit_code == 0 and "Nothing was written" in looked.stdout
    assert "ben" not in class_of(classroom.places)
    done = CliRunner().invoke(main, [*call, str(path)])
    assert done.exit_code == 0 and "2 new, 0 changed, 0 as before." in done.stdout
    assert "are all letters of the names right?" in done.stdout
    shown = CliRunner().invoke(main, call)
    assert "Müller" in shown.stdout and "2 students." in shown.stdout
    path.write_text("id\nbad/one\n", encoding="utf-8")
    wrong = CliRunner().invoke(main, [*call, str(path)])
    assert wrong.exit_code == 1 and "class.csv:2: the id bad/one" in wrong.stderr
