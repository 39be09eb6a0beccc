"""Coverage: where each claim is taught and asked for, and the blueprint, counted by hand."""

import json

import pytest
from click.testing import CliRunner

from course.bank import load_course
from course.cli import main
from course.coverage import as_page, coverage

LESSON = "course/lessons/greeting/lesson.md"


def run(root, *arguments):
    return CliRunner().invoke(main, ["--root", str(root), "coverage", *arguments])


def edit(root, path, old, new):
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_each_claim_has_its_lines_items_and_prompts(small_course):
    first, second, third = coverage(load_course(small_course)).rows
    assert [(slug, str(place)) for slug, place in first.taught] == [("greeting", f"{LESSON}:11")]
    assert first.practice == ("greeting-door",)
    assert first.graded == ("greeting-single", "greeting-multiple", "greeting-later")
    assert first.prompts == ("greeting-encounter",)
    assert (second.asked, third.asked) == (False, False)


def test_the_blueprint_counts_by_objective_part_and_level(small_course):
    goals = coverage(load_course(small_course)).goals
    assert [goal.id for goal in goals] == ["greeting-first", "handover-write"]
    # remember, understand, apply, analyze, evaluate, create
    assert goals[0].counts == ((0, 0, 1, 0, 0, 0), (1, 1, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0))
    assert (goals[0].total("practice"), goals[0].total("graded"), goals[1].total("graded")) == (1, 3, 0)


def test_misconceptions_are_counted_in_each_pool(small_course):
    found = coverage(load_course(small_course)).misconceptions
    assert [(entry.id, entry.practice, entry.graded) for entry in found] == [
        ("MIS-01", 1, 2),
        ("MIS-02", 1, 2),
        ("MIS-03", 0, 2),
    ]


def test_the_anchors_of_each_lesson_are_listed_by_half(small_course):
    table = coverage(load_course(small_course))
    assert table.anchors == ()
    assert "anchors" not in run(small_course).output
    for old in ('id = "greeting-single"\n', 'id = "greeting-later"\n'):
        edit(small_course, "course/lessons/greeting/graded.toml", old, f'{old}tags = ["anchor"]\n')
    course = load_course(small_course)
    (entry,) = coverage(course).anchors
    assert (entry.lesson, entry.halves) == ("greeting", (("greeting-single",), ("greeting-later",)))
    output = run(small_course).output
    assert "anchors: asked before and in the final       half 1  half 2\n" in output
    assert "greeting                                          1       1\n" in output
    page = as_page(course, coverage(course))
    assert "<td>greeting-single</td><td>greeting-later</td>" in page


def test_a_covered_course_ends_with_status_0_and_names_what_no_item_asks(small_course):
    done = run(small_course)
    assert done.exit_code == 0
    assert "No item asks for: S0-02, S1-01." in done.output
    assert done.output.endswith("3 claims: 3 taught, 1 asked for by an item.\n")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            "S0-01, S0-02",
            "S0-01",
            "course/claims.csv:3: S0-02 is taught in no lesson - write it into the prose",
        ),
        (
            "Secret note for the instructor.",
            "Secret note. <!-- claims: S0-02 -->",
            "course/claims.csv:3: S0-02 is taught only in an instructor box of greeting - write it",
        ),
    ],
)
def test_a_claim_that_students_never_read_ends_with_status_1(small_course, old, new, what):
    edit(small_course, LESSON, "S0-01, S0-02", "S0-01")
    if old != "S0-01, S0-02":
        edit(small_course, LESSON, old, new)
    done = run(small_course)
    assert done.exit_code == 1
    assert what in done.output


def test_a_claim_planned_for_no_lesson_ends_with_status_1(small_course):
    edit(small_course, "course/claims.csv", "S1-01,S1,skill,K03,handover", "S1-01,S1,skill,K03,handovr")
    done = run(small_course)
    assert done.exit_code == 1
    assert (
        "course/claims.csv:4: S1-01 is planned for 'handovr', which course.toml does not list" in done.output
    )


def test_a_tag_of_an_unknown_claim_is_refused_while_reading(small_course):
    edit(small_course, LESSON, "S0-01, S0-02", "S0-01, S0-99")
    done = run(small_course)
    assert done.exit_code == 1
    assert f"{LESSON}:11: unknown claim 'S0-99'" in done.output


def test_the_table_as_json_holds_lines_and_counts(small_course):
    data = json.loads(run(small_course, "--json").output)
    assert data["claims"][0]["taught"] == [{"lesson": "greeting", "path": LESSON, "line": 11}]
    assert data["objectives"][0]["counts"][1] == [1, 1, 0, 0, 0, 0]
    assert data["not_asked"] == ["S0-02", "S1-01"]
    assert data["problems"] == []


def test_the_page_stands_alone_and_escapes_text(small_course, tmp_path):
    edit(small_course, "course/claims.csv", "Watching is the whole job.", "Watching <script> & all.")
    page = tmp_path / "out" / "coverage.html"
    assert run(small_course, "--html", str(page)).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "Watching &lt;script&gt; &amp; all." in text
    assert "<script" not in text
    assert 'lang="en"' in text
    assert "http" not in text


def test_a_page_that_cannot_be_written_is_wrong_use(small_course):
    (small_course / "file").write_text("x", encoding="utf-8")
    done = run(small_course, "--html", str(small_course / "file" / "coverage.html"))
    assert done.exit_code == 2
    assert "name another place" in done.output


def test_the_page_lists_what_is_to_mend(small_course):
    edit(small_course, LESSON, "S0-01, S0-02", "S0-01")
    course = load_course(small_course)
    assert "S0-02 is taught in no lesson" in as_page(course, coverage(course))


def test_every_claim_of_the_real_course_is_taught(repository):
    table = coverage(load_course(repository))
    assert [str(problem) for problem in table.problems] == []
    assert len(table.rows) == 145
