"""What every page here shares: who may see it, its content policy, its templates, and answers in words."""

import asyncio
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from tornado import web

from grading.gradebook import GradebookError
from grading.places import PlaceError, Places, find_places

FOLDER = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""Programs and styles come from our own files alone: nothing that a student wrote can become one."""

MOST_BYTES = 1_000_000
"""Longer requests are refused; ours have a few hundred."""


@cache
def environment() -> jinja2.Environment:
    """Return the templates of the pages, with every value escaped and every missing name an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(FOLDER / "pages")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def places_of(settings: Any) -> Places:
    """Return the folders of the course that the formgrader shows."""
    return find_places(Path(settings["nbgrader_formgrader"].coursedir.root))


class PageHandler(JupyterHandler):
    """One page; a subclass answers `get` with `show`, under `web.authenticated`."""

    @property
    def content_security_policy(self) -> str:
        """Return the server's policy and ours; both hold."""
        return f"{super().content_security_policy}; {POLICY}"

    def show(self, template: str, **values: Any) -> None:
        """Send a page made from a template; it knows `base`, the server's address ending in a slash."""
        self.xsrf_token  # noqa: B018 - reading it sets the cookie that the page's requests send back
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")
        self.finish(environment().get_template(template).render(base=self.base_url, **values))


class DataHandler(APIHandler):
    """What a page asks for and sends, as JSON; the server has checked the sender's XSRF token before."""

    async def answer(self, work: Callable[..., Any], *given: Any) -> None:
        """Send what `work` returns, done beside the server so that nobody's kernel waits for it."""
        try:
            found = await asyncio.to_thread(work, *given)
        except (GradebookError, PlaceError) as error:
            self.set_status(503)
            found = {"problem": str(error)}
        except LookupError as error:
            self.set_status(404)
            found = {"problem": str(error.args[0] if error.args else "not found")}
        except ValueError as error:
            self.set_status(400)
            found = {"problem": str(error)}
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(found))

    def sent(self) -> dict[str, Any]:
        """Return the JSON object that the page sent.

        Raises
        ------
        tornado.web.HTTPError : 400, it is too long or is none.
        """
        try:
            data = json.loads(self.request.body) if len(self.request.body) <= MOST_BYTES else None
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise web.HTTPError(400, "the request is no JSON object")
        return data


class StaticHandler(JupyterHandler, web.StaticFileHandler):
    """The programs and styles of the pages."""

    @web.authenticated
    async def get(self, path: str, include_body: bool = True) -> None:  # type: ignore[override]
        """Send one file."""
        await web.StaticFileHandler.get(self, path, include_body)

    def set_extra_headers(self, path: str) -> None:
        """Have the browser ask each time whether the file changed, as after an update of the kit."""
        self.set_header("Cache-Control", "no-cache")


ROUTES: list[tuple[Any, ...]] = [("grading/static/(.*)", StaticHandler, {"path": str(FOLDER / "static")})]
