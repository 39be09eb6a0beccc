"""Where the moments and endings of a scenario stand when it is drawn as a map, from top to bottom."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from course.model import Scenario

BOX_WIDTH, BOX_HEIGHT, GAP, ROW, MARGIN = 172, 66, 26, 128, 12
"""Pixels."""
PASSAGE = 34
"""Width kept free for a line that passes a row, in pixels."""
LEADING = 17
"""Pixels from one line of text to the next."""
LINE_LENGTH = 22
"""Characters of a box's text line."""
SWEEPS = 8
"""How often rows are put in order; small maps settle in two or three."""

Position = tuple[float, float]


@dataclass(frozen=True)
class MapBox:
    """A moment or an ending; `x`, `y` are its upper left corner in pixels. `rank` is empty for moments."""

    id: str
    x: float
    y: float
    title: tuple[str, ...]
    rank: str
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT

    @property
    def first_line(self) -> float:
        """Return the height of the first line's base, so that all lines stand in the middle."""
        return self.y + BOX_HEIGHT / 2 + 5 - (len(self.title) + bool(self.rank) - 1) * LEADING / 2


@dataclass(frozen=True)
class MapLine:
    """What one or more choices of a moment lead to: an SVG path, and where its letters stand."""

    path: str
    letters: str
    x: float
    y: float
    model: str
    """"best" or "worst" where that model goes along, else empty."""


@dataclass(frozen=True)
class ScenarioMap:
    """The drawing, in pixels."""

    width: float
    height: float
    boxes: tuple[MapBox, ...]
    lines: tuple[MapLine, ...]


def scenario_map(scenario: Scenario) -> ScenarioMap:
    """Return the map of a scenario: each row holds what takes one decision more to reach at the latest."""
    edges = _edges(scenario)
    depth = _depths(scenario, edges)
    edges = {edge: letters for edge, letters in edges.items() if edge[0] in depth and edge[1] in depth}
    rows, routes = _rows(edges, depth)
    _order(rows, routes)
    centres = _centres(rows)
    numbers = {node.id: number for number, node in enumerate(scenario.nodes, 1)}
    boxes = [
        _box(id_, centres[id_], f"{numbers[id_]} {id_.replace('-', ' ')}", "")
        for id_ in numbers
        if id_ in depth
    ]
    boxes += [_box(e.id, centres[e.id], e.title, e.rank) for e in scenario.endings if e.id in depth]
    walked = {
        (step.partition(":")[0], step.partition(":")[2]): model.rank
        for model in scenario.models
        for step in model.path
    }
    lines = []
    leaving: dict[str, int] = {}
    total: dict[str, int] = {}
    for start, _ in edges:
        total[start] = total.get(start, 0) + 1
    for (start, end), letters in sorted(edges.items(), key=lambda edge: (edge[0][0], centres[edge[0][1]][0])):
        turn = leaving.get(start, 0)
        leaving[start] = turn + 1
        model = next((walked[start, letter] for letter in letters if (start, letter) in walked), "")
        lines.append(_line(start, end, letters, routes, centres, (turn + 1) / (total[start] + 1), model))
    widest = max(x for x, _ in centres.values()) + BOX_WIDTH / 2 + MARGIN
    lowest = max(y for _, y in centres.values()) + BOX_HEIGHT / 2 + MARGIN
    return ScenarioMap(widest, lowest, tuple(boxes), tuple(lines))


def _edges(scenario: Scenario) -> dict[tuple[str, str], list[str]]:
    """Return (from, to) -> the letters of the choices that lead there."""
    edges: dict[tuple[str, str], list[str]] = {}
    for node in scenario.nodes:
        for choice in node.choices:
            edges.setdefault((node.id, choice.next), []).append(choice.id)
    return edges


def _depths(scenario: Scenario, edges: Mapping[tuple[str, str], Sequence[str]]) -> dict[str, int]:
    """Return id -> the most decisions before it, for all that can be reached; a way back adds nothing."""
    depth: dict[str, int] = {}

    def visit(id_: str, at: int, trail: frozenset[str]) -> None:
        if depth.get(id_, -1) >= at:
            return
        depth[id_] = at
        for start, end in edges:
            if start == id_ and end not in trail:
                visit(end, at + 1, trail | {end})

    visit(scenario.start, 0, frozenset([scenario.start]))
    return depth


