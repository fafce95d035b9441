"""Messages to the workers. They carry ids; what they mean stands in the database.

The analyzer takes seconds to load and only workers need it. So it is imported inside the tasks,
and a worker loads it once, before it forks its processes.
"""

import logging

from celery.signals import worker_init
from kombu.exceptions import ChannelError, KombuError, OperationalError
from redis.exceptions import RedisError

from webapp.analyses.result_store import forget_old_results
from webapp.analyses.services import asking
from webapp.celery import app

logger = logging.getLogger(__name__)

BROKER_ERRORS = (OperationalError, KombuError, RedisError, OSError)
SHARDS_QUEUE = "shards"


@worker_init.connect
def load_analyzer(**kwargs: object) -> None:
    """Load what the tasks need while the worker is still one process."""
    import webapp.analyses.services.executing  # noqa: F401


@app.task(name="seamline.execute_run")
def execute_run(*, run_id: int, **kwargs: object) -> None:
    """Carry one run out, then give the next one its turn."""
    from webapp.analyses.services import executing

    try:
        executing.execute(run_id=run_id, send_shard=_send_shard)
    finally:
        dispatch_due_runs()


@app.task(name="seamline.read_shard")
def read_shard(*, run_id: int, shard: int, **kwargs: object) -> None:
    """Help with one part of a run."""
    from webapp.analyses.services import executing

    executing.read_shard(run_id=run_id, shard=shard)


def dispatch_due_runs() -> None:
    """Send every run whose turn it is; what the broker refuses, the reconciler sends later."""
    asking.dispatch(send=_send_run)


def reconcile() -> None:
    """Put right what died or got lost, and forget what is old."""
    asking.reconcile(send=_send_run, queue_length=_queue_length)
    forget_old_results()


def _send_run(run_id: int, lane: str) -> None:
    try:
        execute_run.apply_async(kwargs={"run_id": run_id}, queue=lane)
    except BROKER_ERRORS as error:
        logger.warning("run %s could not be sent: %s", run_id, error)


def _send_shard(run_id: int, shard: int) -> None:
    try:
        kwargs = {"run_id": run_id, "shard": shard}
        read_shard.apply_async(kwargs=kwargs, queue=SHARDS_QUEUE, expires=600)
    except BROKER_ERRORS as error:
        logger.warning("shard %s of run %s could not be sent: %s", shard, run_id, error)


def _queue_length(queue: str) -> int | None:
    """How many messages wait in the queue; None where the broker does not say."""
    try:
        with app.connection_for_read() as connection, connection.channel() as channel:
            return channel.queue_declare(queue, passive=True).message_count
    except ChannelError:
        return 0  # there is no such queue, so nothing waits in it
    except BROKER_ERRORS:
        return None
