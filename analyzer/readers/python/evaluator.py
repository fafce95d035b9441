"""The frame that evaluates: names, attributes, expressions and operations put together."""

from analyzer.readers.python.attributes import attribute
from analyzer.readers.python.evaluation import value_of
from analyzer.readers.python.frame import Frame


class Evaluator(Frame):
    """A frame whose expressions can be evaluated; the functions stand in as its methods."""

    __slots__ = ()
    value = value_of
    attribute = attribute
