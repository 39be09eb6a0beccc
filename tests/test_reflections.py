"""Scoring reflections, from what a page sends to nbgrader's gradebook."""

import json
import logging
import shutil
from datetime import datetime
from types import SimpleNamespace

import pytest
from classroom import CHECK, HONEST, HOSTILE_TEXT, PROMPT, TEXT, Classroom, answered

from grading import gradebook
from grading.bankkeys import read_bank
from grading.booking import entry_for
from grading.lab import desk
from grading.lab.practice import COMMENTS, comments, keep_comments, practice, practise
from grading.lab.reflections import account_name
from grading.rating_rules import Standing, text_name
from grading.ratings import bookings_file, read_ratings, stored_seed
from grading.records import assignment
from grading.rubric import comment_doubts
from grading.tables import connected

ANN, BEN, CLEO = "Ann", "Ben", "Cleo"
BEST = {"encounter": 3, "plan": 3}
TEXTS = {"ana": TEXT, "ben": f"{TEXT} And more.", "mal": HOSTILE_TEXT}


@pytest.fixture(scope="module")
def graded(released_course, tmp_path_factory):
    """Three who wrote, one of them an attack, and one who wrote nothing."""
    root = tmp_path_factory.mktemp("graded") / "course-folder"
    shutil.copytree(released_course, root)
    made = Classroom(root)
    for student, text in TEXTS.items():
        made.hand_in(student, answered(made.released, HONEST, text))
    made.hand_in("nil", answered(made.released, HONEST))
    made.grade()
    return root


@pytest.fixture
def room(graded, tmp_path) -> Classroom:
    """That class for one test alone."""
    return Classroom(shutil.copytree(graded, tmp_path / "course-folder"))


def opened(room, rater=ANN):
    return desk.open_prompt(room.places, CHECK, PROMPT, rater)


def text_of(room, student, rater=ANN):
    """What the page knows of a student's text."""
    name = text_name(stored_seed(room.places, CHECK), PROMPT, student)
    return next(one for one in opened(room, rater)["texts"] if one["id"] == name)


def score(room, student, levels, rater=ANN, **more):
    text = text_of(room, student, rater)
    base = text["mine"]["lines"] if text["mine"] else 0
    sent = {"assignment": CHECK, "prompt": PROMPT, "text": text["id"], "mark": text["mark"], "levels": levels}
    sent |= {"comment": "", "unsafe": False, "base": base, "page": rater, **more}
    return desk.save(room.places, rater, sent)


def by_hand(room, student):
    (cell,) = [one for one in room.record(student).cells if one.name == PROMPT]
    return cell.manual_score, cell.manual_comment, cell.needs_manual


def role_of(answer, room, student, rater):
    id_ = text_of(room, student, rater)["id"]
    return next(one["role"] for one in answer["texts"] if one["id"] == id_)


def test_the_page_gets_the_texts_without_a_name_and_nothing_of_them_alive(room):
    view = opened(room)
    sent = json.dumps(view)
    assert not any(f'"{student}' in sent or f'{student}"' in sent for student in (*TEXTS, "nil"))
    assert len(view["texts"]) == 3 and view["progress"]["todo"] == 3
    hostile = text_of(room, "mal")["text"]
    assert "<script>fetch" in hostile and not set("\x1b\u202e\ud800") & set(hostile)
    assert view["rubric"]["criteria"][0]["levels"] == [
        "Nothing.",
        "Tells it.",
        "Both sides.",
        "What was at stake.",
    ]


def test_levels_become_points_and_a_comment_that_the_feedback_understands(room):
    answer = score(room, "ana", {"encounter": 2})
    assert answer["booked"]["state"] == "open" and by_hand(room, "ana") == (None, None, True)
    answer = score(room, "ana", {"encounter": 2, "plan": 1}, comment="Goal: “…”.\r\nNext, try: <b>.")
    assert answer["booked"] == {"state": "written", "points": 3.0, "doubts": []}
    # 3 of 6 levels of a reflection worth 6 points.
    assert by_hand(room, "ana") == (3.0, "encounter: 2\nplan: 1\n\nGoal: “…”.\nNext, try: <b>.", False)
    with connected(room.places) as connection:
        record = assignment(connection, CHECK)
    assert comment_doubts(record, record.submissions["ana"], read_bank(room.root)) == ""
    assert room.record("ana").score == 8.0


