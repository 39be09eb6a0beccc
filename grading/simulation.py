"""A simulated class: who hands in what and when, drawn from a stored seed. No real person is meant."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from course.model import Item, Prompt
from course.scoring import Answer

GIVEN_NAMES = (
    "Ada",
    "Ben",
    "Chloe",
    "Dev",
    "Elena",
    "Farid",
    "Grace",
    "Hugo",
    "Imani",
    "Jonas",
    "Kemal",
    "Lucia",
    "Mina",
    "Noah",
    "Olga",
    "Pedro",
    "Quinn",
    "Rosa",
    "Samir",
    "Tessa",
    "Umar",
    "Vera",
    "Wen",
    "Yusuf",
)
SENTENCES = (
    "I work at the front desk of an office building in the early shift.",
    "Most people know me by now, but a new driver comes in nearly each day.",
    "Last week a woman stood at the lift and looked at the sign for a long time.",
    "I got up, said good morning and asked her which floor she was looking for.",
    "She laughed, and on her way out she came back to say thank you.",
    "When it is full I still look at my screen too long and forget to look up.",
    "Next week I want to greet each driver first, before I ask for the delivery note.",
    "My supervisor said that this small thing changed the mood at the gate.",
)
"""What the simulated class writes where only the length earns points: plain talk about a post."""
FAMILY_NAME = "(simulated)"
"""Every made-up student carries it, so that no list or report passes for a real class."""
ABILITY_MEAN, ABILITY_SD, DIFFICULTY_SD = 0.9, 1.0, 0.9
"""On the logit scale of the Rasch model; the mean stands for a class that has been taught."""
GROWTH = 1.5
"""How much lower the ability of each of them was before the course, on the same scale."""


@dataclass(frozen=True)
class SimulatedStudent:
    """One made-up student. `habit` is on time, late, absent, half done or short."""

    id: str
    given_name: str
    ability: float
    habit: str


@dataclass(frozen=True)
class SimulatedWork:
    """What a student handed in: item id -> answer, prompt id -> text, and when, in UTC."""

    student: SimulatedStudent
    handed_in: datetime
    answers: Mapping[str, Answer]
    reflections: Mapping[str, str]


def simulate_class(
    seed: int, size: int = 24, *, occasion: str = "", taught: bool = True
) -> tuple[SimulatedStudent, ...]:
    """Return `size` students, the same for the same seed; some are late, absent or stop half-way.

    Parameters
    ----------
    occasion : an assignment, say: on another one, others are late or absent.
    taught : whether the course is behind them; before it, their ability is lower by `GROWTH`.
    """
    rng = random.Random(f"{seed}/class")  # noqa: S311 - a simulation, not a secret
    habits = (
        ["absent"] * (size // 12)
        + ["late"] * (size // 8)
        + ["half done"] * (size // 8)
        + ["short"] * (size // 12)
    )
    habits += ["on time"] * (size - len(habits))
    rng.shuffle(habits)
    if occasion:
        random.Random(f"{seed}/class/{occasion}").shuffle(habits)  # noqa: S311
    return tuple(
        SimulatedStudent(
            id=f"sim{number + 1:02d}",
            given_name=GIVEN_NAMES[number % len(GIVEN_NAMES)],
            ability=rng.gauss(ABILITY_MEAN, ABILITY_SD) - (0 if taught else GROWTH),
            habit=habit,
        )
        for number, habit in enumerate(habits)
    )


def simulate_work(
    student: SimulatedStudent,
    items: Sequence[Item],
    prompts: Sequence[Prompt],
    texts: Mapping[str, Sequence[str]],
    *,
    due: datetime,
    seed: int,
) -> SimulatedWork | None:
    """Return what a student hands in for an assignment, or None where the student was absent.

    An option is judged rightly with probability c + (1 - c) / (1 + exp(-(ability - difficulty))), the
    three-parameter logistic model with slope 1 and c the share of blind luck (Birnbaum 1968); item
    difficulties are drawn from the seed and the item's id.

    Parameters
    ----------
    texts : prompt id -> texts to choose a reflection from. A prompt without texts stays unanswered, unless
        its length alone earns its points; then the text is long enough, but for those who write short ones.
    due : the due date, UTC; late work follows it by one to three days.
    """
    if student.habit == "absent":
        return None
    rng = random.Random(f"{seed}/{student.id}/{'/'.join(item.id for item in items)}")  # noqa: S311
    answers = {item.id: _answer(student, item, seed, rng) for item in items}
    if student.habit == "half done":
        for item in items[math.ceil(len(items) / 2) :]:
            answers[item.id] = None
    reflections = {}
    for prompt in prompts:
        choices = texts.get(prompt.id, ())
        if student.habit == "half done":
            continue
        if prompt.by_length and not choices:
            reflections[prompt.id] = _plain_text(student, prompt, rng)
        elif choices:
            text = choices[rng.randrange(len(choices))]
            reflections[prompt.id] = text[:180].rsplit(" ", 1)[0] + "." if student.habit == "short" else text
    late = (
        timedelta(hours=rng.uniform(20, 70))
        if student.habit == "late"
        else -timedelta(hours=rng.uniform(1, 60))
    )
    return SimulatedWork(student, (due + late).replace(microsecond=0), answers, reflections)


def _plain_text(student: SimulatedStudent, prompt: Prompt, rng: random.Random) -> str:
    """Return a text that is just long enough, or half as long where the student writes short ones."""
    words: list[str] = []
    for sentence in rng.sample(SENTENCES, len(SENTENCES)):
        if len(words) < prompt.words[0]:
            words += sentence.split()
    return " ".join(words[: prompt.words[0] // 2] if student.habit == "short" else words)


def _answer(student: SimulatedStudent, item: Item, seed: int, rng: random.Random) -> Answer:
    """Return one answer to an item."""
    difficulty = random.Random(f"{seed}/{item.id}").gauss(0, DIFFICULTY_SD)  # noqa: S311
    knows = 1 / (1 + math.exp(difficulty - student.ability))
    if item.kind == "single":
        if rng.random() < knows:
            return item.key[0]
        return rng.choice([option.id for option in item.options])
    ticked = [
        option.id
        for option in item.options
        if (option.id in item.key) == (rng.random() < knows + (1 - knows) / 2)
    ]
    return sorted(ticked) or None
