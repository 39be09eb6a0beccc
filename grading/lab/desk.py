"""What graders do on the reflections page: open a prompt, save a rating, ask whose a text is."""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from course.scoring import count_words
from grading import records
from grading.booking import Booked, book
from grading.gradebook import GradebookError
from grading.lab.board import Board, Task, bank_of, board, check_rater, progress, task_of, tasks, unbooked
from grading.lab.practice import LONGEST_COMMENT, comments, practice
from grading.places import Places
from grading.rating_rules import CAPPED, capped
from grading.ratings import Rating, add_rating, raters, same_rater
from grading.rubric import read_rubric
from grading.tables import connected
from grading.untrusted import visible

_one_at_a_time = threading.Lock()


def prompts(places: Places) -> list[dict[str, Any]]:
    """Return the assignments in the course's order, each with its prompts that a rubric scores."""
    titles = bank_of(places.root).titles
    with connected(places) as connection:
        found = [
            (name, tasks(connection, places, name))
            for name in places.in_order(records.assignment_names(connection))
        ]
    return [
        {
            "id": name,
            "title": titles.get(name, name),
            "prompts": [{"id": task.prompt.id, "text": task.prompt.text} for task in listed],
        }
        for name, listed in found
        if listed
    ]


def rater_named(places: Places, account: str, typed: str) -> str:
    """Return who is scoring: the account, since nobody can score in another's name, else the name typed.

    Where several people share the account, a typed name is the one as it was written before.
    """
    return account or same_rater(typed, raters(places))


def open_prompt(places: Places, assignment: str, prompt: str, rater: str) -> dict[str, Any]:
    """Return all that the page shows of a prompt; what is not yet in the gradebook is put there."""
    check_rater(rater)
    task = task_of(places, assignment, prompt)
    one = _board(places, task)
    rubric = task.rubric
    written = bank_of(places.root).prompts[prompt]
    view = _state(one, rater, with_texts=True)
    view |= {
        "rater": rater,
        "prompt": {"id": prompt, "text": task.prompt.text, "points": task.prompt.points},
        "words": list(written.words),
        "rubric": {
            "title": rubric.title,
            "rules": list(rubric.rules),
            "criteria": [
                {"id": c.id, "title": c.title, "question": c.question, "levels": list(c.levels)}
                for c in rubric.criteria
            ],
            "capped": CAPPED if CAPPED in {c.id for c in rubric.criteria} else "",
        },
        "comments": comments(places, rater),
        "practice": practice(places, assignment, prompt, rater),
    }
    return settle(places, assignment, prompt, rater) | view


