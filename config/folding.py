"""Templates whose constant parts are rendered once, when a process first loads them.

Translated words, addresses without a variable and names of static files are half of the work of a page, and come out
the same each time: a site speaks one language (LANGUAGE_CODE). In a template plain text takes their place.
"""

from typing import Any, override

from django.template import Context, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode, Variable
from django.template.defaulttags import CommentNode, LoadNode, URLNode
from django.template.loaders import cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch


class Loader(cached.Loader):
    """Django's cached loader, which folds what it keeps."""

    @override
    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """Return the template, folded when it is loaded for the first time."""
        template = super().get_template(template_name, skip)
        if not getattr(template, "is_folded", False):
            context = Context()
            with context.bind_template(template):
                fold(template.nodelist, context)
            template.is_folded = True  # type: ignore[attr-defined] # a mark of ours
        return template


def fold(nodes: NodeList, context: Context) -> None:
    """Put text in place of the constant nodes, at every depth, and join text that then stands side by side."""
    folded: list[Node] = []
    for node in nodes:
        for inner in _inside(node):
            fold(inner, context)
        text = _text(node, context)
        if text is None:
            folded.append(node)
        elif folded and isinstance(folded[-1], TextNode):
            folded[-1] = TextNode(folded[-1].s + text)
        else:
            folded.append(TextNode(text))
    nodes[:] = folded


def _inside(node: Node) -> list[NodeList]:
    """Return the lists of nodes that a node holds; those of {% if %} stand beside their conditions."""
    if branches := getattr(node, "conditions_nodelists", None):
        return [nodes for _condition, nodes in branches]
    held = (getattr(node, name, None) for name in node.child_nodelists)
    return [nodes for nodes in held if isinstance(nodes, NodeList)]


def _text(node: Node, context: Context) -> str | None:
    """Return what a node always says, None for one that may say different things."""
    if isinstance(node, TextNode):
        return node.s
    if not _is_constant(node):
        return None
    try:
        return str(node.render(context))
    except (
        NoReverseMatch,
        ValueError,
    ):  # An address or a file that this machine does not have: told when it is asked for.
        return None


def _is_constant(node: Node) -> bool:
    """Return whether a node is of a kind that we know, and names nothing that differs between two pages."""
    if type(node) in (LoadNode, CommentNode):
        return True
    if type(node) is TranslateNode:
        return node.asvar is None and node.message_context is None and _is_literal(node.filter_expression)
    if type(node) is BlockTranslateNode:
        parts = node.extra_context, node.countervar, node.message_context, node.asvar
        return not any(parts) and not node.render_token_list(node.singular)[1]
    if type(node) is URLNode:
        words = [node.view_name, *node.args]
        return (
            node.asvar is None and not node.kwargs and all(map(_is_literal, words)) and ":" not in node.view_name.token
        )
    return type(node) is StaticNode and node.varname is None and _is_literal(node.path)


def _is_literal(expression: FilterExpression) -> bool:
    """Return whether an expression is quoted words and nothing else."""
    if expression.filters:
        return False
    return not isinstance(expression.var, Variable) or isinstance(expression.var.literal, str)
