"""How graders rated reflections, as an append-only record: nothing that a grader entered is ever overwritten.

In ``grading/work/ratings/ASSIGNMENT/`` each rater has one file with one JSON object a line, the newest last
(see `journal`). Two graders never write the same file, and a line that is no rating is passed over.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grading.gradebook import GradebookError
from grading.journal import add_line, alone, append, lines
from grading.places import Places
from grading.untrusted import name_problem

BOOKINGS = "bookings.jsonl"
"""What was written into nbgrader's gradebook (see `booking`)."""
DRAW = "draw.json"
"""Holds the seed of the orders and of the sample that is scored twice."""
FOLDER = "ratings"
LONGEST_NAME = 80


@dataclass(frozen=True)
class Rating:
    """What one rater says of one student's reflection, as it stands now.

    Attributes
    ----------
    levels : criterion id -> level from 0; those given so far.
    comment : the words for the student, without lines for the levels.
    time : when this was entered, UTC.
    done : whether each criterion has its level.
    unsafe : whether the rater marked the plan as unsafe or unlawful, which puts its criterion at 0.
    text : digest of the text that was rated (see `text_mark`), to be compared with the text of today.
    begun, finished : when this rater first rated this very text, and first had every level for it.
    lines : how many lines of the record led here; it grows with each change.
    page, turn : the browser page that sent it, by which another window of the same rater is told apart, and
        a number that grows with each change made there, since a network may deliver an older change later.
    """

    assignment: str
    prompt: str
    student: str
    rater: str
    levels: Mapping[str, int]
    comment: str
    time: datetime
    done: bool
    unsafe: bool = False
    text: str = ""
    begun: datetime | None = None
    finished: datetime | None = None
    lines: int = 1
    page: str = ""
    turn: int = 0


def read_ratings(places: Places, assignment: str) -> list[Rating]:
    """Return the newest rating of each rater, prompt and student, by prompt, student and when it was begun.

    Ratings that are not `done`, and ratings of a text that has changed since, are among them; those of a
    student who was taken out of the class are not.
    """
    found: dict[tuple[str, str, str], Rating] = {}
    for path in _rater_files(_folder(places, assignment)):
        for line in lines(path):
            if line.get("kind") == "forgotten":
                found = {key: one for key, one in found.items() if one.student != line.get("student")}
            made = _rating(assignment, line)
            if made is not None:
                key = (made.rater, made.prompt, made.student)
                found[key] = _after(found.get(key), made)
    return sorted(found.values(), key=lambda one: (one.prompt, one.student, str(one.begun), one.rater))


def forget_ratings(places: Places, student: str) -> list[dict[str, Any]]:
    """Say in each rater's file that what it holds of a student counts no more; return those lines.

    Raises
    ------
    GradebookError : a file cannot be written.
    """
    found: list[dict[str, Any]] = []
    for path in sorted((places.work / FOLDER).glob("*/*.jsonl")):
        kept = [line for line in lines(path) if line.get("student") == student]
        if kept and kept[-1].get("kind") != "forgotten":
            found += [{"assignment": path.parent.name, **line} for line in kept]
            time = datetime.now(UTC).isoformat()
            add_line(path, {"kind": "forgotten", "student": student, "time": time})
    return found


def add_rating(places: Places, rating: Rating) -> None:
    """Put a rating at the end of its rater's file; when this returns it is on the disk.

    Raises
    ------
    GradebookError : the file cannot be written; the message says what to do.
    """
    add_line(
        rater_file(places, rating.assignment, rating.rater),
        {
            "kind": "rating",
            "prompt": rating.prompt,
            "student": rating.student,
            "rater": rating.rater,
            "levels": dict(rating.levels),
            "comment": rating.comment,
            "time": rating.time.isoformat(),
            "done": rating.done,
            "unsafe": rating.unsafe,
            "text": rating.text,
            "page": rating.page,
            "turn": rating.turn,
        },
    )


def rater_problem(rater: str) -> str:
    """Return what keeps a name from being a rater's; empty where nothing does."""
    if not rater.strip():
        return "enter your name first"
    if len(rater) > LONGEST_NAME:
        return f"the name is longer than {LONGEST_NAME} letters"
    # In Persian and Indian names a joiner or non-joiner stands between letters, and no sign is seen.
    shown = rater.replace("\u200c", "").replace("\u200d", "")
    return "" if shown.strip() and shown.isprintable() else "the name holds signs that cannot be printed"


