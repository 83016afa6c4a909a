"""What the process that programs are forks of has ready (`tests.forked`): the command line, made once as in a test."""

from __future__ import annotations

import gc
from functools import cache

import typer

from erpcore.cli.app import app

typer.main.get_command = cache(typer.main.get_command)
typer.main.get_command(app)
gc.collect()
gc.freeze()  # what is there stays, so that no fork looks at it