def save(places: Places, rater: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a rating, then put its points and comment into the gradebook.

    Parameters
    ----------
    sent : assignment, prompt, text (its name), mark, levels, comment, unsafe, base (how many lines the page
        has seen of this rater's on this text), page and turn (see `ratings.Rating`), and decided, where the
        page had asked (see `booking.book`).

    Returns
    -------
    dict
        `rating` as kept, `conflict` where another window of the same rater was faster (then nothing is kept),
        `booked`, and the state of all texts.

    Raises
    ------
    ValueError, LookupError : what was sent is no rating of a text that is here.
    GradebookError : it could not be kept; the page tries again.
    """
    check_rater(rater)
    task = task_of(places, str(sent.get("assignment")), str(sent.get("prompt")))
    with _one_at_a_time:
        one = _board(places, task)
        student = one.named(str(sent.get("text")))
        made = _rating(task, student, rater, sent)
        old = _mine(one, student, rater)
        same = old is not None and _content(old) == _content(made)
        # A page may send again what it does not know to have arrived, so its own last word never conflicts.
        elsewhere = old is not None and old.page != made.page and old.lines != sent.get("base")
        late = old is not None and old.page == made.page and made.turn < old.turn
        if not same and elsewhere:
            return {"conflict": _shown(old, one.marks[student]), **_state(one, rater)}
        if not (same or late):
            add_rating(places, made)
            one = _board(places, task)
    booked = _book(places, task, one, student, rater, sent.get("decided"))
    kept = _mine(one, student, rater)
    return {"rating": _shown(kept, one.marks[student]), "booked": booked, **_state(one, rater)}


def settle(places: Places, assignment: str, prompt: str, rater: str) -> dict[str, Any]:
    """Put into the gradebook what is not there yet; return what waits, what to ask, the state."""
    task = task_of(places, assignment, prompt)
    one = _board(places, task)
    asks: dict[str, Any] = {}
    waits = ""
    with connected(places) as connection:
        missing = unbooked(connection, task, one)
    names = {student: name for name, student in one.ordered(rater)}
    for student in missing:
        booked = _book(places, task, one, student, rater, None)
        if booked["state"] == "waits":
            waits = booked["why"]
            break
        if booked["state"] == "asks":
            asks[names[student]] = booked
    return {"asks": asks, "waits": waits, **_state(one, rater)}


def whose(places: Places, assignment: str, prompt: str, text: str) -> dict[str, str]:
    """Return whose text it is, for a grader who asks."""
    student = _board(places, task_of(places, assignment, prompt)).named(text)
    with connected(places) as connection:
        person = records.students(connection).get(student)
    return {"student": visible(student), "name": visible(person.shown) if person else visible(student)}


def _board(places: Places, task: Task) -> Board:
    """Return everything about a prompt as it stands now."""
    with connected(places) as connection:
        return board(connection, places, task)


def _state(one: Board, rater: str, *, with_texts: bool = False) -> dict[str, Any]:
    """Return what may change while the page is open: each text in the rater's order, and how far all are.

    The texts themselves are sent once; a page that sees another mark fetches them anew.
    """
    texts = []
    for name, student in one.ordered(rater):
        where, mark = one.standings[student], one.marks[student]
        shown: dict[str, Any] = {
            "id": name,
            "mark": mark,
            "role": one.role(student, rater),
            "unsafe": where.unsafe,
        }
        if with_texts:
            text = one.texts[student]
            shown |= {
                "text": visible(text.text),
                "words": count_words(text.text),
                "note": visible(text.reason),
            }
            shown["mine"] = _shown(_mine(one, student, rater), mark)
        texts.append(shown)
    return {"texts": texts, "progress": progress(one, [text["role"] for text in texts])}


def _mine(one: Board, student: str, rater: str) -> Rating | None:
    """Return a rater's own rating of a student's text."""
    return next((given for given in one.ratings.get(student, ()) if given.rater == rater), None)


def _shown(rating: Rating | None, mark: str) -> dict[str, Any] | None:
    """Return a rater's own rating as the page gets it; `changed` says that the text is another one now."""
    if rating is None:
        return None
    return {
        "levels": dict(rating.levels),
        "comment": rating.comment,
        "unsafe": rating.unsafe,
        "done": rating.done,
        "lines": rating.lines,
        "changed": rating.text != mark,
    }


def _content(rating: Rating) -> tuple[Any, ...]:
    """Return what makes two ratings of a text the same."""
    return (dict(rating.levels), rating.comment, rating.unsafe, rating.text)


def _rating(task: Task, student: str, rater: str, sent: Mapping[str, Any]) -> Rating:
    """Return what was sent as a rating."""
    said, mark = sent.get("comment"), sent.get("mark")
    if not isinstance(said, str) or len(said) > LONGEST_COMMENT:
        raise ValueError(f"a comment is a text of at most {LONGEST_COMMENT} letters")
    if not isinstance(mark, str) or len(mark) > LONGEST_COMMENT:
        raise ValueError("it is not said which text was scored")
    criteria = [one.id for one in task.rubric.criteria]
    unsafe = sent.get("unsafe") is True
    levels = capped(task.levels(sent.get("levels")), unsafe=unsafe, criteria=criteria)
    return Rating(
        assignment=task.assignment,
        prompt=task.prompt.id,
        student=student,
        rater=rater,
        levels=levels,
        comment=said.replace("\r\n", "\n"),
        time=datetime.now(UTC),
        done=set(levels) == set(criteria),
        unsafe=unsafe,
        text=mark,
        page=str(sent.get("page", ""))[:40],
        turn=turn if type(turn := sent.get("turn")) is int else 0,
    )


def _book(places: Places, task: Task, one: Board, student: str, rater: str, decided: Any) -> dict[str, Any]:
    """Put a text's points into the gradebook and return what the page tells of it."""
    wanted = one.entry(student)
    if wanted is None:
        return {"state": "open"}
    try:
        booked = book(places, task.slot(student), wanted, decided if isinstance(decided, dict) else None)
    except GradebookError as error:
        return {"state": "waits", "why": str(error)}
    where = one.standings[student]
    first, *others = [given.rater for given in where.readers]
    if booked.state == "asks" and rater != first:
        # What the first reader gave stays unseen by the others; the first is asked.
        return {"state": "asks-other"}
    decided_by = [first, *others[1:2]] if where.gaps else [first]
    if booked.state in ("written", "same") and rater not in decided_by:
        # The points and words that stand are the first reader's, and nothing of them is for this one to see.
        return {"state": "second"}
    return _told(booked, wanted.points, wanted.comment) | {"doubts": _doubts(task, wanted.comment)}


def _told(booked: Booked, points: float | None, said: str) -> dict[str, Any]:
    """Return the outcome of a booking as the page gets it."""
    told: dict[str, Any] = {"state": booked.state, "points": points}
    if booked.found is not None:
        told["found"] = {"points": booked.found.points, "comment": booked.found.comment}
        told["ours"] = {"points": points, "comment": said}
    return told


def _doubts(task: Task, said: str) -> Sequence[str]:
    """Return lines of a comment that would be read as levels."""
    return list(read_rubric(task.rubric, said).doubts)
