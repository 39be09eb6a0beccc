"""What the browser loads: the scripts beside this file joined into one ES module, and the style sheet.

A widget takes exactly one module, so the parts are joined in the order of use; they share one scope.
"""

from pathlib import Path

SCRIPTS = ("notebook_document.js", "saving.js", "view.js", "question.js", "reflection.js", "render.js")

_HERE = Path(__file__).parent

ESM = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
CSS = (_HERE / "widgets.css").read_text(encoding="utf-8")
