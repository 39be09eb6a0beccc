"""nbgrader's settings for this course: read by `grading`, nbgrader's own commands and the formgrader."""

import contextlib
import os
import sys
from pathlib import Path

c = get_config()
here = Path(__file__).parent.resolve() if "__file__" in globals() else Path.cwd()
# One class at a time: COURSE_CLASS=sample, for one, keeps everything of that class in a folder of its own.
klass = os.environ.get("COURSE_CLASS", "")
work = here / "grading" / "work" / klass
folder = work.relative_to(here).as_posix()
# Student data: nobody else on this machine may look. mkdir's mode would not reach a parent that it makes.
for private in (here / "grading" / "work", work):
    private.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):  # another account's folder is that account's to protect
        private.chmod(0o700)

# A name that stays the same for one class; the exchange and the gradebook file everything under it.
c.CourseDirectory.course_id = os.environ.get("COURSE_ID", "safe-and-welcome" + (f"-{klass}" if klass else ""))
c.CourseDirectory.root = str(here)

# Student data stays together in one folder that git ignores; source/ and release/ stay at nbgrader's places.
c.CourseDirectory.submitted_directory = f"{folder}/submitted"
c.CourseDirectory.autograded_directory = f"{folder}/autograded"
c.CourseDirectory.feedback_directory = f"{folder}/feedback"
c.CourseDirectory.db_url = os.environ.get(
    "COURSE_GRADEBOOK", f"sqlite:///{(work / 'gradebook.db').as_posix()}"
)

# The folder through which files go to students and back. The default serves one person on one machine; where
# students have accounts, name a folder that all can enter, made with mode 1777.
c.Exchange.root = os.environ.get("COURSE_EXCHANGE", str(work / "exchange"))
if klass:
    c.CourseDirectory.release_directory = f"{folder}/release"  # another class may have got another version
if klass == "sample":
    # Where `course demo` lets an instructor try the student's side.
    c.Exchange.assignment_dir = str(work / "try-it")
    # Its work was handed in at simulated times, long before it arrived.
    c.SafeCollect.times_in_names = True

# What an untouched reflection holds; the widgets and the word count know it by these words.
c.ClearSolutions.text_stub = "(Your text appears here while you write in the box above.)"

# A student could tag the test cells "skip-execution" and have every point; no cell carries this tag.
c.Execute.skip_cells_with_tag = "no-cell-is-skipped"
# As nbgrader's own list, but a file beside the notebook cannot take the place of the kernel or of a module.
c.Autograde.autograde_preprocessors = [
    "grading.preprocessors.ExecuteUnshadowed",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# One copied cell must not stop the whole class, and tags, widgets and outputs of a student's are not wanted.
c.Autograde.sanitize_preprocessors = [
    "grading.preprocessors.OnlyOurMarks",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# nbgrader's own feedback shows hidden tests, which hold the key; `grading feedback --show-key` releases it.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "grading.preprocessors.NoKeys",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# nbgrader's own `collect` follows links and lets one student's folder replace another's; its `export` lets a
# name shift the columns or become a formula. These do the same without that.
c.ExchangeFactory.collect = "grading.plugins.SafeCollect"
# Fetching leaves a mark, so that *Class now* and `grading status` can tell who has fetched an assignment.
c.ExchangeFactory.fetch_assignment = "grading.plugins.MarkedFetch"
# Its `release_feedback` does not wait for comments in doubt, and sends two students who share a secret file
# each other's pages; its `zip_collect` knows neither the class list nor what a notebook holds.
c.ExchangeFactory.release_feedback = "grading.plugins.SafeReleaseFeedback"
c.ZipCollectApp.extractor_plugin = "grading.plugins.NoZipCollect"
c.ExportApp.plugin_class = "grading.plugins.SafeCsv"

# The formgrader reads this file when it starts, so it is made safe before it shows a single page.
if "nbgrader.server_extensions.formgrader.formgrader" in sys.modules:
    from grading.formgrader import protect

    protect()
