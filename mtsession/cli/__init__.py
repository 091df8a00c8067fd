"""What can be asked of mtsession from a terminal? One module a command, imported when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import click

from mtsession import __version__
from mtsession.config import DataFolder, usual_data_folder
from mtsession.errors import DataFolderError, MtSessionError
from mtsession.wording import say

COMMANDS = {
    "demo": "demo",
    "live": "live",
    "review": "review",
    "analyse": "analyse",
    "sessions": "sessions",
    "note": "note",
    "clients": "clients",
    "record": "record",
    "import": "files",
    "export": "files",
    "devices": "devices",
    "doctor": "doctor",
}
"""Each command's name and the module of this package that holds it."""

EXIT_MENDABLE = 2
EXIT_INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that imports a command's module when that command is asked for: `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order of a session, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None for an unknown one, as click wants it."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"mtsession.cli.{COMMANDS[cmd_name]}")
        command = getattr(module, f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a command, from the catalogue: click would import every module for its first sentence."""
        with formatter.section(say("cli.commands")):
            formatter.write_dl([(name, say(f"cli.does_{name}")) for name in self.list_commands(ctx)])


@click.command(
    cls=LazyGroup,
    epilog="Example: mtsession demo",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--data",
    "data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Another data folder than the usual one.",
)
@click.version_option(__version__, prog_name="mtsession")
@click.pass_context
def cli(ctx: click.Context, data: Path | None) -> None:
    """The instrument, the listener and the notebook of a music therapy session.

    It describes what was played. It does not diagnose, screen, monitor or treat any condition,
    and it is not a medical device.
    """
    ctx.obj = DataFolder(data.absolute()) if data else usual_data_folder()


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, or 2 with one clear line on standard error."""
    try:
        ended = cli.main(args=arguments, prog_name="mtsession", standalone_mode=False)
    except MtSessionError as error:
        click.echo(f"mtsession: {error}", err=True)
        return EXIT_MENDABLE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(say("cli.interrupted"), err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing more to say, and nothing to say it to.
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        # A folder that may not be written to, a disk taken away: the system says it of the file itself.
        name = Path(os.fsdecode(error.filename)).name
        refused = DataFolderError(
            say("cli.file_refused", name=name, reason=error.strerror), say("cli.file_refused_next")
        )
        click.echo(f"mtsession: {refused}", err=True)
        return EXIT_MENDABLE
    # Without `standalone_mode`, click hands over the code of its `Exit` as the result.
    return ended if isinstance(ended, int) else 0
