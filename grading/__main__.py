"""Run the grading command with ``python -m grading``."""

from grading.cli import main

main(prog_name="python -m grading")
