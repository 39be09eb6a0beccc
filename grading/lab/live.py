"""The page that shows how far a class is at this moment, and what it asks for again and again."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tornado import web

from grading.gradebook import GradebookError
from grading.lab.web import DataHandler, PageHandler, places_of
from grading.live import ClassNow
from grading.places import Places
from grading.results import GradingError
from grading.watching import Watch

SECONDS = 10
"""How long a page waits between two looks."""
FRESH = 4.0
"""Seconds for which one look serves everybody who asks."""
_WATCHED = "course_live_class"


@dataclass
class Shared:
    """The one look that all pages of a server share; `version` counts what was seen to change."""

    watch: Watch
    lock: threading.Lock = field(default_factory=threading.Lock)
    at: float = -FRESH
    version: int = 0
    shown: dict[str, Any] = field(default_factory=dict)
    when: str = ""

    def answer(self, known: str) -> dict[str, Any]:
        """Return the class, or only when it was looked at where the page has this version already.

        Raises
        ------
        GradebookError : the gradebook cannot be read at the moment.
        """
        with self.lock:
            if time.monotonic() - self.at >= FRESH:
                try:
                    self._take(self.watch.look())
                except (GradingError, OSError) as error:
                    raise GradebookError(str(error)) from error
                self.at = time.monotonic()
            told = {"version": str(self.version), "when": self.when}
            return told if known == told["version"] else {**told, "class": self.shown}

    def _take(self, now: ClassNow) -> None:
        """Keep what was seen."""
        shown = now.as_json()
        self.when = shown.pop("when")
        if shown != self.shown:
            self.version += 1
            self.shown = shown


class LiveHandler(PageHandler):
    """The page itself; what it shows it fetches."""

    @web.authenticated
    def get(self) -> None:
        """Send the page."""
        self.show("live.html.j2", seconds=SECONDS)


class LiveDataHandler(DataHandler):
    """The class as it is now."""

    @web.authenticated
    async def get(self) -> None:
        """Send it; ``?version=`` is what the page has already."""
        places = places_of(self.settings)
        known = self.get_query_argument("version", "")
        await self.answer(lambda: shared(self.settings, places).answer(known))


_making = threading.Lock()


def shared(settings: dict[str, Any], places: Places) -> Shared:
    """Return the look that this server's pages share."""
    with _making:
        kept = settings.get(_WATCHED)
        if not isinstance(kept, Shared) or kept.watch.places.root != places.root:
            kept = settings[_WATCHED] = Shared(Watch(places))
        return kept


ROUTES: list[tuple[Any, ...]] = [
    ("grading/live", LiveHandler),
    ("grading/api/live", LiveDataHandler),
]
