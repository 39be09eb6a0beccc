"""Rules for lessons, branching stories and wording."""

from dataclasses import replace

import pytest
from clean_course import CLEAN, course, lesson, reworded

from course.lint import lint
from course.model import Choice, Ending, Model, Node, Place, Prose, Scenario


def test_a_hard_lesson_names_its_hardest_paragraph():
    easy = "The man waits at the door. You nod and say hello to him. " * 2
    hard = "International security organizations require considerable preparation. " * 4
    parts = (Prose(easy, 10), Prose(f"## Why\n\n{hard}", 20))
    report = lint(course(lessons=(lesson(parts=parts),)))
    assert [(f.rule, f.level, str(f.place)) for f in report.findings] == [
        ("L-26", "E", "course/lessons/greeting/lesson.md:20")
    ]
    assert (
        "starts 'International security organizations require considerable preparation.'"
        in report.findings[0].what
    )


def gate(**changes):
    """A story of three decisions on each path, which breaks nothing."""

    def node(id_, *targets):
        return Node(
            id_,
            "A man waits.",
            tuple(Choice(c, "Go on.", "He nods.", t) for c, t in zip("abc", targets, strict=False)),
        )

    plain = Scenario(
        id="greeting-gate",
        title="At the gate",
        intro="You stand at the gate.",
        start="one",
        objective="greeting-first",
        claims=("S0-01",),
        nodes=(node("one", "two", "two"), node("two", "three", "three"), node("three", "fine", "bad")),
        endings=(
            Ending("fine", "Fine", "It ends well.", "best"),
            Ending("bad", "Bad", "It ends badly.", "worst"),
        ),
        models=(
            Model("best", "Well", ("one:a", "two:a", "three:a"), "He was heard."),
            Model("worst", "Badly", ("one:b", "two:b", "three:b"), "He was not."),
        ),
        lesson="greeting",
        place=Place("course/lessons/greeting/scenario.toml", 3),
        tags=("local-policy",),
    )
    return replace(plain, **changes), node


def story_fired(scenario):
    found = lint(course(lessons=(lesson(scenario=scenario),))).findings
    assert {str(f.place) for f in found} <= {"course/lessons/greeting/scenario.toml:3"}
    return [(f.rule, f.level) for f in found]


def test_the_clean_story_breaks_nothing():
    assert story_fired(gate()[0]) == []


def broken_stories():
    story, node = gate()
    one, two, three = story.nodes
    best, worst = story.models
    fine, bad = story.endings
    long = [node(f"n{n}", f"n{n + 1}", f"n{n + 1}") for n in range(1, 6)]
    yield (
        "a node without choices",
        "S-01",
        replace(story, nodes=(one, two, node("three", "fine", "bad", "four"), node("four"))),
    )
    yield (
        "a choice that leads nowhere",
        "S-01",
        replace(story, nodes=(one, two, node("three", "fine", "bad", "gone"))),
    )
    yield "a node never reached", "S-02", replace(story, nodes=(*story.nodes, node("lost", "fine", "bad")))
    yield (
        "an ending never reached",
        "S-02",
        replace(story, endings=(fine, bad, Ending("so", "So", "It ends.", "good"))),
    )
    loop = node("three", "fine", "bad", "loop"), node("loop", "round", "round"), node("round", "loop", "loop")
    yield "a loop without a way out", "S-03", replace(story, nodes=(one, two, *loop))
    yield (
        "a path of two decisions",
        "S-04",
        replace(story, nodes=(node("one", "two", "two", "three"), two, three)),
    )
    six = replace(
        story,
        start="n1",
        nodes=(*long, node("n6", "fine", "bad")),
        models=(
            replace(best, path=(*(f"n{n}:a" for n in range(1, 6)), "n6:a")),
            replace(worst, path=(*(f"n{n}:b" for n in range(1, 6)), "n6:b")),
        ),
    )
    yield "a path of six decisions", "S-04", six
    third = node("three", "fine", "bad", "so")
    yield (
        "two best endings",
        "S-05",
        replace(story, nodes=(one, two, third), endings=(fine, bad, Ending("so", "So", "It ends.", "best"))),
    )
    yield (
        "no worst ending",
        "S-05",
        replace(story, endings=(fine, replace(bad, rank="poor")), models=(best, worst)),
    )
    yield "no best model", "S-06", replace(story, models=(worst,))
    yield (
        "a model with a step that is no choice",
        "S-06",
        replace(story, models=(replace(best, path=("one:x",)), worst)),
    )
    yield "a model that jumps", "S-06", replace(story, models=(replace(best, path=("two:a",)), worst))
    yield "a model that stops short", "S-06", replace(story, models=(replace(best, path=("one:a",)), worst))
    yield (
        "a model with the wrong ending",
        "S-06",
        replace(story, models=(replace(best, path=("one:a", "two:a", "three:b")), worst)),
    )
    yield (
        "a node with one choice",
        "S-07",
        replace(
            story,
            nodes=(one, node("two", "three"), three),
            models=(best, replace(worst, path=("one:b", "two:a", "three:b"))),
        ),
    )
    yield "no tag local-policy", "L-35", replace(story, tags=())


@pytest.mark.parametrize(
    ("rule", "story"), [(r, s) for _, r, s in broken_stories()], ids=[n for n, _, _ in broken_stories()]
)
def test_one_story_rule_fires_on(rule, story):
    found = {r for r, _ in story_fired(story)}
    # Without a worst ending, a worst model cannot end at one.
    assert found == ({"S-05", "S-06"} if rule == "S-05" and len(story.endings) == 2 else {rule})


def test_a_loop_with_a_way_out_is_allowed():
    story, node = gate()
    back = node("three", "fine", "bad", "two")
    assert story_fired(replace(story, nodes=(*story.nodes[:2], back))) == []


ARTICLE = {
    "one.txt": "Officers who greet people early on keep the whole place calm. "
    "Ask the Night Gate Team of Boston City Hall."
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We greet people early on keep the whole place.", [("L-29", "E")]),  # 8 words, from greet to place
        ("They greet people early on keep it.", [("L-29", "W")]),  # 5 words
        ("They greet people early on, then.", []),  # 4 words
        ("I ask the Night Gate Team of Boston City Hall.", [("L-29", "E")]),  # 9 words, names or not
        ("I ask the Night Gate Team of Boston.", [("L-29", "E")]),  # 7 words
        ("I ask the Night Gate Team.", []),  # 5 words, of which 3 are parts of a name
    ],
)
def test_wording_shared_with_an_article_is_found(text, expected):
    report = lint(course(lessons=(lesson(parts=(Prose(text, 12),)),)), ARTICLE)
    assert [(f.rule, f.level) for f in report.findings] == expected
    assert {str(f.place) for f in report.findings} <= {"course/lessons/greeting/lesson.md:12"}


def test_a_shared_run_is_named_once_with_its_article():
    report = lint(course(reworded(CLEAN, a="Who greet people early on keep the whole place.")), ARTICLE)
    assert [f.what for f in report.findings if f.rule == "L-29"] == [
        "greeting-desk: shares 9 words in a row with one.txt: "
        "'who greet people early on keep the whole place'"
    ]


def test_an_empty_set_of_articles_is_refused():
    with pytest.raises(ValueError, match="no articles"):
        lint(course(CLEAN), {})


def test_another_language_is_not_judged_by_english_rules_and_the_report_says_so():
    report = lint(course(CLEAN, language="pt"))
    assert [rule for rule, _ in report.not_judged if rule in {"L-26", "L-27"}] == ["L-26", "L-27"]
