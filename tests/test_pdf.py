"""PDFs from a report's HTML: all of it is there, screen readers can use it, and no text can do anything."""

import re
import shutil
import subprocess
import zlib

import pytest

from grading.reports import markdown
from grading.reports.pdf import PdfError, pdf_of, write_pdf

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def page(body, title="A report", lang="en"):
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8" />\n<title>{title}</title>\n'
        f"<style>p &gt; b {{ color: red }}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def inside(pdf):
    """Return the PDF with its compressed parts unpacked, as text of its own kind."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(parts).decode("latin-1")


def sheets(pdf):
    """Return how many sheets a PDF has."""
    return len(re.findall(r"/Type\s*/Page\b", inside(pdf)))


def text_of(pdf, tmp_path):
    """Return the words of a PDF as another program reads them."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    path = tmp_path / "read.pdf"
    path.write_bytes(pdf)
    run = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    words = re.sub("[\u2066-\u2069\u202a-\u202e\u200b]", "", run.stdout.decode("utf-8"))
    return re.sub(r"\s+", " ", words)


FULL = page(
    """
<header><p class="over">Course</p><h1>A check</h1><p>For <bdi>Ana</bdi>.</p></header>
<p class="screen">Only on a screen</p>
<section><h2>Goals</h2>
<table data-columns="1fr auto"><caption>Counts</caption>
<thead><tr><th scope="col">Goal</th><th scope="col" class="number">Right</th></tr></thead>
<tbody><tr><th scope="row">Greet</th>
<td><span data-share="0.75" data-parts="4" aria-hidden="true"></span> 3 of 4</td></tr>
<tr><td colspan="2">Both columns</td></tr></tbody></table>
<ul><li>One <strong>bold</strong></li><li><p>Two</p><p>parts</p></li></ul><ol><li>First</li></ol>
<blockquote><p>Said<br />so</p></blockquote><p class="notice">Take <em>care</em> with <code>this</code>.</p>
<div class="wide" data-share="0.5"></div>
<figure data-width="50%">
<svg role="img" aria-label="A blue square" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>
<figcaption>The square</figcaption></figure>
"""
    f'<p><img src="data:image/png;base64,{DOT}" alt="A dot"/></p>'
    "</section><section class='new-page'><h2>Later</h2><h3>Deep</h3></section>"
)


def test_every_word_of_a_page_but_those_for_the_screen_is_in_the_pdf(tmp_path):
    made, lacks = pdf_of(FULL)
    assert lacks == ""
    text = text_of(made, tmp_path)
    expected = "Course A check For Ana. Goals Counts Goal Right Greet 3 of 4 Both columns"
    assert text.startswith(expected)
    for words in ("• One bold", "1. First", "Said so", "Take care with this.", "The square", "Page 2 of 2"):
        assert words in text
    assert "Only on a screen" not in text and "color" not in text


def test_a_pdf_says_its_title_and_language_and_has_tags_for_screen_readers():
    text = inside(pdf_of(page("<h1>A</h1><p>Text</p>", "Report for Ana", "es"))[0])
    assert "<pdfuaid:part>1</pdfuaid:part>" in text and "Report for Ana" in text
    assert re.search(r"/Lang\s*\(es", text)
    tags = set(re.findall(r"/S\s*/(\w+)", inside(pdf_of(FULL)[0])))
    assert {"H1", "H2", "H3", "P", "Table", "TH", "TD", "L", "LI", "Figure"} <= tags


def test_the_same_page_makes_the_same_bytes_on_both_papers_of_the_right_size():
    assert pdf_of(FULL)[0] == pdf_of(FULL)[0]
    boxes = [inside(pdf_of(FULL, paper=paper)[0]) for paper in ("a4", "letter")]
    assert re.search(r"/MediaBox\s*\[0 0 595\.27\d* 841\.8", boxes[0])
    assert re.search(r"/MediaBox\s*\[0 0 612 792", boxes[1])


