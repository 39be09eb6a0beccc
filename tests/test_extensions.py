"""More time for one student, given before anything of theirs is graded: no grade yet, and it counts later."""

from datetime import timedelta

from classroom import CHECK, HONEST, answered

from grading.gradebook import opened
from grading.status import course_status
from grading.tables import connected, new_id, read_master, student, submitted_assignment, writing


def test_an_extension_given_before_anything_was_graded_is_no_grade_and_counts_later(classroom):
    with connected(classroom.places) as connection:
        master = read_master(connection, CHECK)
        with writing(connection):
            connection.execute(student.insert(), [{"id": "ana"}, {"id": "ben"}])
            more = {"assignment_id": master.id, "extension": timedelta(hours=10)}
            rows = [{"id": new_id(), "student_id": one, **more} for one in ("ana", "ben")]
            connection.execute(submitted_assignment.insert(), rows)
    with opened(classroom.places) as book:
        book.update_or_create_assignment(CHECK, duedate="2026-03-01 09:30:00 UTC")
    (found,) = [one for one in course_status(classroom.places) if one.name == CHECK]
    assert (found.graded, found.submitted, found.next_step) == (0, 0, f"grading collect {CHECK}")
    classroom.hand_in("ana", answered(classroom.released, HONEST))
    run = classroom.grade()
    assert [(one.student, one.before, one.score) for one in run.students] == [("ana", None, 5)]
    assert run.gone == ()
    assert classroom.record("ana").late == 14 * 3600  # a day late, less the ten hours
