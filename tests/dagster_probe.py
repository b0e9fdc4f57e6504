"""Runs the job of the recipe once for each exit code given.

Only `test_recipes` starts it, with the Python that has Dagster. stdout: one line of JSON a code.
"""

import json
import os
import sys

import tillpost_schedule as recipe

# A test does not wait; how often is asked, not how long.
recipe.PAUSE_SECONDS = 0
for code in sys.argv[1:]:
    os.environ["FAKE_CODE"] = code
    done = recipe.defs.resolve_job_def("send_sales").execute_in_process(raise_on_error=False)
    print(json.dumps({"code": int(code), "good": done.success}))  # noqa: T201
