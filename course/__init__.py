"""Safe and Welcome: what is taught and how it is shown.

Notebooks use seven names: ``setup``, ``ask``, ``reflect``, ``scenario``, ``review``, ``recorded`` and
``written``. They are fetched from ``course.widgets`` on first use, so that ``import course`` stays cheap
where no notebook is open.
"""

from typing import Any

__all__ = ["ask", "recorded", "reflect", "review", "scenario", "setup", "written"]


def __getattr__(name: str) -> Any:
    """Return a widget function on first use (PEP 562)."""
    if name in __all__:
        from course import widgets

        return getattr(widgets, name)
    raise AttributeError(f"module 'course' has no attribute {name!r}")
