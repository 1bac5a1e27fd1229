"""The command `lrcn`, one file a subcommand."""
