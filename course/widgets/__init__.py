"""The widgets of a notebook: `setup`, `ask`, `reflect` and `recorded`.

The answer to a question is a literal in the source of the cell that shows it
(`ask("two-jobs-new-officer", answer="b")`), a reflection is the Markdown cell below its prompt. A widget
is a comfortable way to edit that text, and nothing is stored anywhere else.

* `state.py`       what one kernel knows: the set-up data and the answers given
* `question.py`    `ask`: radio buttons or check boxes
* `reflection.py`  `reflect`: a text area with a word count
* `front_end.py`   joins the scripts and the style sheet into what the browser loads
"""

from course.widgets.question import Question, ask
from course.widgets.reflection import Reflection, reflect
from course.widgets.state import NotAnswered, Notice, recorded, setup

__all__ = ["NotAnswered", "Notice", "Question", "Reflection", "ask", "recorded", "reflect", "setup"]
