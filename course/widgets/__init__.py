"""The widgets of a notebook: `setup`, `ask`, `reflect`, `scenario`, `review`, `recorded` and `written`.

The answer to a question is a literal in the source of the cell that shows it
(`ask("two-jobs-new-officer", answer="b")`), and so are the steps through a scenario and the questions of a
review; a reflection is the Markdown cell below its prompt. A widget is a comfortable way to edit that text,
and nothing is stored anywhere else.

* `state.py`       what one kernel knows: the set-up data and the answers given
* `curly_quotes.py` tells what to type where an answer typed by hand has curly quotes
* `question.py`    `ask`: radio buttons or check boxes
* `reflection.py`  `reflect`: a text area with a word count
* `scenario.py`    `scenario`: a branching story
* `review.py`      `review`: practice questions of the earlier lessons, those missed first
* `rounds.py`      which questions a review draws, and how a round stands in its literal
* `written.py`     `written`: how long a saved reflection is, for the cells that grade it
* `lesson_files.py` reads the questions and answers of the lessons' notebooks
* `front_end.py`   joins the scripts and the style sheets into what the browser loads
"""

from course.widgets.question import Question, ask
from course.widgets.reflection import Reflection, reflect
from course.widgets.review import Review, review
from course.widgets.scenario import Scenario, scenario
from course.widgets.state import NotAnswered, Notice, recorded, setup
from course.widgets.written import written

__all__ = [
    "NotAnswered",
    "Notice",
    "Question",
    "Reflection",
    "Review",
    "Scenario",
    "ask",
    "recorded",
    "reflect",
    "review",
    "scenario",
    "setup",
    "written",
]
