"""The course folder to a Course: reads every file, checks what refers to what, lists all problems at once."""

from collections.abc import Sequence
from pathlib import Path

from course import model
from course.background_files import read_background
from course.course_files import FOLDER, CourseFiles
from course.lesson_text import parse_lesson
from course.model import Course, Lesson, Place
from course.question_files import read_questions
from course.reading import CourseError, suggestion
from course.references import reference_problems
from course.scenario_file import read_scenario
from course.shapes import CourseShape
from course.toml_text import Table

LESSON_FILES = ("lesson.md", "practice.toml", "graded.toml", "scenario.toml")
"""What is read of a lesson's folder; anything else in it is left alone."""


def load_course(root: Path) -> Course:
    """Return the course whose folder ``course/`` stands in `root`.

    Raises
    ------
    CourseError : with every problem found in every file; nothing is returned half-read.
    """
    files = CourseFiles(root)
    course = _Loader(files).load()
    if files.problems or course is None:
        raise CourseError(files.problems)
    return course


_HINTS = {"weight": "remove the line: what a check counts is set where you keep the class's results"}


class _Loader:
    """Reads files in turn and remembers which question stands in which lesson."""

    def __init__(self, files: CourseFiles) -> None:
        self.files = files
        self.whole = True
        """Whether all question files could be read, so that an id not known stands nowhere."""
        self.known: dict[str, str] = {}

    def load(self) -> Course | None:
        """Read everything."""
        shape, table = self.files.table("course.toml", CourseShape, _HINTS)
        background = read_background(self.files, shape.lessons if shape else None)
        if shape is None or table is None:
            return None
        self.files.once([(slug, table.place("lessons")) for slug in shape.lessons], "lesson")
        self.unlisted(shape.lessons, table)
        lessons = tuple(filter(None, map(self.lesson, dict.fromkeys(shape.lessons))))
        course = Course(
            title=shape.title,
            contact=shape.contact,
            language=shape.language,
            form=shape.form,
            seed=shape.seed,
            lessons=lessons,
            assignments=self.assignments(shape, table),
            misconceptions=background.misconceptions or (),
            glossary=background.glossary,
            claims=background.claims or (),
            rubrics=background.rubrics or (),
        )
        unread = {
            what
            for what, part in (
                ("claim", background.claims),
                ("misconception", background.misconceptions),
                ("rubric", background.rubrics),
            )
            if part is None
        }
        unread |= set() if self.whole else {"question"}
        self.files.problems += reference_problems(course, self.known, unread)
        return course

    def assignments(self, shape: CourseShape, table: Table) -> tuple[model.Assignment, ...]:
        """Return the assignments, checking that each asks its own questions."""
        found = tuple(
            model.Assignment(
                a.id,
                a.title,
                a.lesson,
                table.place("assignment", number, "id"),
                a.anchors,
                a.pass_mark,
                a.pass_mark_set,
            )
            for number, a in enumerate(shape.assignment)
        )
        self.files.once([(a.id, a.place) for a in found], "assignment")
        asking: dict[tuple[str | None, bool], str] = {}
        for number, assignment in enumerate(found):
            first = asking.setdefault((assignment.lesson, assignment.anchors), assignment.id)
            if first != assignment.id:
                what = f"'{assignment.id}' asks the same questions as '{first}'"
                remedy = "give each lesson one assignment, and the course one without a lesson, the final"
                self.files.problem(assignment.place, what, remedy)
            if assignment.anchors and assignment.lesson:
                here = table.place("assignment", number, "lesson")
                what = f"'{assignment.id}' has anchors = true and a lesson"
                self.files.problem(here, what, "remove one of the two lines: anchors are of all lessons")
            if assignment.pass_mark is not None and (assignment.anchors or not assignment.pass_mark_set):
                here = table.place("assignment", number, "pass_mark")
                self._pass_mark(here, assignment)
            if assignment.lesson and assignment.lesson not in shape.lessons:
                here = table.place("assignment", number, "lesson")
                what = f"unknown lesson '{assignment.lesson}'"
                self.files.problem(here, what, suggestion(assignment.lesson, shape.lessons))
        return found

    def _pass_mark(self, here: model.Place, assignment: model.Assignment) -> None:
        """Add the problem of a pass mark that cannot be, or that nobody could account for."""
        if assignment.anchors:
            what = f"'{assignment.id}' has a pass mark and does not count"
            self.files.problem(here, what, "remove the line: nobody passes or fails before the course")
        else:
            what = f"'{assignment.id}' has a pass mark and does not say how it was set"
            remedy = (
                'add a line such as pass_mark_set = "Angoff, five judges, 2026-10-01, standard error 1.2"'
            )
            self.files.problem(here, what, remedy)

    def unlisted(self, slugs: Sequence[str], table: Table) -> None:
        """Add a problem for each lesson folder that course.toml does not list."""
        folder = self.files.root / FOLDER / "lessons"
        for found in sorted(path for path in folder.glob("*") if path.is_dir()):
            begun = any(found.glob("*.md")) or any(found.glob("*.toml")) or any(found.glob("lesson.*"))
            if begun and found.name not in slugs:
                what = f"the folder lessons/{found.name} is not listed"
                self.files.problem(table.place("lessons"), what, "add it, or move the folder away")

    def lesson(self, slug: str) -> Lesson | None:
        """Read one lesson folder."""
        folder = f"lessons/{slug}"
        path = f"{FOLDER}/{folder}/lesson.md"
        missing = f"create it, or take '{slug}' off the list in {FOLDER}/course.toml"
        raw = self.files.text(f"{folder}/lesson.md", missing)
        text = parse_lesson(raw, path, self.files.problems) if raw is not None else None
        self.files.misnamed(folder, LESSON_FILES if raw is not None else LESSON_FILES[1:])
        questions = read_questions(self.files, slug)
        self.known.update(dict.fromkeys(questions.known, slug))
        scenario = None
        if self.files.exists(f"{folder}/scenario.toml"):
            scenario = read_scenario(self.files, slug)
            self.whole = self.whole and scenario is not None
        if scenario:
            self.known[scenario.id] = slug
        self.whole = self.whole and questions.whole
        if text is None or text.front is None:
            return None
        front = text.front
        return Lesson(
            slug=slug,
            title=front.title,
            minutes=front.minutes,
            article=front.article,
            objectives=front.objectives,
            parts=tuple(text.parts),
            items=tuple(questions.items),
            prompts=tuple(questions.prompts),
            scenario=scenario,
            tagged=text.tagged,
            place=Place(path),
        )
