"""The class report's files: page, PDF, notebook and table, on odd and hostile values too."""

import json
import os
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from classroom import CHECK, HONEST, MULTIPLE, SINGLE, TEXT, answered
from click.testing import CliRunner
from made_class import TIME, item, large_class, made_class, rated
from matplotlib.backends.backend_agg import FigureCanvasAgg
from nbclient import NotebookClient
from nbformat import read as read_notebook

from course.readability import read
from grading.bankkeys import Bank
from grading.class_report import write_class_report, write_report
from grading.cli import main
from grading.gradebook import locked
from grading.records import StudentRecord
from grading.reports import class_plots, item_plots, score_plots
from grading.reports.class_build import Sources, class_report
from grading.reports.class_page import render, render_talks
from grading.reports.item_plots import Dot
from grading.reports.plot_style import DARK, STEPS, as_svg, lines_of, spread
from grading.responses import PromptInfo

ITEMS = [item(number) for number in range(1, 9)]
HOSTILE = "<script>alert(1)</script> & \" ' $x$ \u202e مرحبا Z̸̢̛͔a 😀 " + "long " * 60
PROMPT = PromptInfo("encounter", 3.0, HOSTILE, rubric="reflection")


def page_of(found, **given):
    return render(class_report(Sources(found, Bank(), TIME, **given))[0])


def big_class(count=60):
    return made_class(ITEMS, large_class(ITEMS, count))


@pytest.fixture(scope="module")
def page():
    """The page of 60 students and 8 questions, with growth."""
    before = made_class(ITEMS[:4], large_class(ITEMS[:4], 50, seed=2), name="before")
    return page_of(big_class(), before=before)


def pictures(page):
    tree = ElementTree.fromstring(page.partition("\n")[2])
    return [one for one in tree.iter() if one.tag.endswith("svg")]


def test_the_page_loads_nothing_and_runs_nothing(page):
    assert "default-src 'none'" in page and "<script" not in page
    addresses = set(re.findall(r'(?:src|href|url)\s*=?\s*["(]([^")]*)', page))
    assert all(one.startswith("#") for one in addresses - {""})


def test_each_plot_says_in_words_what_it_shows_and_its_text_is_text(page):
    found = pictures(page)
    assert len(found) >= 6
    for one in found:
        assert one.get("role") == "img" and len(one.get("aria-label")) > 20
        assert any(part.tag.endswith("text") for part in one.iter())


