"""Swedish of what erpcore itself says of one record: whole sentences, with what they name in braces.

The single words at the end are what may stand in a brace.
"""

from __future__ import annotations

from collections.abc import Mapping

SWEDISH_DETAILS: Mapping[str, str] = {
    "The deal has no name, which is the text of its row.": "Affären har inget namn, som är radens text.",
    "The deal has no value.": "Affären har inget värde.",
    "The CRM does not show the deal's value.": "CRM-systemet visar inte affärens värde.",
    "The deal has no company.": "Affären har inget företag.",
    "The CRM does not show the deal's company.": "CRM-systemet visar inte affärens företag.",
    "The order has no rows.": "Ordern har inga rader.",
    "The CRM does not show the order's rows.": "CRM-systemet visar inte orderns rader.",
    "The order has neither a customer number nor a company.": "Ordern har varken kundnummer eller företag.",
    "The order's customer is not in the ERP.": "Orderns kund finns inte i affärssystemet.",
    "The ERP has no customer {number}, and the order names no company to create it from.": (
        "Affärssystemet har ingen kund {number}, och ordern anger inget företag att lägga upp den från."
    ),
    "The CRM does not show the order's company.": "CRM-systemet visar inte orderns företag.",
    "No sync is for the order's ERP db “{key}”.": "Ingen synk gäller för orderns ERP db ”{key}”.",
    "The order does not say which ERP db it goes to.": "Ordern anger inte vilken ERP db den ska till.",
    (
        "The order has the order number {number}, which erpcore did not write. As long as it has a value, "
        "nothing is made."
    ): ("Ordern har ordernumret {number}, som erpcore inte har skrivit. Så länge det är ifyllt skapas ingenting."),
    (
        "The order's customer {number} is “{name}” ({theirs}) in the ERP, and its company is {company} with the "
        "organisation number {ours}."
    ): (
        "Orderns kund {number} är ”{name}” ({theirs}) i affärssystemet, och dess företag är {company} med "
        "organisationsnumret {ours}."
    ),
    "The company was changed, but the ERP has no customer {number}, which is its customer number.": (
        "Företaget ändrades, men affärssystemet har ingen kund {number}, som är dess kundnummer."
    ),
    "The company was changed, but it has no customer number, so it is no customer in the ERP.": (
        "Företaget ändrades, men det har inget kundnummer och är alltså ingen kund i affärssystemet."
    ),
    "The company has no name.": "Företaget har inget namn.",
    "The company has no organisation number, by which its customer is recognised in the ERP.": (
        "Företaget har inget organisationsnummer, som kunden känns igen på i affärssystemet."
    ),
    "The CRM does not show the company's organisation number, by which its customer is recognised.": (
        "CRM-systemet visar inte företagets organisationsnummer, som kunden känns igen på."
    ),
    "The company's country “{country}” is not known, so its organisation number “{number}” cannot be checked.": (
        "Företagets land ”{country}” är okänt, så organisationsnumret ”{number}” kan inte kontrolleras."
    ),
    (
        "The company's country is {country}, whose organisation numbers cannot be checked, and “{number}” is no "
        "VAT number of that country either."
    ): (
        "Företagets land är {country}, vars organisationsnummer inte kan kontrolleras, och ”{number}” är inte "
        "heller ett momsnummer i det landet."
    ),
    (
        "The company is new in the ERP and in {country}, and the CRM shows no VAT number: nobody can tell "
        "whether it is to be charged VAT."
    ): (
        "Företaget är nytt i affärssystemet och finns i {country}, och CRM-systemet visar inget momsnummer: "
        "ingen kan säga om det ska debiteras moms."
    ),
    "The {kind}'s company {company} is not in the CRM (any more).": (
        "Företaget {company} finns inte (längre) i CRM-systemet."
    ),
    "The CRM does not show the {kind}'s currency.": "CRM-systemet visar inte valutan ({kind}).",
    "The {kind}'s currency {currency} is not one that the ERP has ({currencies}).": (
        "Valutan {currency} finns inte i affärssystemet ({currencies})."
    ),
    "The custom field “{title}” says “{text}”, which is no date.": (
        "Det egna fältet ”{title}” innehåller ”{text}”, som inte är ett datum."
    ),
    "The contact person has no name.": "Kontaktpersonen har inget namn.",
    "{count} customers in the ERP fit the company.": "{count} kunder i affärssystemet passar in på företaget.",
    "The ERP shows a customer that fits without its number.": (
        "Affärssystemet visar en kund som passar utan dess nummer."
    ),
    "The ERP has no customer {number}, which is the customer number in the CRM.": (
        "Affärssystemet har ingen kund {number}, som är kundnumret i CRM-systemet."
    ),
    "The customer that fits is inactive in the ERP: {customer}.": (
        "Kunden som passar är inaktiv i affärssystemet: {customer}."
    ),
    "Customer {number} in the ERP is company {owner} of the CRM already, and now {company} would be it too.": (
        "Kund {number} i affärssystemet är redan företag {owner} i CRM-systemet, och nu skulle {company} också "
        "vara det."
    ),
    "{count} customers in the ERP fit the one that was being created: {customers}.": (
        "{count} kunder i affärssystemet passar in på den som skulle läggas upp: {customers}."
    ),
    "The article “{text}” ({number}) of row {row} is not in the ERP.": (
        "Artikeln ”{text}” ({number}) på rad {row} finns inte i affärssystemet."
    ),
    "The article “{text}” of row {row} is not in the ERP.": (
        "Artikeln ”{text}” på rad {row} finns inte i affärssystemet."
    ),
    "The article “{text}” ({number}) of row {row} is inactive in the ERP.": (
        "Artikeln ”{text}” ({number}) på rad {row} är inaktiv i affärssystemet."
    ),
    "The article {number} is not in the ERP, and the row has no text to create it with.": (
        "Artikeln {number} finns inte i affärssystemet, och raden har ingen text att lägga upp den med."
    ),
    "Row {row} (“{text}”) names no article number, and the ERP has exactly this text as {numbers}.": (
        "Rad {row} (”{text}”) anger inget artikelnummer, och affärssystemet har exakt den texten som {numbers}."
    ),
    "The article “{text}” of row {row} was not created: {why}": (
        "Artikeln ”{text}” på rad {row} lades inte upp: {why}"
    ),
    "The article “{text}” of rows {rows} was not created: {why}": (
        "Artikeln ”{text}” på raderna {rows} lades inte upp: {why}"
    ),
    "The article “{text}” was not created: {why}": "Artikeln ”{text}” lades inte upp: {why}",
    "{count} articles in the ERP fit the one that was being created: {numbers}.": (
        "{count} artiklar i affärssystemet passar in på den som skulle läggas upp: {numbers}."
    ),
    "Article {number} was changed in the CRM and in the ERP. {differences}": (
        "Artikel {number} ändrades både i CRM-systemet och i affärssystemet. {differences}"
    ),
    "{field} is {theirs} in the CRM and {ours} in the ERP.": (
        "{field} är {theirs} i CRM-systemet och {ours} i affärssystemet."
    ),
    "Row {row} has neither text nor article number.": "Rad {row} har varken text eller artikelnummer.",
    "Row {row} (“{text}”) has a discount, but no quantity, price or article to take it off.": (
        "Rad {row} (”{text}”) har en rabatt, men inget antal, pris eller artikel att dra den från."
    ),
    (
        "Row {row} (“{text}”) names the article {ours}, which the ERP does not have; it has {theirs}, whose number "
        "differs by spaces or hyphens alone."
    ): (
        "Rad {row} (”{text}”) anger artikeln {ours}, som inte finns i affärssystemet; där finns {theirs}, vars "
        "nummer bara skiljer sig i mellanslag eller bindestreck."
    ),
    "Row {row} (“{text}”) has the quantity 0.": "Rad {row} (”{text}”) har antalet 0.",
    "Row {row} (“{text}”) has a price and no article, and {system} takes VAT and account from the article.": (
        "Rad {row} (”{text}”) har ett pris men ingen artikel, och {system} tar moms och konto från artikeln."
    ),
    "The {kind} is worth {total}, less than nothing.": "Värdet är {total}, mindre än noll ({kind}).",
    "It has {count} rows, and {system} takes {most} at most.": (
        "Den har {count} rader, och {system} tar högst {most}."
    ),
    "Row {row}: {system} has no “{value}” among its {register}.": (
        "Rad {row}: {system} har inget ”{value}” bland sina {register}."
    ),
    "{system} has no “{value}” among its {register}.": "{system} har inget ”{value}” bland sina {register}.",
    (
        "{document} {number} was made for customer {customer}, which is {now} in the ERP now; the company's was "
        "{before}."
    ): ("{document} {number} skapades för kund {customer}, som nu är {now} i affärssystemet; företagets var {before}."),
    (
        "Customer {number} is {now} in the ERP now, and was {before} when the company was linked to it: nobody can "
        "tell whether it still is the company's."
    ): (
        "Kund {number} är nu {now} i affärssystemet, och var {before} när företaget kopplades till den: ingen kan säga "
        "om den fortfarande är företagets."
    ),
    "{document} {number} was made, but does not come to what was agreed. {differences}": (
        "{document} {number} skapades, men summan blev inte vad som avtalats. {differences}"
    ),
    "The ERP computed {theirs} as {sum}; {ours} was agreed in the CRM.": (
        "Affärssystemet räknade fram {theirs} som {sum}; i CRM-systemet avtalades {ours}."
    ),
    "The ERP's document is in {theirs}; {ours} excluding VAT was agreed in the CRM.": (
        "Affärssystemets dokument är i {theirs}; i CRM-systemet avtalades {ours} exklusive moms."
    ),
    "The CRM shows {shown} as {sum}, but the rows come to {rows}.": (
        "CRM-systemet visar {shown} som {sum}, men raderna blir {rows}."
    ),
    "Row {row} (“{text}”) comes to {ours}, and the ERP would make {theirs} of it.": (
        "Rad {row} (”{text}”) blir {ours}, och affärssystemet skulle göra {theirs} av den."
    ),
    "Values would not arrive as they are, and the rule says stop: {losses}": (
        "Värden skulle inte komma fram som de är, och regeln säger stopp: {losses}"
    ),
    "The rules say that this must not be lost: {losses}.": "Reglerna säger att detta inte får gå förlorat: {losses}.",
    "Nobody can tell whether {operation} was carried out in the ERP: {why}": (
        "Ingen kan säga om detta gjordes i affärssystemet ({operation}): {why}"
    ),
    "{operation} broke off, and the ERP does not show whether it was carried out: {why}": (
        "Det avbröts ({operation}), och affärssystemet visar inte om det blev gjort: {why}"
    ),
    "An earlier attempt at {operation} has no answer, and it cannot be looked for: {why}": (
        "Ett tidigare försök ({operation}) har inget svar, och det går inte att söka efter det: {why}"
    ),
    "The answer to {operation} is missing.": "Svaret på {operation} saknas.",
    "the answer is missing": "svaret saknas",
    "The ERP has more than one document that was made for this: {documents}.": (
        "Affärssystemet har mer än ett dokument som skapades för detta: {documents}."
    ),
    ("The ERP has more than one document that was made for this: {documents}. A person must say which one counts."): (
        "Affärssystemet har mer än ett dokument som skapades för detta: {documents}. Någon måste säga vilket som "
        "gäller."
    ),
    "The ERP has {count} {documents} with our reference {reference}: {numbers}.": (
        "Affärssystemet har {count} dokument med vår referens {reference}: {numbers}."
    ),
    "The {kind} {numbers} was made before, and was annulled in the ERP since.": (
        "{numbers} skapades tidigare, och har sedan makulerats i affärssystemet."
    ),
    "The order that was to become an invoice is no longer this record's.": (
        "Ordern som skulle bli en faktura hör inte längre till den här posten."
    ),
    (
        "The deal's ERP ID was cleared and the deal was won again, but document {number} was made for it before. "
        "A person must say whether a new document is wanted or the field was cleared by mistake."
    ): (
        "Affärens ERP-ID tömdes och affären vanns igen, men dokument {number} hade redan skapats för den. Någon "
        "måste säga om ett nytt dokument ska skapas eller om fältet tömdes av misstag."
    ),
    (
        "The deal's ERP ID was cleared and the deal is won, but whether it was won again since document {number} "
        "was made was not seen: it was changed several times between two readings. A person must say whether a "
        "new document is wanted."
    ): (
        "Affärens ERP-ID tömdes och affären är vunnen, men om den vanns igen efter att dokument {number} "
        "skapades syntes inte: den ändrades flera gånger mellan två läsningar. Någon måste säga om ett nytt "
        "dokument ska skapas."
    ),
    (
        "The order's number was cleared and the order set ready again, but order {number} was made for it "
        "before. A person must say whether a new one is wanted or the number was cleared by mistake."
    ): (
        "Orderns nummer tömdes och ordern sattes klar igen, men order {number} hade redan skapats för den. Någon "
        "måste säga om en ny ska skapas eller om numret tömdes av misstag."
    ),
    "The {record} shows no {fields}, and {system} takes none without.": (
        "{fields} saknas, och {system} tar inte emot posten utan ({record})."
    ),
    "{system} cannot do what the plan asks for: {operation}.": (
        "{system} kan inte göra det som planen kräver: {operation}."
    ),
    "{system} has {operation} from {day} on: {reason}": "{system} har {operation} från och med {day}: {reason}",
    "{system} (plugin “{plugin}”) has no operation {operation}.": (
        "{system} (tillägget ”{plugin}”) kan inte göra {operation}."
    ),
    "{system} has an invoice {number} already that is of another ERP database (sync {sync}).": (
        "{system} har redan en faktura {number} som hör till en annan ERP-databas (synken {sync})."
    ),
    "erpcore has read no invoice {number}.": "erpcore har inte läst någon faktura {number}.",
    "{operation} had sent something to {system} when it broke off: {why}": (
        "Något hade skickats till {system} ({operation}) när det avbröts: {why}"
    ),
    "{request} was not accepted: the credentials are refused (status {status}).": (
        "{request} godtogs inte: inloggningen är avvisad (status {status})."
    ),
    "{request} was not allowed: a licence is missing (status {status}).": (
        "{request} tilläts inte: en licens saknas (status {status})."
    ),
    "{request} was not allowed (status {status}).": "{request} tilläts inte (status {status}).",
    "{request} found no such record (status {status}).": "{request} hittade ingen sådan post (status {status}).",
    "{request} met a record that exists already or has changed (status {status}).": (
        "{request} mötte en post som redan finns eller har ändrats (status {status})."
    ),
    "{request} found no such record any more (status {status}).": (
        "{request} hittade inte längre någon sådan post (status {status})."
    ),
    "{request} met a record that has changed (status {status}).": (
        "{request} mötte en post som har ändrats (status {status})."
    ),
    "{request} was refused because requests come too fast (status {status}).": (
        "{request} avvisades eftersom anropen kommer för tätt (status {status})."
    ),
    "{request} was answered with a server error (status {status}).": (
        "{request} besvarades med ett serverfel (status {status})."
    ),
    "{request} was refused (status {status}).": "{request} avvisades (status {status}).",
    "{request} was sent elsewhere by the server (status {status}).": (
        "{request} skickades vidare av servern (status {status})."
    ),
    "{request} was sent, but its answer is lost: {why}.": "{request} skickades, men svaret kom inte fram: {why}.",
    "{request} failed: {why}. Nothing was changed.": "{request} misslyckades: {why}. Ingenting ändrades.",
    "{request} was answered with status {status}, but the answer {why}.": (
        "{request} besvarades med status {status}, men svaret gick inte att läsa ({why})."
    ),
    "The consent to use this account is gone.": "Medgivandet att använda det här kontot gäller inte längre.",
    "The credentials are refused, though they were renewed a moment ago.": (
        "Inloggningen godtas inte, fast den förnyades för en stund sedan."
    ),
    "The sign-in refused this integration.": "Inloggningen godtar inte den här integrationen.",
    "The sign-in is out of order for now.": "Inloggningen är ur funktion just nu.",
    "The sign-in could not be reached: {why}. Nothing was sent to the system.": (
        "Inloggningen gick inte att nå: {why}. Ingenting skickades till systemet."
    ),
    "The sign-in answered with status {status} and something that is no token.": (
        "Inloggningen svarade med status {status} och något som inte är en nyckel."
    ),
    "There is no sign-in at {address}: it answered with status {status}.": (
        "Det finns ingen inloggning på {address}: den svarade med status {status}."
    ),
    "The request budget {key} is used up for another {seconds} s, and nothing was sent.": (
        "Begränsningen {key} är uttömd i {seconds} s till, och ingenting skickades."
    ),
    "The system shows it in a form that is not known ({why}).": (
        "Systemet visar det i en form som inte är känd ({why})."
    ),
    "“{text}” is no number.": "”{text}” är inget tal.",
    "The currency “{text}” is no three-letter code such as SEK.": (
        "Valutan ”{text}” är ingen kod med tre bokstäver, som SEK."
    ),
    "the connection broke ({told})": "anslutningen bröts ({told})",
    "the connection broke": "anslutningen bröts",
    "no connection ({told})": "ingen anslutning ({told})",
    "no connection within {seconds} s": "ingen anslutning inom {seconds} s",
    "no answer within {seconds} s": "inget svar inom {seconds} s",
    "the request was not taken within {seconds} s": "anropet togs inte emot inom {seconds} s",
    "It was most likely carried out.": "Det blev troligen gjort.",
    "The connection was not made: {why}.": "Anslutningen gjordes inte: {why}.",
    "There is no consent page for this connection.": "Det finns ingen medgivandesida för den här anslutningen.",
    "it was not over within {seconds} s": "det blev inte klart inom {seconds} s",
    "deal": "affär",
    "order": "order",
    "company": "företag",
    "customer": "kund",
    "article": "artikel",
    "invoice": "faktura",
    "Order": "Order",
    "Invoice draft": "Fakturautkast",
    "Invoice": "Faktura",
    "the sum excluding VAT": "summan exklusive moms",
    "the VAT": "momsen",
    "the sum including VAT": "summan inklusive moms",
    "the deal's value": "affärens värde",
    "units": "enheter",
    "VAT codes": "momskoder",
    "terms of payment": "betalningsvillkor",
    "currencies": "valutor",
    "projects": "projekt",
    "cost centres": "kostnadsställen",
    "accounts": "konton",
    "countries": "länder",
    "create_customer": "att lägga upp kunden",
    "update_customer": "att uppdatera kunden",
    "create_contact_person": "att lägga till kontaktpersonen",
    "update_contact_person": "att uppdatera kontaktpersonen",
    "create_article": "att lägga upp artikeln",
    "sync_articles": "att ändra artiklarna",
    "create_order": "att skapa ordern",
    "create_invoice": "att skapa fakturautkastet",
    "convert_to_invoice": "att göra en faktura av ordern",
    "The name": "Namnet",
    "The price": "Priset",
    "The unit": "Enheten",
    "The vat rate": "Momssatsen",
    "The cost price": "Kostpriset",
    "The income account": "Intäktskontot",
    "The group": "Gruppen",
    "Whether it is sold": "Om den säljs",
    "empty": "tom",
    "yes": "ja",
    "no": "nej",
}
