"""S-01 to S-07, and L-35 for scenarios: the graph of a branching story."""

from collections.abc import Iterator

from course.lint.rules import Finding, Level
from course.model import Scenario

DECISIONS = (3, 5)
"""Choices on a path from the start to an ending, from and to."""


def scenario_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield what a scenario breaks, at its id in scenario.toml."""

    def found(rule: str, level: Level, what: str, remedy: str) -> Finding:
        return Finding(scenario.place, rule, level, f"{scenario.id}: {what}", remedy)

    nodes = {node.id: node for node in scenario.nodes}
    endings = {ending.id for ending in scenario.endings}
    for node in scenario.nodes:
        if not node.choices:
            yield found("S-01", "E", f"the node '{node.id}' has no choices", "add some, or make it an ending")
        for choice in node.choices:
            if choice.next not in nodes and choice.next not in endings:
                what = f"the choice {node.id}:{choice.id} leads to '{choice.next}', which is not there"
                yield found("S-01", "E", what, "name a node or an ending")
        if len(node.choices) == 1:
            yield found(
                "S-07", "W", f"the node '{node.id}' has one choice", "add another, or join it to the next"
            )
    reached = reachable(scenario)
    unseen = [id_ for id_ in [*nodes, *(ending.id for ending in scenario.endings)] if id_ not in reached]
    if unseen:
        yield found(
            "S-02", "E", f"cannot be reached: {', '.join(unseen)}", "let a choice lead there, or remove it"
        )
    trapped = [
        node.id for node in scenario.nodes if node.choices and not reachable(scenario, node.id) & endings
    ]
    if trapped:
        yield found(
            "S-03", "E", f"no ending can be reached from {', '.join(trapped)}", "let a choice lead out"
        )
    lengths = {len(path) for path in paths(scenario)}
    low, high = DECISIONS
    if any(not low <= length <= high for length in lengths):
        shown = ", ".join(str(length) for length in sorted(lengths))
        yield found("S-04", "E", f"paths have {shown} decisions", f"bring every path to {low} to {high}")
    for rank in ("best", "worst"):
        count = sum(ending.rank == rank for ending in scenario.endings)
        if count != 1:
            yield found("S-05", "E", f"has {count} endings of rank {rank}", "mark exactly one")
        models = [model for model in scenario.models if model.rank == rank]
        if len(models) != 1:
            yield found("S-06", "E", f"has {len(models)} models of rank {rank}", "write exactly one")
        for model in models:
            problem = _walk(scenario, model.path, rank)
            if problem:
                yield found(
                    "S-06", "E", f"the {rank} model {problem}", "write its path as node:choice, in order"
                )
    if "local-policy" not in scenario.tags:
        yield found(
            "L-35", "E", "a scenario comes near what site policy decides", 'add tags = ["local-policy"]'
        )


def reachable(scenario: Scenario, start: str | None = None) -> frozenset[str]:
    """Return the ids of all nodes and endings that can be reached, `start` (default: the first) included."""
    following = {node.id: [choice.next for choice in node.choices] for node in scenario.nodes}
    seen: set[str] = set()
    ahead = [scenario.start if start is None else start]
    while ahead:
        id_ = ahead.pop()
        if id_ not in seen:
            seen.add(id_)
            ahead.extend(following.get(id_, ()))
    return frozenset(seen)


def paths(scenario: Scenario) -> Iterator[tuple[str, ...]]:
    """Yield every path from the start to an ending as ``node:choice`` pairs; a loop is walked once."""
    nodes = {node.id: node for node in scenario.nodes}

    def walk(id_: str, path: tuple[str, ...], seen: frozenset[str]) -> Iterator[tuple[str, ...]]:
        node = nodes.get(id_)
        if node is None:
            yield path
        elif id_ not in seen:
            for choice in node.choices:
                yield from walk(choice.next, (*path, f"{id_}:{choice.id}"), seen | {id_})

    yield from walk(scenario.start, (), frozenset())


def _walk(scenario: Scenario, path: tuple[str, ...], rank: str) -> str:
    """Return what is wrong with a model's path, or nothing."""
    nodes = {node.id: node for node in scenario.nodes}
    at = scenario.start
    for step in path:
        node, _, letter = step.partition(":")
        if node != at:
            return f"is at '{at}' where its path says '{node}'"
        choice = next((c for c in nodes[at].choices if c.id == letter), None) if at in nodes else None
        if choice is None:
            return f"has the step '{step}', which is no choice"
        at = choice.next
    ending = next((e for e in scenario.endings if e.id == at), None)
    if ending is None:
        return f"stops at '{at}', which is no ending"
    return "" if ending.rank == rank else f"ends at '{at}', whose rank is {ending.rank}"
