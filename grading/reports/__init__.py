"""Pages for students and instructors: one self-contained, escaped HTML file each."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from grading.untrusted import shown_name, visible

if TYPE_CHECKING:
    import jinja2
    from markdown_it import MarkdownIt

# HTML, links and pictures stay text: a page about hostile answers must not fetch or run anything.
# So do headings: those of a page stand in order, which is how a screen reader finds its parts.
_OFF = ["link", "image", "autolink", "reference", "heading", "lheading"]


@cache
def _renderer() -> MarkdownIt:
    """Return the renderer of Markdown; it and the templates start slowly, and most commands need neither."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).disable(_OFF)


@cache
def environment() -> jinja2.Environment:
    """Return the templates of this folder, with every value escaped and every missing name an error."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("grading.reports", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"markdown": markdown, "inline": inline, "typed": typed}
    made.filters |= {"number": number, "counted": counted, "shown": shown_name}
    return made


@lru_cache(maxsize=1024)
def markdown(text: str) -> Markup:
    """Return text of ours or a grader's as HTML, from Markdown without links, pictures, headings and HTML."""
    return Markup(_renderer().render(text))  # noqa: S704 - the renderer escapes everything it does not make


@lru_cache(maxsize=1024)
def inline(text: str) -> Markup:
    """Return one line of Markdown as HTML, such as an option with `code` in it."""
    return Markup(_renderer().renderInline(text))  # noqa: S704 - as above


def typed(text: str) -> Markup:
    """Return a student's text as paragraphs, exactly as typed save for invisible characters."""
    parts = [part for part in text.split("\n\n") if part.strip()]
    return Markup("").join(Markup("<p>{}</p>\n").format(_lines(part)) for part in parts)


def _lines(text: str) -> Markup:
    """Return escaped text whose line breaks show."""
    return Markup("<br />\n").join(escape(line) for line in visible(text).strip("\n").split("\n"))


def number(value: float) -> str:
    """Return points without needless zeros, to two decimals.

    Examples
    --------
    >>> number(2.0), number(1.3333)
    ('2', '1.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def counted(count: float, one: str, many: str = "") -> str:
    """Return a number with its word, in the form that fits the number.

    Examples
    --------
    >>> counted(1, "reflection"), counted(1.5, "point"), counted(0, "needs", "need")
    ('1 reflection', '1.5 points', '0 need')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
