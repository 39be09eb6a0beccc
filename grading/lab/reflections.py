"""The page on which graders score reflections, one prompt across all students."""

from typing import Any

from tornado import web

from grading.lab.web import PageHandler


class ReflectionsHandler(PageHandler):
    """The page itself; what it shows it fetches."""

    @web.authenticated
    def get(self) -> None:
        """Send the page."""
        self.show("reflections.html.j2")


ROUTES: list[tuple[Any, ...]] = [("grading/reflections", ReflectionsHandler)]
