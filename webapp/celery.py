"""The Celery application: tasks are messages with ids; the database holds the state."""

import os
import signal
from typing import Any

from celery import Celery, bootsteps
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("seamline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["webapp.analyses"])


class EndsAtOnceUntilReady(bootsteps.StartStopStep):
    """Ends a worker without further ado when it is told to stop while it still starts.

    Celery's own handler of SIGQUIT takes the pool away from under the steps that are yet to come.
    Before the worker takes messages there is nothing to put in order.
    """

    requires = ("celery.worker.components:Hub",)

    def start(self, parent: Any) -> None:
        handler = signal.signal(signal.SIGQUIT, signal.SIG_DFL)

        def take_back(sender: Any, **_: Any) -> None:
            sender.hub.call_soon(signal.signal, signal.SIGQUIT, handler)

        worker_ready.connect(take_back, weak=False)


app.steps["worker"].add(EndsAtOnceUntilReady)
