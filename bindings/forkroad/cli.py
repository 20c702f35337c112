"""The command `forkroad`: demo, import, generate, score, view, inspect, parity, doctor."""

from __future__ import annotations

import click

import forkroad
from forkroad.demo_command import demo
from forkroad.generate_command import generate
from forkroad.import_command import import_command
from forkroad.inspect_command import inspect
from forkroad.parity_command import parity
from forkroad.score_command import score
from forkroad.view_command import view


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(forkroad.__version__, prog_name="forkroad")
def main() -> None:
    """Fork logged drives into counterfactual futures and score every one of them."""


@main.command()
def doctor() -> None:
    """Show versions, lane kernels, GPUs and cores."""
    from forkroad.doctor import describe_machine

    for label, value in describe_machine():
        click.echo(f"{label:<14}{value}")


main.add_command(demo)
main.add_command(import_command)
main.add_command(generate)
main.add_command(score)
main.add_command(view)
main.add_command(inspect)
main.add_command(parity)
