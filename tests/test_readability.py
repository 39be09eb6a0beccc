"""Syllables, sentences and the reading grade, against counts made by hand."""

import pytest

from course.readability import Reading, blocks, read, sentences, syllables


@pytest.mark.parametrize(
    ("count", "listed"),
    [
        (1, "the made helped walls called times clothes through else whole friend they're guard"),
        (2, "safety someone table wanted settled hundred quiet being notebook nurse's didn't station react"),
        (3, "visitor idea officer courier easier policy everything museum area radio employer anyone"),
        (4, "security anxiety authority seriously reality"),
        (5, "communication cooperation opportunity"),
    ],
)
def test_syllables_are_counted_as_said(count, listed):
    assert [word for word in listed.split() if syllables(word) != count] == []


def test_the_grade_of_six_short_words_is_minus_1_45():
    reading = read("The cat sat on the mat.")
    assert reading == Reading(words=6, sentences=1, syllables=6)
    assert reading.grade == pytest.approx(-1.45)  # 0.39 * 6 + 11.8 * 1 - 15.59


def test_the_grade_of_a_known_question_is_4_4():
    text = (
        "A new officer asks why training covers customer service. Which answer fits the job best? "
        "It lets an officer bend the rules for regular visitors. "
        "It helps keep people safe while they are treated well. It adds a task to do once the patrol is over."
    )
    assert read(text).words == 46
    assert round(read(text).grade, 1) == 4.4


def test_an_empty_text_has_grade_zero():
    assert read("").grade == 0.0
    assert read("## Only a heading").mean_sentence == 0.0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('"Busy day?" asks the officer. "Very," says the guest.', 2),
        ("Mr. Cole waits at 7.30 p.m. near the gate.", 1),
        ("He said, “Stop!” She stopped.", 2),
        ("No point at the end", 1),
        ("Really?! Yes… Go.", 3),
    ],
)
def test_sentences_end_where_a_new_one_starts(text, count):
    assert len(sentences(text)) == count


def test_headings_are_left_out_and_list_entries_stand_alone():
    text = "## Why\n\nOne line\nand its end.\n\n- first entry\n- second\n\n> a quote\n1. third"
    assert blocks(text) == ["One line and its end.", "first entry", "second", "a quote", "third"]


def test_a_hyphen_parts_two_words():
    assert read("De-escalate early.").words == 3
