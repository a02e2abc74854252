"""Reads the settings of a program as its command line does."""

import argparse
from pathlib import Path

from bridge.runtime.flags import add_flags
from bridge.runtime.settings_loader import S, load


def settings(model: type[S], *flags: str, file: Path | None = None) -> S:
    parser = argparse.ArgumentParser()
    source, _ = add_flags(parser, model)
    return load(model, source(parsed_args=parser.parse_args(flags)), file)
