"""What nbgrader's exchange tells of a class without taking anything: work that waits, pages given back."""

import hashlib
from pathlib import Path

from grading.collecting import collected_time
from grading.handedin import read_secret
from grading.inbound import How, Waiting, find_waiting, inbound_folder
from grading.notebook_json import FILE_LIMIT
from grading.outdated import pages_of, shown_digest
from grading.places import Places
from grading.records import AssignmentRecord
from grading.untrusted import RefusedError, read_file


def newest_waiting(places: Places, record: AssignmentRecord) -> dict[str, Waiting]:
    """Return each student's newest submission of an assignment in the exchange, collected or not.

    Raises
    ------
    CollectError : there is no exchange to look into.
    """
    how = How(times_in_names=bool(places.config.SafeCollect.get("times_in_names", False)))
    found, _ = find_waiting(places, inbound_folder(places), record, how)
    newest: dict[str, Waiting] = {}
    for one in found:
        if one.student not in newest or one.time > newest[one.student].time:
            newest[one.student] = one
    return newest


def is_collected(places: Places, record: AssignmentRecord, one: Waiting) -> bool:
    """Return whether what a student has in submitted/ is this submission or a newer one."""
    present = collected_time(places, record.name, one.student)
    if present is None or present >= one.time:
        return present is not None
    # It may have been collected under the time in its name; then its files are the same.
    return present >= min(one.said, one.time) and _same_notebooks(places, record, one)


def _same_notebooks(places: Places, record: AssignmentRecord, one: Waiting) -> bool:
    """Return whether the notebooks in the exchange are those in submitted/, byte for byte."""
    inbound, submitted = inbound_folder(places), places.step("submitted")
    try:
        return all(
            read_file(inbound, [one.folder, f"{name}.ipynb"], FILE_LIMIT)
            == read_file(submitted, [one.student, record.name, f"{name}.ipynb"], FILE_LIMIT)
            for name in record.notebooks
        )
    except RefusedError:
        return False


def given_folder(places: Places) -> Path:
    """Return the exchange's folder for feedback pages, which need not be there."""
    return (places.exchange or places.work) / places.course_id / "feedback"


def is_given(places: Places, record: AssignmentRecord, student: str) -> bool:
    """Return whether the present pages lie where the student's Assignment List fetches them."""
    if places.exchange is None or not places.course_id:
        return False
    secret = read_secret(places.step("autograded"), [student, record.name])
    if secret is None:
        return False
    for released, page in pages_of(places, record, student):
        # nbgrader's own name for the file (nbgrader.utils.notebook_hash).
        name = hashlib.md5((secret + released.name).encode(), usedforsecurity=False).hexdigest()
        given = shown_digest(given_folder(places) / f"{name}.html")
        if given is None or given != shown_digest(page):
            return False
    return True
