"""From decorators, classes and settings to what a worker runs and who queues it."""

from analyzer.readers.python.tasks import Tasks
from tests.fakes.python_facts import said

CELERY = """
### site/celery.py
from celery import Celery
app = Celery("site")
app.conf.beat_schedule = {
    "nightly": {"task": "shop.tasks.report", "schedule": 60},
}
### shop/tasks.py
from celery import shared_task
from site.celery import app
@app.task(bind=True)
def charge(self, order_id): ...
@shared_task(name="shop.mail")
def mail(order_id): ...
@app.task
def report(): ...
"""


def test_functions_become_tasks_by_their_decorator() -> None:
    assert said(Tasks(), CELERY) == [
        "schedule nightly -> shop.tasks:report @site/celery.py:4",
        "task shop.mail -> shop.tasks:mail @shop/tasks.py:6",
        "task shop.tasks.charge -> shop.tasks:charge @shop/tasks.py:4",
        "task shop.tasks.report -> shop.tasks:report @shop/tasks.py:8",
    ]


def test_whoever_queues_a_task_sends_a_message_to_it() -> None:
    lines = said(
        Tasks(),
        CELERY
        + """
### shop/views.py
from celery import chain, current_app, group
from django.db import transaction
from shop import tasks
from shop.tasks import charge
def pay(request):
    charge.delay(1)
    tasks.mail.apply_async(args=[1])
    current_app.send_task("shop.mail", args=[1])
    chain(charge.s(1), tasks.report.si())()
    transaction.on_commit(lambda: charge.delay(2))
    [1].send(2)
class Cart:
    def pay(self):
        self.delay(3)
""",
    )
    assert [line for line in lines if "sends" in line] == [
        "shop.views:pay sends task shop.mail to shop.tasks:mail @shop/views.py:7",
        "shop.views:pay sends task shop.mail to shop.tasks:mail @shop/views.py:8",
        "shop.views:pay sends task shop.tasks.charge to shop.tasks:charge @shop/views.py:10",
        "shop.views:pay sends task shop.tasks.charge to shop.tasks:charge @shop/views.py:6",
        "shop.views:pay sends task shop.tasks.charge to shop.tasks:charge @shop/views.py:9",
        "shop.views:pay sends task shop.tasks.report to shop.tasks:report @shop/views.py:9",
    ]


def test_classes_become_tasks_by_their_base() -> None:
    assert said(
        Tasks(),
        """
### shop/jobs.py
from celery import Celery, Task
app = Celery()
class Base(Task):
    abstract = True
class Export(Base):
    name = "shop.export"
    def run(self): ...
class Import(app.Task):
    def run(self): ...
export = app.register_task(Export())
def go():
    export.delay()
""",
    ) == [
        "shop.jobs:go sends task shop.export to shop.jobs:Export @shop/jobs.py:12",
        "task shop.export -> shop.jobs:Export.run @shop/jobs.py:5",
        "task shop.jobs.Import -> shop.jobs:Import.run @shop/jobs.py:8",
    ]


def test_schedules_stand_in_settings_and_in_code() -> None:
    lines = said(
        Tasks(),
        CELERY
        + """
### site/settings.py
CELERY_BEAT_SCHEDULE = {"hourly": {"task": "shop.mail", "schedule": 3600}}
CELERY_BEAT_SCHEDULE["late"] = {
    "task": "shop.tasks.charge",
}
CRONJOBS = [("0 5 * * *", "shop.cron.clean")]
### shop/cron.py
from apscheduler.schedulers.background import BackgroundScheduler
from site.celery import app
from shop.tasks import report
scheduler = BackgroundScheduler()
def clean(): ...
def start(sender):
    scheduler.add_job(clean, "interval")
    sender.add_periodic_task(10.0, report.s(), name="every 10")
@scheduler.scheduled_job("cron")
def tick(): ...
""",
    )
    assert [line for line in lines if line.startswith("schedule")] == [
        "schedule hourly -> shop.tasks:mail @site/settings.py:1",
        "schedule late -> shop.tasks:charge @site/settings.py:3",
        "schedule nightly -> shop.tasks:report @site/celery.py:4",
        "schedule shop.cron.clean -> shop.cron:clean @shop/cron.py:7",
        "schedule shop.cron.clean -> shop.cron:clean @site/settings.py:5",
        "schedule shop.cron.tick -> shop.cron:tick @shop/cron.py:10",
        "schedule shop.tasks.report -> shop.tasks:report @shop/cron.py:8",
    ]


