"""The types of SQL's values, followed through the models as far as they are known.

Trees of SQL in, errors out: it runs nothing. What is not known for certain is never wrong.
"""

from tillpost.types.check import Declared, Followed, declared_by, follow_types
from tillpost.types.families import Type, type_named

__all__ = ["Declared", "Followed", "Type", "declared_by", "follow_types", "type_named"]
