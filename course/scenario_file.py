"""scenario.toml to a scenario whose steps all lead somewhere."""

from course import model
from course.course_files import CourseFiles
from course.markup import markup_problems
from course.model import Place
from course.reading import suggestion
from course.shapes import ScenarioShape
from course.toml_text import Table

_HINTS = {"choice": "write [[node.choice]]"}


def read_scenario(files: CourseFiles, slug: str) -> model.Scenario | None:
    """Return a lesson's scenario; None with a problem added where it cannot be read."""
    shape, table = files.table(f"lessons/{slug}/scenario.toml", ScenarioShape, _HINTS)
    if shape is None or table is None:
        return None
    _check(files, shape, table)
    return model.Scenario(
        id=shape.id,
        title=shape.title,
        intro=shape.intro.strip(),
        start=shape.start,
        objective=shape.objective,
        claims=tuple(shape.claims),
        nodes=tuple(
            model.Node(
                n.id,
                n.text.strip(),
                tuple(model.Choice(c.id, c.text.strip(), c.consequence.strip(), c.next) for c in n.choice),
            )
            for n in shape.node
        ),
        endings=tuple(model.Ending(e.id, e.title, e.text.strip(), e.rank) for e in shape.ending),
        models=tuple(model.Model(m.rank, m.title, tuple(m.path), m.text.strip()) for m in shape.model),
        lesson=slug,
        place=table.place("id"),
        tags=tuple(shape.tags),
    )


def _check(files: CourseFiles, shape: ScenarioShape, table: Table) -> None:
    """Add a problem for each id used twice, and for each step that leads nowhere."""
    files.once([(shape.id, table.place("id"))], "scenario")
    for _, what, remedy in markup_problems(shape.intro):
        files.problem(table.place("intro"), what, remedy)
    steps = [(n.id, table.place("node", k, "id")) for k, n in enumerate(shape.node)]
    steps += [(e.id, table.place("ending", k, "id")) for k, e in enumerate(shape.ending)]
    _differ(files, steps, "node or ending")
    ends = sorted({id_ for id_, _ in steps})
    if shape.start not in ends:
        files.problem(table.place("start"), f"unknown node '{shape.start}'", suggestion(shape.start, ends))
    for n, node in enumerate(shape.node):
        if not node.choice:
            remedy = "add a [[node.choice]], or make it an [[ending]]"
            files.problem(table.place("node", n), f"the node '{node.id}' is a dead end", remedy)
        letters = [(c.id, table.place("node", n, "choice", k, "id")) for k, c in enumerate(node.choice)]
        _differ(files, letters, "choice")
        for c, choice in enumerate(node.choice):
            if choice.next not in ends:
                here = table.place("node", n, "choice", c, "next")
                files.problem(here, f"unknown node '{choice.next}'", suggestion(choice.next, ends))


def _differ(files: CourseFiles, ids: list[tuple[str, Place]], what: str) -> None:
    """Add a problem for each id that stands before in the list."""
    met: dict[str, Place] = {}
    for id_, place in ids:
        first = met.setdefault(id_, place)
        if first is not place:
            remedy = f"rename it; the first is at {first}"
            files.problem(place, f"the {what} id '{id_}' is used twice", remedy)
