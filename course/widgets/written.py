"""How long the learner's own text is: a kernel cannot see Markdown cells, so the notebook's file is read.

nbgrader runs the grade cells in the folder of the notebook, with everything saved: the Validate button saves
first, and `nbgrader autograde` runs a file.
"""

import json
from pathlib import Path
from typing import Any

from course.scoring import count_words
from course.widgets import state
from course.widgets.state import FRESH_COPY, NotAnswered


def written(prompt_id: str) -> int:
    """Return the number of words in the saved text of a prompt; used by the locked grade cells.

    While nbgrader validates or grades, raises NotAnswered where the text is missing or too short; otherwise
    such a text counts 0 words, since what was saved last is not yet all that is written.
    """
    try:
        return _written(prompt_id)
    except NotAnswered:
        if state.checking():
            raise
        return 0


def _written(prompt_id: str) -> int:
    """Return the number of words; raises NotAnswered where they earn nothing, and says why."""
    prompt, data = state.find_prompt(prompt_id), state.kernel.data
    if prompt is None or data is None:
        raise NotAnswered(f'There is no prompt "{prompt_id}" in this notebook. {FRESH_COPY}')
    texts = saved_texts(Path(f"{data['notebook']}.ipynb"), prompt_id)
    if not texts:
        raise NotAnswered("The cell for your text is missing. Choose Run > Run All Cells, and put it back.")
    given = [text for text in texts if text.strip() not in ("", prompt["stub"])]
    if any(text != given[0] for text in given):
        raise NotAnswered("Your text stands in two cells, and they differ. Keep one of them.")
    words, least = count_words(given[0]) if given else 0, prompt["words"][0]
    if words < least:
        is_so = f"has {words} word{'' if words == 1 else 's'}" if words else "is not written yet"
        raise NotAnswered(f"Your text {is_so}. It counts from {least} words on.")
    return words


def saved_texts(path: Path, prompt_id: str) -> list[str]:
    """Return the sources of all cells that carry the mark of a prompt, whatever their type.

    Raises NotAnswered, in words, where the file cannot be read.
    """
    try:
        notebook = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise NotAnswered(f'This notebook must be called "{path.name}". Rename it, and try again.') from None
    except (OSError, ValueError, RecursionError):
        raise NotAnswered(f"{path.name} cannot be read. Save the notebook, and try again.") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return [_source(cell) for cell in (cells if isinstance(cells, list) else ()) if _mark(cell) == prompt_id]


def _mark(cell: Any) -> Any:
    """Return the prompt that a cell answers, or None."""
    found = cell
    for name in ("metadata", "course", "prompt"):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _source(cell: dict[str, Any]) -> str:
    """Return the source of a cell as one text with line feeds only."""
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.replace("\r\n", "\n").replace("\r", "\n")
