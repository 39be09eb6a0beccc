"""Copied wording is found by fingerprints, without the articles; the articles here are made up."""

import json
from pathlib import Path

import pytest
from clean_course import CLEAN, course
from click.testing import CliRunner

from course.cli import main
from course.lint import lint
from course.lint.fingerprints import FILE, FingerprintError, copied, fingerprints, parsed, written

ARTICLE = {
    "one.txt": "Don't stop at gate 9 until dawn, says the book; then walk the long wall.",
    "two.txt": "One two three four five six seven.",
}
PRINTS = fingerprints(ARTICLE)
LESSON = "course/lessons/greeting/lesson.md"
PRACTICE = "course/lessons/greeting/practice.toml"


def run(root: Path, *arguments: str):
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


@pytest.fixture
def articles(tmp_path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLE.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_digest_is_blake2b_of_seven_words_in_small_letters():
    # printf 'one two three four five six seven' | b2sum -l 64, and the first seven words of the other.
    assert PRINTS["two.txt"] == {bytes.fromhex("4fa1b4afa298559f")}
    assert bytes.fromhex("0248e0cb066ee62b") in PRINTS["one.txt"]
    assert len(PRINTS["one.txt"]) == 9  # 15 words hold 9 runs of 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two three four five six seven", [(0, "one two three four five six seven", "two.txt")]),
        ("one two three four five six eight", []),
        ("two three four five six seven one", []),
        (
            "ONE, two-three\n**four** five;\nsix “seven”!",
            [(0, "one two three four five six seven", "two.txt")],
        ),
        ("Ah.\n\nSo don’t stop at gate\n9 until dawn", [(2, "don't stop at gate 9 until dawn", "one.txt")]),
        (
            "Then: stop at gate 9 until dawn, says the book. End",
            [(0, "stop at gate 9 until dawn says the book", "one.txt")],
        ),
        (
            "one two three four five six seven\none two three four five six seven",
            [
                (0, "one two three four five six seven", "two.txt"),
                (1, "one two three four five six seven", "two.txt"),
            ],
        ),
        ("", []),
    ],
)
def test_copied_runs_are_found_whatever_stands_between_the_words(text, expected):
    assert list(copied(text, PRINTS)) == expected


def test_fingerprints_are_written_and_read_the_same_in_any_order():
    text = written(PRINTS)
    assert parsed(text) == PRINTS
    assert written(dict(reversed(PRINTS.items()))) == text
    assert text.endswith("[two.txt]\n4fa1b4afa298559f\n")
    for word in ("gate", "dawn", "seven"):
        assert word not in text.partition("\n\n")[2]


@pytest.mark.parametrize("line", ["4fa1b4afa298559f", "[one]\n4fa1b4afa298559", "[one]\nhello"])
def test_a_line_that_is_no_fingerprint_is_refused(line):
    with pytest.raises(FingerprintError, match=f"line {line.count(chr(10)) + 2} is not"):
        parsed(f"# head\n{line}\n")


def test_without_articles_and_fingerprints_nothing_is_judged():
    why = ("L-29", "name the folder of source articles with --articles")
    assert why in lint(course(CLEAN)).not_judged
    assert "L-29" not in dict(lint(course(CLEAN), prints=PRINTS).not_judged)


def test_a_course_remembers_its_articles_and_finds_copies_without_them(small_course, articles):
    kept = run(small_course, "check", "--articles", str(articles), "--remember")
    assert (kept.exit_code, kept.stderr) == (0, f"wrote {FILE}\n")
    lesson = small_course / LESSON
    text = lesson.read_text(encoding="utf-8")
    lesson.write_text(f"{text}\nThey don’t stop at gate 9\nuntil dawn.\n", encoding="utf-8")
    found = run(small_course, "check")
    assert found.exit_code == 1
    assert (
        f"{LESSON}:27: L-29 shares 7 words in a row with one.txt: 'don't stop at gate 9 until dawn' - "
        "say it in your own words\n"
    ) in found.output
    assert "Not judged: L-29" not in found.output
    assert run(small_course, "build").exit_code == 1


def test_a_copy_in_a_rubric_or_a_remark_is_found_too(small_course, articles):
    run(small_course, "check", "--articles", str(articles), "--remember")
    rubric = small_course / "course/rubrics/reflection.toml"
    rubric.write_text(
        rubric.read_text(encoding="utf-8") + "\n# one two three four five six seven\n", encoding="utf-8"
    )
    line = len(rubric.read_text(encoding="utf-8").splitlines())
    assert f"course/rubrics/reflection.toml:{line}: L-29 shares 7 words" in run(small_course, "check").output


def test_a_copy_in_an_item_may_be_waived_there(small_course, articles):
    run(small_course, "check", "--articles", str(articles), "--remember")
    practice = small_course / PRACTICE
    text = practice.read_text(encoding="utf-8")
    copy = text.replace("A woman stops inside the door.", "One, two, three: four five six seven.")
    practice.write_text(copy, encoding="utf-8")
    assert f"{PRACTICE}:4: L-29 greeting-door: shares 7 words" in run(small_course, "check").output
    waived = copy.replace("version = 1", 'version = 1\nwaive = { "L-29" = "a count" }')
    practice.write_text(waived, encoding="utf-8")
    passed = run(small_course, "check")
    assert passed.exit_code == 0
    assert "waived: a count" in passed.output


def test_other_articles_than_those_remembered_are_noticed(small_course, articles):
    again = ["check", "--articles", str(articles)]
    run(small_course, *again, "--remember")
    assert "as it is now" not in run(small_course, *again).output
    (articles / "two.txt").write_text("Eight nine ten eleven twelve thirteen fourteen.", encoding="utf-8")
    assert (
        f"{FILE}:1: L-29 does not hold two.txt as it is now - run `course check` with --articles and "
        "--remember if these articles are the right ones"
    ) in run(small_course, *again).output


def test_an_article_of_ones_own_is_remembered_beside_the_others(small_course, articles):
    run(small_course, "check", "--articles", str(articles), "--remember")
    (articles / "one.txt").unlink()
    (articles / "two.txt").rename(articles / "three.txt")
    run(small_course, "check", "--articles", str(articles), "--remember")
    kept = parsed((small_course / FILE).read_text(encoding="utf-8"))
    assert {name: len(found) for name, found in kept.items()} == {"one.txt": 9, "two.txt": 1, "three.txt": 1}


def test_a_damaged_file_of_fingerprints_is_named(small_course):
    (small_course / FILE).write_text("# head\n\n[one]\nhello\n", encoding="utf-8")
    told = run(small_course, "check")
    assert told.exit_code == 1
    assert (
        f"{FILE}:4: is no line of fingerprints - make the file again with "
        "`course check --articles FOLDER --remember`"
    ) in told.stderr


def test_remembering_needs_articles(small_course):
    told = run(small_course, "check", "--remember")
    assert told.exit_code == 2
    assert "--remember needs articles - name their folder with --articles" in told.stderr


def test_the_course_keeps_fingerprints_of_its_five_articles_and_copies_none(repository):
    kept = parsed((repository / FILE).read_text(encoding="utf-8"))
    assert len(kept) == 5 and sum(map(len, kept.values())) > 3500
    data = json.loads(run(repository, "check", "--json").stdout)
    assert "L-29" not in {entry["rule"] for entry in data["not_judged"] + data["findings"]}
