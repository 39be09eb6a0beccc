"""What a text for students may not hold: HTML, pictures, text shown as code by mistake, stray tags."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

Found = tuple[int, str, str]
"""A line of the text, counted from 0; what is wrong in it; and what to do."""

_PARSER = MarkdownIt("commonmark").enable("table")
_TAG = re.compile(r"\bclaims?\s*[:=]\s*[A-Z]\d+-\w+", re.IGNORECASE)
_TIGHT_HEADING = re.compile(r"#{2,6}[^#\s]")


def markup_problems(text: str) -> Iterator[Found]:
    """Yield what in a Markdown text would reach students as something else than its author meant."""
    for token in _PARSER.parse(text):
        line = token.map[0] if token.map else 0
        if token.type == "html_block":
            yield line, *_html(token.content.strip().split("\n")[0])
        elif token.type == "code_block":
            remedy = "remove the spaces or the tab before it, or put lines of ``` around what is code"
            yield line, "the line is set in, so that it would show as program code", remedy
        elif token.type == "heading_open" and token.tag == "h1":
            yield line, "a lesson has one title, from its front matter", "use ## for a section"
        elif token.type == "inline":
            yield from _inline(token, line)


def _inline(token: Token, first: int) -> Iterator[Found]:
    """Yield what is wrong inside one paragraph, heading or cell that begins in line `first`."""
    line = first
    begins = True
    opened = False
    for child in token.children or []:
        if child.type in {"softbreak", "hardbreak"}:
            line += 1
        elif child.type == "html_inline":
            if not (opened and child.content.startswith("</")):
                yield line, *_html(child.content)
            opened = True
        elif child.type == "image" or (child.type == "text" and "![" in child.content):
            remedy = "say in words what it shows; students can also read lessons on paper"
            yield line, "lessons hold no pictures", remedy
        elif child.type == "text":
            yield from ((line, *said) for said in _text(child.content, begins=begins))
        begins = child.type in {"softbreak", "hardbreak"}


def _text(text: str, *, begins: bool) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in a run of plain text; `begins` where it opens a line."""
    if "<!" in text or "-->" in text:
        remedy = "write <!-- with two hyphens before and --> after; a word processor joins the hyphens"
        yield "looks like a comment, but students would read it", remedy
    elif _TAG.search(text):
        yield "names claims where students would read it", "write <!-- claims: S0-01 -->"
    if begins and _TIGHT_HEADING.match(text):
        sign = text[: len(text) - len(text.lstrip("#"))]
        yield "a heading needs a space after its signs", f"write {sign} {text.lstrip('#')[:30].strip()}"


def _html(tag: str) -> tuple[str, str]:
    """Return what to say of an HTML tag."""
    shown = tag if len(tag) <= 30 else f"{tag[:30]}…"
    if tag.startswith("<!--"):
        remedy = "remove it; a remark in this file begins with # on a line of its own"
    elif re.match(r"</?(b|i|em|strong)\b", tag, re.IGNORECASE):
        remedy = "write **bold** or *italic*"
    elif re.match(r"<br\b", tag, re.IGNORECASE):
        remedy = "leave an empty line between paragraphs"
    elif re.match(r"<img\b", tag, re.IGNORECASE):
        remedy = "say in words what the picture shows"
    else:
        remedy = "use plain Markdown, or write `<` and the word in backticks to show it"
    return f"holds the HTML {shown}", remedy
