"""Running a class: release, collect, grade by reading, feedback, reports."""
