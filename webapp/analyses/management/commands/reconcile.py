"""`manage.py reconcile`: looks after the runs, all the time."""

import logging
import time

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from webapp.analyses import tasks

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Put right, again and again, what dead workers and lost messages left behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=1.0, help="seconds between two looks")
        parser.add_argument("--once", action="store_true", help="look once and end")

    def handle(self, *args: object, **options: object) -> None:
        while True:
            try:
                tasks.reconcile()
            except DatabaseError:
                logger.exception("could not look after the runs; trying again")
                close_old_connections()
            if options["once"]:
                return
            time.sleep(float(str(options["every"])))
