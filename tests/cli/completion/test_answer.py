"""Reading an unfinished line as a shell would."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.cli.completion.answer import count_broken_off, escape, split_line

BREAKS = " \t\n\"'@><=;|&(:"


@pytest.mark.parametrize(
    ("text", "words", "current", "quote"),
    [
        ("", [], "", ""),
        ("evcli", [], "evcli", ""),
        ("evcli ", ["evcli"], "", ""),
        ("evcli put-rule --na", ["evcli", "put-rule"], "--na", ""),
        ("evcli --name 'a b' c", ["evcli", "--name", "a b"], "c", ""),
        ('evcli --name "a b', ["evcli", "--name"], "a b", '"'),
        ("evcli --name 'a\\", ["evcli", "--name"], "a\\", "'"),
        ("evcli a\\ b", ["evcli"], "a b", ""),
        ('evcli "a\\"b\\c', ["evcli"], 'a"b\\c', '"'),
        ("evcli ''", ["evcli"], "", ""),
        ("evcli '' ", ["evcli", ""], "", ""),
        ("ls | evcli put", ["evcli"], "put", ""),
        ("ls;evcli ", ["evcli"], "", ""),
        ("x=$(evcli put", ["evcli"], "put", ""),
    ],
)
def test_words_are_those_of_the_shell(
    text: str, words: list[str], current: str, quote: str
) -> None:
    line = split_line(text)

    assert (line.words, line.current, line.quote) == (words, current, quote)


@given(words=st.lists(st.text(min_size=1)))
def test_quoted_words_come_back(words: list[str]) -> None:
    text = "".join(f"{shlex.quote(word)} " for word in words)

    line = split_line(text)

    assert (line.words, line.current, line.quote) == (words, "", "")


@given(word=st.text().filter(lambda text: "\n" not in text))
def test_an_escaped_word_comes_back(word: str) -> None:
    assert split_line(escape(word)).current == word


@given(text=st.text("a\"'\\ \t;|$(\n", max_size=20))
def test_no_line_is_too_odd(text: str) -> None:
    line = split_line(text)

    assert all(isinstance(word, str) for word in [*line.words, line.current])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("evcli --output", 0),
        ("evcli --output=js", len("--output=")),
        ("evcli arn:aws:ev", len("arn:aws:")),
        ("evcli file://a=b/c", len("file://a=")),
        ("evcli 'arn:aws:ev", 0),
    ],
)
def test_bash_replaces_what_stands_behind_the_last_break(text: str, count: int) -> None:
    assert count_broken_off(split_line(text), BREAKS) == count
