"""How fast grading by reading is, as a ratio to nbgrader running the same submissions, in one run.

Run it with `make bench`, with nothing else running. Both grade the sample class; nbgrader only a few of it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grading.autograde import autograde
from grading.places import find_places
from grading.sample import GRADED, make_sample

REPOSITORY = Path(__file__).resolve().parent.parent
RUN_BY_NBGRADER = 4
ROUNDS = 3


def main() -> None:
    """Print seconds for each submission, both ways, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "course-folder"
        for name in ("course", "source"):
            shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(REPOSITORY / "nbgrader_config.py", root)
        os.environ["COURSE_CLASS"] = "sample"
        places = find_places(root)
        make_sample(places, lambda text: None)
        students = sorted(path.name for path in (places.work / "submitted").iterdir())
        reading = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            autograde(places, GRADED)
            reading.append((time.perf_counter() - start) / len(students))
        vanilla = Path(folder) / "vanilla"
        shutil.copytree(root / "source" / GRADED, vanilla / "source" / GRADED)
        for student in students[:RUN_BY_NBGRADER]:
            shutil.copytree(places.work / "submitted" / student, vanilla / "submitted" / student)
        (vanilla / "nbgrader_config.py").write_text(
            "get_config().CourseDirectory.course_id = 'vanilla'\n", "utf-8"
        )
        scripts = str(Path(sys.executable).parent)
        environment = {
            **os.environ,
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
        }
        command = [sys.executable, "-m", "nbgrader"]
        quiet = {"cwd": vanilla, "env": environment, "check": True, "capture_output": True}
        subprocess.run([*command, "generate_assignment", GRADED], **quiet)
        start = time.perf_counter()
        subprocess.run([*command, "autograde", GRADED], **quiet)
        running = (time.perf_counter() - start) / RUN_BY_NBGRADER
    best = min(reading)
    print(f"reading: {best * 1000:.1f} ms a submission ({len(students)} submissions, best of {ROUNDS})")
    print(
        f"running: {running * 1000:.0f} ms a submission (nbgrader autograde, {RUN_BY_NBGRADER} submissions)"
    )
    print(f"ratio:   {running / best:.0f} to 1")


if __name__ == "__main__":
    main()
