"""The errors for people: where they are, and the tree that their module draws."""

from __future__ import annotations

import re

from evcli import errors

TREE = re.compile(r"^ {4}([│├└─ ]*)([A-Z]\w+)", re.MULTILINE)


def test_the_drawn_tree_is_the_tree_of_classes() -> None:
    drawn: dict[str, str] = {}
    path: list[str] = []
    for branch, name in TREE.findall(errors.__doc__ or ""):
        path[len(branch) // 4 :] = [name]
        drawn[name] = path[-2] if len(path) > 1 else "Exception"

    classes = {
        name: each.__base__.__name__
        for name, each in vars(errors).items()
        if isinstance(each, type) and each.__module__ == errors.__name__
    }
    assert drawn == classes
