"""What every kind of step is: one class, with its words, the hook that it needs, and what it does.

A new kind of step is a new class in one file of this folder, and a place in a plan that makes it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from erpcore.models import CanonicalModel

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt


@dataclass(frozen=True)
class CustomerOf:
    """A company's customer as a step leaves it.

    Attributes:
        company_id: The CRM's key of the company.
        digest: Of what the CRM shows of the company.
    """

    company_id: str
    digest: str


class Step(BaseModel, ABC):
    """One thing to do for a record.

    It hands on what it made through links and the ledger, not through memory: the next step, and the next attempt after
    a break, find it there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    """What it is called in stories and plans."""
    hook: ClassVar[str | None] = None
    """The hook that the target must have; a plan with such a step is refused where it has not."""

    @property
    def sends(self) -> CanonicalModel | None:
        """The record that would go to the target, whose losses are told beforehand; None where none does."""
        return None

    @property
    def changes(self) -> bool:
        """Whether `sends` changes a record that is there, so that an empty field clears one."""
        return False

    @property
    def new_rows(self) -> Collection[int]:
        """Rows of `sends`, from 0, whose article a step before this one makes."""
        return ()

    @property
    def stands(self) -> tuple[str, str, Mapping[str, object]] | None:
        """What the story says with the plan, as kind, text and data, where all is done already and `do` rests."""
        return None

    @property
    def sees_to(self) -> CustomerOf | None:
        """The company whose customer has all that the CRM shows of it once this is done; None where that is not so."""
        return None

    @abstractmethod
    def words(self) -> str:
        """Say what it would do, for people who look before anything is sent."""

    @abstractmethod
    def do(self, attempt: Attempt) -> str | None:
        """Do it, once, however often it is tried.

        Args:
            attempt: The attempt at work.

        Returns:
            The number of the record that was made, found or told; None when nothing came of it.

        Raises:
            ComeBackLater: Not now: the whole run is read and planned anew later.
            UncertainEffectError: A person must decide.
            TurnLostError: Another worker has the run by now.
            ErpcoreError: A system refused, or did not answer.
        """
