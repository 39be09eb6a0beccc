"""A report's HTML to a tagged PDF (PDF/UA-1), with typst: one template makes both.

`report.typ` walks the page. The page must be well-formed XML, and these are the elements that it knows:

* blocks: ``body main header footer section article div details summary h1 h2 h3 p ul ol li blockquote pre
  hr``, ``table`` with ``caption thead tbody tr th td`` (``colspan``), ``figure`` with ``figcaption``;
* in lines: ``strong b em i code small span bdi a br``. A ``bdi`` keeps a name in another direction together;
* pictures: ``<svg role="img" aria-label="...">`` in the page, or ``<img src="data:..." alt="...">`` holding
  SVG, PNG or JPEG. One without words for those who cannot see it is an error. Those words stay short; a
  table beside the picture holds the numbers;
* a ``data-share="0.6"`` (0 to 1) on a ``span`` or ``div`` is drawn as a bar, with ``data-parts="4"`` as
  boxes, with the class ``wide`` as wide as the page. The number must stand beside it: no bar is read aloud;
* the class ``screen`` leaves an element out of the PDF;
* the classes ``notice``, ``card``, ``keep`` (not broken over pages), ``new-page`` (begins one), ``columns``
  (blocks side by side), ``small``, ``big``, ``whole`` (no line break), ``over`` (a line above the title),
  ``mark`` (a line in bold), ``stem`` (a question), ``points`` (a line that stays with the next one),
  ``choices`` (a list with boxes, filled for the class ``chosen``), ``roomy`` (a list with space between
  entries), ``dense`` (a table with little space), ``plain`` (one whose row heads are not bold) and ``number``
  (a cell set to the right);
* ``data-columns="auto 2fr 20%"`` on a table or on ``columns`` says how wide columns are, and
  ``data-width="70%"`` on a figure. One with ``data-float="page"`` goes to the bottom of its page, or of the
  next one where it does not fit, and what follows fills the gap;
* ``data-fit="page"`` on a section makes its letters smaller, from 11 to 8.5 points, to fit on one sheet.
  Where that is not enough, lines stand closer, too, and line breaks are left out.

Any other element is an error, so that nothing of a report can be lost in its PDF without a word.
"""

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote_to_bytes

from grading.copies import write_whole

if TYPE_CHECKING:
    import typst

STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA-1, ISO 14289-1: what screen readers need is in the file."""
Paper = Literal["a4", "letter"]
_SIZES = {"a4": "a4", "letter": "us-letter"}

_STYLE = Path(__file__).with_name("report.typ")
_BODY = ("Libertinus Serif", "DejaVu Sans", "Noto Color Emoji", "Segoe UI Emoji", "Apple Color Emoji")
"""The first is in typst, the second comes with matplotlib; so a report looks the same on every machine."""
_LAST = "Last Resort High-Efficiency"
"""Matplotlib's font with a box for each script: a letter that no other font has can at least be seen."""
_UNFIT = re.compile(
    r"^(cm[a-z]+10|STIX|Last Resort|Standard Symbols|D050000L|Symbol|Wing|Webding|Marlett)|Math"
)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SVG = re.compile(r"<svg\b([^>]*)>.*?</svg\s*>", re.DOTALL)
_IMAGE = re.compile(r'<img\b([^>]*?)\bsrc="data:(image/[a-z+]+)(;base64)?,([^"]*)"([^>]*?)/?>', re.DOTALL)
_LABEL = re.compile(r'\baria-label="([^"]*)"')
_using = Lock()


class PdfError(Exception):
    """A page that cannot become a PDF; the message says what is wrong with it."""


def write_pdf(html: str, path: Path, *, paper: Paper = "a4") -> str:
    """Write a page as a PDF file, as `pdf_of` makes it; return what the file lacks, in words."""
    made, lacks = pdf_of(html, paper=paper)
    write_whole(path, made)
    return lacks


