"""What the browser loads: the scripts beside this file joined into one ES module, and the style sheets.

A widget takes exactly one module, so the parts are joined in the order of use; they share one scope.
"""

from pathlib import Path

SCRIPTS = (
    "notebook_document.js",
    "saving.js",
    "view.js",
    "keeping.js",
    "question.js",
    "reflection.js",
    "scenario.js",
    "review.js",
    "render.js",
)
STYLES = ("widgets.css", "scenario.css", "review.css")

_HERE = Path(__file__).parent

ESM = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
CSS = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in STYLES)
