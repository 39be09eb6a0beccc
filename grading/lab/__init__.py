"""Pages for graders inside JupyterLab's own server, next to nbgrader's formgrader, which links to them.

Pages of the server, and not widgets in a grader's notebook, because scoring needs no kernel; because several
graders can work on one class at once, and only one program, this server, then writes what they score into
nbgrader's gradebook, under the same lock as every command; because JupyterLab, Notebook 7 and JupyterHub
show the same page without an extension for each; and because a notebook keeps what it shows in its file,
where one grader's scores and all students' texts would lie open.

Each page is a module with `ROUTES`; what it shows comes from `pages/` and `static/`, and no program stands
inside a page (see `web`).
"""

from collections.abc import Callable
from typing import Any

LINKS = (("grading/live", "Class now"), ("grading/reflections", "Reflections"))
"""Address under the server's own and name of each page, in the order of the formgrader's side bar."""

_SIDE_BAR_END = "{%- endblock -%}\n        </ul>"
_ADDED_BY = "course_grading_pages"


def add_pages(web_app: Any) -> None:
    """Put our pages into a running server; doing it twice is the same as once.

    Parameters
    ----------
    web_app : Jupyter Server's tornado application, with the formgrader's settings in it.
    """
    from jupyter_server.utils import url_path_join

    from grading.lab import live, reflections, web

    if web_app.settings.get(_ADDED_BY):
        return
    web_app.settings[_ADDED_BY] = True
    base = web_app.settings["base_url"]
    routes = [*web.ROUTES, *live.ROUTES, *reflections.ROUTES]
    web_app.add_handlers(".*$", [(url_path_join(base, path), *rest) for path, *rest in routes])


def side_bar_loader(folder: str) -> Any:
    """Return a loader of nbgrader's templates in `folder` that adds our links below its side bar's own.

    Every template of nbgrader's fills the side bar anew, so the links stand outside of what they fill. A base
    template that is not as we know it is left as it is.
    """
    from jinja2 import FileSystemLoader

    class WithLinks(FileSystemLoader):
        """nbgrader's templates, the base of all with our links in it."""

        def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:
            """Return a template's text."""
            source, name, is_fresh = super().get_source(environment, template)
            if template == "base.tpl":
                listed = "".join(
                    f'<li role="presentation"><a href="{{{{ base_url }}}}/{path}">{title}</a></li>\n'
                    for path, title in LINKS
                )
                source = source.replace(_SIDE_BAR_END, f"{{%- endblock -%}}\n{listed}        </ul>", 1)
            return source, name, is_fresh

    return WithLinks([folder])


__all__ = ["LINKS", "add_pages", "side_bar_loader"]
