"""Steps for nbgrader's own commands (see nbgrader_config.py), so that these are safe to use as well."""

import re
from typing import Any

from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, setenv

from grading.gradebook import at_address
from grading.released import setup_data
from grading.shown import without_hint
from grading.submission import prompt_ids

_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS.*?(?:END HIDDEN TESTS[^\n]*\n?|\Z)", re.DOTALL | re.MULTILINE
)


class OnlyOurMarks(NbGraderPreprocessor):  # type: ignore[misc]
    """Replaces all cell metadata by nbgrader marks as they were at release, and the mark of a text.

    A student's tags, attachments and forged marks end here, and a copied cell does not stop the class.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Keep, of cells with the same id, the last, as nbgrader does."""
        place = resources["nbgrader"]
        with at_address(place["db_url"]) as book:
            released = released_marks(book.find_notebook(place["notebook"], place["assignment"]))
        for cell in reversed(nb.cells):
            marks = cell.metadata.get("nbgrader")
            name = marks.get("grade_id") if isinstance(marks, dict) else None
            prompts = sorted(prompt_ids({"metadata": {"course": cell.metadata.get("course")}}))
            cell.metadata = type(cell.metadata)()
            cell.pop("attachments", None)
            if isinstance(name, str) and name in released:
                cell.metadata.nbgrader = type(cell.metadata)(released.pop(name))
            if prompts:  # a text that earns its points by its length is known by this alone
                cell.metadata.course = type(cell.metadata)(prompt=prompts[0])
        return nb, resources


class ExecuteUnshadowed(Execute):  # type: ignore[misc]
    """nbgrader's Execute, but a file in the student's folder replaces neither the kernel nor a module."""

    def preprocess(self, nb: Any, resources: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Run with Python's safe path; the folder comes last, for helper files of the instructor's own."""
        self.skip_cells_with_tag = "no-cell-is-skipped"
        self.extra_arguments: list[str] = [
            "--HistoryManager.hist_file=:memory:",
            "--InteractiveShellApp.exec_lines=__import__('sys').path.append('')",
        ]
        with setenv(PYTHONSAFEPATH="1"):
            return super().preprocess(nb, resources, *args, **kwargs)  # type: ignore[no-any-return]


class NoKeys(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes hidden tests out of test cells, and their outputs, whose error messages quote the key.

    Of what is asked before the course, which the final asks again, the score of each question goes, too.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Look at the instructor's set-up cell first, which says whether the final asks it all again."""
        nb, resources = super().preprocess(nb, resources)
        sources = [cell.source for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("locked")]
        if setup_data(sources).get("anchors"):
            for cell in nb.cells:
                if is_grade(cell):
                    cell.metadata.nbgrader.grade = False
        return nb, resources

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Leave the visible part of a test cell, and of a question what is not about the notebook."""
        if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
            cell.source = without_hint(cell.source)
        elif is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
            cell.source = _HIDDEN.sub("", cell.source)
            cell.outputs = []
        return cell, resources


def released_marks(notebook: Any) -> dict[str, dict[str, Any]]:
    """Return nbgrader's cell metadata of a released notebook by cell id, from its gradebook rows."""
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    graded = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    found = {}
    for cell in notebook.source_cells:
        found[cell.name] = {
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": cell.name in graded,
            "grade_id": cell.name,
            "locked": bool(cell.locked),
            "schema_version": 3,
            "solution": cell.name in solutions,
            "task": cell.name in tasks,
        }
        if cell.name in points:
            found[cell.name]["points"] = points[cell.name]
    return found
