"""Runs the DAG of the recipe once for each exit code given, in an Airflow of its own.

Only `test_recipes` starts it, with the Python that has Airflow. stdout: one line of JSON a code.
"""

import json
import os
import sys
from datetime import timedelta

from airflow.dag_processing.dagbag import DagBag

bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
if bag.import_errors:
    sys.exit(str(bag.import_errors))
dag = bag.dags["tillpost"]
if dag.catchup or dag.max_active_runs != 1:
    sys.exit("missed hours must not be run one by one, nor two hours at once")
for task in dag.tasks:
    # A test does not wait; how often is asked, not how long.
    task.retry_delay = timedelta(0)
    task.retry_exponential_backoff = 0
for code in sys.argv[1:]:
    os.environ["FAKE_CODE"] = code
    print(json.dumps({"code": int(code), "good": dag.test().state == "success"}))  # noqa: T201
