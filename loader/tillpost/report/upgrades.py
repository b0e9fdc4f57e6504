"""What an upgrade did: files, edits that stay, and the hashes that are others now."""

from tillpost.pipeline.upgrade import PATCH, Change, Upgrade
from tillpost.pipeline.upgrade_effect import Effect
from tillpost.report.diffs import diff_words
from tillpost.report.sums import plural

_SHOWN = 20
_NO_SALES = (
    "This version cannot build the files of before, so it is the last build that was compared: what"
    " the data\nchanged since is counted, too, and which sales enter or leave is not known."
)
_WORDS = {
    "replaced": "replaced",
    "added": "added",
    "removed": "removed",
    "migrated": "migrated",
    "yours": "left as yours",
}


def upgrade_words(found: Upgrade) -> str:
    """Files first, then the patches of what its owner edited, then what is sent."""
    if not (found.changes or found.left):
        return f"This project is up to date with Tillpost {found.new.version}."
    paths = {how: [_path(each) for each in found.changes if each.how == how] for how in _WORDS}
    counts = [
        f"{plural(len(paths[how]), 'file')} {words}" for how, words in _WORDS.items() if paths[how]
    ]
    was = f"of {found.old.version}" if found.old else "without a stamp"
    done = "is upgraded" if found.is_done else "would be upgraded"
    told = ", ".join(counts) or "no file is another one"
    head = f"This project {was} {done} to Tillpost {found.new.version}: {told}."
    if not found.changes:
        return "\n\n".join([head, *_left(found)])
    parts = [head, _listed(paths), *_patches(found), *_left(found), _effect_words(found.effect)]
    return "\n\n".join(parts)


def _path(change: Change) -> str:
    is_gone = change.how == "yours" and not change.patch
    return f"{change.path} (no longer ships)" if is_gone else change.path


def _listed(paths: dict[str, list[str]]) -> str:
    lines = []
    for how, names in paths.items():
        lines += [f"  {how:<9}{name}" for name in names[:_SHOWN]]
        if len(names) > _SHOWN:
            lines.append(f"  {how:<9}and {len(names) - _SHOWN:,} more")
    return "\n".join(lines)


def _patches(found: Upgrade) -> list[str]:
    kept = f"; git apply {PATCH} takes all of it" if found.is_done else ""
    heads = {
        "migrated": "Your files as they were (-), and as this version takes them (+):",
        "yours": f"From your files (-) to those that ship now (+){kept}:",
    }
    parts = []
    for how, head in heads.items():
        patches = [each.patch.rstrip("\n") for each in found.changes if each.how == how]
        if any(patches):
            parts += [head, *filter(None, patches)]
    return parts


def _left(found: Upgrade) -> list[str]:
    head = "What only you can do, since it depends on what you wrote:"
    return [head, *map(str, found.left)] if found.left else []


def _effect_words(effect: Effect) -> str:
    if effect.broken:
        return "The project does not compile with the new files: what is wrong is told below."
    if effect.diff is None and effect.hashed is None:
        return f"How many hashes change is not known: {effect.unknown}."
    head = f"Under the new rules {_changed(effect)}."
    if effect.diff is None:
        return f"{head}\n{_NO_SALES}"
    return head if effect.diff.is_empty else f"{head}\n\n{diff_words(effect.diff)}"


def _changed(effect: Effect) -> str:
    hashes, diff = effect.hashes, effect.diff
    # A build that stood too long, or over other data, was made anew by the old rules.
    is_anew = diff is not None and diff.edited and not diff.build
    whose = "of a build over the data of now" if is_anew else "of the last build"
    if not hashes:
        return f"no hash {whose} changes"
    count = sum(hashes.values())
    words = f"1 hash {whose} changes" if count == 1 else f"{count:,} hashes {whose} change"
    return f"{words}: {', '.join(f'{name} {number:,}' for name, number in hashes.items())}"