def raters(places: Places) -> list[str]:
    """Return the names of all who have rated in this course."""
    files = {path.name: path for path in (places.work / FOLDER).glob("*/*.jsonl") if path.name != BOOKINGS}
    first = (next((line.get("rater") for line in lines(path)), None) for path in files.values())
    return sorted({name for name in first if isinstance(name, str) and not rater_problem(name)})


def same_rater(name: str, known: Iterable[str]) -> str:
    """Return a name as its owner wrote it before, where only capitals or spaces differ.

    Somebody who types "ann lee" today and "Ann Lee" tomorrow must not become her own second reader.
    """
    plain = " ".join(name.split())
    return next((one for one in known if " ".join(one.split()).casefold() == plain.casefold()), plain)


def text_mark(text: str) -> str:
    """Return the digest by which a text is known again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def stored_seed(places: Places, assignment: str) -> str:
    """Return the seed of the assignment's orders and sample, drawn at the first call and then kept.

    Raises
    ------
    GradebookError : the file that keeps it is damaged or cannot be written.
    """
    path = _folder(places, assignment) / DRAW
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))["seed"]
        if isinstance(kept, str) and kept:
            return kept
    except (OSError, ValueError, KeyError, TypeError):
        pass
    with alone(path.parent):
        if path.exists() and path.stat().st_size:
            try:
                return str(json.loads(path.read_text(encoding="utf-8"))["seed"])
            except (ValueError, KeyError, TypeError):
                raise GradebookError(f"{path}: is damaged - take it away to draw a new order") from None
        made = secrets.token_hex(8)
        append(path, json.dumps({"seed": made}) + "\n")
    return made


def rater_file(places: Places, assignment: str, rater: str) -> Path:
    """Return the file of one rater, whose name may hold anything, for one assignment."""
    return _folder(places, assignment) / f"{_slug(rater)}.jsonl"


def comments_file(places: Places, rater: str) -> Path:
    """Return the file of one rater's reusable comments, which serve for all assignments."""
    return places.work / FOLDER / f"{_slug(rater)}.jsonl"


def bookings_file(places: Places, assignment: str) -> Path:
    """Return the file of what was written into the gradebook."""
    return _folder(places, assignment) / BOOKINGS


def _rating(assignment: str, line: Mapping[str, Any]) -> Rating | None:
    """Return the rating in a line; None where it holds none."""
    texts = [line.get(name) for name in ("prompt", "student", "rater", "comment", "text", "time")]
    levels = line.get("levels")
    if (
        line.get("kind") != "rating"
        or not all(isinstance(one, str) for one in texts)
        or not isinstance(levels, dict)
        or not all(type(level) is int and level >= 0 for level in levels.values())
    ):
        return None
    try:
        time = datetime.fromisoformat(line["time"]).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    done = line.get("done") is True
    return Rating(
        assignment=assignment,
        prompt=line["prompt"],
        student=line["student"],
        rater=line["rater"],
        levels=levels,
        comment=line["comment"],
        time=time,
        done=done,
        unsafe=line.get("unsafe") is True,
        text=line["text"],
        begun=time,
        finished=time if done else None,
        page=str(line.get("page", "")),
        turn=turn if type(turn := line.get("turn")) is int else 0,
    )


def _after(old: Rating | None, new: Rating) -> Rating:
    """Return a newer rating with what the older ones say of when it was begun and finished."""
    if old is None:
        return new
    if old.text != new.text:  # another text was rated, which begins anew
        return replace(new, lines=old.lines + 1)
    return replace(new, begun=old.begun, finished=old.finished or new.finished, lines=old.lines + 1)


def _rater_files(folder: Path) -> Iterable[Path]:
    """Return the files of an assignment's raters."""
    return sorted(path for path in folder.glob("*.jsonl") if path.name != BOOKINGS)


def _folder(places: Places, assignment: str) -> Path:
    """Return the folder of one assignment's record."""
    problem = name_problem(assignment, most=128)
    if problem:
        raise LookupError(f"the assignment's name {problem}")
    return places.work / FOLDER / assignment


def _slug(rater: str) -> str:
    """Return a file name for a rater: readable, the same everywhere, and never another rater's."""
    plain = re.sub(r"[^a-z0-9]+", "-", rater.lower()).strip("-")[:40]
    return f"{plain or 'rater'}-{hashlib.sha256(rater.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
