"""What an upgrade did: files, edits that stay, and the hashes that are others now."""

from tillpost.pipeline.upgrade import PATCH, Upgrade
from tillpost.pipeline.upgrade_effect import Effect
from tillpost.report.diffs import diff_words
from tillpost.report.sums import plural

_SHOWN = 20
_WORDS = {"replaced": "replaced", "added": "added", "removed": "removed", "yours": "left as yours"}


def upgrade_words(found: Upgrade) -> str:
    """Files first, then the patches of what its owner edited, then what is sent."""
    if not found.changes:
        return f"This project is up to date with Tillpost {found.new.version}."
    paths = {how: [each.path for each in found.changes if each.how == how] for how in _WORDS}
    counts = [
        f"{plural(len(paths[how]), 'file')} {words}" for how, words in _WORDS.items() if paths[how]
    ]
    was = f"of {found.old.version}" if found.old else "without a stamp"
    done = "is upgraded" if found.is_done else "would be upgraded"
    head = f"This project {was} {done} to Tillpost {found.new.version}: {', '.join(counts)}."
    return "\n\n".join([head, _listed(paths), *_patches(found), _effect_words(found.effect)])


def _listed(paths: dict[str, list[str]]) -> str:
    lines = []
    for how, names in paths.items():
        lines += [f"  {how:<9}{name}" for name in names[:_SHOWN]]
        if len(names) > _SHOWN:
            lines.append(f"  {how:<9}and {len(names) - _SHOWN:,} more")
    return "\n".join(lines)


def _patches(found: Upgrade) -> list[str]:
    patches = [each.patch.rstrip("\n") for each in found.changes if each.patch]
    if not patches:
        return []
    kept = f"; git apply {PATCH} takes all of it" if found.is_done else ""
    return [f"From your files (-) to those that ship now (+){kept}:", *patches]


def _effect_words(effect: Effect) -> str:
    if effect.broken:
        return "The project does not compile with the new files: what is wrong is told below."
    if effect.diff is None:
        return f"How many hashes change is not known: {effect.unknown}."
    hashes = effect.hashes
    if hashes:
        fields = ", ".join(f"{name} {count:,}" for name, count in hashes.items())
        head = f"Under the new rules {_changed(sum(hashes.values()))}: {fields}."
    else:
        head = "Under the new rules no hash of the last build changes."
    return head if effect.diff.is_empty else f"{head}\n\n{diff_words(effect.diff)}"


def _changed(count: int) -> str:
    verb = "changes" if count == 1 else "change"
    return f"{count:,} hash{'' if count == 1 else 'es'} of the last build {verb}"
