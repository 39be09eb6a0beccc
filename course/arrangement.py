"""The order in which options are shown: drawn by a stored seed, never arranged by hand."""

import hashlib
from collections.abc import Sequence
from string import ascii_uppercase

from course.model import Item, Option


def display_order(ids: Sequence[str], *, seed: int, item_id: str, user: str = "") -> list[str]:
    """Return option ids in the order one learner sees them; `user` "" is the order on paper.

    Each option is ranked by the SHA-256 digest of ``seed``, ``user``, ``item_id`` and its own id, joined
    by line feeds. So the order is the same at every printing and on every machine, and can be worked out
    again later. It is display only: answers hold ids.
    """

    def rank(option: str) -> bytes:
        return hashlib.sha256("\n".join([str(seed), user, item_id, option]).encode()).digest()

    return sorted(ids, key=rank)


def printed(item: Item, seed: int) -> list[tuple[str, Option]]:
    """Return the options of an item as they stand on paper, each with its letter A, B, C..."""
    by_id = {option.id: option for option in item.options}
    order = display_order(list(by_id), seed=seed, item_id=item.id)
    return [(letter, by_id[id_]) for letter, id_ in zip(ascii_uppercase, order, strict=False)]


def key_position(item: Item, seed: int) -> int:
    """Return where the first key stands on paper, counted from 0."""
    return next(n for n, (_, option) in enumerate(printed(item, seed)) if option.id in item.key)
