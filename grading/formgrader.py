"""Makes nbgrader's formgrader safe: what students write stays text, and its buttons are our commands.

`nbgrader_config.py` calls `protect` when the formgrader loads. Where the configuration is read from
elsewhere: ``jupyter server extension enable grading.formgrader``.
"""

import html
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grading.handedin import handed_in_time
from grading.lab import add_pages, side_bar_loader
from grading.reports import markdown
from grading.shown import is_number, shown_notebook
from grading.untrusted import name_problem, visible

POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""No picture and no other file is fetched from anywhere, the formgrader's own pages included."""

STYLE = "<style>.rendered_html pre {white-space: pre-wrap; word-break: normal}</style>"
FORMULAS = (
    "<script>window.MathJax = {Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest(tell) "
    "{setTimeout(() => tell('End'))}}}}}</script>"
)
"""Takes the place of MathJax, which would come from the internet; the page waits for its signal."""
_FOREIGN_SCRIPT = re.compile(r'<script src="https?://[^"]*">\s*</script>')


def protect() -> None:
    """Replace the unsafe parts of the formgrader in this process; doing it twice is the same as once."""
    from nbgrader.server_extensions.formgrader import base, formgrader, handlers

    if getattr(base, "protected_by", None) == __name__:
        return
    base.protected_by = __name__
    base.NbGraderAPI = safe_api()

    make_settings = formgrader.FormgradeExtension.init_tornado_settings

    def init_tornado_settings(self: Any, webapp: Any) -> None:
        make_settings(self, webapp)
        protect_settings(webapp.settings, self.config)
        add_pages(webapp)

    def only_this_course(self: Any) -> None:
        # nbgrader would load the configuration file, which is a program, of any folder named by ?path=.
        self.redirect(f"{self.base_url}/formgrader/manage_assignments")

    formgrader.FormgradeExtension.init_tornado_settings = init_tornado_settings
    handlers.FormgraderHandler.get = _guarded(only_this_course)
    _protect_answers(base, handlers)
    _protect_scores()


def protect_settings(settings: dict[str, Any], config: Any) -> None:
    """Put escaping templates, with links to our own pages, and the safe exporter into a running server."""
    from jinja2 import Environment
    from nbgrader.server_extensions.formgrader.handlers import template_path

    settings["nbgrader_jinja2_env"] = Environment(loader=side_bar_loader(template_path), autoescape=True)
    settings["nbgrader_exporter"] = safe_exporter(config)


def safe_exporter(config: Any) -> Any:
    """Return the exporter of the grading page: Markdown without HTML, links and pictures, outputs as text."""
    from nbconvert.exporters import HTMLExporter
    from nbformat import notebooknode

    class SafeExporter(HTMLExporter):
        """nbconvert's HTML exporter for files that strangers wrote."""

        def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
            """Return the page; names in `resources` are escaped, since nbgrader's template does not."""
            as_node: Any = notebooknode.from_dict
            notebook = as_node(shown_notebook(json.loads(Path(filename).read_text(encoding="utf-8"))))
            escaped = {
                name: html.escape(visible(value)) if isinstance(value, str) else value
                for name, value in (resources or {}).items()
            }
            page, rest = self.from_notebook_node(notebook, resources=escaped, **kw)
            page = _FOREIGN_SCRIPT.sub(lambda found: FORMULAS, page)
            return page.replace("</head>", f"{STYLE}</head>", 1), rest

    made: Any = SafeExporter
    exporter = made(config=config)
    exporter.register_filter("markdown2html", lambda text: markdown(text))
    return exporter


