"""`tillpost proof`: what leaves, what is stored, and why no raw personal data is among it."""

import os
from pathlib import Path
from typing import Any

import click

from tillpost.cli.group import tillpost
from tillpost.cli.options import open_project, project_options, say

PRIVATE_FILE = 0o600


@tillpost.command()
@project_options
@click.option(
    "--output",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    help="For a terminal, for programs, or a page for people. [default: text]",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False, resolve_path=True),
    help="Write it there, for its owner alone, instead of printing it.",
)
def proof(output: str, file: Path | None, **project: Any) -> None:
    """Prove that no raw personal data is stored or leaves, and show how.

    It reads the project and no row of data, and holds names of columns and files only.
    """
    from tillpost.pipeline.evidence import project_evidence
    from tillpost.report.proofs import proof_json, proof_page, proof_words

    words = {"text": proof_words, "json": proof_json, "html": proof_page}[output]
    text = words(project_evidence(open_project(**project)))
    if file is None:
        say(text)
        return
    _write(file, text + "\n")
    click.echo(f"the proof is in {file.name}")


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, PRIVATE_FILE)
        file.write(text)
