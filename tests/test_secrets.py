"""Secrets: where a profile takes them from, when, and that nothing shows them."""

import base64
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from bad_input_project import TOKEN, Project, copy_of, new_project
from sending_harness import sandbox
from tillpost.project import secrets
from tillpost.project.profile import load_profile

ANOTHER = "EAAGanother/secret+with=signs"
PRINTS = "import os, pathlib; pathlib.Path('ran').touch(); print(os.environ['VAULT'])"


@pytest.fixture(scope="module")
def laid_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("laid") / "shop"
    new_project(folder)
    return folder


@pytest.fixture
def shop(laid_down: Path, tmp_path: Path) -> Project:
    return _shop(laid_down, tmp_path)


@pytest.fixture(scope="module")
def built(laid_down: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_of(laid_down, tmp_path_factory.mktemp("built") / "shop")
    assert project.run("build", "-q").exit == 0
    return project.folder


@pytest.fixture
def built_shop(built: Path, tmp_path: Path) -> Project:
    return _shop(built, tmp_path)


def _shop(project: Path, folder: Path) -> Project:
    """A copy whose profile lies in a folder of its own, as ``~/.dbt`` is."""
    shop = copy_of(project, folder / "shop")
    (folder / "home").mkdir()
    (shop.folder / "profiles.yml").rename(folder / "home" / "profiles.yml")
    shop.environ.update(DBT_PROFILES_DIR=str(folder / "home"), VAULT=ANOTHER)
    return shop


def _home(shop: Project) -> Path:
    return Path(shop.environ["DBT_PROFILES_DIR"])


def _set_edge(path: Path, **settings: object) -> None:
    content = yaml.safe_load(path.read_text())
    edge = content["tillpost"]["outputs"]["sandbox"]["edge"]
    edge.pop("access_token", None)
    edge.update(settings)
    path.write_text(yaml.safe_dump(content))


def _secret_file(folder: Path, text: str = f"{ANOTHER}\n", mode: int = 0o600) -> Path:
    path = folder / "token"
    path.write_text(text)
    path.chmod(mode)
    return path


def _written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "way",
    [
        {"access_token": "{{ env_var('VAULT') }}"},
        {"token_file": "token"},
        {"token_file": "link"},
        {"token_command": [sys.executable, "-c", PRINTS]},
        {"token_command": f'{sys.executable} -c "{PRINTS}"'},
    ],
    ids=["environment", "file", "link", "words", "line"],
)
def test_a_token_is_taken_from_where_the_profile_says(
    built_shop: Project, way: dict[str, Any]
) -> None:
    (_home(built_shop) / "link").symlink_to(_secret_file(_home(built_shop)))
    with sandbox(good_token=ANOTHER) as edge:
        _set_edge(_home(built_shop) / "profiles.yml", graph_url=edge, **way)
        said = built_shop.run("send", "-q")
    assert (said.exit, said.err) == (0, "")
    assert ANOTHER.encode() not in _written(built_shop.folder)


def test_a_command_runs_when_an_edge_is_asked_and_not_before(shop: Project) -> None:
    with sandbox(good_token=ANOTHER) as edge:
        command = [sys.executable, "-c", PRINTS]
        _set_edge(_home(shop) / "profiles.yml", graph_url=edge, token_command=command)
        for words in (("compile",), ("build", "-q"), ("status",)):
            assert shop.run(*words).exit == 0
            assert not (_home(shop) / "ran").exists()
        assert "token: valid" in shop.run("debug").out
        assert (_home(shop) / "ran").exists()


