"""Alerts: what a person should hear of once a run has ended, and telling it to a webhook."""

from tillpost.errors import EventsRefused, TillpostError, UsageError
from tillpost.pipeline.alert_facts import Ending, Facts, gather
from tillpost.pipeline.alert_messages import Alert, Message, as_json, as_slack, shown
from tillpost.pipeline.workspace import Run, Workspace
from tillpost.project.alerts import AlertSettings, alert_settings

_SHAPES = {"json": as_json, "slack": as_slack}
_LONGEST_TITLE = 200
_LONGEST_ERROR = 2000
_HOUR = 3600


def alert(workspace: Workspace, run: Run | None, ending: Ending) -> list[str]:
    """Look how things stand after a run, and tell whom the profile names; nothing is raised.

    Args:
        workspace: the project; its engine and ledger are closed.
        run: the run, None where it could not begin.
        ending: how it ended.

    Returns:
        Warnings: what could not be told.
    """
    profile = workspace.profile
    try:
        settings = alert_settings(profile.settings, where=profile.file, vault=profile.vault)
    except UsageError as error:
        return [f"the alerts webhook is not known: {error}"]
    if settings is None:
        return []
    facts = gather(workspace, run, ending, settings=settings) if run else Facts(ending=ending)
    message = Message(
        run_id=run.id if run else "",
        project=workspace.project.name,
        target=workspace.profile.target,
        at=ending.now,
        alerts=tuple(find_alerts(settings, facts)),
    )
    # What keeps them from being read has mostly failed the run too, and is told as its failure.
    is_blind = facts.unread and not ending.fault
    warnings = [f"alerts about the data were not looked for: {facts.unread}"] if is_blind else []
    return warnings + tell(settings, message)


def find_alerts(settings: AlertSettings, facts: Facts) -> list[Alert]:
    """What there is to tell, of the kinds that are asked for."""
    found = (
        _failure(facts.ending),
        _stale_data(settings, facts),
        _refused_share(settings, facts.ending),
        _expiring_value(settings, facts),
        _frequent_hash(facts),
    )
    return [each for each in found if each and each.kind in settings.on]


def tell(settings: AlertSettings | None, message: Message, *, first_wait: float = 1.0) -> list[str]:
    """Post one message with all its alerts; what is returned are warnings, without the address."""
    if settings is None or not message.alerts:
        return []
    reason = _post(settings, message, first_wait=first_wait)
    titles = "; ".join(each.title for each in message.alerts)
    return [f"the alerts webhook did not take the message ({reason}): {titles}"] if reason else []


def check(settings: AlertSettings, *, project: str, target: str, now: float) -> str:
    """Post a test message; says what was done.

    Raises:
        UsageError: the webhook did not take it.
    """
    test = Alert(kind="test", title="A test by tillpost debug: alerts arrive here", facts={})
    message = Message(run_id="debug", project=project, target=target, at=now, alerts=(test,))
    # A person waits here: what fails at first is told at once.
    reason = _post(settings, message, attempts=1)
    if reason:
        raise UsageError(
            "the alerts webhook did not take a test message",
            why=reason,
            fix="mend alerts.url or alerts.format in the profile",
        )
    return f"a test message went to the webhook, as {settings.format}"


def _post(
    settings: AlertSettings, message: Message, *, attempts: int = 3, first_wait: float = 1.0
) -> str:
    from tillpost import webhook  # noqa: PLC0415  HTTP takes its time, and most runs tell nobody

    content = _SHAPES[settings.format](message)
    return webhook.post(settings.url, content, attempts=attempts, first_wait=first_wait)


def _failure(ending: Ending) -> Alert | None:
    """Refused events are told as a share, unless they were so many that the run stopped."""
    error, is_broken = ending.fault, bool(ending.summary and ending.summary.is_broken)
    if error is None or (isinstance(error, EventsRefused) and not is_broken):
        return None
    code, words = TillpostError.exit_code, type(error).__name__
    # Whatever else was raised may quote a row.
    if isinstance(error, TillpostError):
        code, words = error.exit_code, str(error)
    return Alert(
        kind="failure",
        title=f"The run failed: {words.splitlines()[0][:_LONGEST_TITLE]}",
        facts={"exit_code": code, "error": words[:_LONGEST_ERROR]},
    )


def _stale_data(settings: AlertSettings, facts: Facts) -> Alert | None:
    if facts.newest_sales is None:
        return None
    sources = {name: shown(moment) for name, moment in facts.newest_sales.items()}
    if not sources:
        return Alert(kind="stale_data", title="No source has any sale", facts={"sources": sources})
    newest = max(facts.newest_sales.values())
    hours = (facts.ending.now - newest) / _HOUR
    if hours < settings.stale_after:
        return None
    return Alert(
        kind="stale_data",
        title=f"The newest sale is {hours:,.0f} hours old",
        facts={"newest_sale": shown(newest), "hours": round(hours, 1), "sources": sources},
    )


def _refused_share(settings: AlertSettings, ending: Ending) -> Alert | None:
    summary = ending.summary
    if summary is None or not summary.refused:
        return None
    share = summary.refused / (summary.refused + summary.accepted)
    if share < settings.refused_share:
        return None
    return Alert(
        kind="refused_share",
        title=f"{share:.2%} of the events were refused",
        facts={
            "refused": summary.refused,
            "accepted": summary.accepted,
            "share": round(share, 6),
            "codes": dict(summary.refused_by),
        },
    )


def _expiring_value(settings: AlertSettings, facts: Facts) -> Alert | None:
    """Where no value is known it may be any."""
    expiring = facts.expiring
    values = [each.value for each in expiring if each.value is not None]
    if not expiring or max(values, default=settings.min_value) < settings.min_value:
        return None
    events = sum(each.events for each in expiring)
    return Alert(
        kind="expiring_value",
        title=f"{events:,} unsent events expire within {settings.expires_within:g} hours",
        facts={
            "events": events,
            "value": {
                each.currency: each.value
                for each in expiring
                if each.currency and each.value is not None
            },
            "soonest": shown(min(each.soonest for each in expiring)),
        },
    )


def _frequent_hash(facts: Facts) -> Alert | None:
    """Which fields, and no hash: a receiver needs none."""
    if not facts.frequent:
        return None
    worst = max(facts.frequent, key=lambda each: each.share)
    return Alert(
        kind="frequent_hash",
        title=f"{worst.share:.2%} of the events with {worst.field} have the same hash",
        facts={
            "events": {each.field: each.events for each in facts.frequent},
            "shares": {each.field: each.share for each in facts.frequent},
        },
    )