def test_points_have_two_decimals_as_a_person_would_enter_them(room):
    score(room, "ana", {"encounter": 1, "plan": 0})
    assert by_hand(room, "ana")[0] == 1.0
    task = desk.task_of(room.places, CHECK, PROMPT)
    made = entry_for(Standing(levels={"encounter": 2, "plan": 3}), task.rubric, 4)
    assert made.points == 3.33


def test_a_line_of_a_comment_that_reads_like_a_level_is_told(room):
    answer = score(room, "ana", BEST, comment="plan: 1")
    assert answer["booked"]["doubts"] == ["plan stands there twice, with 3 and 1"]


def test_grading_again_keeps_the_score_as_a_persons(room):
    score(room, "ana", BEST)
    room.grade()
    assert by_hand(room, "ana") == (6.0, "encounter: 3\nplan: 3", False)
    assert score(room, "ana", BEST)["booked"]["state"] == "same"


def test_a_new_text_is_asked_for_again_and_its_old_score_stays_until_then(room):
    score(room, "ana", BEST)
    room.hand_in("ana", answered(room.released, HONEST, "Another text altogether."))
    room.grade()
    view = opened(room)
    assert role_of(view, room, "ana", ANN) == "changed"
    mine = text_of(room, "ana")["mine"]
    assert mine["changed"] and mine["levels"] == BEST
    assert by_hand(room, "ana") == (6.0, "encounter: 3\nplan: 3", True)
    answer = score(room, "ana", {**BEST, "plan": 0})
    assert role_of(answer, room, "ana", ANN) == "done"
    assert by_hand(room, "ana") == (3.0, "encounter: 3\nplan: 0", False)


def test_scoring_while_a_new_text_arrives_counts_for_the_old_text_alone(room):
    old = text_of(room, "ana")["mark"]
    room.hand_in("ana", answered(room.released, HONEST, "Another text altogether."))
    room.grade()
    answer = score(room, "ana", BEST, mark=old)
    assert role_of(answer, room, "ana", ANN) == "changed" and by_hand(room, "ana")[0] is None


# --- A person's score in the formgrader


def test_what_somebody_entered_in_the_formgrader_is_asked_about(room):
    score(room, "ana", BEST)
    room.grade_by_hand("ana", PROMPT, 2.5, "Seen in person.")
    answer = score(room, "ana", {**BEST, "plan": 0})
    found = {"points": 2.5, "comment": "Seen in person."}
    assert answer["booked"]["state"] == "asks" and answer["booked"]["found"] == found
    assert by_hand(room, "ana") == (2.5, "Seen in person.", False)
    assert opened(room)["asks"][text_of(room, "ana")["id"]]["found"] == found

    kept = score(room, "ana", {**BEST, "plan": 0}, decided={"use": "theirs", **found})
    assert kept["booked"]["state"] == "kept" and by_hand(room, "ana")[0] == 2.5
    assert opened(room)["asks"] == {}
    # Other levels are another matter, and so is another score.
    assert score(room, "ana", {**BEST, "plan": 1})["booked"]["state"] == "asks"
    room.grade_by_hand("ana", PROMPT, 2.0)
    again = score(room, "ana", {**BEST, "plan": 1}, decided={"use": "ours", **found})
    assert again["booked"]["state"] == "asks" and by_hand(room, "ana")[0] == 2.0
    seen = {**found, "points": 2.0}
    assert (
        score(room, "ana", {**BEST, "plan": 1}, decided={"use": "ours", **seen})["booked"]["state"]
        == "written"
    )
    assert by_hand(room, "ana") == (4.0, "encounter: 3\nplan: 1", False)


