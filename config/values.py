"""Values in templates, found and written by the shortest way where they are plain, and by Django's way where not.

Django asks of every value whether it is a lazy one, an instant, a number, something that can be called. Nearly all are
words that lie in a dict or a row, and asking takes longer than everything else that a page does.
"""

import html
from collections.abc import Iterator
from typing import Any, cast, override

from django.template import Context, Node, Variable
from django.template.base import FilterExpression, VariableNode, render_value_in_context
from django.template.smartif import TokenBase
from django.utils.safestring import SafeString

_BY_NUMBER = tuple.__getitem__  # what has this, a row too, has no words for keys


class Path(Variable):
    """A variable that is looked for in dicts by key and in other objects by attribute."""

    __slots__ = ("_first", "_rest")
    _first: str
    _rest: tuple[str, ...]

    def __init__(self, variable: Variable) -> None:
        """Take a variable that is no literal."""
        super().__init__(variable.var)
        self._first, *rest = self.lookups or ()
        self._rest = tuple(rest)

    @override
    def resolve(self, context: Any) -> Any:
        """Return the value. Raises VariableDoesNotExist."""
        try:
            for names in reversed(context.dicts):
                if self._first in names:
                    value = names[self._first]
                    break
            else:
                return super().resolve(context)
            for word in self._rest:
                kind = type(value)
                if kind is dict:
                    value = value[word]
                elif getattr(kind, "__getitem__", _BY_NUMBER) is _BY_NUMBER and not callable(value):
                    value = getattr(value, word)
                else:
                    return super().resolve(context)
            if not callable(value):
                return value
        except Exception:  # noqa: BLE001, S110 - Django says what becomes of it
            pass
        return super().resolve(context)


class Value(VariableNode):
    """`{{ a value }}`, with its filters."""

    @override
    def render_annotated(self, context: Context) -> str:
        """Return what the page says."""
        expression = self.filter_expression
        try:
            value = expression.resolve(context) if expression.filters else expression.var.resolve(context)
        except Exception:  # noqa: BLE001 - Django says what becomes of it
            return cast("str", super().render_annotated(context))
        kind = type(value)
        if kind is SafeString:
            return cast("str", value)
        if kind is str and context.autoescape:
            return html.escape(value)
        written: str = render_value_in_context(value, context)
        return written


def quicken(node: Node) -> Node:
    """Return the node with its variables as paths; one that only shows a value becomes a Value."""
    for expression in _expressions(list(vars(node).values())):
        if type(expression.var) is Variable and expression.var.lookups and not expression.var.translate:
            expression.var = Path(expression.var)
    if type(node) is VariableNode and isinstance(node.filter_expression.var, Path):
        value = Value(node.filter_expression)
        value.token, value.origin = node.token, node.origin
        return value
    return node


def _expressions(thing: object) -> Iterator[FilterExpression]:
    """Yield the expressions that a tag holds: plainly, in lists and dicts, and in the conditions of {% if %}."""
    if isinstance(thing, FilterExpression):
        yield thing
    elif isinstance(thing, dict):
        yield from _expressions(list(thing.values()))
    elif isinstance(thing, list | tuple):
        for each in thing:
            yield from _expressions(each)
    elif isinstance(thing, TokenBase):
        yield from _expressions(list(vars(thing).values()))
