"""What the export command prints."""

import sys

from grading.console import say, table
from grading.exports.run import Exported


def show_exported(done: Exported) -> None:
    """Print who is not in the files, what is, and where they are."""
    if done.left:
        rows = [(one.student, one.assignment, one.why) for one in done.left]
        table("Look at these", ("student", "assignment", "why"), rows)
    for line in done.told:
        say(line)
    for path in done.files:
        say(f"Written: {path}")
    alone = (
        "keep them where nobody else can read" if sys.platform == "win32" else "only your account can read"
    )
    say(f"These files hold students' data: {alone} them.")
