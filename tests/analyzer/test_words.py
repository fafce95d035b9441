"""Singular and plural, as identifiers have them."""

import pytest

from analyzer.words import singular


@pytest.mark.parametrize(
    "words",
    [
        "addresses address",
        "aliases alias",
        "boxes box",
        "branches branch",
        "caches cache",
        "companies company",
        "databases database",
        "houses house",
        "ids ids",
        "licenses license",
        "movies movie",
        "orders order",
        "processes process",
        "quizzes quiz",
        "statuses status",
    ],
)
def test_a_plural_and_its_singular_are_one_word(words: str) -> None:
    many, one = words.split()
    assert singular(many) == singular(one) == one
