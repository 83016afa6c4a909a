"""The text of a mail, in its reader's language, as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from erpcore.languages import Language, translated
from erpcore.languages.details import translated_detail
from erpcore.plugin import Plugin
from erpcore.problem import Problem
from erpcore.remedy import WHO, Remedy, remedy_for

if TYPE_CHECKING:
    from jinja2 import Environment

PluginOf = Callable[[str], "type[Plugin[Any]] | None"]
"""Gives the plugin of a connection, by the connection's name; None when it cannot be told."""


@dataclass(frozen=True)
class Letter:
    """A mail without its addresses.

    Attributes:
        subject: One line.
        text: Plain text.
        html: The same as HTML.
    """

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Part:
    """What a mail says of one cause; every text in the reader's language.

    Attributes:
        title: What it is, in a few words.
        meaning: The same in a sentence.
        why: What the system and erpcore say of it.
        heading: What the list of records is of.
        records: The records, in words.
        more: How many more there are.
        who: Who can mend it.
        steps: How.
        since: Since when.
        over: Whether it is over.
        about: What the subject line says beside the title.
    """

    title: str
    meaning: str
    why: Sequence[str]
    heading: str
    records: Sequence[str]
    more: str | None
    who: str | None
    steps: Sequence[str]
    since: str
    over: bool
    about: str


def words_for(problem: Problem, plugin_of: PluginOf, language: Language = "en") -> Remedy:
    """Give the words for a problem in a language.

    Args:
        problem: The problem.
        plugin_of: Gives the plugin that has words of its own.
        language: Which language.
    """
    plugin = None if problem.connection is None else plugin_of(problem.connection)
    if plugin is None:
        return remedy_for(problem, language=language)
    return remedy_for(problem, plugin.remedies, language, plugin.remedy_words)


def letter(
    sync: str, news: Sequence[Mapping[str, Any]], language: Language, time_zone: str, plugin_of: PluginOf
) -> Letter:
    """Write a mail.

    Args:
        sync: Name of the sync that it is about.
        news: What is told, as `erpcore.notify.notices` keeps it.
        language: The reader's.
        time_zone: Where the reader is.
        plugin_of: Gives the plugin that has words of its own.
    """
    parts = [_part(each, language, ZoneInfo(time_zone), plugin_of) for each in news]
    named = [part for part in parts if not part.over] or parts
    if len(named) == 1:
        subject = f"{named[0].title}: {named[0].about}"
    else:
        many = "{count} things are well again" if named[0].over else "{count} things need somebody"
        subject = translated(many, language).format(count=len(named))
    return _written(sync, subject, parts, language)


def trial_letter(sync: str, language: Language) -> Letter:
    """Write a mail that only tries the settings.

    Args:
        sync: Name of the sync.
        language: The reader's.
    """
    title = translated("A mail to try it", language)
    text = translated(
        "This mail was sent to try the settings. Mails about the sync {sync} will come to this address.", language
    )
    part = _Part(title, text.format(sync=sync), (), "", (), None, None, (), "", over=True, about="")
    return _written(sync, title, [part], language)


def _written(sync: str, subject: str, parts: Sequence[_Part], language: Language) -> Letter:
    foot = translated(
        "erpcore sends this mail for the sync {sync}. “erpcore status” shows everything.", language
    ).format(sync=sync)
    names = ("What to do", "Who can", "Why", "Since")
    given = {
        "parts": parts,
        "foot": foot,
        "language": language,
        "subject": subject,
        "words": {name: translated(name, language) for name in names},
    }
    subject = " ".join(f"[erpcore {sync}] {subject}".split())[:200]
    text, html = (_templates().get_template(name).render(given) for name in ("mail.txt.j2", "mail.html.j2"))
    return Letter(subject, text, html)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("erpcore.notify"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _part(news: Mapping[str, Any], language: Language, zone: ZoneInfo, plugin_of: PluginOf) -> _Part:
    def told(text: str, **facts: object) -> str:
        return translated(text, language).format(**facts)

    problem = Problem.model_validate(news["problem"])
    remedy = words_for(problem, plugin_of, language)
    over, records = news["kind"] == "over", news["records"]
    left = news["shown_of"] - len(records)
    if news["count"] == 1 and records:
        about = _record(records[0], language)
    elif news["count"]:
        about = told("1 record") if news["count"] == 1 else told("{count} records", count=news["count"])
    else:
        about = problem.connection or ""
    since = datetime.fromisoformat(news["since"]).astimezone(zone)
    run = str(records[0]["run"]) if len(records) == 1 and news["count"] == 1 else "RUN"
    return _Part(
        title=f"{told('Well again')}, {remedy.label[:1].lower()}{remedy.label[1:]}" if over else remedy.label,
        meaning=told("Nothing waits for this any more.") if over else remedy.meaning,
        why=() if over else tuple(_why(problem, language)),
        heading=_heading(news, told),
        records=[_record(each, language, with_result=over) for each in records],
        more=told("and {count} more", count=left) if left > 0 else None,
        who=None if over else told(WHO[remedy.who]),
        steps=()
        if over
        else [step.replace("RUN", run) for step in remedy.steps] or [told("It is tried again by itself.")],
        since=f"{since:%Y-%m-%d %H:%M}",
        over=over,
        about=about,
    )


def _heading(news: Mapping[str, Any], told: Callable[..., str]) -> str:
    if news["kind"] == "over":
        return told("What became of it")
    waits = all(record["state"] != "failed" for record in news["records"])
    heading = told("What waits" if waits else "What failed")
    if news["kind"] == "more":
        return f"{heading} ({told('new since the last mail')}: {news['new']})"
    return heading


def _why(problem: Problem, language: Language) -> list[str]:
    lines = []
    if problem.vendor_text:
        code = f" ({problem.vendor_code})" if problem.vendor_code else ""
        says = translated("{connection} says: {words}", language)
        lines.append(says.format(connection=problem.connection or "", words=f"{problem.vendor_text}{code}"))
    if problem.message:
        # What a plugin found is told in English where nobody has translated it: better that than not at all.
        in_english = f"{problem.message} ({translated('in English', language)})"
        lines.append(translated_detail(problem.message, language) or in_english)
    return lines


def _record(record: Mapping[str, Any], language: Language, *, with_result: bool = False) -> str:
    kind = translated(record["kind"], language)
    text = " ".join(filter(None, (kind, record["id"], record["name"])))
    text = ", ".join(filter(None, (text, record["customer"])))
    if not with_result:
        return text
    documents = [f"{translated(name, language)} {number}" for name, number in (record["documents"] or {}).items()]
    ends = {"set_aside": "set aside", "nothing": "nothing to do"}
    result = translated(ends.get(record["state"], "sent"), language)
    return f"{text}: {', '.join(documents) if documents and record['state'] == 'done' else result}"
