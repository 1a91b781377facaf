"""Reads the command line, runs one command, and turns every error into a sentence and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from llm_playground_client.client import Client
from llm_playground_client.command import exits, pull, push, running
from llm_playground_client.errors import Misconfigured, PlaygroundError, Unreachable, UnreadableFile

EXITS = """exit codes:
  0  done                           3  the service is away
  1  refused, or the run failed     4  files and service have gone apart: nothing written
  2  the command line, the address, the token or a file is none"""
EPILOG = "PLAYGROUND_URL and PLAYGROUND_TOKEN say where the service is and who asks.\n\n" + EXITS


def parser() -> argparse.ArgumentParser:
    """The command line."""
    shape = argparse.RawDescriptionHelpFormatter
    whole = argparse.ArgumentParser(
        "playground", description="Prompts of an LLM Playground Service.", epilog=EPILOG, formatter_class=shape
    )
    whole.add_argument("--url", help="the service's address, in the place of PLAYGROUND_URL")
    whole.add_argument("--timeout", type=_seconds, default=30.0, metavar="SECONDS", help="for an answer (30)")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    one = commands.add_parser("pull", help="templates into files, one each", formatter_class=shape, epilog=EXITS)
    one.add_argument("slugs", nargs="*", metavar="SLUG", help="slug, owner/slug or id; all of yours when left out")
    one.add_argument("--folder", type=Path, default=Path("prompts"), help="where the files are (prompts)")
    one.add_argument("--label", help="only templates that carry this label")
    one.add_argument("--force", action="store_true", help="also over files with changes that were not pushed")

    one = commands.add_parser("push", help="files into templates", formatter_class=shape, epilog=EXITS)
    one.add_argument("slugs", nargs="*", metavar="SLUG", help="all files of the folder when left out")
    one.add_argument("--folder", type=Path, default=Path("prompts"), help="where the files are (prompts)")
    one.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    one.add_argument("--label", help="point this label at the newest version of each file afterwards")

    one = commands.add_parser("run", help="run a template, or a prompt", formatter_class=shape, epilog=EXITS)
    one.add_argument("slug", nargs="?", metavar="SLUG", help="slug, owner/slug or id")
    one.add_argument("--prompt", help="a text in its place; - reads it from standard input")
    one.add_argument("-v", "--variable", action="append", default=[], metavar="NAME=VALUE", dest="variables")
    one.add_argument(
        "-f", "--file", action="append", default=[], metavar="NAME=PATH", dest="files",
        help="a variable's value out of a file; - is standard input",
    )  # fmt: skip
    one.add_argument("--model", metavar="PROVIDER/MODEL", help="the template's own when left out")
    which = one.add_mutually_exclusive_group()
    which.add_argument("--label", help="the version that this label points at")
    which.add_argument("--version", type=int, metavar="N", help="this version")
    one.add_argument("--json", action="store_true", help="print the whole run as JSON when it has ended")
    return whole


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 86_400:
        raise ValueError
    return seconds


COMMANDS = {"pull": pull.pull, "push": push.push, "run": running.run}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit code."""
    asked = parser().parse_args(arguments)
    try:
        with Client(asked.url, timeout=asked.timeout) as client:
            code = COMMANDS[asked.command](client, asked)
        sys.stdout.flush()
    except exits.Stop as stop:
        return _told(str(stop), stop.code)
    except (Misconfigured, UnreadableFile) as error:
        return _told(str(error), exits.USAGE)
    except Unreachable as error:
        return _told(str(error), exits.AWAY)
    except PlaygroundError as error:
        return _told(str(error), exits.REFUSED)
    except BrokenPipeError:
        # Whoever read has enough; Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.PIPE_CLOSED
    except OSError as error:
        return _told(f"{error.filename or 'A file'}: {error.strerror or error}", exits.USAGE)
    except KeyboardInterrupt:
        return _told("Interrupted.", exits.INTERRUPTED)
    return code


def _told(text: str, code: int) -> int:
    print(f"playground: {text}", file=sys.stderr)
    return code


def run() -> NoReturn:
    """The program."""
    sys.exit(main())