def test_keeping_the_formgraders_score_for_a_new_text_settles_it(room):
    room.grade_by_hand("ana", PROMPT, 2.5)
    room.hand_in("ana", answered(room.released, HONEST, "Another text altogether."))
    room.grade()
    assert by_hand(room, "ana") == (2.5, None, True)
    score(room, "ana", BEST, decided={"use": "theirs", "points": 2.5, "comment": ""})
    assert by_hand(room, "ana")[::2] == (2.5, False)


def test_a_score_from_before_this_page_is_a_persons_too(room):
    room.grade_by_hand("ana", PROMPT, 2.5)
    view = opened(room)
    assert role_of(view, room, "ana", ANN) == "by-hand"
    assert (view["progress"]["scored"], view["progress"]["todo"]) == (1, 2)
    assert score(room, "ana", BEST)["booked"]["state"] == "asks"


def test_a_score_taken_out_in_the_formgrader_is_not_put_back_unasked(room):
    score(room, "ana", BEST, comment="Well seen.")
    room.grade_by_hand("ana", PROMPT, None)
    assert list(opened(room)["asks"]) == [text_of(room, "ana")["id"]]
    assert by_hand(room, "ana")[0] is None


def test_what_a_restored_gradebook_lacks_is_put_back_from_the_record(room):
    score(room, "ana", BEST, comment="Well seen.")
    room.grade_by_hand("ana", PROMPT, None, "")
    assert opened(room)["asks"] == {}
    assert by_hand(room, "ana") == (6.0, "encounter: 3\nplan: 3\n\nWell seen.", False)


def test_a_score_that_the_page_itself_had_put_there_earlier_is_a_persons_once_somebody_goes_back_to_it(room):
    score(room, "ana", {**BEST, "plan": 0})
    score(room, "ana", BEST)
    room.grade_by_hand("ana", PROMPT, 3.0, "encounter: 3\nplan: 0")
    assert score(room, "ana", {**BEST, "plan": 1})["booked"]["state"] == "asks"


def test_what_the_first_reader_gave_stays_unseen_by_the_second(room):
    score(room, "ana", BEST)
    room.grade_by_hand("ana", PROMPT, 2.5, "Seen in person.")
    answer = score(room, "ana", {"encounter": 0, "plan": 3}, BEN)
    assert answer["booked"] == {"state": "asks-other"}
    view = opened(room, BEN)
    assert "Seen in person" not in json.dumps(view) and view["asks"] == {}


def test_a_second_reader_is_not_told_of_the_first_ones_points_and_words(room):
    doubtful = score(room, "ana", BEST, comment="plan: 1")
    assert doubtful["booked"]["doubts"] and doubtful["booked"]["points"] == 6.0
    answer = score(room, "ana", {"encounter": 2, "plan": 2}, BEN)
    assert answer["booked"] == {"state": "second"}
    assert "doubts" not in json.dumps(answer) and "6.0" not in json.dumps(answer)


# --- Several readers


def test_a_second_reader_is_blind_and_a_third_decides_a_gap(room):
    score(room, "ana", BEST, comment="From Ann.")
    view = opened(room, BEN)
    assert role_of(view, room, "ana", BEN) == "second"
    assert "From Ann" not in json.dumps(view) and text_of(room, "ana", BEN)["mine"] is None
    answer = score(room, "ana", {"encounter": 1, "plan": 3}, BEN, comment="From Ben.")
    assert answer["progress"] == {"texts": 3, "scored": 1, "second": 0, "third": 1, "mine": 1, "todo": 2}
    # The first score stands, and nbgrader shows that somebody still has to look.
    assert by_hand(room, "ana") == (6.0, "encounter: 3\nplan: 3\n\nFrom Ann.", True)
    assert role_of(opened(room, CLEO), room, "ana", CLEO) == "third"
    score(room, "ana", {"encounter": 2, "plan": 0}, CLEO)
    assert by_hand(room, "ana") == (5.0, "encounter: 2\nplan: 3\n\nFrom Ann.", False)


def test_one_level_apart_leaves_the_first_score(room):
    score(room, "ana", BEST)
    answer = score(room, "ana", {"encounter": 2, "plan": 2}, BEN)
    assert answer["booked"] == {"state": "second"} and by_hand(room, "ana")[0] == 6.0
    assert {one.rater: one.done for one in read_ratings(room.places, CHECK)} == {ANN: True, BEN: True}