Routes = dict[tuple[str, str], list[str]]


def _rows(
    edges: Mapping[tuple[str, str], Sequence[str]], depth: Mapping[str, int]
) -> tuple[list[list[str]], Routes]:
    """Return the ids of each row, with a stand-in wherever a line passes a row, and each line's stops."""
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for id_, row in depth.items():
        rows[row].append(id_)
    routes: Routes = {}
    for start, end in edges:
        stops = [start]
        for row in range(depth[start] + 1, depth[end]):
            passing = f"{start}>{end}@{row}"
            rows[row].append(passing)
            stops.append(passing)
        routes[start, end] = [*stops, end]
    return rows, routes


def _order(rows: list[list[str]], routes: Routes) -> None:
    """Sort each row by the mean place of its neighbours, so that lines cross less.

    The barycentre method of Sugiyama, Tagawa and Toda (1981), IEEE Transactions on Systems, Man and
    Cybernetics 11(2).
    """
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for stops in routes.values():
        for upper, lower in pairwise(stops):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for row in rows[1:] if down else rows[-2::-1]:
            place = {id_: n / max(1, len(line) - 1) for line in rows for n, id_ in enumerate(line)}
            row.sort(key=lambda id_: _mean([place[n] for n in neighbours.get(id_, [])], place[id_]))


def _mean(values: Sequence[float], default: float) -> float:
    """Return the mean, or the default of no values."""
    return sum(values) / len(values) if values else default


def _centres(rows: Sequence[Sequence[str]]) -> dict[str, Position]:
    """Return id -> the middle of its place; rows are centred on the widest."""
    widths = [sum(_width(id_) for id_ in row) + GAP * (len(row) - 1) for row in rows]
    centres = {}
    for number, (row, width) in enumerate(zip(rows, widths, strict=True)):
        x = MARGIN + (max(widths) - width) / 2
        for id_ in row:
            centres[id_] = (x + _width(id_) / 2, MARGIN + BOX_HEIGHT / 2 + number * ROW)
            x += _width(id_) + GAP
    return centres


def _width(id_: str) -> float:
    """Return the width of a box, or of the passage kept for a line."""
    return PASSAGE if ">" in id_ else BOX_WIDTH


def _box(id_: str, centre: Position, title: str, rank: str) -> MapBox:
    """Return a box around its middle, its title in at most two lines."""
    wrapped = textwrap.wrap(title, LINE_LENGTH, max_lines=2, placeholder="…")
    return MapBox(id_, centre[0] - BOX_WIDTH / 2, centre[1] - BOX_HEIGHT / 2, tuple(wrapped), rank)


def _line(
    start: str,
    end: str,
    letters: Sequence[str],
    routes: Routes,
    centres: Mapping[str, Position],
    share: float,
    model: str,
) -> MapLine:
    """Return the line of a choice; `share`, from 0 to 1, is where along the box's lower edge it leaves."""
    x, y = centres[start]
    x, y = x - BOX_WIDTH / 2 + share * BOX_WIDTH, y + BOX_HEIGHT / 2
    stops = [centres[stop] for stop in routes[start, end][1:]]
    path = [f"M{x:.1f} {y:.1f}"]
    at_x, at_y = x, y
    for to_x, middle in stops:
        last = (to_x, middle) == stops[-1]
        to_y = middle - BOX_HEIGHT / 2
        bend = (at_y + to_y) / 2
        path.append(f"C{at_x:.1f} {bend:.1f} {to_x:.1f} {bend:.1f} {to_x:.1f} {to_y:.1f}")
        if not last:
            path.append(f"V{middle + BOX_HEIGHT / 2:.1f}")
        at_x, at_y = to_x, middle + BOX_HEIGHT / 2
    return MapLine(" ".join(path), ", ".join(letters).upper(), x, y + 18, model)