def safe_api() -> Any:
    """Return nbgrader's API class with our commands behind its buttons, and without impossible students."""
    from nbgrader.apps.api import NbGraderAPI

    from grading.buttons import Buttons

    class SafeAPI(Buttons, NbGraderAPI):  # type: ignore[misc]
        """What the formgrader's pages and buttons call."""

        def get_submitted_timestamp(self, assignment_id: str, student_id: str) -> Any:
            """Return the time as grading reads it.

            nbgrader follows links, waits on pipes and opens any file that is named as a time zone; for one
            such student it shows no page at all.
            """
            folder = Path(self.coursedir.root, self.coursedir.submitted_directory)
            return handed_in_time(folder, [student_id, assignment_id])

        def get_students(self) -> Any:
            """Return the students; what does not count is in no total."""
            from grading.anchors import without_uncounted

            found = super().get_students()
            with self.gradebook as book:
                return without_uncounted(book, found)

        def get_student(self, student_id: str, submitted: Any = None) -> Any:
            """Return one student; what does not count is in no total."""
            from grading.anchors import without_uncounted

            found = super().get_student(student_id, submitted)
            with self.gradebook as book:
                return without_uncounted(book, [found])[0] if found else found

        def get_submitted_students(self, assignment_id: str) -> set[str]:
            """Leave out folders whose name is no possible student id, such as one that is a script."""
            return {one for one in super().get_submitted_students(assignment_id) if not name_problem(one)}

    return SafeAPI


def _protect_answers(base: Any, handlers: Any) -> None:
    """Send a content policy with every page, and never show a student's file in the grader's browser."""
    policy = base.BaseHandler.content_security_policy.fget
    base.BaseHandler.content_security_policy = property(lambda self: f"{policy(self)}; {POLICY}")

    def fresh_session(self: Any) -> None:
        # One session for ever shows old grades, and after one database error nothing else.
        book = self.settings.get("nbgrader_gradebook")
        if book is not None:
            book.db.remove()

    base.BaseHandler.on_finish = fresh_session
    send = handlers.SubmissionFilesHandler.set_extra_headers

    def as_download(self: Any, path: str) -> None:
        send(self, path)
        self.set_header("Content-Disposition", "attachment")
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")

    handlers.SubmissionFilesHandler.set_extra_headers = as_download


def _protect_scores() -> None:
    """Refuse scores that are no number between nothing and the most there is."""
    from nbgrader.server_extensions.formgrader import apihandlers
    from tornado import web

    store = apihandlers.GradeHandler.put

    def put(self: Any, grade_id: str) -> Any:
        data = self.get_json_body()
        try:
            most = self.gradebook.find_grade_by_id(grade_id).max_score
        except ValueError:  # nbgrader's MissingEntry
            raise web.HTTPError(404) from None
        given = {}
        for name, limit in (("manual_score", most), ("extra_credit", math.inf)):
            value = _as_number(data.get(name) if isinstance(data, dict) else math.nan)
            if value is not None and not (math.isfinite(value) and 0 <= value <= limit):
                most_said = f" to {limit:g}" if math.isfinite(limit) else " upwards"
                raise web.HTTPError(400, f"{name} must be a number from 0{most_said}")
            given[name] = value
        self.get_json_body = lambda: given
        return store(self, grade_id)

    apihandlers.GradeHandler.put = _guarded(put)


def _guarded(method: Callable[..., Any]) -> Any:
    """Return a handler method with the checks that nbgrader puts on its own."""
    from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
    from tornado import web

    return web.authenticated(check_xsrf(check_notebook_dir(method)))


def _as_number(value: Any) -> float | None:
    """Return a score as a number, which the page sends as text; None where empty, NaN where it is none."""
    if value is None:
        return None
    try:
        return float(value) if isinstance(value, str) or is_number(value) else math.nan
    except (ValueError, OverflowError):
        return math.nan


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Say that this module is a server extension."""
    return [{"module": "grading.formgrader"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Protect the formgrader, whether it is loaded already or comes later."""
    protect()
    settings = server.web_app.settings
    if "nbgrader_formgrader" in settings:
        protect_settings(settings, settings["nbgrader_formgrader"].config)
        add_pages(server.web_app)


__all__ = ["protect", "protect_settings", "safe_exporter"]
