"""Tillpost every hour, for Airflow 3. The workers' environment holds META_ACCESS_TOKEN."""

import os
import subprocess
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

PROJECT = os.environ.get("TILLPOST_PROJECT", "/srv/tillpost/my_shop")
COMMAND = ("tillpost", "run", "--target", "meta", "--wait", "600", "--deadline", "2700")
TRY_LATER = 4


class TillpostOperator(BaseOperator):
    """One run: 4 is tried again, any other failure waits for a person."""

    _process: subprocess.Popen[bytes] | None = None

    def execute(self, context: object) -> None:
        """Run it; what it says goes to the task's log."""
        del context
        self._process = subprocess.Popen(COMMAND, cwd=PROJECT)  # noqa: S603  one fixed command
        code = self._process.wait()
        if code == TRY_LATER or code < 0:
            raise AirflowException(f"tillpost ended with {code}: try later")
        if code:
            raise AirflowFailException(f"tillpost ended with {code}: docs/scheduling.md")

    def on_kill(self) -> None:
        """Let the batches in flight end: the process then exits with 4."""
        if self._process:
            self._process.terminate()


with DAG(
    dag_id="tillpost",
    schedule="17 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    # Each run reads the whole scope and subtracts the ledger: there is nothing to backfill.
    catchup=False,
    max_active_runs=1,
):
    TillpostOperator(
        task_id="run",
        retries=3,
        retry_delay=timedelta(minutes=5),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(minutes=30),
    )