def test_each_dataset_may_have_a_way_of_its_own(shop: Project) -> None:
    _secret_file(_home(shop))
    with sandbox(good_token=ANOTHER) as edge:
        datasets = {"1234567890123456": {"token_file": "token"}}
        _set_edge(_home(shop) / "profiles.yml", graph_url=edge, datasets=datasets)
        assert "token: valid" in shop.run("debug").out


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (
            {"token_file": "token", "access_token": "sandbox"},
            '"access_token" and "token_file" are given: which one is it?',
        ),
        ({"token_file": "nothing"}, "this file cannot be read"),
        ({"token_file": ["token"]}, '"token_file" must be the path of a file'),
        ({"token_file": "open"}, "chmod 600"),
        ({"token_file": "empty"}, "is empty"),
        ({"token_file": "long"}, "is more than one line"),
        ({"token_command": [sys.executable, "-c", "raise SystemExit(7)"]}, "with exit code 7"),
        ({"token_command": [sys.executable, "-c", ""]}, "prints is empty"),
        ({"token_command": "no-such-program x"}, "no-such-program cannot be run"),
        ({"token_command": "echo 'x"}, "a quote in this command does not end"),
        ({"token_command": {"a": 1}}, '"token_command" must be a command'),
        ({"token_command": [sys.executable, "-c", "import time; time.sleep(9)"]}, "nothing within"),
    ],
)
def test_a_secret_that_cannot_be_had_is_no_secret_for_others(
    shop: Project, way: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "SECONDS", 0.5)
    home = _home(shop)
    for name, text, mode in (
        ("token", ANOTHER, 0o600),
        ("open", ANOTHER, 0o640),
        ("empty", "\n", 0o600),
        ("long", f"{ANOTHER}\n{ANOTHER}2\n", 0o600),
    ):
        (home / name).write_text(text)
        (home / name).chmod(mode)
    _set_edge(home / "profiles.yml", **way)
    said = shop.run("send")
    assert said.exit == 2
    assert words in said.err
    assert "profiles.yml tillpost.sandbox.edge" in said.err
    assert ANOTHER not in said.err


def test_what_a_command_says_is_not_shown(shop: Project) -> None:
    script = "import sys; print('spoken'); print('shouted', file=sys.stderr); raise SystemExit(3)"
    _set_edge(_home(shop) / "profiles.yml", token_command=[sys.executable, "-c", script])
    said = shop.run("send")
    assert said.exit == 2
    assert not {"spoken", "shouted"} & set((said.out + said.err).split())


def test_a_real_token_in_a_profile_makes_it_a_private_file(shop: Project) -> None:
    path = _home(shop) / "profiles.yml"
    path.chmod(0o644)
    _set_edge(path, graph_url="https://graph.facebook.com", access_token=TOKEN)
    said = shop.run("send")
    assert said.exit == 2
    assert "has mode 0644" in said.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_what_is_too_short_to_be_hidden_is_no_token(shop: Project) -> None:
    url = "https://graph.facebook.com"
    _set_edge(_home(shop) / "profiles.yml", graph_url=url, access_token="{{ env_var('SHORT') }}")
    said = shop.run("send", environ={"SHORT": "sandbox"})
    assert said.exit == 2
    assert '"access_token" is shorter than 8 characters' in said.err


FORMS = {
    "plain": ANOTHER,
    "in a header": f"Bearer {ANOTHER}",
    "in a URL": quote(ANOTHER, ""),
    "in JSON": json.dumps({"token": ANOTHER}),
    "in hexadecimal": ANOTHER.encode().hex(),
    **{
        f"in base64 behind {before}": base64.b64encode(f"{before}{ANOTHER}:x".encode()).decode()
        for before in ("", "a", "ab", "abc:")
    },
}


@pytest.mark.parametrize("form", FORMS, ids=list(FORMS))
def test_no_output_holds_a_secret_in_any_form(shop: Project, form: str) -> None:
    model = shop.folder / "models" / "final" / "leak.sql"
    text = json.dumps(FORMS[form])
    model.write_text("{{ exceptions.raise_compiler_error(" + text + ") }}")
    said = shop.run("compile", environ={"META_ACCESS_TOKEN": ANOTHER})
    assert said.exit == 2
    assert "models/final/leak.sql" in said.err
    assert "***" in said.err
    assert ANOTHER not in said.err
    assert FORMS[form] not in said.err


