"""What helps graders to score alike: exemplars to practise on, and each grader's reusable comments."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from grading.exemplars import read_exemplars
from grading.journal import add_line, read_lines
from grading.lab.board import check_rater, task_of
from grading.places import Places
from grading.rating_rules import agreements
from grading.ratings import comments_file, rater_file

ROUND = 4
"""So many exemplars are scored alone before they are compared."""
LONGEST_COMMENT = 5_000
MOST_COMMENTS = 30
COMMENTS = (
    "Goal: show both sides of the encounter. You did: “…”. Next, try: tell what the other person did.",
    "Goal: use an idea of the course. You did: “…”. Next, try: name the idea and say why it fits here.",
    "Goal: look at your own part. You did: “…”. Next, try: say how your manner changed what the other did.",
    "Goal: a plan that can be carried out. You did: “…”. Next, try: one action, with when and where.",
    "Please hand in a new copy without names or details that could tell who a person is.",
    "I could not follow this part: “…”. Please write it in other words.",
)
"""What a grader starts with; the form is that of ``course/rubrics/README.md``."""


def comments(places: Places, rater: str) -> list[str]:
    """Return a rater's reusable comments."""
    lines = read_lines(comments_file(places, rater), "comments")
    texts = lines[-1].get("texts") if lines else None
    return [one for one in texts if isinstance(one, str)] if isinstance(texts, list) else list(COMMENTS)


def keep_comments(places: Places, rater: str, texts: Any) -> list[str]:
    """Keep a rater's reusable comments, in the order of their keys; return them as kept.

    Raises
    ------
    ValueError : `rater` is no name, or `texts` no list of texts.
    GradebookError : the file cannot be written.
    """
    check_rater(rater)
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise ValueError("comments are a list of texts")
    wanted = [one.strip()[:LONGEST_COMMENT] for one in texts if one.strip()][:MOST_COMMENTS]
    line = {"kind": "comments", "rater": rater, "texts": wanted, "time": datetime.now(UTC).isoformat()}
    add_line(comments_file(places, rater), line)
    return wanted


def practice(places: Places, assignment: str, prompt: str, rater: str) -> dict[str, Any]:
    """Return the exemplars of a prompt, how this rater scored them, and how each finished round compares."""
    found = read_exemplars(places.root, prompt)
    mine: dict[str, dict[str, int]] = {}
    for line in read_lines(rater_file(places, assignment, rater), "practice"):
        if line.get("prompt") == prompt and isinstance(line.get("levels"), dict):
            mine[str(line.get("exemplar"))] = {
                str(name): level for name, level in line["levels"].items() if isinstance(level, int)
            }
    rounds = []
    for start in range(0, len(found), ROUND):
        part = found[start : start + ROUND]
        done = all(set(one.scores) <= set(mine.get(one.id, ())) for one in part)
        compared = agreements((mine[one.id], one.scores) for one in part) if done else []
        rounds.append(
            {
                "exemplars": [one.id for one in part],
                "agreement": [
                    {
                        "criterion": a.criterion,
                        "scores": a.scores,
                        "exact": a.exact,
                        "adjacent": a.adjacent,
                        "passed": a.passed,
                    }
                    for a in compared
                ],
            }
        )
    return {
        "exemplars": [
            {
                "id": one.id,
                "text": one.text,
                "scores": dict(one.scores),
                "notes": [vars(note) for note in one.notes],
                "mine": mine.get(one.id, {}),
            }
            for one in found
        ],
        "rounds": rounds,
    }


def practise(places: Places, rater: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a rater's levels for an exemplar."""
    check_rater(rater)
    task = task_of(places, str(sent.get("assignment")), str(sent.get("prompt")))
    entry = {
        "kind": "practice",
        "rater": rater,
        "prompt": task.prompt.id,
        "exemplar": str(sent.get("exemplar")),
        "levels": task.levels(sent.get("levels")),
        "time": datetime.now(UTC).isoformat(),
    }
    add_line(rater_file(places, task.assignment, rater), entry)
    return practice(places, task.assignment, task.prompt.id, rater)
