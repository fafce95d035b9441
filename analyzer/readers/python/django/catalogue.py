"""Moved to `analyzer.readers.python.catalogue`; this name goes away."""

from analyzer.readers.python.catalogue import Catalogue, Model, ModelField, RelationKind

__all__ = ["Catalogue", "Model", "ModelField", "RelationKind"]
