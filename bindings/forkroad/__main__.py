"""`python -m forkroad` is the command `forkroad`."""

from forkroad.cli import main

main(prog_name="forkroad")
