"""Which rule catches each honest author's plugin, and which one caught it before there were rules for it.

Sixteen of seventy-four were caught when they were written.
"""

from __future__ import annotations

from typing import Final

_TABLE = """
D12  -    IsKnownByItsConnection
E02  -    CutsTheKeyOfCustomersAtThirty
E09  -    CallsAFailedLookBeforeAWriteARefusal
E09  -    MakesCustomersInTwoSteps
E09  -    MakesOrdersInTwoSteps
E09  E04  SwallowsAFailedSecondWrite
E09  -    TakesAFailedSearchForNoArticle
E09  -    TakesAFailedSearchForNobody
F01  F01  AddsPersonsInTwoSteps
F11  -    DatesByTheMachine
H01  -    HasABudgetOfItsOwn
H01  -    TellsNobodyOfItsRequests
H02  -    GoesOnWhenItIsToldToStop
H03  -    BuysATokenForEachConnection
H04  -    KeepsTheCallOnItself
H05  -    AsksAgainForEver
O07  -    CutsReferencesAtForty
O07  -    CutsReferencesAtTwenty
O07  P05  SearchesTheBeginningOfAReference
O07  O07  WritesReferencesWithoutDashes
O17  O17  FindsAnArticleByAPartOfItsText
O21  -    ChangesTheFirstPerson
O21  -    ShowsPersonsOfNumbersThatBeginAlike
O21  -    TakesOneFirstNameForOnePerson
P05  P05  GivesAnOldNumberBack
P09  P01  JoinsArticlesOfOneText
P09  P01  RemembersItsPlaceInAList
P10  -    SkipsCustomersItCannotRead
P10  -    SkipsWhatItCannotRead
P11  -    GivesAllCustomersWhereNothingIsAsked
P11  -    GivesAllOrdersWhereNothingIsAsked
P12  -    PollsByReadingEverything
P12  -    ReadsTheWholeListForOneNumber
T01  -    FindsDraftsOnly
T01  -    LeavesAnnulledOrdersOut
T01  -    ListsBookedInvoicesAsDrafts
T01  -    ListsWhatIsNotAnnulled
T01  -    NeverSeesThatAnInvoiceIsAnnulled
T01  -    NeverSeesThatAnInvoiceIsBooked
T02  -    TakesAnInvoicedOrderForAnAnnulledOne
V01  O03  ChangesCurlyQuotes
V01  F03  CountsWholePiecesOnly
V01  -    CutsAtASemicolon
V01  -    DropsTheArticleOfARowWithAText
V01  O02  DropsTheFeeBesideFreight
V01  O03  EscapesForAPage
V01  -    JoinsLines
V01  -    KnowsTheFirstPlaneOnly
V01  -    KnowsTheNordicCountriesOnly
V01  -    KnowsTwoCurrenciesOnly
V01  -    LosesThePlusOfATelephone
V01  -    LowersAddressesOfMail
V01  -    MovesPastDatesToToday
V01  -    RoundsHalvesToEven
V01  -    SendsAReturnAsASale
V01  -    SendsPricesOfSevenDigitsAtMost
V01  -    SendsThousandsWithoutCents
V01  -    SqueezesBlanks
V01  -    TakesABusinessForDomesticWhereverItIs
V01  -    TakesANegativePriceForNothing
V01  -    TakesAWordForNothing
V01  -    TakesDigitsForNumbers
V01  O02  TakesEveryDateForOneOfThisYear
V01  -    TakesFreightForACostThatIsNeverRefunded
V01  O03  WritesLatinOne
V01  E02  WritesNamesInCapitals
V01  -    WritesPostalCodesInOnePiece
V02  -    MakesAnArticleWithoutANumberEachTime
V03  -    GivesOneDiscountOnly
V03  -    LeavesAFullDiscountOut
V03  -    ReadsNegativeSumsAsNothing
V04  O19  CountsEverythingInPieces
V04  -    GivesEveryCustomerThirtyDays
V04  -    SignsEveryDocument
V05  -    SendsAHundredRowsAtMost
"""

ROWS: Final = tuple((line.split()[0], line.split()[1], line.split()[2]) for line in _TABLE.strip().splitlines())
"""The rule now, the rule at first (``-``: none), and the plugin."""

CATCHES: Final = {name: rule for rule, _, name in ROWS}
AT_FIRST: Final = {name: rule for _, rule, name in ROWS if rule != "-"}
