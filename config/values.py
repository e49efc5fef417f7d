"""Values in templates, found and written by the shortest way where they are plain, and by Django's way where not.

Django asks of every value whether it is a lazy one, an instant, a number, something that can be called. Nearly all are
words that lie in a dict or a row, and asking takes longer than everything else that a page does.
"""

import html
from collections.abc import Iterator
from typing import Any, Self, override

from django.template import Context, Node, Variable
from django.template.base import FilterExpression, VariableNode, render_value_in_context
from django.template.smartif import TokenBase
from django.utils.safestring import SafeString


class Path(Variable):
    """A variable that is looked for in dicts by key and in other objects by attribute."""

    __slots__ = ("_first", "_rest")

    @classmethod
    def of(cls, variable: Variable) -> Self:
        """Return the same variable; its words are those of a template, so that they are known to be allowed."""
        found = cls(variable.var)
        found._first, *found._rest = variable.lookups
        return found

    @override
    def resolve(self, context: Any) -> Any:
        """Return the value. Raises VariableDoesNotExist."""
        for names in reversed(context.dicts):
            if self._first in names:
                value = names[self._first]
                break
        else:
            return super().resolve(context)
        for word in self._rest:
            if callable(value):
                return super().resolve(context)
            kind = type(value)
            if kind is dict:
                if word not in value:
                    return super().resolve(context)
                value = value[word]
            elif getattr(kind, "__getitem__", tuple.__getitem__) is tuple.__getitem__ and hasattr(value, word):
                value = getattr(value, word)  # no words are keys of a row, nor of what has no keys
            else:
                return super().resolve(context)
        return super().resolve(context) if callable(value) else value


class Value(VariableNode):
    """`{{ a value }}`, with its filters."""

    @override
    def render_annotated(self, context: Context) -> str:
        """Return what the page says."""
        expression = self.filter_expression
        try:
            value = expression.resolve(context) if expression.filters else expression.var.resolve(context)
        except Exception:  # noqa: BLE001 - Django knows what becomes of it
            return super().render_annotated(context)
        kind = type(value)
        if kind is SafeString:
            return value
        if kind is str and context.autoescape:
            return html.escape(value)
        return render_value_in_context(value, context)


def quicken(node: Node) -> Node:
    """Return the node with its variables as paths; one that only shows a value becomes a Value."""
    for expression in _expressions(list(vars(node).values())):
        if type(expression.var) is Variable and expression.var.lookups and not expression.var.translate:
            expression.var = Path.of(expression.var)
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