def test_no_file_of_a_run_holds_a_secret(shop: Project) -> None:
    model = shop.folder / "models" / "audit" / "leak.sql"
    model.write_text(f"-- {ANOTHER}\nselect '{ANOTHER}' as word\n")
    said = shop.run("build", "-q", environ={"META_ACCESS_TOKEN": ANOTHER})
    assert said.exit == 0, said.err
    model.unlink()
    (compiled,) = (shop.folder / ".tillpost" / "runs").glob("*/compiled/leak.sql")
    assert compiled.read_text() == "-- ***\nselect '***' as word\n"


def test_a_bug_and_a_warning_of_python_hide_secrets_too(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        sys.stdout.write(f"printed {ANOTHER}\n")
        sys.stderr.write(f"written {ANOTHER}\n")
        raise RuntimeError(ANOTHER)

    monkeypatch.setattr("tillpost.pipeline.look.compiled", crash)
    said = shop.run("compile", environ={"META_ACCESS_TOKEN": ANOTHER})
    assert said.exit == 70
    assert said.out == "printed ***\n"
    assert said.err.startswith("written ***\n")
    assert ANOTHER not in said.err


@pytest.mark.parametrize("name", ["META_ACCESS_TOKEN", "DBT_ENV_SECRET_X", "PGPASSWORD", "WORD"])
def test_a_model_reads_no_secret(shop: Project, name: str) -> None:
    _set_edge(_home(shop) / "profiles.yml", access_token="{{ env_var('WORD', '') }}")
    model = shop.folder / "models" / "final" / "leak.sql"
    model.write_text(f"select\n    '{{{{ env_var(\"{name}\", 'none') }}}}' as word\n")
    said = shop.run("compile", environ={name: ANOTHER})
    assert said.exit == 2
    assert f"models/final/leak.sql:2  the environment variable {name} is a secret" in said.err


def test_a_password_in_an_address_is_a_secret(shop: Project) -> None:
    password = quote(ANOTHER, "")
    model = shop.folder / "models" / "final" / "leak.sql"
    model.write_text("select '{{ env_var(\"SHOP\") }}' as word\n")
    said = shop.run("compile", environ={"SHOP": f"postgres://till:{password}@db/shop"})
    assert said.exit == 2
    assert "models/final/leak.sql:1  the environment variable SHOP is a secret" in said.err
    model.write_text(f"{{{{ exceptions.raise_compiler_error('{password}') }}}}")
    said = shop.run("compile", environ={"SHOP": f"postgres://till:{password}@db/shop"})
    assert "***" in said.err
    assert password not in said.err


def test_a_model_reads_what_is_no_secret(shop: Project) -> None:
    model = shop.folder / "models" / "final" / "shown.sql"
    model.write_text("select '{{ env_var(\"SHOP\") }}' as word\n")
    said = shop.run("compile", "-s", "shown", environ={"SHOP": "Berlin"})
    assert said.out == "select 'Berlin' as word\n"


@pytest.mark.parametrize(
    ("output", "of"),
    [
        ({"type": "postgres", "password_file": "token"}, ()),
        (
            {
                "type": "duckdb",
                "ledger": {"type": "postgres", "password_command": ["echo", ANOTHER]},
            },
            ("ledger",),
        ),
    ],
    ids=["a file, of the target", "a command, of the ledger"],
)
def test_a_password_is_taken_from_elsewhere_too(
    tmp_path: Path, output: dict[str, object], of: tuple[str, ...]
) -> None:
    _secret_file(tmp_path)
    content = {"shop": {"target": "dev", "outputs": {"dev": output}}}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(content))
    profile = load_profile([tmp_path], name="shop", target=None, environ=dict(os.environ))
    opened = profile.opened()
    for each in of:
        opened = opened[each]
    assert opened["password"] == ANOTHER
    assert ANOTHER not in repr(profile)
