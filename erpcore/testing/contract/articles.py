"""Rules O12, O23, O24, O34 and O38: articles that are made equal to those of another system, and several at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, cast

from erpcore.errors import ErpcoreError, GoneMeanwhileError, RecordError, RejectedError
from erpcore.fields import Field
from erpcore.models import Article, ArticleQuery, ArticleSync, Ref
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.base import Contract, needs
from erpcore.testing.contract.makers import SEVERAL
from erpcore.testing.samples import Samples, entries, outside, shown
from erpcore.testing.tap import Answer

_MANY = 105


class Articles(Contract):
    """The rules about `sync_articles`."""

    @needs("sync_articles", "find_articles")
    def test_O12_articles_are_made_equal_and_counted(self, bench: Bench, samples: Samples) -> None:
        """`sync_articles` tells made, changed and unchanged articles apart, and a second run changes nothing."""
        erp = bench.erp(**self.paging)
        wanted = [_priced(samples, f"SYNC-{n}", f"Artikel {n}", Decimal(n)) for n in range(1, SEVERAL + 1)]
        numbers = tuple(str(article.number) for article in wanted)
        assert erp.sync_articles(wanted, context()).created == numbers
        wanted[1] = _priced(samples, "SYNC-2", "Ändrad artikel", Decimal("20.50"))
        done = erp.sync_articles(wanted, context())
        assert (done.created, done.updated, done.unchanged) == ((), ("SYNC-2",), (numbers[0], *numbers[2:]))
        (held,) = erp.find_articles(ArticleQuery(number="SYNC-2"), context())
        assert (held.description, held.price) == ("Ändrad artikel", Decimal("20.50"))
        wanted[1] = wanted[1].model_copy(update={"price": Decimal("20.51")})
        assert erp.sync_articles(wanted, context()).updated == ("SYNC-2",), "a price that differs by 0.01 is left"
        (held,) = erp.find_articles(ArticleQuery(number="SYNC-2"), context())
        assert held.price == Decimal("20.51")
        small = wanted[1].model_copy(update={"number": "sync-2", "description": "Med små bokstäver"})
        attempt(partial(erp.sync_articles, [small], context()), ErpcoreError)
        assert list(erp.find_articles(ArticleQuery(number="SYNC-2"), context())) == [held], "sync-2 has changed SYNC-2"
        held_before = bench.state()
        again = erp.sync_articles(wanted, context())
        assert again.unchanged == numbers
        assert bench.state() == held_before
        paths = [
            path
            for path, _, entry in entries(erp.plugin.field_maps, "article")
            if isinstance(entry, Field) and entry.direction == "both"
        ]
        erp.sync_articles([cast(Article, samples.record("article", *paths, number="SYNC-2"))], context())
        (before,) = erp.find_articles(ArticleQuery(number="SYNC-2"), context())
        assert erp.sync_articles([Article(number="SYNC-2", description="Annan text")], context()).updated == ("SYNC-2",)
        (after,) = erp.find_articles(ArticleQuery(number="SYNC-2"), context())
        different = [path for path in paths if shown(after, path) != shown(before, path)]
        assert different == ["description"], "fields that the article does not show are changed"

    @needs("sync_articles", "find_articles", "find_many_articles")
    def test_O34_several_articles_are_found_as_each_alone(self, bench: Bench) -> None:
        """Several articles are found at once as each alone, by number or key, inactive too, in fewer requests."""
        erp = bench.erp(**self.paging)
        made = [Article(number=f"MANY-{at}", description=f"Artikel {at}", price=Decimal(1)) for at in range(SEVERAL)]
        erp.sync_articles(made, context())
        erp.sync_articles([Article(number="MANY-1", active=False)], context())
        wanted = [Ref(number=number) for number in (*(str(each.number) for each in made), "MANY-", "MANY-NOT")]
        alone: list[Article] = []
        together: list[Article] = []

        def ask_for_each() -> None:
            alone.extend(
                found for ref in wanted for found in erp.find_articles(ArticleQuery(number=ref.number), context())
            )

        several = len(bench.said(ask_for_each))
        once = len(bench.said(lambda: together.extend(erp.find_many_articles(wanted, context()))))
        assert sorted(together, key=_number) == sorted(alone, key=_number)
        assert len(alone) == SEVERAL, "each that was made is found, and nothing else"
        assert once < several, f"{once} requests for several at once, {several} for each alone"
        keyed = sorted((each for each in alone if each.key is not None), key=_number)
        by_key = erp.find_many_articles([Ref(number="MANY-NOT", key=each.key) for each in keyed], context())
        assert sorted(by_key, key=_number) == keyed
        assert not bench.said(lambda: together.extend(erp.find_many_articles([], context()))), "nothing is asked for"

    @needs("sync_articles")
    def test_O23_a_refused_article_is_told(self, bench: Bench, samples: Samples) -> None:
        """Of no articles nothing is made, and an article that is refused, new or changed, comes out as a refusal."""
        assert bench.erp().sync_articles([], context()) == ArticleSync()
        refused = next(
            (each.answer for each in self.native_errors if each.situation == "values" and each.of != "read"), None
        )
        assert isinstance(refused, Answer), "state an example of values that are refused in `native_errors`"
        price = samples.value("article", "price")
        new = cast(Article, samples.record("article", number="K-7011", price=price))
        changed = new.model_copy(update={"description": "Ändrad artikel"})
        for articles in ([new], [new, changed]):
            bench.reset()
            erp = bench.erp()
            for each in articles:
                sent = bench.said(partial(erp.sync_articles, [each], context()), watch=True)
            at = next(number for number, request in enumerate(sent) if request.changed)
            bench.reset()
            erp = bench.erp()
            for each in articles[:-1]:
                erp.sync_articles([each], context())
            bench.tap.clear()
            bench.answer(refused, at)
            error = attempt(partial(erp.sync_articles, articles[-1:], context()), ErpcoreError)
            assert isinstance(error, RejectedError | RecordError), f"the system refuses it, and {error!r} comes out"
        self._one_of_several(bench, new, refused)

    @staticmethod
    def _one_of_several(bench: Bench, article: Article, refused: Answer) -> None:
        """The second of three is refused: that comes out, or each number is told."""
        bench.reset()
        articles = [article.model_copy(update={"number": number}) for number in ("K-7011", "K-7013", "K-7014")]
        sent = bench.said(partial(bench.erp().sync_articles, articles, context()), watch=True)
        changing = [number for number, request in enumerate(sent) if request.changed]
        at = next((number for number in changing if "K-7013" in sent[number].text), None)
        if at is None:
            return  # the system alone gives numbers, or takes all of them at once
        bench.reset()
        bench.answer(refused, at, at)
        done: list[ArticleSync] = []
        error = attempt(lambda: done.append(bench.erp().sync_articles(articles, context())), ErpcoreError)
        told = {number for each in done for number in (*each.created, *each.updated, *each.unchanged)}
        assert error is not None or told == {str(each.number) for each in articles}, (
            f"one of three articles is refused, nobody is told, and of the others {told} are"
        )

    @needs("sync_articles")
    def test_O38_an_article_that_is_gone_is_not_made(self, bench: Bench, samples: Samples) -> None:
        """An article that was seen and is not there any more is told as gone, and not made of what was to change."""
        erp, seen = bench.erp(), replace(context(), seen=Article(number="K-7019", description="Som den var"))
        before = bench.counts()
        article = cast(Article, samples.record("article", number="K-7019", price=samples.value("article", "price")))
        error = attempt(partial(erp.sync_articles, [article], seen), ErpcoreError)
        assert isinstance(error, GoneMeanwhileError), f"it is gone meanwhile, and {error!r} comes out"
        assert bench.counts() == before, "it is told as gone, and yet it was made"
        erp.sync_articles([article], context())
        changed = article.model_copy(update={"description": "Ändrad artikel"})
        there = erp.sync_articles([changed], replace(seen, seen=article))
        assert (there.updated, there.created) == (("K-7019",), ()), "it was seen and is there, and is not changed"

    @needs("sync_articles")
    def test_O24_an_article_that_does_not_fit_is_changed_once(self, bench: Bench, samples: Samples) -> None:
        """Each of many articles is told and listed, and one that is held cut or rounded is not changed at each run."""
        erp = bench.erp()
        values: dict[str, Any] = {"number": "K-7012", "price": samples.value("article", "price")}
        for path, _, entry in entries(erp.plugin.field_maps, "article"):
            if isinstance(entry, Field) and entry.direction == "both" and path != "number":
                for bound in entry.narrow:
                    if (value := outside(bound, samples.value("article", path))) is not None:
                        values[path] = value
        article = cast(Article, samples.with_values("article", values))
        erp.sync_articles([article], context())
        before = bench.state()
        again = erp.sync_articles([article], context())
        assert (again.unchanged, again.updated) == (("K-7012",), ()), "it is changed at each run"
        assert bench.state() == before
        many = [article.model_copy(update={"number": f"K-{7100 + at}"}) for at in range(_MANY)]
        numbers = tuple(str(each.number) for each in many)
        assert erp.sync_articles(many, context()).created == numbers
        again = erp.sync_articles(many, context())
        assert again.unchanged == numbers, f"of {_MANY} articles that are there, {len(again.unchanged)} are unchanged"
        if erp.can("fetch_articles"):
            missing, cursor = set(numbers), None
            for _ in range(_MANY):
                page = erp.fetch_articles(None, cursor, context())
                missing -= {str(each.number) for each in page.items}
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert not missing, f"of {_MANY} articles {len(missing)} are not listed"


def _number(article: Article) -> str:
    return str(article.number)


def _priced(samples: Samples, number: str, description: str, price: Decimal) -> Article:
    return cast(Article, samples.record("article", number=number, description=description, price=price))