def pdf_of(html: str, *, paper: Paper = "a4") -> tuple[bytes, str]:
    """Return a page as a PDF file, and what it lacks: empty where the file says that it meets PDF/UA-1.

    The same page makes the same bytes. The first call takes about 0.2 s longer, since fonts are looked for.

    Raises
    ------
    PdfError : the page is not well-formed, or holds something that no report may hold.
    """
    import typst

    page, pictures = _without_pictures(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", html))
    inputs = {"page": page, "pictures": json.dumps(pictures), "paper": _SIZES[paper]}
    with _using:
        compiler, fonts = _compiler()
        inputs["fonts"] = json.dumps(fonts)
        try:
            return _compiled(compiler, inputs, [STANDARD]), ""
        except typst.TypstError as error:
            first = error.message
        try:
            return _compiled(compiler, inputs, []), f"it is not marked as accessible ({STANDARD}): {first}"
        except typst.TypstError as error:
            raise PdfError(f"the page cannot become a PDF: {error.message}") from None


def _compiled(compiler: "typst.Compiler", inputs: dict[str, str], standards: list[Literal["ua-1"]]) -> bytes:
    """Return the PDF that typst makes."""
    # Without the warnings it would raise them as Python's, and a font that only others have is no trouble.
    made, _ = compiler.compile_with_warnings(
        sys_inputs=inputs, format="pdf", pdf_standards=[*standards], timestamp=0
    )
    if not isinstance(made, bytes):
        raise PdfError("typst made no PDF")
    return made


@cache
def _compiler() -> tuple["typst.Compiler", list[str]]:
    """Return typst with the style read, and the fonts to use in order; one for all pages of a run."""
    import matplotlib
    import typst

    found = typst.Fonts(font_paths=[str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")])
    families = found.families()
    others = [name for name in families if name not in _BODY and not _UNFIT.search(name)]
    order = [name for name in (*_BODY, *others, _LAST) if name in families]
    return typst.Compiler(input=_STYLE, root=_STYLE.parent, font_paths=found), order


def _without_pictures(html: str) -> tuple[str, list[str]]:
    """Return the page with a numbered mark for each picture, and the pictures as SVG."""
    pictures: list[str] = []

    def kept(svg: str, alt: str) -> str:
        pictures.append(svg)
        return f'<img data-picture="{len(pictures) - 1}" alt="{alt}"/>'

    def drawn(found: re.Match[str]) -> str:
        label = _LABEL.search(found[1])
        return kept(_with_namespaces(found[0]), label[1] if label else "")

    def given(found: re.Match[str]) -> str:
        before, kind, encoded, data, after = found.groups()
        label = re.search(r'\balt="([^"]*)"', before + after)
        return kept(_as_svg(kind, bool(encoded), data), label[1] if label else "")

    return _IMAGE.sub(given, _SVG.sub(drawn, html)), pictures


def _as_svg(kind: str, encoded: bool, data: str) -> str:
    """Return a picture that stands in the page as SVG; one of points is wrapped."""
    if kind == "image/svg+xml":
        try:
            raw = b64decode(data) if encoded else unquote_to_bytes(data.replace("&amp;", "&"))
            return raw.decode("utf-8")
        except (Base64Error, UnicodeDecodeError):
            raise PdfError("a picture in the page cannot be read") from None
    width, height = _size(data)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}"><image width="{width}" height="{height}" '
        f'href="data:{kind};base64,{data}"/></svg>'
    )


def _size(data: str) -> tuple[int, int]:
    """Return width and height of a PNG or JPEG picture given in base64, in points of the picture."""
    from io import BytesIO

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(b64decode(data))) as picture:
            return picture.size
    except (Base64Error, UnidentifiedImageError, OSError):
        raise PdfError("a picture in the page cannot be read") from None


def _with_namespaces(svg: str) -> str:
    """Return an SVG element of an HTML page as a file of its own, which must name its languages."""
    head, rest = svg.split(">", 1)
    for name, address in (
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("xmlns:xlink", "http://www.w3.org/1999/xlink"),
    ):
        if f'{name}="' not in head:
            head = head.replace("<svg", f'<svg {name}="{address}"', 1)
    return f"{head}>{rest}"
