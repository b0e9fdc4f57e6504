"""Tillpost every hour, for Dagster. The code location's environment holds META_ACCESS_TOKEN."""

import os
import subprocess

import dagster as dg

PROJECT = os.environ.get("TILLPOST_PROJECT", "/srv/tillpost/my_shop")
COMMAND = ("tillpost", "run", "--target", "meta", "--wait", "600", "--deadline", "2700")
TRY_LATER = 4
TRIES_AGAIN = 3
PAUSE_SECONDS = 600


@dg.asset(pool="tillpost")
def sales_at_meta() -> None:
    """One run: 4 is tried again, any other failure waits for a person."""
    code = _run()
    if code == TRY_LATER or code < 0:
        raise dg.RetryRequested(max_retries=TRIES_AGAIN, seconds_to_wait=PAUSE_SECONDS)
    if code:
        raise dg.Failure(f"tillpost ended with {code}: docs/scheduling.md", allow_retries=False)


def _run() -> int:
    process = subprocess.Popen(COMMAND, cwd=PROJECT)  # noqa: S603  one fixed command
    try:
        return process.wait()
    except BaseException:
        # Dagster ends the run: the batches in flight are written down first.
        process.terminate()
        process.wait()
        raise


send_sales = dg.define_asset_job("send_sales", selection=[sales_at_meta])

defs = dg.Definitions(
    assets=[sales_at_meta],
    jobs=[send_sales],
    # Hours that were missed need no run of their own: each run reads the whole scope.
    schedules=[
        dg.ScheduleDefinition(
            job=send_sales,
            cron_schedule="17 * * * *",
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
    ],
)