def test_a_text_that_another_grader_has_begun_is_left_to_them(room):
    score(room, "ana", {"encounter": 1})
    assert role_of(opened(room, BEN), room, "ana", BEN) == "busy"


def test_another_window_of_the_same_grader_does_not_overwrite_unasked(room):
    score(room, "ana", {"encounter": 1}, page="one", base=0)
    answer = score(room, "ana", {"encounter": 3}, page="two", base=0)
    assert answer["conflict"]["levels"] == {"encounter": 1} and "rating" not in answer
    assert read_ratings(room.places, CHECK)[0].levels == {"encounter": 1}
    # What says the same, or comes again from the same page, is none.
    assert "rating" in score(room, "ana", {"encounter": 1}, page="two", base=0)
    assert "rating" in score(room, "ana", {"encounter": 2}, page="one", base=0)


def test_a_grader_whose_name_is_typed_otherwise_stays_the_same_one(room):
    score(room, "ana", BEST)
    assert desk.rater_named(room.places, "", " ann ") == ANN
    assert desk.rater_named(room.places, "ann", "Ben") == "ann"


def test_the_account_names_the_grader_where_it_is_one_persons():
    from jupyter_server.auth.identity import IdentityProvider, User

    assert account_name(User("ann")) == "ann" and account_name(User("ann", name="Ann Lee")) == "ann"
    shared = IdentityProvider().generate_anonymous_user(SimpleNamespace(log=logging.getLogger()))
    assert account_name(shared) == ""
    assert account_name("old-style") == "old-style" and account_name(None) == ""


def test_an_older_change_that_arrives_later_does_not_undo_the_newer_one(room):
    score(room, "ana", {"encounter": 1}, turn=1)
    score(room, "ana", {"encounter": 3}, turn=3)
    answer = score(room, "ana", {"encounter": 2}, turn=2)
    assert answer["rating"]["levels"] == {"encounter": 3}
    assert read_ratings(room.places, CHECK)[0].levels == {"encounter": 3}


# --- Crashes and waiting


def test_a_booking_that_was_cut_short_is_completed_and_not_taken_for_a_persons(room):
    path = bookings_file(room.places, CHECK)
    score(room, "ana", {**BEST, "plan": 0})
    score(room, "ana", {**BEST, "plan": 1})
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    # Killed after the gradebook was written, before that was noted.
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    assert score(room, "ana", {**BEST, "plan": 2})["booked"]["state"] == "written"
    # Killed before the gradebook was written: twice.
    room.grade_by_hand("ana", PROMPT, 5.0, "encounter: 3\nplan: 2")
    begun = json.loads(path.read_text(encoding="utf-8").splitlines()[-2])
    for points in (1.0, 2.0):
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**begun, "points": points}) + "\n")
    assert score(room, "ana", BEST)["booked"]["state"] == "written"
    assert by_hand(room, "ana")[0] == 6.0


def test_while_another_run_writes_the_rating_is_kept_and_its_points_follow(room, monkeypatch):
    monkeypatch.setattr("grading.booking.WAIT_SECONDS", 0.1)
    with gradebook.locked(room.places):
        answer = score(room, "ana", BEST)
        assert answer["booked"]["state"] == "waits" and answer["rating"]["done"]
        assert desk.settle(room.places, CHECK, PROMPT, BEN)["waits"]
    assert by_hand(room, "ana")[0] is None
    assert desk.settle(room.places, CHECK, PROMPT, BEN)["waits"] == ""
    assert by_hand(room, "ana")[0] == 6.0


