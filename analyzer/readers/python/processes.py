"""Whether work may be shared out to child processes."""

import os
from multiprocessing import current_process


def may_fork() -> bool:
    """Whether this process may have children: workers of a job queue may not."""
    return hasattr(os, "fork") and not current_process().daemon
