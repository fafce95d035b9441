"""`manage.py follow RUN`: a run's progress on the terminal."""

import time

from django.core.management.base import BaseCommand, CommandParser

from webapp.analyses import selectors
from webapp.analyses.models import AnalysisRun

BAR = 24
CLEAR_LINE = "\r\x1b[K"


class Command(BaseCommand):
    help = "Show how a run gets on until it is over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int)

    def handle(self, *args: object, **options: object) -> None:
        live = self.stdout.isatty()
        said = ""
        while (
            run := AnalysisRun.objects.select_related("project").get(pk=options["run"])
        ) and not run.is_over:
            line = _line(run)
            if live:
                self.stdout.write(f"{CLEAR_LINE}{line}", ending="")
                self.stdout.flush()
            elif line.split("|")[0] != said:
                said = line.split("|")[0]
                self.stdout.write(said.rstrip())
            time.sleep(0.5)
        end = "" if run.state == "finished" else f": {run.failure}"
        self.stdout.write(f"{CLEAR_LINE if live else ''}  {run.project.name}: {run.state}{end}")


def _line(run: AnalysisRun) -> str:
    """One line: the present stage, then a bar for it."""
    rows = selectors.stage_progress(run, [(row["stage"], row["stage"]) for row in run.stages])
    if not rows:
        return f"  {run.project.name}: waiting for a worker"
    now = rows[-1]
    full = BAR * now.percent // 100
    return f"  {run.project.name}: {now.title} |{'█' * full}{'░' * (BAR - full)}| {now.percent} %"