def test_no_id_stands_on_the_page_twice_and_each_link_has_its_target(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(one) for one in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1 and all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_same_answers_make_the_same_bytes(page):
    before = made_class(ITEMS[:4], large_class(ITEMS[:4], 50, seed=2), name="before")
    assert page_of(big_class(), before=before) == page


def test_every_colour_of_a_plot_has_another_one_on_a_dark_page(page):
    used = {
        one
        for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        for one in re.findall("#[0-9a-f]{6}\\b", svg)
    }
    assert used and used <= {*DARK, STEPS[-1]}


def test_the_text_is_readable_at_grade_7(page):
    beginning = page.partition('id="questions"')[0]
    told = [
        re.sub("<[^>]+>", "", one)
        for one in re.findall(r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", beginning, re.DOTALL)
    ]
    assert len(told) > 20 and read("\n\n".join(unescape(one) for one in told)).grade <= 7


def test_a_small_class_gets_a_warning_and_counts_instead_of_shares():
    small, large = page_of(big_class(49)), page_of(big_class(50))
    assert "A small class." in small and "A small class." not in large
    assert "Choices as counts" in small and "Choices in per cent" in large
    # Also who chose nothing: 1 of 49, and 1 of 50.
    assert re.search(r">blank 1<", small) and not re.search(r">blank \d+<", large) and ">blank 2%<" in large


def test_what_is_hostile_in_names_and_questions_is_shown_as_text():
    bad = [replace(ITEMS[0], stem=HOSTILE, vignette=HOSTILE, texts=dict.fromkeys("abc", HOSTILE)), *ITEMS[1:]]
    people = {
        "s00000": StudentRecord("s00000"),
        "s00001": StudentRecord("s00001", "X" * 300, "Y" * 300),
        "s00002": StudentRecord("s00002", HOSTILE, "\ud800\x00"),
    }
    rows = {student: ["b"] * 8 for student in people}
    texts = {student: {"encounter": rated({})} for student in people}
    found = made_class(bad, rows, people=people, prompts=[PROMPT], texts=texts)
    report, talks = class_report(Sources(found, Bank(), TIME))
    for made in (render(report), render_talks(report, talks)):
        ElementTree.fromstring(made.partition("\n")[2].encode("utf-8"))
        HTMLParser().feed(made)
        assert "<script" not in made and "&lt;script&gt;alert(1)&lt;/script" in made
    names = render_talks(report, talks)
    assert "X" * 300 in names and ">s00000</bdi></th>" in names


@pytest.mark.parametrize(
    "rows",
    [
        {},
        {"ana": ["a"] * 8},
        {"ana": [None] * 8},
        {"ana": ["?"] * 8},
        {f"s{number}": ["a"] * 8 for number in range(40)},
        {f"s{number}": ["b"] * 8 for number in range(40)},
        {f"s{number}": ["?", *["a", "b"] * 3, "a"] for number in range(40)},
    ],
    ids=["nobody", "one", "blank", "unreadable", "all right", "all wrong", "an unreadable question"],
)
def test_an_odd_class_has_a_page_too(rows):
    ElementTree.fromstring(page_of(made_class(ITEMS, rows)).partition("\n")[2])


def test_labels_that_would_touch_are_spread_and_keep_their_order():
    assert spread([0.5, 0.5, 0.9], 0.2, 0, 1) == [0.4, 0.6, 0.9]
    assert spread([0.0, 0.0, 0.0], 0.3, 0, 1) == [0, 0.3, 0.6]
    assert spread([1.0, 1.0], 0.3, 0, 1) == [0.7, 1]
    crowded = spread([0.5] * 40, 0.1, 0, 1)
    assert crowded == sorted(crowded) and crowded[0] == 0 and crowded[-1] == 1


def test_a_long_label_is_folded_and_cut():
    assert lines_of("one two three four five", 9, 2) == "one two\nthree…"


@pytest.mark.parametrize("count", [1, 33])
def test_each_plot_can_be_drawn_of_one_and_of_many(count):
    dots = [Dot(0.5, 0.2, 0.8)] * count
    names = [f"{number} {HOSTILE}" for number in range(count)]
    figures = [
        score_plots.score_histogram([0] * count + [7], mean=count, sem=1.5, cut=count / 2),
        score_plots.growth([0.5] * count, [0.25] * count, names),
        score_plots.wright_map([0.0] * count, [0.0] * count, [str(number) for number in range(count)]),
        item_plots.difficulty(dots, [str(number) for number in range(count)], names, [True] * count),
        item_plots.quadrants(dots, dots, [str(number) for number in range(count)]),
        class_plots.misconceptions(names, ["one"], [[(1, 4)]] * count),
        class_plots.objectives(names, dots, ["1 of 2"] * count),
        class_plots.rubric(names[:4], [[0, 1, 2, 3]] * min(count, 4)),
        class_plots.readers(names[:4], [[[1, 0], [0, 1]]] * min(count, 4)),
    ]
    for figure in figures:
        ElementTree.fromstring(as_svg(figure, "name", HOSTILE))


@pytest.mark.parametrize("asked", [5, 7, 33, 66])
@pytest.mark.parametrize("at", [0, 0.44, 0.5, 0.56, 1])
def test_the_words_in_the_plot_of_scores_stay_on_the_sheet(asked, at):
    step = 1 + asked // 40
    figure = score_plots.score_histogram(
        [1] * (asked // step + 1), step=step, mean=at * asked, sem=0.17 * asked, cut=round(at * asked, 2)
    )
    drawn = FigureCanvasAgg(figure).get_renderer()
    (axes,) = figure.axes
    reach = [one.get_window_extent(drawn) for one in axes.texts]
    assert len(reach) == 2 and all(0 <= one.x0 < one.x1 <= figure.bbox.width for one in reach)


def test_the_files_are_private_and_the_notebook_runs_from_top_to_bottom(tmp_path):
    prompt = replace(PROMPT, text="Tell about one encounter.")
    rows = large_class(ITEMS, 31)
    texts = {student: {"encounter": rated({"own-part": 2})} for student in rows}
    found = made_class(ITEMS, rows, prompts=[prompt], texts=texts)
    done = write_report(tmp_path / "reports" / "check", Sources(found, Bank(), TIME))
    assert [path.name for path in done.files] == [
        "class-report.html",
        "class-report.pdf",
        "students-to-talk-to.html",
        "students-to-talk-to.pdf",
        "class-report.ipynb",
        "responses.csv",
    ]
    assert not done.told and all(path.stat().st_size for path in done.files)
    if os.name == "posix":
        assert done.folder.stat().st_mode & 0o077 == 0
    notebook = read_notebook(done.folder / "class-report.ipynb", as_version=4)
    # Its kernel takes the style of plots from a notebook's own; no browser is needed for that.
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(done.folder)}}).execute()
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert "31 students, 8 questions" in printed and "stderr" not in json.dumps(notebook)


