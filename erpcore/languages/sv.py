"""Swedish. The words are those of Lime's and the accounting programs' own Swedish pages."""

from __future__ import annotations

from collections.abc import Mapping

SWEDISH: Mapping[str, str] = {
    # Kinds of records and documents.
    "deal": "affär",
    "company": "företag",
    "order": "order",
    "invoice": "faktura",
    "payment": "betalning",
    "article": "artikel",
    "customer": "kund",
    # Who can mend it.
    "the seller, in the CRM": "säljaren, i CRM-systemet",
    "accounts, in the ERP": "ekonomiavdelningen, i affärssystemet",
    "the ERP's administrator": "affärssystemets administratör",
    "whoever runs erpcore": "den som sköter erpcore",
    "nobody needs to: it goes on by itself": "ingen behöver göra något: det går vidare av sig självt",
    # What must be mended.
    "that the record names": "som posten anger",
    "the connection": "anslutningen",
    "Send what waits for it again: erpcore retry --cause {key}": (
        "Skicka det som väntar igen: erpcore retry --cause {key}"
    ),
    "Article missing": "Artikel saknas",
    "A row names the article {subject}, which the ERP does not have.": (
        "En rad anger artikeln {subject}, som inte finns i affärssystemet."
    ),
    "Make the article {subject} in the ERP, or put another number on the product in the CRM.": (
        "Lägg upp artikeln {subject} i affärssystemet, eller ange ett annat nummer på produkten i CRM-systemet."
    ),
    "Customer missing": "Kund saknas",
    "The customer {subject} is not in the ERP.": "Kunden {subject} finns inte i affärssystemet.",
    "Make the customer in the ERP, or correct the customer number in the CRM.": (
        "Lägg upp kunden i affärssystemet, eller rätta kundnumret i CRM-systemet."
    ),
    "No company": "Företag saknas",
    "The deal or order names no company that could be invoiced.": (
        "Affären eller ordern anger inget företag som kan faktureras."
    ),
    "Choose the company in the CRM.": "Välj företaget i CRM-systemet.",
    "Waiting for an answer": "Väntar på svar",
    "The answer to a write is lost, and nobody can tell whether it was carried out.": (
        "Svaret från affärssystemet kom inte fram, och ingen kan säga om dokumentet skapades."
    ),
    "Look in the ERP for our reference.": "Sök efter vår referens i affärssystemet.",
    "erpcore answer RUN made NUMBER, or: erpcore answer RUN not-made": (
        "erpcore answer RUN made NUMMER, eller: erpcore answer RUN not-made"
    ),
    "The number was cleared in the CRM, though a document was made.": (
        "Numret togs bort i CRM-systemet, fast ett dokument har skapats."
    ),
    "erpcore answer RUN new-document, or: erpcore answer RUN restore": (
        "erpcore answer RUN new-document, eller: erpcore answer RUN restore"
    ),
    "Two documents": "Två dokument",
    "The ERP has two documents that were made for one wish.": (
        "Affärssystemet har två dokument som skapats för en och samma begäran."
    ),
    "Annul one of them in the ERP.": "Makulera det ena i affärssystemet.",
    "erpcore answer RUN keep NUMBER, with the number of the other": (
        "erpcore answer RUN keep NUMMER, med det andras nummer"
    ),
    "Sums differ": "Summorna skiljer sig",
    "The ERP's document does not come to what was agreed in the CRM.": (
        "Dokumentet i affärssystemet blir inte den summa som avtalats i CRM-systemet."
    ),
    "Correct the document in the ERP, then: erpcore answer RUN go-on": (
        "Rätta dokumentet i affärssystemet, sedan: erpcore answer RUN go-on"
    ),
    "Or annul it there, then: erpcore answer RUN stop": "Eller makulera det där, sedan: erpcore answer RUN stop",
    "Another customer": "En annan kund",
    "The customer number that the company is linked to is another customer in the ERP now, and a document was made for "
    "it.": (
        "Kundnumret som företaget är kopplat till är en annan kund i affärssystemet nu, och "
        "ett dokument skapades för den."
    ),
    "The company's customer after all, under a new name: erpcore answer RUN go-on": (
        "Ändå företagets kund, under nytt namn: erpcore answer RUN go-on"
    ),
    "Or annul the document in the ERP, then: erpcore answer RUN stop": (
        "Eller makulera dokumentet i affärssystemet, sedan: erpcore answer RUN stop"
    ),
    "Customer shared": ("Delad kund"),
    "Another company of the CRM is this customer in the ERP already.": (
        "Ett annat företag i CRM-systemet är redan denna kund i affärssystemet."
    ),
    "One customer: erpcore link SYNC COMPANY --kind company --to NUMBER": (
        "En kund: erpcore link SYNC COMPANY --kind company --to NUMMER"
    ),
    "Two: give each its own organisation number in the CRM.": (
        "Två: ge var och en sitt eget organisationsnummer i CRM-systemet."
    ),
    "Credentials refused": "Inloggning nekad",
    "{connection} does not accept erpcore's credentials.": "{connection} godtar inte erpcores inloggningsuppgifter.",
    "erpcore connect {connection}": "erpcore connect {connection}",
    "Setting wrong": "Fel i en inställning",
    "A setting does not fit.": "En inställning stämmer inte.",
    "Correct it, and restart erpcore.": "Rätta den och starta om erpcore.",
    "Not possible there": "Går inte där",
    "The ERP cannot do what the sync's rules ask for.": "Affärssystemet kan inte göra det som synkens regler begär.",
    "Change the sync's rules.": "Ändra synkens regler.",
    "Value wrong": "Fel värde",
    "A value of the record cannot be sent as it is.": "Ett värde kan inte skickas som det är.",
    "Correct it in the CRM.": "Rätta det i CRM-systemet.",
    "Several fit": "Flera passar",
    "More than one record in the ERP fits.": "Mer än en post i affärssystemet passar.",
    "Merge them in the ERP, or make all but one inactive.": (
        "Slå ihop dem i affärssystemet, eller gör alla utom en inaktiva."
    ),
    "Something is missing": "Något saknas",
    "The record names something that is not there.": "Posten anger något som inte finns.",
    "Make it, or correct the record.": "Lägg upp det, eller rätta posten.",
    "Would be lost": "Skulle gå förlorat",
    "A value would not arrive as it is, and the sync's rule says stop.": (
        "Ett värde skulle inte komma fram som det är, och synkens regel säger stopp."
    ),
    "Change it in the CRM, or change the rule on_loss.": "Ändra det i CRM-systemet, eller ändra regeln on_loss.",
    "Consent needed": "Medgivande behövs",
    "The consent to use {connection} is gone.": "Medgivandet att använda {connection} gäller inte längre.",
    "erpcore connect {connection}, or erpcore connect {connection} --link for somebody elsewhere": (
        "erpcore connect {connection}, eller erpcore connect {connection} --link om någon annan ska ge det"
    ),
    "Right missing": "Behörighet saknas",
    "The account lacks a right, a scope or a licence.": "Kontot saknar en behörighet, ett scope eller en licens.",
    "Give it in the ERP; erpcore check {connection} names what is missing.": (
        "Ge den i affärssystemet; erpcore check {connection} säger vad som saknas."
    ),
    "Not there": "Finns inte",
    "The system does not have the record that is named.": "Systemet har inte posten som anges.",
    "Make it, or correct the number.": "Lägg upp den, eller rätta numret.",
    "Changed meanwhile": "Ändrad under tiden",
    "It exists already, or has changed meanwhile.": "Den finns redan, eller har ändrats under tiden.",
    "Look at both sides.": "Titta i båda systemen.",
    "Values refused": "Värden nekade",
    "The system refuses the values.": "Systemet godtar inte värdena.",
    "Correct what its words name.": "Rätta det som systemet anger.",
    "Too fast": "För snabbt",
    "{connection} asked for a pause.": "{connection} bad om en paus.",
    "Out of reach": "Går inte att nå",
    "{connection} does not answer.": "{connection} svarar inte.",
    "Held back": "Hölls tillbaka",
    "A write was held back before it left.": "En ändring hölls tillbaka innan den skickades.",
    "Answer unreadable": "Svaret går inte att läsa",
    "{connection} answered in a form that is not its own.": "{connection} svarade i en form som inte är dess egen.",
    "Check its address.": "Kontrollera adressen.",
    "Stopped": "Stannade",
    "Something went wrong that erpcore has no word for.": "Något gick fel som erpcore inte har ord för.",
    "Read its story: erpcore status RUN": "Läs dess historia: erpcore status RUN",
    "See erpcore's log.": "Se erpcores logg.",
    # What else the CRM shows.
    "The order is {number} in the ERP already, which is its master now, and was sent without “create invoice from "
    "order”. Nothing was sent now: turn it into an invoice in the ERP.": (
        "Ordern finns redan i affärssystemet som {number}, och det är affärssystemet som gäller nu. Den skickades "
        "utan ”skapa faktura från order”. Inget skickades nu: gör om den till faktura i affärssystemet."
    ),
    # Mails.
    "Well again": "Fungerar igen",
    "Nothing waits for this any more.": "Inget väntar på detta längre.",
    "{count} things need somebody": "{count} saker behöver någon",
    "{count} things are well again": "{count} saker fungerar igen",
    "1 record": "1 post",
    "{count} records": "{count} poster",
    "What failed": "Vad som inte gick",
    "What waits": "Vad som väntar",
    "What became of it": "Hur det gick",
    "Why": "Varför",
    "What to do": "Vad som ska göras",
    "Who can": "Vem som kan",
    "Since": "Sedan",
    "new since the last mail": "nya sedan förra mejlet",
    "and {count} more": "och {count} till",
    "{connection} says: {words}": "{connection} säger: {words}",
    "in English": "på engelska",
    "set aside": "lagd åt sidan",
    "nothing to do": "inget att göra",
    "sent": "skickad",
    "It is tried again by itself.": "Det försöks igen av sig självt.",
    "erpcore sends this mail for the sync {sync}. “erpcore status” shows everything.": (
        "erpcore skickar detta mejl för synken {sync}. ”erpcore status” visar allt."
    ),
    "A mail to try it": "Ett mejl på prov",
    "This mail was sent to try the settings. Mails about the sync {sync} will come to this address.": (
        "Detta mejl skickades för att prova inställningarna. Mejl om synken {sync} kommer till den här adressen."
    ),
    # What became of an invoice.
    (
        "{number} is not in the ERP any more: it was deleted there. To have a new one made, clear the number here and "
        "send the record again."
    ): (
        "{number} finns inte längre i affärssystemet: den har tagits bort där. Töm numret här och skicka posten igen "
        "om en ny ska skapas."
    ),
}