def test_clocks_of_other_libraries_start_functions_too() -> None:
    lines = said(
        Tasks(),
        """
### shop/celery.py
from celery import Celery
app = Celery("shop")
app.conf.update(timezone="UTC", beat_schedule={"late": {"task": "shop.clocks.work"}})
### shop/clocks.py
import arq
import django_rq
import dramatiq
import schedule as clock
from apscheduler.schedulers.background import BackgroundScheduler
from django_q.tasks import async_task, schedule
from periodiq import cron
from rq_scheduler import Scheduler
def work(): ...
async def arq_work(ctx): ...
@dramatiq.actor(periodic=cron("* * * * *"))
def often(): ...
schedule("shop.clocks.work", schedule_type="H")
Scheduler().schedule(None, func=work, interval=60)
django_rq.get_scheduler("default").cron("0 0 * * *", func=work)
BackgroundScheduler().add_job("shop.clocks:work", "cron")
clock.every(10).minutes.do(work)
class WorkerSettings:
    cron_jobs = [arq.cron(arq_work, hour=3)]
def go(robot):
    async_task("shop.clocks.work")
    robot.do(work)
""",
    )
    assert [line for line in lines if not line.startswith("task")] == [
        "schedule late -> shop.celery @shop/celery.py:3",
        "schedule shop.clocks.arq_work -> shop.clocks:arq_work @shop/clocks.py:19",
        "schedule shop.clocks.often -> shop.clocks:often @shop/clocks.py:12",
        "schedule shop.clocks.work -> shop.clocks:work @shop/clocks.py:13",
        "schedule shop.clocks.work -> shop.clocks:work @shop/clocks.py:14",
        "schedule shop.clocks.work -> shop.clocks:work @shop/clocks.py:15",
        "schedule shop.clocks.work -> shop.clocks:work @shop/clocks.py:16",
        "schedule shop.clocks.work -> shop.clocks:work @shop/clocks.py:17",
        "shop.clocks:go sends task shop.clocks.work to shop.clocks:work @shop/clocks.py:21",
    ]


def test_other_queues_are_known_too() -> None:
    assert said(
        Tasks(),
        """
### shop/jobs.py
import django_rq
import dramatiq
from huey.contrib.djhuey import db_task, periodic_task
@dramatiq.actor
def one(): ...
@db_task()
def two(): ...
@periodic_task(60)
def three(): ...
def four(): ...
def go():
    one.send()
    django_rq.get_queue("x").enqueue(four, 1)
    two.schedule(delay=1)
    two()
    two.call_local()
    one()
""",
    ) == [
        "schedule shop.jobs.three -> shop.jobs:three @shop/jobs.py:9",
        "shop.jobs:go sends task shop.jobs.four to shop.jobs:four @shop/jobs.py:13",
        "shop.jobs:go sends task shop.jobs.one to shop.jobs:one @shop/jobs.py:12",
        "shop.jobs:go sends task shop.jobs.two to shop.jobs:two @shop/jobs.py:14",
        "shop.jobs:go sends task shop.jobs.two to shop.jobs:two @shop/jobs.py:15",
        "task shop.jobs.one -> shop.jobs:one @shop/jobs.py:5",
        "task shop.jobs.three -> shop.jobs:three @shop/jobs.py:9",
        "task shop.jobs.two -> shop.jobs:two @shop/jobs.py:7",
    ]


def test_what_only_looks_like_a_task_is_none() -> None:
    assert (
        said(
            Tasks(),
            """
### shop/forms.py
from shop.deco import task
@task
def build(): ...
class Letter:
    def send(self): ...
def go(letter, queue):
    letter.send()
    queue.put(1)
    build()
### shop/deco.py
def task(function):
    return function
""",
        )
        == []
    )


def test_functions_are_queued_by_their_name_and_tasks_once_a_transaction_is_committed() -> None:
    lines = said(
        Tasks(),
        CELERY
        + """
### shop/views.py
from functools import partial
from django.db import transaction
from rq import Queue
from shop.tasks import charge, mail
def note(): ...
def pay(queue):
    queue.enqueue("shop.views.note", 1)
    transaction.on_commit(charge.delay)
    transaction.on_commit(partial(mail.delay, 1))
    transaction.on_commit(note)
""",
    )
    assert [line for line in lines if "sends" in line] == [
        "shop.views:pay sends task shop.mail to shop.tasks:mail @shop/views.py:9",
        "shop.views:pay sends task shop.tasks.charge to shop.tasks:charge @shop/views.py:8",
        "shop.views:pay sends task shop.views.note to shop.views:note @shop/views.py:7",
    ]
