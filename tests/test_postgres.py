"""The tests of grading, again with the gradebook on a real PostgreSQL server that they start themselves."""

import pytest
import test_autograde
import test_crew
import test_feedback
import test_records
import test_regrade
import test_watching
from classroom import CHECK
from test_crew import full
from test_regrade import wrong_key
from test_watching import watched

from grading import doctor, restore
from grading.gradebook import GradebookError
from grading.status import course_status
from grading.watching import Watch

__all__ = ["full", "watched", "wrong_key"]

AGAIN = {
    test_autograde: [
        "test_an_honest_submission_gets_its_points_and_waits_for_the_reflection",
        "test_a_blank_submission_earns_nothing_and_waits_for_nobody",
        "test_the_reason_for_an_unreadable_answer_stands_in_the_gradebook_and_in_the_copy",
        "test_what_a_person_graded_stays_until_the_answer_changes",
        "test_a_score_entered_while_a_run_is_under_way_is_not_asked_for_again",
        "test_a_flag_that_a_grader_lowered_stays_down_until_there_is_news",
        "test_a_newer_file_that_cannot_be_read_neither_keeps_nor_drops_scores_in_silence",
        "test_a_file_that_could_never_be_read_earns_nothing_and_waits_for_a_person",
        "test_a_corrected_key_is_shown_first_then_stored_and_says_who_changes",
        "test_scores_of_a_vanished_submission_stay_and_are_reported",
        "test_an_error_in_one_student_leaves_nothing_half_done_and_stops_nobody",
        "test_a_killed_run_loses_nothing_and_is_finished_by_running_it_again",
        "test_late_work_is_recorded_with_its_seconds_and_any_penalty_that_is_configured",
    ],
    test_crew: ["test_two_processes_give_the_same_rows_and_files_as_one"],
    test_feedback: ["test_a_student_without_a_graded_copy_is_listed_and_stops_nobody"],
    test_records: [
        "test_a_released_assignment_knows_its_items_keys_and_prompts",
        "test_scores_add_up_as_nbgraders_own_do",
        "test_students_are_shown_by_name_or_else_by_id",
    ],
    test_regrade: [
        "test_a_dry_run_shows_the_keys_and_who_changes_by_how_much_and_writes_nothing",
        "test_a_killed_regrade_is_completed_and_recorded_whole_by_running_it_again",
        "test_a_score_given_by_hand_stays_and_is_named",
        "test_newer_work_among_those_who_change_is_told",
    ],
    test_watching: [
        "test_the_watch_agrees_with_status_whatever_happens",
        "test_a_second_look_opens_no_notebook_and_a_changed_score_is_one_student",
    ],
}
for _module, _names in AGAIN.items():
    globals().update({_name: getattr(_module, _name) for _name in _names})


@pytest.fixture
def classroom(classroom_on_server):
    """Every test here has its gradebook on the server, whatever the option says."""
    return classroom_on_server


def test_the_gradebook_is_on_the_server_and_no_file_is_made(classroom, server):
    assert classroom.places.gradebook is None
    assert not list(classroom.root.rglob("*.db"))


def test_doctor_reaches_the_server_and_restore_names_the_servers_own_programs(classroom):
    said = {one.check: (one.state, one.said) for one in doctor.examine(classroom.root).findings}
    assert said["gradebook"][0] == "ok" and said["gradebook"][1].endswith(": 1 assignment")
    assert said["assignments"] == ("ok", "1 of 2 released, as source/ has them")
    with pytest.raises(GradebookError, match="pg_dump"):
        restore.restore(classroom.places, "newest")


def test_an_empty_database_is_no_gradebook_yet_and_the_first_step_is_named(classroom, fresh_gradebook):
    fresh_gradebook(classroom.places)
    (found,) = [one for one in course_status(classroom.places) if one.name == CHECK]
    assert (found.graded, found.next_step) == (0, f"grading release {CHECK}")
    with pytest.raises(GradebookError, match="database is empty - run: grading release ASSIGNMENT"):
        classroom.grade()
    told = doctor.examine(classroom.root)
    said = {one.check: (one.state, one.said) for one in told.findings}
    assert said["gradebook"][0] == "ok" and said["gradebook"][1].endswith(
        "none yet: the first release makes it"
    )
    assert Watch(classroom.places).look().cells == {}