def test_the_page_with_names_is_left_out_and_an_older_one_taken_away(tmp_path):
    given = Sources(made_class(ITEMS, {"ana": ["b"] * 8}), Bank(), TIME)
    write_report(tmp_path / "check", given)
    done = write_report(tmp_path / "check", given, with_names=False)
    assert not [path for path in (tmp_path / "check").iterdir() if "talk" in path.name]
    page = (done.folder / "class-report.html").read_text(encoding="utf-8")
    assert "ana" not in re.findall(r"\w+", page)


def test_a_graded_class_gets_its_report(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    classroom.hand_in("ben", answered(classroom.released, {SINGLE: "c", MULTIPLE: ["a"]}))
    classroom.grade()
    settings = classroom.root / "course" / "course.toml"
    text = settings.read_text(encoding="utf-8")
    marked = text.replace(
        'lesson = "greeting"\n', 'lesson = "greeting"\npass_mark = 1.5\npass_mark_set = "A vote"\n'
    )
    settings.write_text(marked, encoding="utf-8")
    done = write_class_report(classroom.places, CHECK)
    assert (done.handed_in, done.counted, done.folder) == (2, 2, classroom.places.work / "reports" / CHECK)
    page = (done.folder / "class-report.html").read_text(encoding="utf-8")
    assert "2 of 2 students handed in." in page and "On average, 1.8 of 2 questions are right." in page
    assert "Pass mark: 1.5 questions. A vote" in page and "pass mark 1.5" in page
    assert "Keys in force for" in page and re.search("seed [0-9]+", page)


def grading(classroom, *arguments):
    return CliRunner().invoke(main, ["--root", str(classroom.root), "report", *arguments])


def test_the_command_writes_the_class_report_with_those_of_the_students_and_alone(classroom):
    classroom.hand_in("ana", answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    folder = classroom.places.work / "reports" / CHECK
    alone = grading(classroom, CHECK, "--class-only", "--no-names")
    assert alone.exit_code == 0 and "the class report of 1 of 1 students is made." in alone.output
    assert not (folder / "students").exists() and not list(folder.glob("*talk*"))
    both = json.loads(grading(classroom, CHECK, "--json").stdout)
    assert both["class"]["counted"] == 1 and len(both["students"]) == 1
    assert json.loads(grading(classroom, CHECK, "--student", "ana", "--json").stdout)["class"] is None
    assert "--class-only is for one assignment" in grading(classroom, "--class-only").output
    with locked(classroom.places):
        held = grading(classroom, CHECK, "--class-only", "--wait", "0")
    assert held.exit_code == 1 and "another run of grading is writing" in held.stderr


def test_a_class_that_nobody_has_graded_is_told_in_one_sentence(classroom):
    told = grading(classroom, CHECK, "--class-only")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == (
        f"{CHECK}: nobody's work is graded yet, so there is nothing to report - "
        f"run: grading autograde {CHECK}\n"
    )
    assert not (classroom.places.work / "reports").exists()
