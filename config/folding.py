"""Templates whose constant parts are rendered once, when a process first loads them.

Translated words, addresses without a variable and names of static files are half of the work of a page, and come out
the same each time: a site speaks one language (LANGUAGE_CODE). In a template plain text takes their place.
"""

import threading
from typing import Any, Self, cast, override

from django.core.validators import slug_re
from django.template import Context, Engine, Node, NodeList, Template, TemplateDoesNotExist
from django.template.base import FilterExpression, TextNode, Variable
from django.template.defaulttags import CommentNode, LoadNode, URLNode, WithNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.template.loaders import cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, reverse

from config.values import quicken


class Loader(cached.Loader):
    """Django's cached loader, which folds what it keeps."""

    def __init__(self, engine: Engine, loaders: Any) -> None:
        """Take what Django's own takes."""
        super().__init__(engine, loaders)
        self._turn = threading.RLock()  # a template includes others while it is folded

    @override
    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """Return the template, folded; whoever asks for it meanwhile waits, and never sees it half done."""
        kept = self.get_template_cache.get(self.cache_key(template_name, skip))
        if getattr(kept, "is_folded", False):
            return cast("Template", kept)
        with self._turn:
            return self._folded(super().get_template(template_name, skip))

    def _folded(self, template: Template) -> Template:
        if not hasattr(template, "is_folded"):
            template.is_folded = False  # type: ignore[attr-defined] # a mark of ours: begun
            context = Context()
            with context.bind_template(template):
                fold(template.nodelist, context, self.engine)
            template.is_folded = True  # type: ignore[attr-defined]
        return template


def fold(nodes: NodeList, context: Context, engine: Engine) -> None:
    """Put text in place of the constant nodes, at every depth, and join text that then stands side by side.

    What other templates are included stands there as well, so that nobody has to look for it.
    """
    folded: list[Node] = []
    for node in nodes:
        if included := _included(node, context, engine):
            folded.append(included)
            continue
        for inner in _inside(node):
            fold(inner, context, engine)
        text = _text(node, context)
        if text is None:
            folded.append(_Address.of(node) or quicken(node))
        elif folded and isinstance(folded[-1], TextNode):
            folded[-1] = TextNode(folded[-1].s + text)
        else:
            folded.append(TextNode(text))
    nodes[:] = folded


def _included(node: Node, context: Context, engine: Engine) -> Node | None:
    """Return what {% include %} includes, in a scope of its own; None for other nodes, and where it is not certain."""
    if type(node) is not IncludeNode or node.isolated_context or not _is_literal(node.template):
        return None
    try:
        included = engine.get_template(node.template.resolve(context))
    except TemplateDoesNotExist:
        return None
    if not getattr(included, "is_folded", False):  # It includes itself.
        return None
    if any(included.nodelist.get_nodes_by_type(kind) for kind in (BlockNode, ExtendsNode)):
        return None
    return WithNode(None, None, included.nodelist, node.extra_context)


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
    except (NoReverseMatch, ValueError):  # no such address or file on this machine: told when it is asked for
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
        return node.asvar is None and not node.kwargs and _is_ours(node) and all(map(_is_literal, node.args))
    return type(node) is StaticNode and node.varname is None and _is_literal(node.path)


def _is_ours(node: URLNode) -> bool:
    """Return whether an address has one known name, in no namespace: which one that is would depend on the request."""
    return _is_literal(node.view_name) and ":" not in node.view_name.token


def _is_literal(expression: FilterExpression) -> bool:
    """Return whether an expression is quoted words and nothing else."""
    if expression.filters:
        return False
    return not isinstance(expression.var, Variable) or isinstance(expression.var.literal, str)


class _Address(Node):
    """An address of which one word differs: what stands before it and behind it is looked up once."""

    child_nodelists = ()

    def __init__(self, node: URLNode, before: str, behind: str) -> None:
        """Take Django's node, for words that are no slug."""
        self.node, self.before, self.behind = node, before, behind
        (self.word,) = node.args

    @classmethod
    def of(cls, node: Node) -> Self | None:
        """Return the same address with its parts known, None for what is no address with one slug in it."""
        if type(node) is not URLNode or node.asvar or node.kwargs or len(node.args) != 1 or not _is_ours(node):
            return None
        name = node.view_name.resolve(Context())
        try:
            parts = [reverse(name, args=[slug]).split(slug) for slug in ("a-slug", "b_2")]
        except NoReverseMatch:
            return None
        return cls(node, *parts[0]) if parts[0] == parts[1] and len(parts[0]) == 2 else None

    @override
    def render(self, context: Context) -> str:
        """Return the address."""
        word = self.word.resolve(context)
        if type(word) is str and slug_re.fullmatch(word):
            return f"{self.before}{word}{self.behind}"
        return self.node.render(context)
