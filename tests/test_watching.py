"""Looking at a class again and again: it sees what `grading status` sees, and reads only what has changed."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from classroom import CHECK, HONEST, PROMPT, SINGLE, TEXT, answered
from click.testing import CliRunner
from rich.console import Console

import grading.standing
from grading import watching
from grading.cli import main
from grading.feedback import write_feedback
from grading.gradebook import GradebookError, opened
from grading.lab.live import Shared
from grading.live import STATES
from grading.live_console import watch
from grading.status import course_status
from grading.watching import Watch

SECRET = "a-secret-of-twenty-four-letters"

exchange = pytest.mark.skipif(sys.platform == "win32", reason="nbgrader has no exchange on Windows")


@pytest.fixture
def watched(classroom):
    """A class with a watch on it: one is graded, one waits for a person, one is not graded yet."""
    with opened(classroom.places) as book:
        for student in ("ana", "ben", "cyd", "dee"):
            book.update_or_create_student(student, first_name=student.title(), last_name="X")
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    classroom.hand_in("ben", answered(classroom.released, HONEST, TEXT))
    classroom.grade()
    classroom.hand_in("cyd", answered(classroom.released, HONEST))
    return classroom, Watch(classroom.places)


def states(now):
    return {student: cells[CHECK].state for student, cells in now.cells.items() if CHECK in cells}


def step(now):
    return next(one.step for one in now.columns if one.name == CHECK)


def send(classroom, student, when="2026-03-03 10:00:00"):
    """Put work into the exchange as nbgrader does."""
    inbound = classroom.places.exchange / classroom.places.course_id / "inbound"
    folder = inbound / f"{student}+{CHECK}+{when}.000000 UTC+{SECRET}"
    folder.mkdir(parents=True)
    (folder / f"{CHECK}.ipynb").write_text(json.dumps(answered(classroom.released, HONEST)), encoding="utf-8")


def test_each_student_is_shown_as_far_as_the_work_is(watched):
    _, watch_ = watched
    now = watch_.look()
    assert states(now) == {"ana": "graded", "ben": "person", "cyd": "collected"}
    (column,) = [one for one in now.columns if one.name == CHECK]
    counts = {state: count for state, count in column.counts.items() if count}
    assert counts == {"nothing": 1, "collected": 1, "person": 1, "graded": 1}
    assert (step(now).text, step(now).href) == (
        "Grade 1 submission",
        f"formgrader/manage_submissions/{CHECK}",
    )
    assert [one.name for one in now.columns] == [CHECK, "final"]
    assert next(one.step.text for one in now.columns if one.name == "final") == "Release it"


@exchange
def test_a_week_is_followed_step_by_step(classroom):
    with opened(classroom.places) as book:
        book.update_or_create_student("ana")
    watch_ = Watch(classroom.places)
    assert step(watch_.look()).text == "Nobody has handed in yet"
    (classroom.places.exchange / classroom.places.course_id / "inbound").mkdir(parents=True, exist_ok=True)
    send(classroom, "ana")
    now = watch_.look()
    assert states(now) == {"ana": "waiting"} and step(now).text == "Collect what 1 student has sent"
    run = ["--root", str(classroom.root)]
    CliRunner().invoke(main, [*run, "collect", CHECK, "--times-in-names"])
    assert states(watch_.look()) == {"ana": "collected"}
    CliRunner().invoke(main, [*run, "autograde", CHECK])
    assert states(watch_.look()) == {"ana": "graded"}
    write_feedback(classroom.places, CHECK)
    now = watch_.look()
    assert states(now) == {"ana": "page"} and step(now).text == "Done for all who have handed in"


def test_a_page_counts_as_given_only_where_the_student_can_fetch_this_very_page(watched):
    classroom, watch_ = watched
    (classroom.folder("autograded", "ana") / "submission_secret.txt").write_text(SECRET, encoding="ascii")
    write_feedback(classroom.places, CHECK, only=["ana"])
    assert states(watch_.look())["ana"] == "page"
    folder = classroom.places.exchange / classroom.places.course_id / "feedback"
    folder.mkdir(parents=True, exist_ok=True)
    page = classroom.folder("feedback", "ana") / f"{CHECK}.html"
    # nbgrader.utils.notebook_hash: the MD5 of secret and notebook, one after the other.
    given = folder / f"{hashlib.md5(f'{SECRET}{CHECK}'.encode()).hexdigest()}.html"
    shutil.copy(page, given)
    assert states(watch_.look())["ana"] == "given"
    classroom.grade_by_hand("ana", SINGLE, 1)
    now = watch_.look()
    assert states(now)["ana"] == "graded"
    assert now.cells["ana"][CHECK].notes == ["the page is out of date"]
    write_feedback(classroom.places, CHECK, only=["ana"])
    assert states(watch_.look())["ana"] == "page"


@exchange
def test_what_is_sent_again_waits_though_the_older_work_is_graded(watched):
    classroom, watch_ = watched
    send(classroom, "ana", when="2026-03-01 10:00:00")
    config = classroom.root / "nbgrader_config.py"
    with config.open("a", encoding="utf-8") as file:
        file.write("\nc.SafeCollect.times_in_names = True\n")
    watch_ = Watch(classroom.places)
    assert states(watch_.look())["ana"] == "graded"  # older than what was collected
    send(classroom, "ana")
    assert states(watch_.look())["ana"] == "waiting"
    send(classroom, "zoe")
    now = watch_.look()
    assert states(now)["zoe"] == "waiting" and "zoe" in now.people


def test_the_watch_agrees_with_status_whatever_happens(watched):
    classroom, watch_ = watched

    def corrected():
        path = classroom.root / "source" / CHECK / f"{CHECK}.ipynb"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('key=[\\"c\\"]', 'key=[\\"a\\"]'), encoding="utf-8")

    def flag():
        with opened(classroom.places) as book:
            book.find_submission_notebook(CHECK, CHECK, "ana").flagged = True
            book.db.commit()

    def forget():
        CliRunner().invoke(main, ["--root", str(classroom.root), "forget", "ben", "--yes"])

    for happens in (
        lambda: None,
        lambda: classroom.grade_by_hand("ben", PROMPT, 2),
        lambda: classroom.grade_by_hand("ben", PROMPT, 3, "encounter: 3\nplan: 3"),
        lambda: classroom.grade_by_hand("ben", PROMPT, 6, "encounter: 3\nplan: 3"),
        lambda: write_feedback(classroom.places, CHECK),
        lambda: classroom.grade(),
        flag,
        lambda: classroom.hand_in("ana", answered(classroom.released, {SINGLE: "z"})),
        lambda: classroom.grade(),
        corrected,
        lambda: classroom.grade(corrected=True),
        forget,
        lambda: shutil.rmtree(classroom.folder("feedback", "ana")),
        lambda: shutil.rmtree(classroom.folder("submitted", "cyd")),
    ):
        happens()
        watch_.look()
        for one in course_status(classroom.places):
            seen = watch_._status(one.name)
            assert seen == one


def test_a_second_look_opens_no_notebook_and_a_changed_score_is_one_student(watched, monkeypatch):
    classroom, watch_ = watched
    watch_.look()
    looked = []

    def counting(places, record, student, bank, *, collected):
        looked.append(student)
        return grading.standing.standing(places, record, student, bank, collected=collected)

    monkeypatch.setattr(watching, "standing", counting)
    monkeypatch.setattr(watching.records, "assignment", None)  # reads a whole class
    watch_.look()
    assert looked == []
    classroom.grade_by_hand("ben", PROMPT, 2)
    now = watch_.look()
    assert looked == ["ben"] and states(now)["ben"] == "graded"
    classroom.hand_in("ana", answered(classroom.released, {}))
    assert states(watch_.look())["ana"] == "collected"
    assert looked == ["ben", "ana"]


def test_what_a_person_has_to_look_at_is_counted_in_the_next_step(watched):
    classroom, watch_ = watched
    classroom.grade()
    found = step(watch_.look())
    assert (found.text, found.href) == ("Score what 1 student wrote", "grading/reflections")
    classroom.grade_by_hand("ben", PROMPT, 1, "encounter: 3\nplan: 3")
    with opened(classroom.places) as book:
        book.find_submission_notebook(CHECK, CHECK, "ana").flagged = True
        book.db.commit()
    found = step(watch_.look())
    assert found.text == "Look at 2 submissions: 1 flagged, 1 comment to correct"
    assert found.href == f"formgrader/gradebook/{CHECK}"


@exchange
def test_an_exchange_that_cannot_be_seen_is_told_and_stops_nothing(watched):
    classroom, watch_ = watched
    shutil.rmtree(classroom.places.exchange)
    now = watch_.look()
    assert "cannot be seen" in now.remarks[0]
    assert states(now)["ana"] == "graded"


def test_what_can_be_seen_of_fetching_is_said_in_words(watched, monkeypatch):
    classroom, _ = watched
    result = CliRunner().invoke(main, ["--root", str(classroom.root), "status", "--students"])
    assert result.exit_code == 0
    assert "Whoever has handed in has fetched, too." in result.output
    for student, words in (("ana", "graded"), ("ben", "needs a person"), ("cyd", "to grade"), ("dee", "-")):
        assert re.search(rf"{student} .* {words}", result.output)


def test_json_names_every_student_and_what_is_in_each_state(watched):
    classroom, _ = watched
    result = CliRunner().invoke(main, ["--root", str(classroom.root), "status", "--students", "--json"])
    told = json.loads(result.output)
    assert told["states"] == dict(STATES)
    ben = next(one for one in told["students"] if one["id"] == "ben")
    assert ben["work"][0] == {"state": "person", "notes": ["1 answer to grade by hand"]}
    assert told["assignments"][0]["step"]["text"] == "Grade 1 submission"


def test_the_terminal_goes_on_where_the_gradebook_is_locked_for_a_moment(watched):
    _, watch_ = watched
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, height=40)
    looks = []
    real = watch_.look

    def look():
        looks.append(1)
        if len(looks) == 2:
            raise GradebookError("gradebook.db: database is locked - another program keeps it open")
        if len(looks) == 4:
            raise KeyboardInterrupt
        return real()

    watch_.look = look
    with pytest.raises(KeyboardInterrupt):
        watch(watch_, 5, students=True, console=console, sleep=lambda seconds: None)
    shown = screen.getvalue()
    assert "Looking at the class for the first time" in shown
    assert "database is locked" in shown and "was seen before" in shown
    assert shown.rindex("Seen at") > shown.rindex("was seen before")
    assert "\x1b[?25h" in shown  # the cursor is back


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal that a test can make")
def test_ctrl_c_ends_the_watch_with_status_0(watched):
    import pty

    classroom, _ = watched
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "grading", "--root", str(classroom.root), "status", "--watch"]
    run = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, start_new_session=True)
    os.close(follower)
    said = b""
    while b"Ctrl-C" not in said:
        said += os.read(leader, 65536)
    run.send_signal(signal.SIGINT)
    code = run.wait(20)
    os.close(leader)
    assert code == 0 and b"Traceback" not in said


def test_without_a_terminal_the_watch_says_what_to_do_instead(classroom):
    result = CliRunner().invoke(main, ["--root", str(classroom.root), "status", "--watch"])
    assert result.exit_code == 2 and "--watch needs a terminal" in result.output


@pytest.mark.sqlite_file("the lost one is told")
def test_pages_share_one_look_and_get_the_class_only_where_it_has_changed(watched, monkeypatch):
    classroom, watch_ = watched
    shared = Shared(watch_)
    looks = []
    real = watch_.look
    monkeypatch.setattr(watch_, "look", lambda: looks.append(1) or real())
    first = shared.answer("")
    assert first["class"]["assignments"][0]["name"] == CHECK
    assert "class" not in shared.answer(first["version"])
    assert looks == [1]
    shared.at -= 60
    assert "class" not in shared.answer(first["version"])
    classroom.grade_by_hand("ben", PROMPT, 2)
    shared.at -= 60
    third = shared.answer(first["version"])
    assert third["version"] != first["version"]
    assert third["class"]["assignments"][0]["counts"]["person"] == 0
    assert looks == [1, 1, 1]
    (classroom.places.gradebook).unlink()
    shared.at -= 60
    with pytest.raises(GradebookError, match="grading restore"):
        shared.answer(third["version"])


@pytest.mark.sqlite_file("damages it")
def test_a_gradebook_that_cannot_be_opened_is_told_and_the_next_look_succeeds(watched):
    classroom, watch_ = watched
    path = classroom.places.gradebook
    kept = path.read_bytes()
    path.write_bytes(b"no database at all")
    with pytest.raises(GradebookError):
        watch_.look()
    path.write_bytes(kept)
    assert states(watch_.look())["ana"] == "graded"


def test_hostile_names_reach_the_page_without_invisible_signs(watched):
    classroom, watch_ = watched
    with opened(classroom.places) as book:
        book.update_or_create_student("ana", first_name="A\x1b[2J\u202e", last_name="<b>")
    told = watch_.look().as_json()
    ana = next(one for one in told["students"] if one["id"] == "ana")
    assert ana["name"] == "A\ufffd[2J\ufffd <b>"


def test_a_long_class_fits_the_screen_with_those_first_who_need_something(watched):
    classroom, watch_ = watched
    with opened(classroom.places) as book:
        for number in range(100):
            book.update_or_create_student(f"s{number:03}")
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, height=30)
    begun = []

    def stop(seconds):
        begun.append(time.monotonic())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(watch_, 5, students=True, console=console, sleep=stop)
    last = screen.getvalue().rsplit("Seen at", 1)[1]
    assert last.count("\n") <= 30
    assert "cyd" in last and "ben" in last and "more" in last
