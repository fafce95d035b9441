"""`python -m webapp up`, and every management command as `python -m webapp COMMAND`."""

import os
import sys


def main(arguments: list[str]) -> int:
    """Run one command; the exit code."""
    if arguments[:1] == ["up"]:
        from webapp.supervisor.start import up

        return up(arguments[1:])
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    execute_from_command_line(["python -m webapp", *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
