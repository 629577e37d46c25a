"""The house rules of docs/architecture.md, read from the imports and the syntax trees. A breach fails here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

# Nothing here asks a database.
pytestmark = pytest.mark.sqlite_only
ROOT = Path(__file__).resolve().parent.parent
APPS = ("collab", "workgroups", "meetings")
# Which packages each may import (besides itself and what it stands on).
STANDS_ON = {"collab": set(), "workgroups": {"collab"}, "meetings": {"collab", "workgroups"}}
# Inside an app a layer imports only from its own or from layers to the left of it.
LAYERS = ("models", "rules", "queries", "domain", "forms", "fragments", "views", "api", "urls")
# The site map and the server's entry mount the apps; nothing else of the ground floor reaches up.
MOUNTS = {"collab/urls.py", "collab/asgi.py", "collab/settings.py"}


def sources() -> list[Path]:
    return [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """Return the dotted names a file imports, relative ones resolved."""
    module = module_of(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            names |= {f"{base}.{alias.name}" for alias in node.names} | {base}
    return names


def layer_of(module: str) -> str | None:
    """Return the layer of a module of an app: the first part of its path behind the app that is one."""
    parts = module.split(".")
    app_depth = 2 if parts[0] == "collab" else 1
    return parts[app_depth] if len(parts) > app_depth and parts[app_depth] in LAYERS else None


def app_of(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "collab" else parts[0]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downward(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    if name in MOUNTS:
        return
    module = module_of(path)
    app = module.split(".")[0]
    above = {other for other in APPS if other != app and other not in STANDS_ON[app]}
    reached = {imported for imported in imports_of(path) if imported.split(".")[0] in above}
    assert not reached, f"{name} reaches up to {sorted(reached)}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_layers_inside_an_app(path: Path) -> None:
    module = module_of(path)
    layer = layer_of(module)
    if layer is None or app_of(module) == "collab.live":
        return
    allowed = set(LAYERS[: LAYERS.index(layer) + 1])
    breaches = {
        imported
        for imported in imports_of(path)
        if app_of(imported) == app_of(module) and (other := layer_of(imported)) and other not in allowed
    }
    assert not breaches, f"{path.relative_to(ROOT)} ({layer}) imports {sorted(breaches)}"


def test_live_knows_only_who_is_who() -> None:
    for path in (ROOT / "collab" / "live").rglob("*.py"):
        if "migrations" in path.parts or "bench" in str(path):
            continue
        allowed = ("collab.network.models", "collab.network.queries")
        reached = {n for n in imports_of(path) if n.startswith("collab.network.") and not n.startswith(allowed)}
        assert not reached, f"{path.name} imports {sorted(reached)}"


def test_only_live_sends_to_the_channel_layer() -> None:
    senders = [path for path in sources() if "group_send" in path.read_text() and "bench" not in str(path)]
    assert [str(path.relative_to(ROOT)) for path in senders] == ["collab/live/announce.py"]


def test_no_signal_handlers() -> None:
    words = ("post_save", "signals.pre_save", "post_delete", "m2m_changed", "@receiver", "django.dispatch")
    found = [f"{path.relative_to(ROOT)}: {word}" for path in sources() for word in words if word in path.read_text()]
    assert not found


def test_models_do_not_work_in_save() -> None:
    """No side effects in save(): a model that overrides it would do work nobody can see from the domain function."""
    for path in sources():
        if "models" not in path.parts and path.name != "models.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            is_save = isinstance(node, ast.FunctionDef) and node.name in ("save", "delete")
            assert not is_save, f"{path.relative_to(ROOT)} overrides {getattr(node, 'name', '')}()"


WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}


def test_views_do_not_write() -> None:
    """Writes belong into domain/; a view that saves would skip lock, rule and record."""
    for path in sources():
        if layer_of(module_of(path)) not in ("views", "api", "forms", "fragments", "queries", "rules"):
            continue
        calls = [
            f"{path.relative_to(ROOT)}:{node.lineno} .{node.func.attr}()"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
        ]
        assert not calls, calls


def test_domain_functions_take_keywords_only() -> None:
    """A call reads like a sentence: record_decision(item=…, wording=…, by=…)."""
    for path in sources():
        if layer_of(module_of(path)) != "domain" or "demo" in path.name:
            continue
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if any(argument.arg == "by" for argument in node.args.kwonlyargs + node.args.args):
                assert not node.args.args, f"{path.relative_to(ROOT)}: {node.name} takes positional arguments"


def test_templates_have_no_inline_script_or_style() -> None:
    """The content security policy forbids it; a page that needs it would be broken in every browser."""
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        for word in (" style=", "<style", "onclick=", "javascript:", "hx-on", "|safe"):
            assert word not in text, f"{path.relative_to(ROOT)} contains {word}"
        assert "<script>" not in text, f"{path.relative_to(ROOT)} has an inline script"


def test_nobody_else_is_asked_for_anything() -> None:
    """GDPR: no third-party request, ever."""
    for folder in ("templates", "frontend/src"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".html", ".css", ".js"):
                for word in ("cdn.", "unpkg", "googleapis", "gstatic", 'src="http', "url(http"):
                    assert word not in path.read_text(), f"{path.relative_to(ROOT)} contains {word}"


def test_the_project_does_not_need_its_workplace() -> None:
    """What the product reads when it runs is in the repository itself."""
    for path in sources():
        assert "../shared" not in path.read_text(), f"{path.relative_to(ROOT)} reads outside the repository"
