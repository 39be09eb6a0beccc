"""Running students' code: what it leaves behind holds nobody up."""

import sys
import time

import pytest
from classroom import HONEST, TEXT, answered
from test_autograde import add_code_task, with_code

DAEMON = """import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(90)
    os._exit(0)
def double(x):
    return 2 * x"""


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_a_program_that_a_students_code_leaves_running_does_not_hold_the_run(classroom):
    add_code_task(classroom)
    classroom.hand_in("eve", with_code(answered(classroom.released, HONEST, TEXT), DAEMON))
    begun = time.monotonic()
    (result,) = classroom.grade(execute=True).students
    assert time.monotonic() - begun < 60
    assert (result.state, result.score, result.reasons) == ("graded", 9.0, {})


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not bound the memory of a process")
def test_code_that_takes_all_memory_or_fills_the_disk_fails_alone(classroom):
    add_code_task(classroom)
    hungry = "taken = bytearray(6 * 1024**3)\ndef double(x):\n    return 2 * x"
    filler = "open('big', 'wb').write(bytes(300 * 1024**2))\ndef double(x):\n    return 2 * x"
    for student, code in (("ana", "def double(x):\n    return 2 * x"), ("ben", hungry), ("cyd", filler)):
        classroom.hand_in(student, with_code(answered(classroom.released, HONEST, TEXT), code))
    results = {one.student: one for one in classroom.grade(execute=True).students}
    assert {student: one.score for student, one in results.items()} == {"ana": 9.0, "ben": 5.0, "cyd": 5.0}
    assert {one.state for one in results.values()} == {"graded"}
