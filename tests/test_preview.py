"""Preview: instructors see everything, paper holds no key, and scenarios are drawn and told."""

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from test_lint_texts import gate

from course.arrangement import printed
from course.bank import load_course
from course.cli import main
from course.page import inline, markdown
from course.preview import assignment_paper, lesson_paper, moments, pages, ruled_lines
from course.scenario_map import BOX_WIDTH, scenario_map


@pytest.fixture
def small(small_course):
    return load_course(small_course)


def visible(page):
    """The words of a page, without its style sheet and tags."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_paper_holds_no_key_rationale_misconception_or_instructor_note(small):
    for name, page in pages(small).items():
        if name.startswith("paper/"):
            for secret in (
                "RATIONALE",
                "Waiting leaves her alone",
                "MIS-0",
                "Secret note",
                "✓ right",
                "greeting-door",
            ):
                assert secret not in page, (name, secret)


def test_the_instructors_page_holds_keys_reasons_misconceptions_notes_and_claims(small):
    text = visible(pages(small)["greeting.html"])
    for part in (
        "Secret note for the instructor.",
        "Greet her. ✓ right",
        "Waiting leaves her alone with her question",
        "MIS-01 , “Watching is the whole job.”",
        "RATIONALE-G",
        "Graded questions, half 2",
        "rubric: Reflection (The encounter, Next time)",
        "S0-01 11 A greeting is noticed, and it costs nothing.",
        "10 minutes",
    ):
        assert part in text


def test_the_key_names_letters_as_they_are_printed(small):
    paper = assignment_paper(small, small.assignments[0])
    question = paper.questions[1]
    letters = printed(question.item, small.seed)
    assert question.item.key == ("a", "d")
    right = [letter for letter, option in letters if option.text in {"A nod.", "A word."}]
    assert question.key_letters == ", ".join(right)
    text = visible(pages(small)["keys/check-greeting-key.html"])
    assert f"2 {question.key_letters} 3 " in text
    stands_for = ", ".join(f"{letter} = {option.id}" for letter, option in letters)
    assert stands_for in text


def test_paper_shows_every_question_with_lettered_boxes_and_the_form(small):
    page = pages(small)["paper/check-greeting.html"]
    text = visible(page)
    assert "Form A · Paper A-" in text
    assert "2 questions, 11 points." in text
    assert page.count('class="tick"') == 3 + 4
    assert re.search(
        r"Question 2 Which two acts show that a visitor was seen\? Choose all answers that apply", text
    )
    for letter in "ABCD":
        assert f'<span class="letter">{letter}</span>' in page


def test_the_final_on_paper_has_room_to_write(small):
    page = pages(small)["paper/final.html"]
    assert "Tell of a greeting" not in page  # the prompt belongs to the lesson's check
    check = pages(small)["paper/check-greeting.html"]
    assert "Tell of a greeting that went wrong." in check
    prompt = small.lesson("greeting").prompts[-1]
    assert prompt.words == (40, 120)
    assert len(ruled_lines(prompt)) == 15  # 120 words at 9 a line make 14 lines, and one to spare
    assert check.count("<i></i>") == 15


def test_a_text_that_earns_by_its_length_says_so_on_paper_key_and_instructors_page(small_course):
    graded = small_course / "course/lessons/greeting/graded.toml"
    text = graded.read_text(encoding="utf-8").replace('rubric = "reflection"', 'credit = "completion"')
    graded.write_text(text, encoding="utf-8")
    made = pages(load_course(small_course))
    rule = "About 40 to 120 words. 6 points for writing at least 40 words. Nobody scores what you say."
    for name in ("paper/check-greeting.html", "keys/check-greeting-key.html", "greeting.html"):
        assert rule in visible(made[name]), name
    assert "About 20 to 60 words." in visible(made["paper/lesson-greeting.html"])


def test_paper_key_and_sheet_carry_one_code_and_a_new_wording_a_new_one(small_course):
    def codes():
        made = pages(load_course(small_course))
        names = (
            "paper/check-greeting.html",
            "keys/check-greeting-key.html",
            "paper/check-greeting-sheet.html",
        )
        return {re.search(r"Paper (A-[0-9a-f]{6})", made[name])[1] for name in names}

    before = codes()
    assert len(before) == 1
    path = small_course / "course/lessons/greeting/graded.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("A sign.", "A poster."), encoding="utf-8")
    after = codes()
    assert len(after) == 1
    assert before != after


def test_one_lesson_gives_its_pages_and_its_check_only(small):
    assert sorted(pages(small, "greeting")) == [
        "greeting.html",
        "keys/check-greeting-key.html",
        "keys/lesson-greeting-key.html",
        "paper/check-greeting-sheet.html",
        "paper/check-greeting.html",
        "paper/lesson-greeting.html",
    ]
    with pytest.raises(KeyError):
        pages(small, "gone")


def test_a_recall_question_names_the_lesson_it_comes_from(small):
    assert "Question 1 (recall, from Greeting)" in visible(pages(small)["handover.html"])


def test_text_is_shown_as_text_and_nothing_is_loaded(small):
    for name, page in pages(small).items():
        assert "<b>now</b>" not in page
        assert not re.search(r'<script|<img|<link|@import|url\((?!#)|(src|href)="(https?:)?//', page), name
    assert "Stop &lt;b&gt;now&lt;/b&gt; &amp; <code>wait</code>." in pages(small)["greeting.html"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("[go](javascript:alert(1))", "[go](javascript:alert(1))"),
        ("![x](https://example.org/x.png)", '!<a href="https://example.org/x.png">x</a>'),
    ],
)
def test_markdown_lets_no_html_script_or_picture_through(source, shown):
    assert str(inline(source)) == shown
    assert shown in str(markdown(source))


def test_the_review_is_explained_on_paper(repository):
    course = load_course(repository)
    page = pages(course, "review")["paper/lesson-review.html"]
    assert "answer 10 practice questions from the pages of earlier lessons" in page


def test_a_scenario_is_told_on_paper_so_that_choices_come_before_what_follows(repository):
    course = load_course(repository)
    slug = next(lesson.slug for lesson in course.lessons if lesson.scenario)
    scenario = course.lesson(slug).scenario
    text = visible(pages(course, slug)[f"paper/lesson-{slug}.html"])
    turn = moments(scenario)
    assert text.index("Moment 1") < text.index("What comes of it") < text.index("Two ways through it")
    for number, node in enumerate(scenario.nodes, 1):
        for choice in node.choices:
            assert f"{number}{choice.id.upper()}. " in text
            assert f"Go to {turn[choice.next]}." in text
    assert all(ending.title in text for ending in scenario.endings)
    assert "best ending" not in text


def test_the_map_puts_each_moment_below_those_that_lead_to_it():
    story, _ = gate()
    drawn = scenario_map(story)
    height = {box.id: box.y for box in drawn.boxes}
    assert height["one"] < height["two"] < height["three"] < height["fine"] == height["bad"]
    assert {box.id: box.rank for box in drawn.boxes}["bad"] == "worst"
    assert {(line.letters, line.model) for line in drawn.lines} == {
        ("A, B", "best"),
        ("A", "best"),
        ("B", "worst"),
    }


def test_no_boxes_of_the_map_overlap_and_all_stand_inside_it(repository):
    scenario = next(one.scenario for one in load_course(repository).lessons if one.scenario)
    drawn = scenario_map(scenario)
    assert len(drawn.boxes) == len(scenario.nodes) + len(scenario.endings)
    for box in drawn.boxes:
        assert 0 <= box.x <= drawn.width - BOX_WIDTH
        for other in drawn.boxes:
            assert box is other or box.y != other.y or abs(box.x - other.x) >= BOX_WIDTH


def test_a_map_with_a_way_back_and_a_lost_moment_is_drawn():
    story, node = gate()
    back = replace(story, nodes=(*story.nodes[:2], node("three", "fine", "bad", "two"), node("lost", "fine")))
    drawn = scenario_map(back)
    assert {box.id for box in drawn.boxes} == {"one", "two", "three", "fine", "bad"}
    assert len(drawn.lines) == 5


def test_the_command_writes_pages_where_it_says(small_course, tmp_path):
    run = CliRunner().invoke(main, ["--root", str(small_course), "preview"])
    assert run.exit_code == 0
    assert (small_course / "preview" / "index.html").is_file()
    assert "greeting.html" in (small_course / "preview" / "index.html").read_text(encoding="utf-8")
    out = tmp_path / "elsewhere"
    run = CliRunner().invoke(main, ["--root", str(small_course), "preview", "greeting", "--output", str(out)])
    assert (run.exit_code, (out / "paper" / "lesson-greeting.html").is_file()) == (0, True)


def test_an_unknown_lesson_is_wrong_use(small_course):
    run = CliRunner().invoke(main, ["--root", str(small_course), "preview", "greetng"])
    assert run.exit_code == 2
    assert "did you mean 'greeting'?" in run.output


def test_practice_paper_has_goals_words_and_questions_but_no_points(small):
    paper = lesson_paper(small, small.lesson("handover"))
    assert paper.goals == ("Write down what the next shift needs.",)
    assert paper.words == (("handover", "What one shift tells the next."),)
    assert paper.points == 0
