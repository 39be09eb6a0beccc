"""`course check` as an author meets it: lines, JSON, exit status, and arrangement on paper."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from clean_course import CLEAN
from click.testing import CliRunner

from course.arrangement import display_order, key_position, printed
from course.cli import main
from course.lint.originality import read_articles

GRADED = "course/lessons/greeting/graded.toml"
PRACTICE = "course/lessons/greeting/practice.toml"


def check(root: Path, *arguments: str):
    return CliRunner().invoke(main, ["--root", str(root), "check", *arguments])


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_course_with_warnings_only_passes_and_a_strict_check_does_not(small_course):
    run = check(small_course)
    assert run.exit_code == 0
    assert f"{GRADED}:2: L-16 greeting-single: the longest option has 25 characters" in run.output
    assert run.output.splitlines()[-1].startswith("2 lessons, 1 practice items, 3 graded items: ")
    assert check(small_course, "--strict").exit_code == 1


def test_an_error_is_listed_with_its_line_and_ends_with_status_1(small_course):
    edit(small_course, PRACTICE, 'misconception = "MIS-01"\n', "")
    run = check(small_course)
    assert run.exit_code == 1
    assert (
        f"{PRACTICE}:2: L-06 greeting-door: the wrong option a names no misconception - name one"
        in run.output
    )


def test_what_was_not_judged_is_said(small_course):
    output = check(small_course).output
    assert "Not judged: L-29 (name the folder of source articles with --articles)." in output
    assert "(1 practice items, fewer than 12)" in output


def test_open_human_checks_are_one_line_and_all_lines_on_request(small_course):
    assert "L-25 on 4 items, L-32 on 1 items" in check(small_course).output
    listed = check(small_course, "--unsigned").output
    assert f"{PRACTICE}:2: L-32 greeting-door - The vignette is needed" in listed


def test_a_waiver_is_listed_with_its_reason(small_course):
    edit(small_course, GRADED, "version = 1", 'version = 1\nwaive = { "L-16" = "the options are signs" }')
    output = check(small_course).output
    assert "L-16" in output.split("Let stand by the author:")[1]
    assert "waived: the options are signs" in output


def test_the_result_as_json_has_places_and_counts(small_course):
    edit(small_course, PRACTICE, 'misconception = "MIS-01"\n', "")
    run = check(small_course, "--json")
    data = json.loads(run.output)
    assert run.exit_code == 1
    assert data["errors"] == 1
    assert data["findings"][-1] == {
        "rule": "L-06",
        "level": "E",
        "path": PRACTICE,
        "line": 2,
        "item": "greeting-door",
        "what": "greeting-door: the wrong option a names no misconception",
        "remedy": "name one of misconceptions.toml, or add one there",
    }
    assert {entry["rule"] for entry in data["unsigned"]} == {"L-25", "L-32", "L-34", "L-36"}


@pytest.mark.parametrize("as_json", [False, True])
def test_files_that_cannot_be_read_are_listed_before_any_rule(small_course, as_json):
    edit(small_course, PRACTICE, 'key = "b"', 'key = "x"')
    run = check(small_course, *(["--json"] if as_json else []))
    assert run.exit_code == 1
    if as_json:
        finding = json.loads(run.output)["findings"][0]
        assert (finding["rule"], finding["path"], finding["line"]) == ("reading", PRACTICE, 6)
    else:
        assert f"{PRACTICE}:6: the key 'x' is not an option" in run.output
        assert "1 problem found; mend this first, then check again." in run.output


def test_articles_are_compared_and_a_folder_without_any_is_wrong_use(small_course, tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    run = check(small_course, "--articles", str(folder))
    assert (run.exit_code, "holds no .txt or .md file" in run.output) == (2, True)
    assert "- name the folder with the articles as text files" in " ".join(run.output.split())
    (folder / "one.txt").write_text("A woman stops inside the door and then she waits.", encoding="utf-8")
    run = check(small_course, "--articles", str(folder))
    assert f"{PRACTICE}:2: L-29 greeting-door: shares 6 words in a row with one.txt" in run.output
    with pytest.raises(ValueError, match="holds no"):
        read_articles(tmp_path)


def test_the_rules_are_printed_with_their_level():
    output = CliRunner().invoke(main, ["check", "--rules"]).output
    assert "L-05  E    A rationale on every option: 15 to 45 words" in output


def test_a_console_without_a_letter_of_the_course_gets_its_number(small_course):
    run = subprocess.run(
        [sys.executable, "-m", "course", "--root", str(small_course), "check"],
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0
    assert rb"L-27 greeting-single: 2 words may not be known (b, \u671d)" in run.stdout


def test_the_real_course_has_no_errors(repository):
    run = check(repository)
    assert run.exit_code == 0, run.output


def test_the_order_on_paper_depends_on_the_seed_and_not_on_the_authors_order():
    # sha256sum of the lines 7, (none), door and the id: a 04d52888..., b 4ee5e34e..., c 2653b519...
    assert display_order(["c", "a", "b"], seed=7, item_id="door") == ["a", "c", "b"]
    assert display_order(["b", "c", "a"], seed=7, item_id="door") == ["a", "c", "b"]
    orders = {tuple(display_order(["a", "b", "c"], seed=seed, item_id="door")) for seed in range(60)}
    assert len(orders) == 6


def test_letters_follow_the_printed_order():
    letters = printed(CLEAN, seed=3)
    assert [letter for letter, _ in letters] == ["A", "B", "C"]
    assert letters[key_position(CLEAN, seed=3)][1].id == "b"
