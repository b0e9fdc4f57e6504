"""The recipes of docs/scheduling.md, as the schedulers themselves take them.

Each meets every exit code as the guide says, before a `tillpost` that only ends; the slow tests let
cron, systemd, Kubernetes, GitHub's schema, Airflow and Dagster check or run their own.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from recipes import (
    CODES,
    COMMAND,
    FOR_A_PERSON,
    RECIPES,
    RETRIED,
    TOKEN,
    Machine,
    checkers,
    make_machine,
    run,
)
from tillpost.cli import tillpost
from tillpost.errors import TillpostError

SCHEDULES = {
    "cron/tillpost-hourly",
    "systemd/tillpost.service",
    "github-actions/tillpost.yml",
    "airflow/tillpost_dag.py",
    "dagster/tillpost_schedule.py",
    "kubernetes/cronjob.yaml",
}
TRY_LATER = 4
Probe = Callable[..., dict[int, bool]]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return make_machine(tmp_path)


@pytest.fixture(scope="session")
def checked_by() -> Path:
    return checkers()


def every_exit_code(error: type[TillpostError] = TillpostError) -> set[int]:
    return {error.exit_code}.union(*map(every_exit_code, error.__subclasses__()))


def test_the_guide_knows_every_exit_code() -> None:
    assert set(CODES) == {0} | every_exit_code()
    assert [code for code in CODES if RETRIED[code]] == [TRY_LATER]


def test_the_scheduled_command_exists() -> None:
    options = {option for each in tillpost.commands["run"].params for option in each.opts}
    assert set(re.findall(r"--\w+", COMMAND)) <= options


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_a_recipe_schedules_the_command_of_the_guide(name: str) -> None:
    words = re.sub(r"[^\w\s-]", " ", (RECIPES / name).read_text("utf-8")).split()
    assert COMMAND in " ".join(words)


def cron_line(machine: Machine) -> subprocess.CompletedProcess[str]:
    """Run the line of the crontab as cron does: `sh -c`, and little in the environment."""
    bin_folder = machine.folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    shutil.copy(RECIPES / "cron" / "tillpost-hourly", bin_folder)
    text = machine.moved((RECIPES / "cron" / "tillpost.crontab").read_text())
    settings = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    (line,) = re.findall(r"^(?:\S+ ){5}(tillpost.*)$", text, re.MULTILINE)
    code = (machine.folder / "code").read_text()
    environ = {**machine.environ(code=int(code), token=""), "PATH": settings["PATH"]}
    return subprocess.run(
        ["/bin/sh", "-c", line], check=False, capture_output=True, text=True, env=environ
    )


@pytest.mark.parametrize("code", CODES)
def test_cron_mails_what_needs_a_person(machine: Machine, code: int) -> None:
    (machine.folder / "code").write_text("0")
    assert cron_line(machine).stdout == ""
    (machine.folder / "code").write_text(str(code))
    done = cron_line(machine)
    assert (done.returncode, done.stderr) == (code, "")
    assert machine.calls() == [f"0 {COMMAND}", f"{code} {COMMAND}"]
    assert (f"this run ends with {code}" in done.stdout) == (code in FOR_A_PERSON)
    assert TOKEN not in done.stdout
    assert [path.name for path in (machine.project / ".tillpost").iterdir()] == ["last-good"]


def test_cron_mails_when_nothing_was_good_for_hours(machine: Machine) -> None:
    (machine.folder / "code").write_text(str(TRY_LATER))
    assert "no run was good for six hours" in cron_line(machine).stdout


def test_cron_says_what_it_misses(machine: Machine) -> None:
    wrapper = RECIPES / "cron" / "tillpost-hourly"
    for words in ([], ["no-such-folder"], [str(machine.project), "./no-such-file"]):
        done = subprocess.run(
            ["/bin/sh", wrapper, *words], check=False, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert done.stderr
    assert machine.calls() == []


@pytest.mark.parametrize("code", CODES)
def test_github_fails_the_job_when_a_person_is_needed(machine: Machine, code: int) -> None:
    workflow = yaml.safe_load((RECIPES / "github-actions" / "tillpost.yml").read_text())
    step = workflow["jobs"]["send"]["steps"][-1]
    script = machine.folder / "step.sh"
    script.write_text(step["run"])
    done = subprocess.run(
        ["/bin/bash", "-e", script],
        check=False,
        capture_output=True,
        text=True,
        env=machine.environ(code=code),
    )
    assert done.returncode == (0 if RETRIED[code] else code)
    assert ("::warning" in done.stdout) == RETRIED[code]
    assert machine.calls() == [f"{code} {COMMAND}"]
    assert step["env"]["META_ACCESS_TOKEN"] == "${{ secrets.META_ACCESS_TOKEN }}"


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(RECIPES / "systemd" / name)
    return parser


def test_systemd_restarts_what_is_worth_another_try() -> None:
    service = unit("tillpost.service")
    assert service["Service"]["Restart"] == "on-failure"
    assert list(map(int, service["Service"]["RestartPreventExitStatus"].split())) == FOR_A_PERSON
    assert service["Service"]["ExecStart"].endswith(f"/bin/{COMMAND}")
    assert service["Unit"]["OnFailure"] == "tillpost-failed.service"
    assert unit("tillpost.timer")["Timer"]["Persistent"] == "yes"


def cron_job() -> Any:  # noqa: ANN401  what YAML holds
    documents = yaml.safe_load_all((RECIPES / "kubernetes" / "cronjob.yaml").read_text())
    return next(each for each in documents if each["kind"] == "CronJob")["spec"]


def test_kubernetes_fails_the_job_when_a_person_is_needed() -> None:
    spec = cron_job()
    job = spec["jobTemplate"]["spec"]
    (container,) = job["template"]["spec"]["containers"]
    fails, ignores = job["podFailurePolicy"]["rules"]
    assert fails["action"] == "FailJob"
    assert fails["onExitCodes"]["containerName"] == container["name"]
    assert fails["onExitCodes"]["values"] == FOR_A_PERSON
    assert ignores["action"] == "Ignore"
    assert job["template"]["spec"]["restartPolicy"] == "Never"
    assert job["backoffLimit"] > 0
    assert spec["concurrencyPolicy"] == "Forbid"
    assert " ".join(container["command"]) == COMMAND


@pytest.mark.slow
def test_cron_takes_the_crontab() -> None:
    run(["crontab", "-n", str(RECIPES / "cron" / "tillpost.crontab")])


@pytest.mark.slow
def test_systemd_takes_the_units(machine: Machine) -> None:
    units = machine.folder / "units"
    units.mkdir()
    for path in (RECIPES / "systemd").iterdir():
        (units / path.name).write_text(machine.moved(path.read_text()))
    files = sorted(map(str, units.iterdir()))
    done = run(["systemd-analyze", "verify", "--man=no", *files])
    assert done.stderr == ""
    run(["systemd-analyze", "calendar", unit("tillpost.timer")["Timer"]["OnCalendar"]])
    service = str(units / "tillpost.service")
    # Exposure in tenths, of 100: what is left open is the network and the project's folder.
    run(["systemd-analyze", "security", "--offline=yes", "--threshold=20", service])


@pytest.mark.slow
def test_kubernetes_takes_the_cron_job(checked_by: Path) -> None:
    file = str(RECIPES / "kubernetes" / "cronjob.yaml")
    run([str(checked_by / "kubernetes-validate"), "--strict", file])


@pytest.mark.slow
def test_github_takes_the_workflow(checked_by: Path) -> None:
    file = str(RECIPES / "github-actions" / "tillpost.yml")
    schema = ["--builtin-schema", "vendor.github-workflows"]
    run([str(checked_by / "check-jsonschema"), *schema, file])


@pytest.fixture(params=["airflow", "dagster"])
def probe(request: pytest.FixtureRequest, machine: Machine, checked_by: Path) -> Probe:
    """A scheduler that runs its recipe for each exit code, and says which it took for good."""
    name = request.param
    environ = {
        **machine.environ(),
        "AIRFLOW_HOME": str(machine.folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__DAGS_FOLDER": str(RECIPES / "airflow"),
        "DAGSTER_HOME": str(machine.folder),
        "PYTHONPATH": str(RECIPES / "dagster"),
    }
    prepare = {
        "airflow": ["db", "migrate"],
        "dagster": ["definitions", "validate", "-m", "tillpost_schedule"],
    }
    run([str(checked_by / name), *prepare[name]], environ=environ)

    def good(*codes: int, signal: str = "") -> dict[int, bool]:
        script = str(Path(__file__).with_name(f"{name}_probe.py"))
        words = [str(checked_by / "python"), "-B", script, *map(str, codes)]
        told = run(words, environ={**environ, "FAKE_SIGNAL": signal}).stdout.splitlines()
        answers = [json.loads(line) for line in told if line.startswith('{"code"')]
        return {answer["code"]: answer["good"] for answer in answers}

    return good


@pytest.mark.slow
def test_airflow_and_dagster_try_again_what_is_worth_it(machine: Machine, probe: Probe) -> None:
    assert probe(*CODES) == {code: code == 0 for code in CODES}
    tries = [[f"{code} {COMMAND}"] * (4 if RETRIED[code] else 1) for code in CODES]
    assert machine.calls() == [call for each in tries for call in each]


@pytest.mark.slow
def test_airflow_and_dagster_let_a_stopped_run_end(machine: Machine, probe: Probe) -> None:
    assert probe(TRY_LATER, signal="TERM") == {TRY_LATER: False}
    assert machine.calls()[:2] == [f"{TRY_LATER} {COMMAND}", "stopped"]
