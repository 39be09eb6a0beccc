"""Run the grading command with ``python -m grading``."""

from grading.cli import main

main()
