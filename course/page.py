"""One HTML file from a template and values: everything inside it, all text escaped."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "pages"


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return the page of ``pages/<template>.j2`` with its style sheet inside; it loads nothing else.

    Raises
    ------
    jinja2.TemplateNotFound : where there is no such template.
    """
    return _environment().get_template(f"{template}.j2").render(values)


def markdown(text: str) -> Markup:
    """Return Markdown as HTML blocks. HTML in the text is shown as text, and pictures are not loaded."""
    return Markup(_parser().render(text))  # noqa: S704 - the parser escapes all HTML


def inline(text: str) -> Markup:
    """Return a line of Markdown as HTML without a paragraph around it."""
    return Markup(_parser().renderInline(text))  # noqa: S704 - the parser escapes all HTML


@cache
def _parser() -> MarkdownIt:
    """Return the Markdown parser."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@cache
def _environment() -> Environment:
    """Return the template environment: escaping on, a missing value is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"markdown": markdown, "inline": inline}
    return environment
