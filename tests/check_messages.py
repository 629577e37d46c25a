"""The German catalogue against the texts in code and templates.

`check_messages.py` fails on a text that is missing, untranslated or fuzzy, on one that is no longer used,
and on a catalogue that cannot be compiled. `check_messages.py --update` (`make messages`) writes the
catalogue anew: new texts come in empty, unused ones go out. Extraction happens in a copy, because it
leaves files behind.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.run_all import Missing, ensure  # noqa: E402

CATALOGUE = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"
# Where texts for users stand.
SOURCES = ("collab", "meetings", "workgroups", "templates")
KINDS = (".py", ".html", ".txt")
HEADER = {
    "Project-Id-Version": "collab",
    "Language-Team": "",
    "Language": "de",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgid, entry.msgctxt or "", entry.msgid_plural


def extract() -> dict[tuple[str, str, str], polib.POEntry]:
    """The texts of the sources, without translations."""
    with tempfile.TemporaryDirectory(prefix="collab-messages-") as folder:
        copy = Path(folder)
        (copy / "locale").mkdir()
        for source in SOURCES:
            if (ROOT / source).exists():
                shutil.copytree(ROOT / source, copy / source, ignore=_other_files)
        command = [sys.executable, "-m", "django", "makemessages", "--locale=de", "--keep-pot"]
        command += ["--no-wrap", "--add-location=file", f"--extension={','.join(KINDS)}"]
        ran = subprocess.run(command, cwd=copy, env=_plain_environment(), capture_output=True, text=True)
        if ran.returncode:
            raise Missing(f"makemessages failed:\n{ran.stdout}{ran.stderr}")
        return {key(entry): entry for entry in polib.pofile(str(copy / "locale" / "django.pot"))}


def _other_files(folder: str, names: list[str]) -> list[str]:
    """The names in a folder that hold no texts (for shutil.copytree)."""
    here = Path(folder)
    return [name for name in names if name == "__pycache__" or ((here / name).is_file() and not name.endswith(KINDS))]


def _plain_environment() -> dict[str, str]:
    """Without settings: the extraction needs none, and must not follow theirs to the real catalogue."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


def problems(wanted: dict[tuple[str, str, str], polib.POEntry], catalogue: polib.POFile) -> list[str]:
    """One line for each text that keeps the catalogue from being complete."""
    found = {key(entry): entry for entry in catalogue if not entry.obsolete}
    lines = [f"missing: {entry.msgid!r} ({_places(entry)})" for k, entry in wanted.items() if k not in found]
    for k, entry in found.items():
        if k not in wanted:
            lines.append(f"no longer used: {entry.msgid!r}")
        elif entry.fuzzy:
            lines.append(f"fuzzy: {entry.msgid!r}")
        elif not entry.translated():
            lines.append(f"untranslated: {entry.msgid!r}")
    lines += [f"obsolete: {entry.msgid!r}" for entry in catalogue.obsolete_entries()]
    if catalogue.metadata_is_fuzzy:
        lines.append("the header is marked as fuzzy, so nothing would be compiled")
    return lines


def _places(entry: polib.POEntry) -> str:
    return ", ".join(file for file, _ in entry.occurrences)


def compile_errors() -> str:
    """What gettext and Babel have to say against the catalogue; empty if nothing."""
    with tempfile.TemporaryDirectory(prefix="collab-messages-") as folder:
        strict = ["msgfmt", "--check", "-o", f"{folder}/strict.mo", CATALOGUE]
        babel = [sys.executable, "-m", "babel.messages.frontend", "compile"]
        babel += ["-i", CATALOGUE, "-o", f"{folder}/django.mo", "-l", "de"]
        runs = [subprocess.run(command, capture_output=True, text=True) for command in (strict, babel)]
        return "".join(run.stdout + run.stderr for run in runs if run.returncode)


def update(wanted: dict[tuple[str, str, str], polib.POEntry]) -> int:
    """Writes the catalogue, sorted by text and without line numbers, so that changes to it stay small."""
    known = {}
    if CATALOGUE.exists():
        known = {key(entry): entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = HEADER
    for k in sorted(wanted):
        entry = wanted[k]
        entry.occurrences = sorted({(file, "") for file, _ in entry.occurrences})
        if k in known:
            entry.msgstr, entry.msgstr_plural = known[k].msgstr, known[k].msgstr_plural
            entry.tcomment = known[k].tcomment
        fresh.append(entry)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(CATALOGUE))
    print(f"{CATALOGUE.relative_to(ROOT)}: {len(fresh)} texts, {len(fresh.untranslated_entries())} to do")
    return 0


def check(wanted: dict[tuple[str, str, str], polib.POEntry]) -> int:
    if not CATALOGUE.exists():
        print(f"{CATALOGUE.relative_to(ROOT)} is not there", file=sys.stderr)
        return 1
    lines = problems(wanted, polib.pofile(str(CATALOGUE)))
    errors = compile_errors()
    print(*lines, errors, sep="\n", end="", file=sys.stderr)
    if lines or errors:
        print("\nThe German catalogue is incomplete: run `make messages` and translate.", file=sys.stderr)
        return 1
    print(f"{len(wanted)} texts, all translated")
    return 0


def main(arguments: list[str]) -> int:
    try:
        ensure("gettext")
        wanted = extract()
    except Missing as error:
        print(error, file=sys.stderr)
        return 1
    return update(wanted) if arguments == ["--update"] else check(wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
