"""What the CRM calls an article's group and unit, and what the ERP does. Pure.

The mirror has the ERP's names on both sides, so that what is called otherwise is no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from erpcore.models import Article
from erpcore.sync.shared.rows import unit_code
from erpcore.sync.shared.rules import SyncRules


@dataclass(frozen=True)
class Naming:
    """The names of one sync.

    Attributes:
        rules: The sync's rules, with its tables of groups and units.
    """

    rules: SyncRules

    @property
    def groups(self) -> Mapping[str, str]:
        """The ERP's codes of groups, by the CRM's names."""
        return self.rules.article_groups

    def by_erp(self, article: Article, units: Mapping[str, str]) -> Article:
        """Give an article of the CRM as the ERP names its group and unit.

        Args:
            article: As the CRM shows it.
            units: The ERP's codes of units, by the CRM's words.
        """
        named: dict[str, str] = {}
        if article.group in self.groups:
            named["group"] = self.groups[str(article.group)]
        if article.unit:
            named["unit"] = unit_code(article.unit, units, self.rules)
        return article.model_copy(update=named) if named else article

    def by_crm(self, article: Article) -> Article:
        """Give an article that the CRM is told, with its own name of the group.

        Args:
            article: As the ERP names it.
        """
        names = {code: name for name, code in self.groups.items()}
        return article.model_copy(update={"group": names[str(article.group)]}) if article.group in names else article
