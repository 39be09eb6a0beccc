"""Collecting from nbgrader's exchange, where students write: one bad folder never stops another's work.

nbgrader's own ``collect`` follows links, stops for everybody at one odd name, and lets one student's folder
replace another's (nbgrader issues 919 and 1097).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from grading.collecting import TAKEN, Collected, collected_time, place, stands
from grading.handedin import SECRET, TIMESTAMP, parse_time, read_secret
from grading.inbound import NEWEST, How, Waiting, find_waiting, inbound_folder
from grading.notebook_json import FILE_LIMIT
from grading.places import Places
from grading.progress import Tell, silent
from grading.records import AssignmentRecord
from grading.untrusted import (
    MEGABYTE,
    NOT_A_FILE,
    Entry,
    RefusedError,
    list_folder,
    name_problem,
    plain,
    read_file,
)

TOTAL_LIMIT = 100 * MEGABYTE
MOST_FILES = 500
"""More files than this in one submission are refused."""
DEEPEST = 4
MOST_TRIED = 10
"""No more of one student's submissions are looked into where none can be taken."""


def collect_exchange(
    places: Places,
    record: AssignmentRecord,
    how: How = NEWEST,
    known: Collection[str] = (),
    progress: Tell = silent,
) -> list[Collected]:
    """Take each student's newest acceptable submission from the exchange; `known` are the gradebook's ids.

    `progress` is told the student, how many are done, and how many there are.

    Raises
    ------
    CollectError : there is no exchange to collect from.
    """
    if places.config.SafeCollect.get("times_in_names", False):
        how = replace(how, times_in_names=True)
    inbound = inbound_folder(places)
    waiting, results = find_waiting(places, inbound, record, how)
    by_student: dict[str, list[Waiting]] = defaultdict(list)
    for one in waiting:
        by_student[one.student].append(one)
    for done, (student, own) in enumerate(by_student.items()):
        progress(student, done, len(by_student))
        if how.only and student not in how.only:
            continue
        own.sort(key=lambda one: one.time, reverse=True)
        if how.before_due and record.due is not None:
            due = record.due
            own.sort(key=lambda one: one.time > due)
        new = student not in known
        found = _take_first(places, inbound, record, own, how)
        results += [replace(one, newcomer=new and one.state in TAKEN) for one in found]
    return sorted(results, key=lambda one: (one.student or "", one.found))


def _take_first(
    places: Places, inbound: Path, record: AssignmentRecord, own: Sequence[Waiting], how: How
) -> list[Collected]:
    """Take the first submission that can be taken; report those before it that cannot."""
    results: list[Collected] = []
    for one in own[:MOST_TRIED]:
        shown = plain(one.folder, 80)
        done = Collected(shown, one.student, "unchanged", "", one.time)
        present = collected_time(places, record.name, one.student)
        final = places.path("submitted", one.student, record.name)
        if not how.update and final.is_dir():
            return [*results, replace(done, why="there is one already: --update takes this")]
        if present == one.time:
            return [*results, done]
        newer = present is not None and present > one.time and not how.before_due
        in_place = replace(done, why=f"a newer one of {present:%Y-%m-%d %H:%M} is in place" if newer else "")
        if newer and not how.times_in_names:
            return [*results, in_place]
        secret = read_secret(inbound, [one.folder])
        try:
            files, left_out = _files(inbound, one, record, how.with_files)
            between = present is not None and min(one.said, one.time) <= present <= max(one.said, one.time)
            if between and stands(final, files):
                # Its arrival looks later than when it was collected: somebody has changed its permissions.
                return [*results, replace(done, time=present)]
            if newer and not stands(final, files):
                return [*results, in_place]
            # Where it is the same work, it was filed under the day on which the exchange was moved.
            state = place(places, record.name, one.student, files, one.time, secret)
        except RefusedError as refused:
            results.append(replace(done, state="refused", why=str(refused)))
            continue
        remarks = [one.remark, left_out, "" if secret else "feedback cannot go back through the exchange"]
        remarks.append(_other_time(inbound, one))
        why = "; ".join(remark for remark in remarks if remark)
        return [*results, replace(done, state=state, why=why)]
    if len(own) > MOST_TRIED:
        why = f"{len(own) - MOST_TRIED} older ones were not looked at: {MOST_TRIED} could not be taken"
        results.append(Collected(plain(own[MOST_TRIED].folder, 80), own[0].student, "refused", why))
    return results


def _files(
    inbound: Path, one: Waiting, record: AssignmentRecord, with_files: bool
) -> tuple[dict[str, bytes], str]:
    """Return the files of a submission that are taken, and a remark about those that are not.

    Raises
    ------
    RefusedError : a notebook of the assignment cannot be taken, or there is no notebook.
    """
    wanted = {f"{name}.ipynb" for name in record.notebooks}
    files: dict[str, bytes] = {}
    left: list[str] = []
    total = 0
    found = _walk(inbound, [one.folder], DEEPEST if with_files else 1)
    # The notebooks that count come first, so that nothing beside them uses up the limit.
    for parts, entry in sorted(found, key=lambda path: "/".join(path[0][1:]) not in wanted):
        name = "/".join(parts[1:])
        own = name in wanted
        if name in (TIMESTAMP, SECRET):
            continue
        if entry.kind == "folder":
            left.append(f"{name}/")
            continue
        if not (own or with_files or name.lower().endswith(".ipynb")):
            left.append(name)
            continue
        try:
            if entry.kind != "file":
                raise RefusedError(NOT_A_FILE[entry.kind])
            if name_problem(entry.name, 255) and not own:
                raise RefusedError("has a name that not every system can hold")
            if total > TOTAL_LIMIT:
                raise RefusedError("comes after too many others")
            files[name] = read_file(inbound, parts, FILE_LIMIT, one.owner)
            total += len(files[name])
        except RefusedError as refused:
            if own:
                raise RefusedError(f"{name} {refused}") from None
            left.append(name)
    if not any(name.lower().endswith(".ipynb") for name in files):
        raise RefusedError("it holds no notebook")
    shown = ", ".join("/".join(plain(part) for part in name.split("/")) for name in left[:3])
    return files, f"left out: {shown}{' and more' if len(left) > 3 else ''}" if left else ""


def _walk(root: Path, top: list[str], depth: int) -> list[tuple[list[str], Entry]]:
    """Return what stands below a folder, `depth` folders deep, never through a link.

    Of folders, only those that are deeper are named; what programs hide is passed over.

    Raises
    ------
    RefusedError : there are more than `MOST_FILES`.
    """
    found: list[tuple[list[str], Entry]] = []
    waiting = [top]
    seen = 0
    while waiting:
        parts = waiting.pop(0)
        for entry in list_folder(root, parts):
            seen += 1
            if seen > MOST_FILES:
                raise RefusedError(f"it holds more than {MOST_FILES} files")
            inner = [*parts, entry.name]
            if entry.kind == "folder" and entry.name.startswith((".", "__pycache__")):
                continue
            if entry.kind == "folder" and len(parts) < depth:
                waiting.append(inner)
            else:
                found.append((inner, entry))
    return found


def _other_time(inbound: Path, one: Waiting) -> str:
    """Return a remark where the folder's own time file says another time than its name."""
    if one.remark:
        return ""
    try:
        text = read_file(inbound, [one.folder, TIMESTAMP], 1024).decode("utf-8", "replace")
    except RefusedError:
        return "its time file is missing; the time in its name counts"
    return "" if parse_time(text) == one.said else "its time file says another time; the name counts"
