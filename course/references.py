"""What in a course names something elsewhere, and whether that is there and may be named."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence

from course.model import Course, Item, Lesson, Place, Prompt, Slot
from course.reading import Problem, suggestion

LONG = 200
"""A list of all known ids longer than this many characters helps nobody."""


def reference_problems(
    course: Course, known: Mapping[str, str], unread: Container[str] = ()
) -> list[Problem]:
    """Return every reference that leads nowhere, or to a question that may not stand there.

    Parameters
    ----------
    known : question or scenario id -> its lesson, also of entries that could not be read whole.
    unread : what could not be read whole ("claim", "misconception", "rubric", "question"), so that an
        unknown id of that kind may stand there and is not judged.
    """
    references = _References(course, known, unread)
    for lesson in course.lessons:
        references.claims_and_objectives(lesson)
        references.slots(lesson)
    return references.problems


class _References:
    """Collects problems lesson by lesson."""

    def __init__(self, course: Course, known: Mapping[str, str], unread: Container[str]) -> None:
        self.course, self.known, self.unread = course, known, unread
        self.problems: list[Problem] = []
        self.order = [lesson.slug for lesson in course.lessons]
        self.claims = [claim.id for claim in course.claims]
        self.questions: dict[str, Item | Prompt] = {}
        for lesson in course.lessons:
            self.questions.update({item.id: item for item in lesson.items})
            self.questions.update({prompt.id: prompt for prompt in lesson.prompts})

    def problem(self, place: Place, what: str, remedy: str) -> None:
        self.problems.append(Problem(place, what, remedy))

    def refer(self, ids: Iterable[str], known: Sequence[str], what: str, place: Place) -> None:
        """Add a problem for each id that is not known."""
        for id_ in () if what in self.unread else ids:
            if id_ not in known:
                near = suggestion(id_, known)
                self.problem(
                    place, f"unknown {what} '{id_}'", near if len(near) < LONG else f"use an existing {what}"
                )

    def claims_and_objectives(self, lesson: Lesson) -> None:
        """Check the tags of prose, items and prompts."""
        for claim, line in lesson.tagged.items():
            self.refer([claim], self.claims, "claim", Place(lesson.place.path, line))
        objectives = list(lesson.objectives)
        codes = [code.id for code in self.course.misconceptions]
        for item in lesson.items:
            self.refer([item.objective], objectives, "objective", item.place)
            self.refer(item.claims, self.claims, "claim", item.place)
            named = [option.misconception for option in item.options if option.misconception is not None]
            self.refer(named, codes, "misconception", item.place)
        for prompt in lesson.prompts:
            self.refer([prompt.objective] if prompt.objective else [], objectives, "objective", prompt.place)
            self.refer(prompt.claims, self.claims, "claim", prompt.place)
            rubrics = [rubric.id for rubric in self.course.rubrics]
            self.refer([prompt.rubric] if prompt.rubric else [], rubrics, "rubric", prompt.place)
            assignments = [assignment.id for assignment in self.course.assignments]
            named = [prompt.assignment] if prompt.assignment else []
            self.refer(named, assignments, "assignment", prompt.place)
        if lesson.scenario:
            self.refer([lesson.scenario.objective], objectives, "objective", lesson.scenario.place)
            self.refer(lesson.scenario.claims, self.claims, "claim", lesson.scenario.place)

    def slots(self, lesson: Lesson) -> None:
        """Check what is placed in the prose, and that all practice questions of the lesson are."""
        met: set[str] = set()
        for slot in (part for part in lesson.parts if isinstance(part, Slot)):
            place = Place(lesson.place.path, slot.line)
            if slot.verb == "review":
                if not re.fullmatch(r"[1-9]\d?", slot.target):
                    what = f"'{slot.target}' is not a number of questions"
                    self.problem(place, what, "write it as {{review 10}}")
            elif slot.verb == "scenario":
                if not lesson.scenario and "question" not in self.unread:
                    self.problem(place, "this lesson has no scenario.toml", "write one, or remove the line")
            else:
                if slot.target in met:
                    self.problem(place, f"'{slot.target}' is placed twice", "keep one of the two lines")
                met.add(slot.target)
                self.placed(lesson, slot, place)
        own: tuple[Item | Prompt, ...] = (*lesson.items, *lesson.prompts)
        for question in own:
            if question.pool == "practice" and question.id not in met:
                verb = "ask" if isinstance(question, Item) else "reflect"
                remedy = f"add a line {{{{{verb} {question.id}}}}} to lesson.md"
                self.problem(question.place, f"'{question.id}' is not placed in the lesson", remedy)

    def placeable(self, lesson: Lesson, verb: str) -> list[str]:
        """Return the ids that a slot of this verb may name in a lesson."""
        wanted = Item if verb == "ask" else Prompt
        last = self.order.index(lesson.slug)
        return sorted(
            id_
            for id_, question in self.questions.items()
            if isinstance(question, wanted)
            and question.pool == "practice"
            and self.order.index(question.lesson) <= last
        )

    def placed(self, lesson: Lesson, slot: Slot, place: Place) -> None:
        """Check that a slot names a practice question of this or an earlier lesson."""
        if slot.target not in self.known:
            if "question" not in self.unread:
                near = suggestion(slot.target, self.placeable(lesson, slot.verb))
                remedy = near if near.startswith("did you") else "write the question, or correct its id"
                kind = "item" if slot.verb == "ask" else "prompt"
                self.problem(place, f"unknown {kind} '{slot.target}'", remedy)
            return
        owner = self.known[slot.target]
        if owner in self.order and self.order.index(owner) > self.order.index(lesson.slug):
            remedy = "place a question of this or an earlier lesson"
            self.problem(place, f"'{slot.target}' belongs to the later lesson {owner}", remedy)
        question = self.questions.get(slot.target)
        if question and question.pool == "graded":
            # Its key would stand in a notebook that every student has.
            what = f"'{slot.target}' is graded and cannot stand in a lesson"
            self.problem(place, what, "place a practice one")
        if question and isinstance(question, Item) != (slot.verb == "ask"):
            right = "ask" if isinstance(question, Item) else "reflect"
            remedy = f"write {{{{{right} {slot.target}}}}}"
            self.problem(place, f"'{slot.target}' is not for {slot.verb}", remedy)