@pytest.mark.parametrize(
    "name",
    [
        '#eval("1+1")',
        "$x^2$ @ref <label> // no /* comment */",
        "\\ `raw` *b* _i_ #panic() ~ -- '\"",
        "=  Heading",
        "محمد بن سلام",
        "שרה כהן",
        "田中さくら",
        "김민준",
        "สมชาย",
        "Zo\u0308e\u0301",
        "😀👩🏽‍🚒🏳️‍🌈",
        "x" * 300,
        "\ue000\U000e0fff\ufdd0",
    ],
)
def test_a_name_of_any_letters_stays_text_and_the_pdf_stays_accessible(name):
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    made, lacks = pdf_of(page(f"<h1>A</h1><p>For <bdi>{escaped}</bdi>.</p>", escaped))
    assert made.startswith(b"%PDF") and lacks == ""


def test_typsts_own_marks_come_out_as_they_were_typed(tmp_path):
    odd = "#eval(1) $x$ @a \\ `c` *b* _i_ // = - + #"
    assert odd in text_of(pdf_of(page(f"<p>{odd}</p>"))[0], tmp_path)


@pytest.mark.parametrize(
    "comment",
    [
        "```\n",
        "```\n\tx \ue000 \u2028" + "a" * 60,
        "- a\n  - b\n\n        c\n\n3) d\n***\n> > e",
        "# H\n===\n&#0;<!--",
    ],
)
def test_whatever_a_grader_writes_in_a_comment_can_be_set(comment):
    assert pdf_of(page(f"<h1>A</h1><div class='comment'>{markdown(comment)}</div>"))[1] == ""


def test_letters_that_no_xml_may_hold_do_no_harm():
    assert pdf_of(page("<p>a\x00\x08\x0b\x1b\ufffe\uffffb</p>"))[1] == ""


def test_a_floating_picture_never_stands_above_the_title(tmp_path):
    picture = f'<figure data-float="page"><img src="data:image/png;base64,{DOT}" alt="A dot"/>'
    body = (
        f"<h1>The title</h1><p>In short.</p>{picture}<figcaption>Caption</figcaption></figure><p>After.</p>"
    )
    words = text_of(pdf_of(page(body))[0], tmp_path)
    assert words.index("The title") < words.index("After.") < words.index("Caption")


def test_a_card_stays_on_one_sheet_unless_it_is_longer_than_one(tmp_path):
    def card(name, lines):
        return f'<article class="card"><h3>{name}</h3>{"<p>one line</p>" * lines}<p>{name} ends</p></article>'

    pdf, _ = pdf_of(page(card("First", 30) + card("Second", 30) + card("Third", 150)))
    told = text_of(pdf, tmp_path)
    assert told.count("one line") == 210 and all(
        f"{name} ends" in told for name in ("First", "Second", "Third")
    )
    run = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "read.pdf", "-"], capture_output=True, check=True
    )
    first, second, *_ = run.stdout.decode("utf-8").split("\f")
    assert "First ends" in first and "Second" not in first and "Second ends" in second


def test_a_section_that_shall_fit_is_made_smaller_until_it_does():
    lines = "<p>One line of text that says a thing.</p>"
    for paper in ("a4", "letter"):
        for count in (5, 50):
            fitted = page(f'<section data-fit="page"><h1>A</h1>{lines * count}</section>')
            assert sheets(pdf_of(fitted, paper=paper)[0]) == 1
    assert sheets(pdf_of(page(f"<section><h1>A</h1>{lines * 50}</section>"))[0]) == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<p>open", "page"),
        ("<video></video>", "element <video>"),
        ('<svg viewBox="0 0 1 1"></svg>', "no alt text"),
        ('<img src="data:image/png;base64,AAAA" alt="x"/>', "cannot be read"),
        ("<h1>A</h1><h3>B</h3>", ""),
    ],
)
def test_a_mistake_in_a_template_is_told(body, message):
    if message:
        with pytest.raises(PdfError, match=message):
            pdf_of(page(body))
    else:
        made, lacks = pdf_of(page(body))
        assert made and lacks.startswith("it is not marked as accessible (ua-1): ")


def test_a_pdf_is_written_whole(tmp_path):
    assert write_pdf(FULL, tmp_path / "report.pdf") == ""
    assert (tmp_path / "report.pdf").read_bytes() == pdf_of(FULL)[0]
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]
