"""The graders of the sample class: two simulated people rate its reflections as the reflections page does."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from course.model import Prompt, Rubric
from grading.exemplars import Note, read_exemplars
from grading.lab.desk import settle
from grading.places import Places
from grading.ratings import Rating, add_rating, text_mark
from grading.simulation import FAMILY_NAME, SimulatedWork

FIRST, SECOND = f"Sam {FAMILY_NAME}", f"Kim {FAMILY_NAME}"
DIFFER = 0.25
"""How often the second grader is one level off the first on a criterion."""
NEXT_STEPS = {
    "encounter": "Next, add what the other person said and did, so that a reader can see both sides.",
    "ideas": "Next, name one idea of the course and say how it explains what happened.",
    "own-part": "Next, look at your own manner: what did it do to the other person?",
    "next-time": "Next, say one thing you will do, when you will do it, and when you would stop and call.",
}
"""What a simulated grader suggests for the weakest criterion."""


def rate(
    places: Places,
    assignment: str,
    prompt: Prompt,
    rubric: Rubric,
    works: Iterable[SimulatedWork],
    *,
    seed: int,
    cut_short: bool,
) -> None:
    """Rate one prompt for some students, twice each, and put points and comments into the gradebook.

    The first grader gives an exemplar the levels that a person gave it.

    Parameters
    ----------
    seed : decides where the second grader differs.
    cut_short : whether a text that is no exemplar is rated, too: with the lowest levels.
    """
    known = {one.text: one for one in read_exemplars(places.root, prompt.id)}
    highest = rubric.highest
    for work in works:
        text = work.reflections.get(prompt.id, "")
        exemplar = known.get(text)
        if not text or (exemplar is None and not cut_short):
            continue
        levels = dict(exemplar.scores) if exemplar else dict.fromkeys(highest, 0)
        said = comment(levels, highest, exemplar.notes if exemplar else ())
        again = _near(levels, highest, random.Random(f"{seed}/{prompt.id}/{work.student.id}"))  # noqa: S311
        for day, rater, given, words in ((1, FIRST, levels, said), (2, SECOND, again, "")):
            time = work.handed_in.replace(tzinfo=UTC) + timedelta(days=day)
            add_rating(places, _rating(assignment, prompt.id, work, rater, given, words, time))
    settle(places, assignment, prompt.id, FIRST)


def comment(levels: Mapping[str, int], highest: Mapping[str, int], notes: Sequence[Note] = ()) -> str:
    """Return a grader's words: what earned the strongest criterion its level, and a step for the weakest."""

    def share(criterion: str) -> float:
        return levels[criterion] / highest[criterion]

    strongest, weakest = max(levels, key=share), min(levels, key=share)
    quoted = [f"> {one.quote}\n\n" for one in notes if one.criterion == strongest and levels[strongest]]
    return f"{quoted[0] if quoted else ''}{NEXT_STEPS[weakest]}"


def _near(levels: Mapping[str, int], highest: Mapping[str, int], rng: random.Random) -> dict[str, int]:
    """Return levels that differ here and there by one, so that no third grader is needed."""
    return {
        name: min(highest[name], max(0, level + rng.choice((-1, 1)))) if rng.random() < DIFFER else level
        for name, level in levels.items()
    }


def _rating(
    assignment: str,
    prompt: str,
    work: SimulatedWork,
    rater: str,
    levels: Mapping[str, int],
    words: str,
    time: datetime,
) -> Rating:
    """Return a finished rating of the text as it was handed in."""
    return Rating(
        assignment=assignment,
        prompt=prompt,
        student=work.student.id,
        rater=rater,
        levels=levels,
        comment=words,
        time=time,
        done=True,
        text=text_mark(work.reflections[prompt]),
    )
