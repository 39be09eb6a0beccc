"""What `grading status --watch` shows on a screen of 80 by 24 letters."""

import io

import pytest
from classroom import CHECK
from rich.console import Console

from grading.gradebook import opened
from grading.live_console import watch
from grading.watching import Watch


@pytest.mark.parametrize("students", [False, True])
def test_what_is_not_released_yet_takes_one_line_and_every_state_is_explained(classroom, students):
    with opened(classroom.places) as book:
        book.update_or_create_student("ana", first_name="Ana", last_name="Sol")
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, height=24)

    def stop(seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(Watch(classroom.places), 5, students=students, console=console, sleep=stop)
    last = screen.getvalue().rsplit("Seen at", 1)[1]
    assert last.count("\n") <= 24
    assert f"{CHECK}: " in last and "final: " not in last and "Not released yet: final." in last
    assert "got: fetched" in last
    assert ("Ana Sol" in last) == students
