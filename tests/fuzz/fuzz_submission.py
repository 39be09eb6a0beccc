"""Coverage-guided fuzzing of the reader: `make fuzz`, or `python tests/fuzz/fuzz_submission.py -runs=100000`.

What must hold is in oracle.py. A finding is written to build/ as crash-..., timeout-... or oom-...; run the
script with that file's name to see it again, mend the reader, and make it a case of tests/submissions/. The
options are libFuzzer's. atheris, the fuzzer, exists for Linux only: pip install -e ".[fuzz]".
"""

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

with atheris.instrument_imports(include=["grading"]):
    import grading.answer_cells
    import grading.gradedcopy
    import grading.handedin
    import grading.notebook_json
    import grading.released
    import grading.submission
    import grading.verdict  # noqa: F401 - only what is instrumented before the oracle imports it is followed

from corpus import all_cases, code_cell, honest_notebook  # noqa: E402
from oracle import check, check_notebook  # noqa: E402

from grading.handedin import parse_time, written_time  # noqa: E402

SEEDS = ROOT / "build" / "fuzz"
FILE, CODE, TEXT, TIME = b"f", b"c", b"r", b"t"
"""The first letter of an input says what the rest is: a file, code cells, reflections, or a timestamp."""
BETWEEN = "\x1e"
WORDS = r"""
ask(
ask("gate-word"
course.ask
ａｓｋ
aſk
item_id="gate-word"
answer="c"
answer=["a","d"]
answer=None
"gate-signs"
"gate-log"
lambda:
**{
f"
%%
"nbformat":4
"cells":[
"cell_type":"code"
"source":
"metadata":{
"course":{"prompt":"gate-story"}
"nbgrader":{"grade_id":"gate-plan"}
NaN
\ud800
\u0063
\x63
2026-03-02 09:30:00
 UTC
+0200
Europe/Berlin
""".strip("\n").splitlines()
"""What is worth trying to put in."""


def one_input(data: bytes) -> None:
    """Read one input in the way that its first letter asks for."""
    kind, rest = data[:1], data[1:]
    if kind == FILE:
        check(rest)
        return
    text = rest.decode("utf-8", "replace")
    if kind == CODE:
        cells = [code_cell(str(number), source) for number, source in enumerate(text.split(BETWEEN))]
        check_notebook({"nbformat": 4, "cells": cells})
    elif kind == TEXT:
        notebook = honest_notebook()
        marks = [{"course": {"prompt": "gate-story"}}, {"course": {"prompt": "gate-plan"}}]
        for number, source in enumerate(text.split(BETWEEN)[:8]):
            cell = {"cell_type": "markdown", "metadata": marks[number % 2], "source": source}
            notebook["cells"].append(cell)
        check_notebook(notebook)
    elif kind == TIME:
        time = parse_time(text)
        assert time is None or parse_time(written_time(time)) == time


def make_seeds() -> None:
    """Write every case as a first input, and the words worth trying."""
    SEEDS.mkdir(parents=True, exist_ok=True)
    for case in all_cases():
        if case.data is not None and len(case.data) < 20_000:
            (SEEDS / f"file-{case.name}").write_bytes(FILE + case.data)
        code = [source for id_, source in case.cells.items() if id_.startswith("ask-")]
        texts = [source for id_, source in case.cells.items() if id_.startswith("answer-")]
        for kind, sources in ((CODE, [*code, case.added] if case.added else code), (TEXT, texts)):
            if sources:
                written = BETWEEN.join(sources).encode("utf-8")
                (SEEDS / f"{kind.decode()}-{case.name}").write_bytes(kind + written)
        (SEEDS / f"t-{case.name}").write_bytes(TIME + case.time.encode("utf-8"))
    lines = ["".join(f"\\x{byte:02x}" for byte in word.encode("utf-8")) for word in [*WORDS, BETWEEN]]
    text = "".join(f'"{line}"\n' for line in lines)
    (SEEDS.parent / "fuzz.dict").write_text(text, encoding="ascii")


def main() -> None:
    """Fuzz with the options given."""
    make_seeds()
    limits = ["-timeout=2", "-rss_limit_mb=1500", "-max_len=20000"]
    limits += [f"-dict={SEEDS.parent / 'fuzz.dict'}", f"-artifact_prefix={SEEDS.parent}/"]
    given = [*sys.argv[1:]]
    places = [] if any(not option.startswith("-") for option in given) else [str(SEEDS)]
    atheris.Setup([sys.argv[0], *limits, *given, *places], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
