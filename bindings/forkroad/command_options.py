"""Options that several commands have, worded once."""

from __future__ import annotations

import click

from forkroad.focal_track import EGO

focal_option = click.option(
    "--focal",
    default=EGO,
    show_default=True,
    metavar="TRACK",
    help="Whom the plans are for: ego, auto (without one the vehicle that goes furthest), or the "
    "id of a track.",
)
