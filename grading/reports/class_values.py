"""What a class report says, as values; the page, the PDF and the plots are made from these alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

FEW = 50
"""Below so many students the report prints counts, and says that it can only hint."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; NaN with the reason in words where it is undefined or not told."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    reason: str = ""

    @property
    def known(self) -> bool:
        """Return whether there is a figure to tell."""
        return not math.isnan(self.value)

    @property
    def has_interval(self) -> bool:
        """Return whether there is an interval to tell."""
        return not (math.isnan(self.low) or math.isnan(self.high))


@dataclass(frozen=True)
class Share:
    """A count of how many, as a share from 0 to 1 with its Wilson interval; credit in parts may add up."""

    count: float
    of: int
    low: float = math.nan
    high: float = math.nan

    @property
    def share(self) -> float:
        """Return the share; NaN of nobody."""
        return self.count / self.of if self.of else math.nan


@dataclass(frozen=True)
class Summary:
    """The class as a whole. Scores are in questions: each counts 1, a part of its points a part of 1.

    `counted` students have an answer to each question that could be read; mean, spread, reliability and
    histogram are theirs. `waiting` have something that a person still has to grade.
    """

    students: int
    handed_in: int
    absent: int
    late: int
    unread: int
    counted: int
    waiting: int
    questions: int
    mean: float
    spread: float
    reliability: Estimate
    error: float
    """The standard error of measurement, in questions."""
    scores: Sequence[int]
    """Students by score: from 0 to less than `step`, and so on."""
    step: int = 1

    @property
    def few(self) -> bool:
        """Return whether the class is too small for verdicts."""
        return self.counted < FEW


@dataclass(frozen=True)
class Cut:
    """The pass mark, in questions, and how it was set."""

    questions: float
    how: str


@dataclass(frozen=True)
class Flag:
    """A sign that a question needs a look: its name, and what it means here."""

    name: str
    meaning: str
    surely: bool = True
    """False for "watch": there are too few students to be sure."""
    minor: bool = False
    """Whether it asks for a better wrong answer, and tells nothing against the question."""


@dataclass(frozen=True)
class OptionRow:
    """One option: who chose it, and how that goes with the rest of the test."""

    id: str
    text: str
    right: bool
    chosen: Share
    rest: Estimate
    idea: str = ""


@dataclass(frozen=True)
class Trace:
    """Who chose what, from the weakest group of scores to the strongest.

    `shares` goes by option, then group; `sizes` counts students.
    """

    groups: Sequence[str]
    sizes: Sequence[int]
    shares: Mapping[str, Sequence[Share]]


@dataclass(frozen=True)
class ItemRow:
    """One question, by its number in the assignment, with what is known of it."""

    number: int
    id: str
    stem: str
    vignette: str
    lesson: str
    objective: str
    several: bool
    version: int | None
    right: Share
    """Credit earned by those whose answer could be read or was scored by a person."""
    rest: Estimate
    """Correlation with the rest of the test."""
    options: Sequence[OptionRow]
    blank: int
    unreadable: int
    by_hand: int
    flags: Sequence[Flag] = ()
    trace: Trace | None = None
    history: Sequence[str] = ()
    """Key changes, in words."""

    def has(self, flag: str) -> bool:
        """Return whether the question has a flag of that name."""
        return any(one.name == flag for one in self.flags)

    @property
    def to_look_at(self) -> bool:
        """Return whether a flag is sure and not minor."""
        return any(flag.surely and not flag.minor for flag in self.flags)


@dataclass(frozen=True)
class IdeaRow:
    """One wrong idea: how often it was chosen of how often it could have been, by lesson and in all."""

    code: str
    wrong: str
    truth: str
    cells: Sequence[Share | None]
    all: Share
    alive: bool


@dataclass(frozen=True)
class IdeaMap:
    """The wrong ideas behind the options; `lessons` are the titles of the columns."""

    lessons: Sequence[str]
    rows: Sequence[IdeaRow]


@dataclass(frozen=True)
class GoalRow:
    """One objective: what the lesson offers, what was asked here, and how many answers were right."""

    id: str
    text: str
    lesson: str
    taught: int
    claims: int
    practice: int
    asked: int
    right: Share


@dataclass(frozen=True)
class AnchorRow:
    """One question that was asked before the course and again, for the students who did both."""

    number: int
    stem: str
    before: Share
    after: Share
    known_before: bool
    """Whether nearly everybody knew it before: such a question tells no growth."""


@dataclass(frozen=True)
class CriterionRow:
    """One rubric criterion: texts by level from 0."""

    title: str
    levels: Sequence[int]


@dataclass(frozen=True)
class AgreementRow:
    """How two readers of the same texts agree on one criterion; `reason` says why a figure is left out."""

    title: str
    texts: int
    exact: Share
    adjacent: Share
    kappa: Estimate
    """Cohen's kappa with quadratic weights."""
    kappa_linear: Estimate
    alpha: Estimate
    """Krippendorff's alpha, ordinal."""
    ac1: Estimate
    ac2: Estimate
    table: Sequence[Sequence[int]]
    """First reader's level, then the second's."""


@dataclass(frozen=True)
class PromptPart:
    """One reflection of the assignment: `graded` of `written` texts have their score."""

    id: str
    text: str
    points: float
    written: int
    graded: int
    missing: int
    mean: float
    by_length: bool
    criteria: Sequence[CriterionRow] = ()
    agreement: Sequence[AgreementRow] = ()
    third: int = 0
    """Texts that wait for a third reader."""


@dataclass(frozen=True)
class Reteach:
    """One thing for the next session."""

    what: str
    why: str
    say: str
    minutes: int


@dataclass(frozen=True)
class Talk:
    """A student to talk to, by id and name, with the reasons."""

    student: str
    name: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Rescoring:
    """One regrade: `changed` students got another score."""

    when: datetime
    who: str
    reason: str
    changes: Sequence[str]
    changed: int
    complete: bool


@dataclass(frozen=True)
class Audit:
    """What the figures rest on."""

    form: str
    seeds: Sequence[int]
    digests: Mapping[str, str]
    """Notebook -> digest of its released keys."""
    versions: str
    by_hand: int
    rescorings: Sequence[Rescoring]
    damaged: Sequence[str]


@dataclass(frozen=True)
class Rasch:
    """Students and questions on one scale, in logits."""

    abilities: Sequence[float]
    difficulties: Mapping[int, float]
    """Question number -> difficulty."""
    errors: Mapping[int, float]
    left_out: Sequence[int]
    """Questions that everybody, or nobody, got right."""


@dataclass(frozen=True)
class ClassReport:
    """The whole report of one assignment."""

    assignment: str
    title: str
    course: str
    language: str
    made: datetime
    summary: Summary
    cut: Cut | None
    items: Sequence[ItemRow]
    ideas: IdeaMap | None
    goals: Sequence[GoalRow]
    growth: Sequence[AnchorRow]
    prompts: Sequence[PromptPart]
    reteach: Sequence[Reteach]
    audit: Audit
    rasch: Rasch | None = None
    silent: Mapping[str, int] = field(default_factory=dict)
    """Flag -> students that it needs, where the class is too small for it."""
    notes: Sequence[str] = ()
    """What keeps the report from telling more, in sentences."""
    others: int = 0
    """Graded cells that only running code can grade; no statistics are made of them."""
