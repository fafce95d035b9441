from django.core.management.base import BaseCommand

from store.tasks import reconcile_payments


class Command(BaseCommand):
    help = "Compare our payments with PayGate's for one day"

    def add_arguments(self, parser):
        parser.add_argument("day", nargs="?", help="YYYY-MM-DD, default yesterday")

    def handle(self, *args, **options):
        result = reconcile_payments(options["day"])
        for key, value in sorted(result.items()):
            self.stdout.write("%s: %s" % (key, value))
