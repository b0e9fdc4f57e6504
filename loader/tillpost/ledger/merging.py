"""The SQL that takes in another ledger's entries, which stand in the table `arrivals`.

Of a key that both know the stronger state stands afterwards. A person's `lost` that the other side
has not heard of takes away what had left before it, unless that was accepted or forgotten.
"""

from tillpost.ledger.layout import COLUMNS
from tillpost.ledger.standing import STANDING

FORGOTTEN = "select distinct cast(sale_key as varchar) from arrivals where state = 'forgotten'"

# What is forgotten on either side does not come back.
DETAIL = """
delete from arrivals
where
    state <> 'forgotten'
    and sale_key in (
        select sale_key from {entries} where state = 'forgotten'
        union all
        select sale_key from arrivals where state = 'forgotten'
    )
"""

_ALL = ", ".join(COLUMNS)
_STRENGTHS = ("expired", "refused", "leaving", "held", "accepted", "forgotten")


def _strength(side: str) -> str:
    cases = (f"when '{state}' then {place}" for place, state in enumerate(_STRENGTHS, 1))
    return f"case {side}.state {' '.join(cases)} else 0 end"


def _side(name: str, entries: str) -> str:
    """The table of what stands of each key that arrives, on one side."""
    columns = ", ".join(f"entries.{column}" for column in COLUMNS if column != "event_key")
    return f"""
    create temporary table {name} as
    {STANDING.replace("{entries}", entries)}
    select arriving.event_key, {columns}, first_left_at, lost_at
    from (select distinct event_key from arrivals) as arriving
    left join standing on arriving.event_key = standing.event_key
    left join {entries} as entries
        on standing.event_key = entries.event_key and standing.newest = entries.entry
    left join lost on arriving.event_key = lost.event_key
    """


OURS = _side("ours", "{entries}")
THEIRS = _side("theirs", "arrivals")
AFTER = _side("merged", "{entries}")

# The day is that on which it was written here: who reads what is new since a day must see it.
_ARRIVING = ", ".join("cast($1 as date)" if name == "day" else name for name in COLUMNS)

ADD = f"""
insert into {{schema}}.singles ({_ALL})
select {_ARRIVING}
from arrivals
where
    not exists (
        select 1
        from {{entries}} as known
        where
            known.event_key = arrivals.event_key
            and known.state = arrivals.state
            and known.run_id = arrivals.run_id
            and known.batch = arrivals.batch
            and known.attempt = arrivals.attempt
            and known.written_at = arrivals.written_at
    )
order by entry
"""


def _left(side: str, other: str) -> str:
    """How strong one side's state is, once the other's word that it was lost is heard."""
    return f"""
    case
        when
            {side}.state not in ('accepted', 'forgotten')
            and {other}.lost_at > coalesce({side}.lost_at, timestamp '0001-01-01')
            and {other}.lost_at > coalesce({side}.first_left_at, {side}.written_at)
        then 0
        else {_strength(side)}
    end
    """


def _again(side: str) -> str:
    """Entries of one side, as if written now; what left did so when it did."""
    changed = {
        "written_at": "case when state = 'leaving' then first_left_at else written_at end",
        "day": "cast($1 as date)",
    }
    columns = ", ".join(changed.get(column, column) for column in COLUMNS)
    other = "theirs" if side == "ours" else "ours"
    is_ours = f"{_left('ours', 'theirs')} >= {_left('theirs', 'ours')}"
    return f"""
    select {columns}
    from {side}
    where event_key in (
        select ours.event_key
        from ours
        inner join theirs on ours.event_key = theirs.event_key
        inner join merged on ours.event_key = merged.event_key
        where
            (
                {is_ours if side == "ours" else f"not ({is_ours})"}
                and {_left(side, other)} > {_strength("merged")}
            )
            -- or a first attempt without an answer would be forgotten for the other side's lost
            or (
                {side}.state = 'leaving'
                and merged.state = 'leaving'
                and {_left(side, other)} > 0
                and {side}.first_left_at < merged.first_left_at
            )
    )
    """


AGAIN = f"""
insert into {{schema}}.singles ({_ALL})
{_again("ours")}
union all
{_again("theirs")}
"""

TABLES = ("ours", "theirs", "merged", "arrivals")