def test_a_late_penalty_follows_the_new_score(room):
    with (room.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with gradebook.opened(room.places) as book:
        book.update_or_create_assignment(CHECK, duedate=datetime(2026, 3, 1))
    room.grade()
    assert room.record("ana").score == 0.0
    score(room, "ana", BEST)
    assert room.record("ana").penalty == 11.0 and room.record("ana").score == 0.0


# --- Around


def test_an_unsafe_plan_is_listed_whoever_marked_it(room):
    answer = score(room, "ana", BEST, unsafe=True)
    (listed,) = [one["id"] for one in answer["texts"] if one["unsafe"]]
    assert desk.whose(room.places, CHECK, PROMPT, listed) == {"student": "ana", "name": "ana"}
    assert read_ratings(room.places, CHECK)[0].unsafe


@pytest.mark.parametrize(
    "wrong",
    [{"levels": {"encounter": 4}}, {"levels": {"encounter": True}}, {"levels": {"x": 1}}, {"levels": []},
     {"comment": 3}, {"comment": "x" * 5001}, {"mark": None}],
)  # fmt: skip
def test_what_is_no_rating_is_refused(room, wrong):
    with pytest.raises(ValueError, match=r"level|comment|which text"):
        score(room, "ana", **{"levels": BEST, **wrong})
    assert read_ratings(room.places, CHECK) == []


def test_what_is_not_there_is_said(room):
    for assignment_, prompt in (("nix", PROMPT), (CHECK, "nix"), ("../x", PROMPT)):
        with pytest.raises(LookupError):
            desk.open_prompt(room.places, assignment_, prompt, ANN)
    with pytest.raises(LookupError):
        desk.whose(room.places, CHECK, PROMPT, "nix")
    with pytest.raises(ValueError, match="name"):
        opened(room, " ")


def test_the_list_names_the_prompts_that_a_rubric_scores(room):
    (one,) = desk.prompts(room.places)
    assert one["id"] == CHECK and [prompt["id"] for prompt in one["prompts"]] == [PROMPT]


def test_reusable_comments_are_kept_for_each_grader(room):
    assert comments(room.places, ANN) == list(COMMENTS)
    assert keep_comments(room.places, ANN, [" One. ", "", "Two."]) == ["One.", "Two."]
    assert comments(room.places, ANN) == ["One.", "Two."] and comments(room.places, BEN) == list(COMMENTS)
    with pytest.raises(ValueError, match="list"):
        keep_comments(room.places, ANN, [1])


def test_practice_compares_a_round_as_soon_as_all_of_it_is_scored(room):
    folder = room.root / "course" / "rubrics" / "exemplars"
    folder.mkdir()
    one = 'id = "{}"\ntext = "T"\nscores = {{ encounter = 2, plan = 1 }}\n[[exemplar.note]]\n'
    one += 'criterion = "plan"\nlevel = 1\nquote = "T"\nwhy = "W"\n'
    text = "".join(f"[[exemplar]]\n{one.format(number)}" for number in range(5))
    (folder / f"{PROMPT}.toml").write_text(text, encoding="utf-8")
    sent = {"assignment": CHECK, "prompt": PROMPT, "levels": {"encounter": 2, "plan": 3}}
    for number in range(3):
        after = practise(room.places, ANN, {**sent, "exemplar": str(number)})
        assert after["rounds"][0]["agreement"] == []
    after = practise(room.places, ANN, {**sent, "exemplar": "3", "levels": {"encounter": 1, "plan": 1}})
    encounter, plan = after["rounds"][0]["agreement"]
    assert (encounter["exact"], encounter["adjacent"], encounter["passed"]) == (3, 4, True)
    assert (plan["exact"], plan["adjacent"], plan["passed"]) == (1, 1, False)
    assert after["rounds"][1] == {"exemplars": ["4"], "agreement": []}
    assert practice(room.places, CHECK, PROMPT, BEN)["exemplars"][0]["mine"] == {}
    assert read_ratings(room.places, CHECK) == []


def test_without_exemplars_or_with_a_broken_file_there_is_no_practice(room):
    assert practice(room.places, CHECK, PROMPT, ANN) == {"exemplars": [], "rounds": []}
    folder = room.root / "course" / "rubrics" / "exemplars"
    folder.mkdir()
    (folder / f"{PROMPT}.toml").write_text("exemplar = 3", encoding="utf-8")
    assert practice(room.places, CHECK, PROMPT, ANN) == {"exemplars": [], "rounds": []}
