"""Run ``python -m mypy_plugin doctor [FILE ...]``: is the plugin active, is a file checked?"""

from __future__ import annotations

import argparse
import sys

from mypy_plugin.doctor import diagnose


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 where all is well, else 1."""
    parser = argparse.ArgumentParser(prog="python -m mypy_plugin")
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser("doctor", help="say whether mypy checks shapes here")
    doctor.add_argument("files", nargs="*", help="files that should be checked")
    doctor.add_argument("--config-file", help="mypy's configuration, if not the one it finds")
    options = parser.parse_args(arguments)
    findings = diagnose(options.files, options.config_file)
    for finding in findings:
        print(finding)
    problems = sum(not finding.good for finding in findings)
    print("All is well." if not problems else f"{problems} to mend.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
