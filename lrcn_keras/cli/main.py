"""The command `lrcn`: its subcommands, and errors as one line each."""

import errno
import os
import warnings

import click

from lrcn_keras import __version__
from lrcn_keras._startup import skip_unused_packages
from lrcn_keras.cli.caption import caption
from lrcn_keras.cli.demo import demo
from lrcn_keras.cli.describe import describe
from lrcn_keras.cli.evaluate import evaluate
from lrcn_keras.cli.export import export
from lrcn_keras.cli.flow import flow
from lrcn_keras.cli.models import models
from lrcn_keras.cli.recognize import recognize
from lrcn_keras.cli.train import train


class _Commands(click.Group):
    """Commands in the order in which they were given; an expected error costs one line."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except (ValueError, ImportError) as error:  # the latter: a missing extra
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # `lrcn caption ... | head`: click ends it quietly
                raise
            raise click.ClickException(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


# Every subcommand imports what it needs when it runs: the help appears without TensorFlow.
_SUBCOMMANDS = (demo, models, caption, describe, recognize, train, evaluate, export, flow)


@click.group(
    cls=_Commands,
    commands={command.name: command for command in _SUBCOMMANDS},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="lrcn")
def lrcn() -> None:
    """Photo to sentence, clip to sentence or action: use, train, evaluate and serve models."""


def main() -> None:
    """Run `lrcn`, as the installed script does."""
    # The commands decode, distribute and export with TensorFlow, however Keras is set elsewhere.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    skip_unused_packages()
    warnings.formatwarning = lambda message, *_, **__: f"Warning: {message}\n"
    lrcn()
