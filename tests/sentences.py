"""What people read, as the repository writes it: errors and toasts, documents of operations, the command line, templates.

What is filled in stands as `{}`.
"""

import ast
import re
from collections.abc import Iterator

TOLD = {"help", "description", "summary", "says", "when"}  # keywords of commands, settings, fields and operations
DOORS = {"operation", "command", "group"}  # what makes the docstring of a function a text for people
ATTRIBUTES = re.compile(r'\b(?:aria-label|placeholder|title|alt|hx-confirm|data-confirm)="([^"]*)"')
FILLED_IN = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def raised(trees: list[ast.Module]) -> list[str]:
    """Texts of errors and toasts."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    kinds = {"PindeckError"}
    while (
        more := {n.name for n in nodes if isinstance(n, ast.ClassDef) and kinds & {_name(base) for base in n.bases}}
        - kinds
    ):
        kinds |= more
    return [said for node in nodes if isinstance(node, ast.Call) for said in _said(node, kinds) if said]


def documented(trees: list[ast.Module]) -> list[str]:
    """Docstrings of operations and commands, each in one line."""
    return [
        " ".join(text.split())
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and DOORS & {_name(each) for each in node.decorator_list}
        if (text := ast.get_docstring(node))
    ]


def described(trees: list[ast.Module]) -> list[str]:
    """What the command line prints, and what describes its options, settings, fields and answers."""
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    printed = [_text(each) for call in calls if _name(call) == "echo" for each in call.args[:1]]
    told = [_text(keyword.value) for call in calls for keyword in call.keywords if keyword.arg in TOLD]
    return [text for text in printed + told if text]


def shown(template: str) -> list[str]:
    """The texts of a template: between its tags, in attributes that are read, and in quotes of what is filled in."""
    plain = re.sub(r"\{#.*?#\}|<!doctype[^>]*>", "", template, flags=re.DOTALL)
    quoted = re.findall(r'"([A-Z][^"]* [^"]*)"', " ".join(FILLED_IN.findall(plain)))
    written = FILLED_IN.sub("{}", plain)
    texts = [*re.findall(r"(?:>|^)([^<>]+)(?=<|$)", written), *ATTRIBUTES.findall(written), *quoted]
    return [" ".join(text.split()) for text in texts if re.search(r"[A-Za-z]", text)]


def _said(call: ast.Call, kinds: set[str]) -> Iterator[str]:
    name = _name(call)
    if name in kinds:
        yield from map(_text, call.args[:1])
    if name == "invalid":
        yield from map(_text, call.args[1:2])
    yield from (_text(keyword.value) for keyword in call.keywords if keyword.arg == "toast")


def _text(node: ast.expr | None) -> str:
    """What is written, with `{}` for what is filled in; empty for what is not written in place."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(value) if isinstance(value, ast.Constant) else "{}" for value in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _name(node: ast.expr) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
