"""Files for other programs: a table for people, gradebooks of learning platforms, one row for each answer."""


class ExportError(Exception):
    """Nothing was written; the message says what to do."""
