"""Lets `python -m course` stand for the `course` command."""

from course.cli import main

main(prog_name="course")
