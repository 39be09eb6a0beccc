"""The page on which graders score reflections, one prompt across all students, and what it asks for."""

import re
from typing import Any

from tornado import web

from grading.lab import desk
from grading.lab.practice import keep_comments, practise
from grading.lab.web import DataHandler, PageHandler, places_of
from grading.ratings import raters

_NOBODY = re.compile(r"Anonymous \w+")
"""How Jupyter Server names whoever knows the token or password of a server that has no user accounts."""


class ReflectionsHandler(PageHandler):
    """The page itself; what it shows it fetches, so that its address names no student."""

    @web.authenticated
    def get(self) -> None:
        """Send the page."""
        self.show("reflections.html.j2")


class PromptsHandler(DataHandler):
    """The list of prompts, and who is scoring."""

    @web.authenticated
    async def get(self) -> None:
        """Send assignments with their prompts; `rater` is the account's name, empty where people share it."""
        places = places_of(self.settings)
        name = account_name(self.current_user)
        await self.answer(
            lambda: {"rater": name, "raters": raters(places), "assignments": desk.prompts(places)}
        )


class ActionHandler(DataHandler):
    """What a grader does; the body says with what."""

    @web.authenticated
    async def post(self, action: str) -> None:
        """Do it and send what came of it."""
        sent = self.sent()
        places = places_of(self.settings)
        rater = desk.rater_named(places, account_name(self.current_user), str(sent.get("rater", "")))
        assignment, prompt = str(sent.get("assignment", "")), str(sent.get("prompt", ""))
        if action == "open":
            await self.answer(desk.open_prompt, places, assignment, prompt, rater)
        elif action == "save":
            await self.answer(desk.save, places, rater, sent)
        elif action == "settle":
            await self.answer(desk.settle, places, assignment, prompt, rater)
        elif action == "whose":
            await self.answer(desk.whose, places, assignment, prompt, str(sent.get("text")))
        elif action == "comments":
            await self.answer(lambda: {"comments": keep_comments(places, rater, sent.get("texts"))})
        else:
            await self.answer(lambda: {"practice": practise(places, rater, sent)})


def account_name(user: Any) -> str:
    """Return the name of the account that asks, empty where several people may share it."""
    username = str(getattr(user, "username", user) or "")
    return "" if _NOBODY.fullmatch(str(getattr(user, "name", "") or "")) else username


ROUTES: list[tuple[Any, ...]] = [
    ("grading/reflections", ReflectionsHandler),
    ("grading/api/reflections", PromptsHandler),
    ("grading/api/reflections/(open|save|settle|whose|comments|practise)", ActionHandler),
]
