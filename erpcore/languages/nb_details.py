"""Norwegian (Bokmål) of what erpcore itself says of one record: whole sentences, with what they name in braces.

The single words at the end are what may stand in a brace.
"""

from __future__ import annotations

from collections.abc import Mapping

BOKMAL_DETAILS: Mapping[str, str] = {
    "The deal has no name, which is the text of its row.": "Salget har ikke noe navn, som er linjens tekst.",
    "The deal has no value.": "Salget har ingen verdi.",
    "The CRM does not show the deal's value.": "CRM-systemet viser ikke verdien på salget.",
    "The deal has no company.": "Salget har ikke noe firma.",
    "The CRM does not show the deal's company.": "CRM-systemet viser ikke firmaet på salget.",
    "The order has no rows.": "Ordren har ingen linjer.",
    "The CRM does not show the order's rows.": "CRM-systemet viser ikke linjene på ordren.",
    "The order has neither a customer number nor a company.": "Ordren har verken kundenummer eller firma.",
    "The order's customer is not in the ERP.": "Kunden på ordren finnes ikke i økonomisystemet.",
    "The ERP has no customer {number}, and the order names no company to create it from.": (
        "Økonomisystemet har ingen kunde {number}, og ordren oppgir ikke noe firma å opprette den fra."
    ),
    "The CRM does not show the order's company.": "CRM-systemet viser ikke firmaet på ordren.",
    "No sync is for the order's ERP db “{key}”.": "Ingen synk gjelder for ordrens ERP db «{key}».",
    "The order does not say which ERP db it goes to.": "Ordren oppgir ikke hvilken ERP db den skal til.",
    (
        "The order has the order number {number}, which erpcore did not write. As long as it has a value, "
        "nothing is made."
    ): (
        "Ordren har ordrenummeret {number}, som erpcore ikke har skrevet. Så lenge det er utfylt, lages det ingenting."
    ),
    (
        "The order's customer {number} is “{name}” ({theirs}) in the ERP, and its company is {company} with the "
        "organisation number {ours}."
    ): (
        "Ordrens kunde {number} er «{name}» ({theirs}) i økonomisystemet, og firmaet er {company} med "
        "organisasjonsnummeret {ours}."
    ),
    "The company was changed, but the ERP has no customer {number}, which is its customer number.": (
        "Firmaet ble endret, men økonomisystemet har ingen kunde {number}, som er kundenummeret."
    ),
    "The company was changed, but it has no customer number, so it is no customer in the ERP.": (
        "Firmaet ble endret, men det har ikke noe kundenummer og er altså ingen kunde i økonomisystemet."
    ),
    "The company has no name.": "Firmaet har ikke noe navn.",
    "The company has no organisation number, by which its customer is recognised in the ERP.": (
        "Firmaet har ikke noe organisasjonsnummer, som kunden kjennes igjen på i økonomisystemet."
    ),
    "The CRM does not show the company's organisation number, by which its customer is recognised.": (
        "CRM-systemet viser ikke firmaets organisasjonsnummer, som kunden kjennes igjen på."
    ),
    "The company's country “{country}” is not known, so its organisation number “{number}” cannot be checked.": (
        "Firmaets land «{country}» er ukjent, så organisasjonsnummeret «{number}» kan ikke kontrolleres."
    ),
    (
        "The company's country is {country}, whose organisation numbers cannot be checked, and “{number}” is no "
        "VAT number of that country either."
    ): (
        "Firmaets land er {country}, der organisasjonsnumre ikke kan kontrolleres, og «{number}» er heller ikke "
        "et mva-nummer i det landet."
    ),
    (
        "The company is new in the ERP and in {country}, and the CRM shows no VAT number: nobody can tell "
        "whether it is to be charged VAT."
    ): (
        "Firmaet er nytt i økonomisystemet og er i {country}, og CRM-systemet viser ikke noe mva-nummer: ingen "
        "kan si om det skal betale mva."
    ),
    "The {kind}'s company {company} is not in the CRM (any more).": (
        "Firmaet {company} finnes ikke (lenger) i CRM-systemet."
    ),
    "The CRM does not show the {kind}'s currency.": "CRM-systemet viser ikke valutaen ({kind}).",
    "The {kind}'s currency {currency} is not one that the ERP has ({currencies}).": (
        "Valutaen {currency} finnes ikke i økonomisystemet ({currencies})."
    ),
    "The custom field “{title}” says “{text}”, which is no date.": (
        "Det egendefinerte feltet «{title}» inneholder «{text}», som ikke er en dato."
    ),
    "The contact person has no name.": "Kontaktpersonen har ikke noe navn.",
    "{count} customers in the ERP fit the company.": "{count} kunder i økonomisystemet passer til firmaet.",
    "The ERP shows a customer that fits without its number.": (
        "Økonomisystemet viser en kunde som passer, uten nummeret."
    ),
    "The ERP has no customer {number}, which is the customer number in the CRM.": (
        "Økonomisystemet har ingen kunde {number}, som er kundenummeret i CRM-systemet."
    ),
    "The customer that fits is inactive in the ERP: {customer}.": (
        "Kunden som passer, er inaktiv i økonomisystemet: {customer}."
    ),
    "Customer {number} in the ERP is company {owner} of the CRM already, and now {company} would be it too.": (
        "Kunde {number} i økonomisystemet er allerede firma {owner} i CRM-systemet, og nå ville {company} også "
        "være det."
    ),
    "{count} customers in the ERP fit the one that was being created: {customers}.": (
        "{count} kunder i økonomisystemet passer til den som skulle opprettes: {customers}."
    ),
    "The article “{text}” ({number}) of row {row} is not in the ERP.": (
        "Varen «{text}» ({number}) på linje {row} finnes ikke i økonomisystemet."
    ),
    "The article “{text}” of row {row} is not in the ERP.": (
        "Varen «{text}» på linje {row} finnes ikke i økonomisystemet."
    ),
    "The article “{text}” ({number}) of row {row} is inactive in the ERP.": (
        "Varen «{text}» ({number}) på linje {row} er inaktiv i økonomisystemet."
    ),
    "The article {number} is not in the ERP, and the row has no text to create it with.": (
        "Varen {number} finnes ikke i økonomisystemet, og linjen har ingen tekst å opprette den med."
    ),
    "Row {row} (“{text}”) names no article number, and the ERP has exactly this text as {numbers}.": (
        "Linje {row} («{text}») oppgir ikke noe varenummer, og økonomisystemet har nøyaktig denne teksten som "
        "{numbers}."
    ),
    "The article “{text}” of row {row} was not created: {why}": (
        "Varen «{text}» på linje {row} ble ikke opprettet: {why}"
    ),
    "The article “{text}” of rows {rows} was not created: {why}": (
        "Varen «{text}» på linjene {rows} ble ikke opprettet: {why}"
    ),
    "The article “{text}” was not created: {why}": "Varen «{text}» ble ikke opprettet: {why}",
    "{count} articles in the ERP fit the one that was being created: {numbers}.": (
        "{count} varer i økonomisystemet passer til den som skulle opprettes: {numbers}."
    ),
    "Article {number} was changed in the CRM and in the ERP. {differences}": (
        "Vare {number} ble endret både i CRM-systemet og i økonomisystemet. {differences}"
    ),
    "{field} is {theirs} in the CRM and {ours} in the ERP.": (
        "{field} er {theirs} i CRM-systemet og {ours} i økonomisystemet."
    ),
    "Row {row} has neither text nor article number.": "Linje {row} har verken tekst eller varenummer.",
    "Row {row} (“{text}”) has a discount, but no quantity, price or article to take it off.": (
        "Linje {row} («{text}») har en rabatt, men ikke noe antall, pris eller vare å trekke den fra."
    ),
    (
        "Row {row} (“{text}”) names the article {ours}, which the ERP does not have; it has {theirs}, whose number "
        "differs by spaces or hyphens alone."
    ): (
        "Linje {row} («{text}») oppgir artikkelen {ours}, som ikke finnes i økonomisystemet; der finnes {theirs}, og "
        "numrene er ulike bare i mellomrom eller bindestreker."
    ),
    "Row {row} (“{text}”) has the quantity 0.": "Linje {row} («{text}») har antallet 0.",
    "Row {row} (“{text}”) has a price and no article, and {system} takes VAT and account from the article.": (
        "Linje {row} («{text}») har en pris, men ingen vare, og {system} tar mva og konto fra varen."
    ),
    "The {kind} is worth {total}, less than nothing.": "Verdien er {total}, mindre enn null ({kind}).",
    "It has {count} rows, and {system} takes {most} at most.": (
        "Den har {count} linjer, og {system} tar høyst {most}."
    ),
    "Row {row}: {system} has no “{value}” among its {register}.": (
        "Linje {row}: {system} har ikke «{value}» blant sine {register}."
    ),
    "{system} has no “{value}” among its {register}.": "{system} har ikke «{value}» blant sine {register}.",
    (
        "{document} {number} was made for customer {customer}, which is {now} in the ERP now; the company's was "
        "{before}."
    ): (
        "{document} {number} ble laget for kunde {customer}, som nå er {now} i økonomisystemet; firmaets var {before}."
    ),
    (
        "Customer {number} is {now} in the ERP now, and was {before} when the company was linked to it: nobody can "
        "tell whether it still is the company's."
    ): (
        "Kunde {number} er nå {now} i økonomisystemet, og var {before} da firmaet ble koblet til den: ingen kan si om "
        "den fortsatt er firmaets."
    ),
    "{document} {number} was made, but does not come to what was agreed. {differences}": (
        "{document} {number} ble laget, men summen ble ikke det som var avtalt. {differences}"
    ),
    "The ERP computed {theirs} as {sum}; {ours} was agreed in the CRM.": (
        "Økonomisystemet regnet ut {theirs} som {sum}; i CRM-systemet ble {ours} avtalt."
    ),
    "The ERP's document is in {theirs}; {ours} excluding VAT was agreed in the CRM.": (
        "Økonomisystemets dokument er i {theirs}; i CRM-systemet ble {ours} uten mva avtalt."
    ),
    "The CRM shows {shown} as {sum}, but the rows come to {rows}.": (
        "CRM-systemet viser {shown} som {sum}, men linjene blir {rows}."
    ),
    "Row {row} (“{text}”) comes to {ours}, and the ERP would make {theirs} of it.": (
        "Linje {row} («{text}») blir {ours}, og økonomisystemet ville gjøre {theirs} av den."
    ),
    "Values would not arrive as they are, and the rule says stop: {losses}": (
        "Verdier ville ikke komme fram som de er, og regelen sier stopp: {losses}"
    ),
    "The rules say that this must not be lost: {losses}.": "Reglene sier at dette ikke må gå tapt: {losses}.",
    "Nobody can tell whether {operation} was carried out in the ERP: {why}": (
        "Ingen kan si om dette ble gjort i økonomisystemet ({operation}): {why}"
    ),
    "{operation} broke off, and the ERP does not show whether it was carried out: {why}": (
        "Det ble avbrutt ({operation}), og økonomisystemet viser ikke om det ble gjort: {why}"
    ),
    "An earlier attempt at {operation} has no answer, and it cannot be looked for: {why}": (
        "Et tidligere forsøk ({operation}) har ikke noe svar, og det går ikke an å søke etter det: {why}"
    ),
    "The answer to {operation} is missing.": "Svaret på {operation} mangler.",
    "the answer is missing": "svaret mangler",
    "The ERP has more than one document that was made for this: {documents}.": (
        "Økonomisystemet har mer enn ett dokument som ble laget for dette: {documents}."
    ),
    ("The ERP has more than one document that was made for this: {documents}. A person must say which one counts."): (
        "Økonomisystemet har mer enn ett dokument som ble laget for dette: {documents}. Noen må si hvilket som gjelder."
    ),
    "The ERP has {count} {documents} with our reference {reference}: {numbers}.": (
        "Økonomisystemet har {count} dokumenter med vår referanse {reference}: {numbers}."
    ),
    "The {kind} {numbers} was made before, and was annulled in the ERP since.": (
        "{numbers} ble laget tidligere, og er siden annullert i økonomisystemet."
    ),
    "The order that was to become an invoice is no longer this record's.": (
        "Ordren som skulle bli en faktura, hører ikke lenger til denne posten."
    ),
    (
        "The deal's ERP ID was cleared and the deal was won again, but document {number} was made for it before. "
        "A person must say whether a new document is wanted or the field was cleared by mistake."
    ): (
        "ERP-ID på salget ble tømt og salget ble vunnet igjen, men dokument {number} var allerede laget for det. "
        "Noen må si om et nytt dokument skal lages, eller om feltet ble tømt ved en feil."
    ),
    (
        "The deal's ERP ID was cleared and the deal is won, but whether it was won again since document {number} "
        "was made was not seen: it was changed several times between two readings. A person must say whether a "
        "new document is wanted."
    ): (
        "ERP-ID på salget ble tømt og salget er vunnet, men om det ble vunnet igjen etter at dokument {number} "
        "ble laget, ble ikke sett: det ble endret flere ganger mellom to lesinger. Noen må si om et nytt "
        "dokument skal lages."
    ),
    (
        "The order's number was cleared and the order set ready again, but order {number} was made for it "
        "before. A person must say whether a new one is wanted or the number was cleared by mistake."
    ): (
        "Nummeret på ordren ble tømt og ordren satt klar igjen, men ordre {number} var allerede laget for den. "
        "Noen må si om en ny skal lages, eller om nummeret ble tømt ved en feil."
    ),
    "The {record} shows no {fields}, and {system} takes none without.": (
        "{fields} mangler, og {system} tar ikke imot posten uten ({record})."
    ),
    "{system} cannot do what the plan asks for: {operation}.": (
        "{system} kan ikke gjøre det som planen krever: {operation}."
    ),
    "{system} has {operation} from {day} on: {reason}": "{system} har {operation} fra og med {day}: {reason}",
    "{system} (plugin “{plugin}”) has no operation {operation}.": (
        "{system} (tillegget «{plugin}») kan ikke gjøre {operation}."
    ),
    "{system} has an invoice {number} already that is of another ERP database (sync {sync}).": (
        "{system} har allerede en faktura {number} som hører til en annen ERP-database (synken {sync})."
    ),
    "erpcore has read no invoice {number}.": "erpcore har ikke lest noen faktura {number}.",
    "{operation} had sent something to {system} when it broke off: {why}": (
        "Noe var sendt til {system} ({operation}) da det ble avbrutt: {why}"
    ),
    "{request} was not accepted: the credentials are refused (status {status}).": (
        "{request} ble ikke godtatt: påloggingen er avvist (status {status})."
    ),
    "{request} was not allowed: a licence is missing (status {status}).": (
        "{request} ble ikke tillatt: en lisens mangler (status {status})."
    ),
    "{request} was not allowed (status {status}).": "{request} ble ikke tillatt (status {status}).",
    "{request} found no such record (status {status}).": "{request} fant ingen slik post (status {status}).",
    "{request} met a record that exists already or has changed (status {status}).": (
        "{request} møtte en post som allerede finnes eller er endret (status {status})."
    ),
    "{request} found no such record any more (status {status}).": (
        "{request} fant ikke lenger noen slik post (status {status})."
    ),
    "{request} met a record that has changed (status {status}).": (
        "{request} møtte en post som er endret (status {status})."
    ),
    "{request} was refused because requests come too fast (status {status}).": (
        "{request} ble avvist fordi anropene kommer for tett (status {status})."
    ),
    "{request} was answered with a server error (status {status}).": (
        "{request} ble besvart med en serverfeil (status {status})."
    ),
    "{request} was refused (status {status}).": "{request} ble avvist (status {status}).",
    "{request} was sent elsewhere by the server (status {status}).": (
        "{request} ble sendt videre av serveren (status {status})."
    ),
    "{request} was sent, but its answer is lost: {why}.": "{request} ble sendt, men svaret kom ikke fram: {why}.",
    "{request} failed: {why}. Nothing was changed.": "{request} mislyktes: {why}. Ingenting ble endret.",
    "{request} was answered with status {status}, but the answer {why}.": (
        "{request} ble besvart med status {status}, men svaret kunne ikke leses ({why})."
    ),
    "The consent to use this account is gone.": "Samtykket til å bruke denne kontoen gjelder ikke lenger.",
    "The credentials are refused, though they were renewed a moment ago.": (
        "Påloggingen godtas ikke, enda den ble fornyet for et øyeblikk siden."
    ),
    "The sign-in refused this integration.": "Påloggingen godtar ikke denne integrasjonen.",
    "The sign-in is out of order for now.": "Påloggingen er ute av drift akkurat nå.",
    "The sign-in could not be reached: {why}. Nothing was sent to the system.": (
        "Påloggingen kunne ikke nås: {why}. Ingenting ble sendt til systemet."
    ),
    "The sign-in answered with status {status} and something that is no token.": (
        "Påloggingen svarte med status {status} og noe som ikke er en nøkkel."
    ),
    "There is no sign-in at {address}: it answered with status {status}.": (
        "Det finnes ingen pålogging på {address}: den svarte med status {status}."
    ),
    "The request budget {key} is used up for another {seconds} s, and nothing was sent.": (
        "Grensen {key} er brukt opp i {seconds} s til, og ingenting ble sendt."
    ),
    "The system shows it in a form that is not known ({why}).": (
        "Systemet viser det i en form som ikke er kjent ({why})."
    ),
    "“{text}” is no number.": "«{text}» er ikke noe tall.",
    "The currency “{text}” is no three-letter code such as SEK.": (
        "Valutaen «{text}» er ingen kode på tre bokstaver, som NOK."
    ),
    "the connection broke ({told})": "forbindelsen ble brutt ({told})",
    "the connection broke": "forbindelsen ble brutt",
    "no connection ({told})": "ingen forbindelse ({told})",
    "no connection within {seconds} s": "ingen forbindelse innen {seconds} s",
    "no answer within {seconds} s": "ikke noe svar innen {seconds} s",
    "the request was not taken within {seconds} s": "anropet ble ikke tatt imot innen {seconds} s",
    "It was most likely carried out.": "Det ble trolig gjort.",
    "The connection was not made: {why}.": "Tilkoblingen ble ikke gjort: {why}.",
    "There is no consent page for this connection.": "Det finnes ingen samtykkeside for denne tilkoblingen.",
    "it was not over within {seconds} s": "det ble ikke ferdig innen {seconds} s",
    "deal": "salg",
    "order": "ordre",
    "company": "firma",
    "customer": "kunde",
    "article": "vare",
    "invoice": "faktura",
    "Order": "Ordre",
    "Invoice draft": "Fakturautkast",
    "Invoice": "Faktura",
    "the sum excluding VAT": "summen uten mva",
    "the VAT": "mva",
    "the sum including VAT": "summen med mva",
    "the deal's value": "verdien på salget",
    "units": "enheter",
    "VAT codes": "mva-koder",
    "terms of payment": "betalingsbetingelser",
    "currencies": "valutaer",
    "projects": "prosjekter",
    "cost centres": "avdelinger",
    "accounts": "kontoer",
    "countries": "land",
    "create_customer": "å opprette kunden",
    "update_customer": "å oppdatere kunden",
    "create_contact_person": "å legge til kontaktpersonen",
    "update_contact_person": "å oppdatere kontaktpersonen",
    "create_article": "å opprette varen",
    "sync_articles": "å endre varene",
    "create_order": "å lage ordren",
    "create_invoice": "å lage fakturautkastet",
    "convert_to_invoice": "å gjøre ordren om til faktura",
    "The name": "Navnet",
    "The price": "Prisen",
    "The unit": "Enheten",
    "The vat rate": "Mva-satsen",
    "The cost price": "Kostprisen",
    "The income account": "Inntektskontoen",
    "The group": "Gruppen",
    "Whether it is sold": "Om den selges",
    "empty": "tom",
    "yes": "ja",
    "no": "nei",
}
