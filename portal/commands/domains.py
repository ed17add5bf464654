"""`portal domain`: several domains on one installation, each an instance apart."""

import os
import sys
from pathlib import Path

import click

from portal import domains

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
EVERYTHING = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.group("domain", help="Several domains on one installation: each has its controller, its databases and its keys.")
def domain_group() -> None:
    """Hold the commands of domains, which belong to no instance."""


@domain_group.command("serve")
@click.argument("folder", type=FOLDER)
def serve_command(folder: Path) -> None:
    """Serve every domain of FOLDER, each by processes of its own, until Ctrl-C.

    \b
    Example: portal domain serve /srv/domains
    """
    sys.exit(domains.serve_domains(folder, os.environ))


@domain_group.command("run", context_settings=EVERYTHING)
@click.argument("folder", type=FOLDER)
@click.argument("host")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run_command(folder: Path, host: str, command: tuple[str, ...]) -> None:
    """Run a command of portal on one domain of FOLDER.

    \b
    Example: portal domain run /srv/domains data.one.example retention run
    """
    sys.exit(domains.run_on(folder, host, command, os.environ))
