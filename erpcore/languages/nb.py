"""Norwegian (Bokmål). The words are those of Lime's and the accounting programs' own Norwegian pages."""

from __future__ import annotations

from collections.abc import Mapping

BOKMAL: Mapping[str, str] = {
    # Kinds of records and documents.
    "deal": "salg",
    "company": "firma",
    "order": "ordre",
    "invoice": "faktura",
    "payment": "betaling",
    "article": "vare",
    "customer": "kunde",
    # Who can mend it.
    "the seller, in the CRM": "selgeren, i CRM-systemet",
    "accounts, in the ERP": "regnskapsavdelingen, i økonomisystemet",
    "the ERP's administrator": "økonomisystemets administrator",
    "whoever runs erpcore": "den som drifter erpcore",
    "nobody needs to: it goes on by itself": "ingen trenger å gjøre noe: det går videre av seg selv",
    # What must be mended.
    "that the record names": "som posten oppgir",
    "the connection": "tilkoblingen",
    "Send what waits for it again: erpcore retry --cause {key}": (
        "Send det som venter på nytt: erpcore retry --cause {key}"
    ),
    "Article missing": "Vare mangler",
    "A row names the article {subject}, which the ERP does not have.": (
        "En linje oppgir varen {subject}, som ikke finnes i økonomisystemet."
    ),
    "Make the article {subject} in the ERP, or put another number on the product in the CRM.": (
        "Opprett varen {subject} i økonomisystemet, eller oppgi et annet nummer på produktet i CRM-systemet."
    ),
    "Customer missing": "Kunde mangler",
    "The customer {subject} is not in the ERP.": "Kunden {subject} finnes ikke i økonomisystemet.",
    "Make the customer in the ERP, or correct the customer number in the CRM.": (
        "Opprett kunden i økonomisystemet, eller rett kundenummeret i CRM-systemet."
    ),
    "No company": "Firma mangler",
    "The deal or order names no company that could be invoiced.": (
        "Salget eller ordren oppgir ikke noe firma som kan faktureres."
    ),
    "Choose the company in the CRM.": "Velg firmaet i CRM-systemet.",
    "Waiting for an answer": "Venter på svar",
    "The answer to a write is lost, and nobody can tell whether it was carried out.": (
        "Svaret fra økonomisystemet kom ikke fram, og ingen kan si om dokumentet ble opprettet."
    ),
    "Look in the ERP for our reference.": "Søk etter vår referanse i økonomisystemet.",
    "erpcore answer RUN made NUMBER, or: erpcore answer RUN not-made": (
        "erpcore answer RUN made NUMMER, eller: erpcore answer RUN not-made"
    ),
    "The number was cleared in the CRM, though a document was made.": (
        "Nummeret ble fjernet i CRM-systemet, selv om et dokument er opprettet."
    ),
    "erpcore answer RUN new-document, or: erpcore answer RUN restore": (
        "erpcore answer RUN new-document, eller: erpcore answer RUN restore"
    ),
    "Two documents": "To dokumenter",
    "The ERP has two documents that were made for one wish.": (
        "Økonomisystemet har to dokumenter som ble opprettet for ett og samme ønske."
    ),
    "Annul one of them in the ERP.": "Annuller det ene i økonomisystemet.",
    "erpcore answer RUN keep NUMBER, with the number of the other": (
        "erpcore answer RUN keep NUMMER, med nummeret til det andre"
    ),
    "Sums differ": "Summene er ulike",
    "The ERP's document does not come to what was agreed in the CRM.": (
        "Dokumentet i økonomisystemet blir ikke den summen som er avtalt i CRM-systemet."
    ),
    "Correct the document in the ERP, then: erpcore answer RUN go-on": (
        "Rett dokumentet i økonomisystemet, deretter: erpcore answer RUN go-on"
    ),
    "Or annul it there, then: erpcore answer RUN stop": "Eller annuller det der, deretter: erpcore answer RUN stop",
    "Another customer": "En annen kunde",
    "The customer number that the company is linked to is another customer in the ERP now, and a document was made for "
    "it.": (
        "Kundenummeret som firmaet er koblet til, er en annen kunde i økonomisystemet nå, "
        "og et dokument ble laget for den."
    ),
    "The company's customer after all, under a new name: erpcore answer RUN go-on": (
        "Likevel firmaets kunde, under nytt navn: erpcore answer RUN go-on"
    ),
    "Or annul the document in the ERP, then: erpcore answer RUN stop": (
        "Eller annuller dokumentet i økonomisystemet, deretter: erpcore answer RUN stop"
    ),
    "Customer shared": ("Delt kunde"),
    "Another company of the CRM is this customer in the ERP already.": (
        "Et annet firma i CRM-systemet er allerede denne kunden i økonomisystemet."
    ),
    "One customer: erpcore link SYNC COMPANY --kind company --to NUMBER": (
        "Én kunde: erpcore link SYNC COMPANY --kind company --to NUMMER"
    ),
    "Two: give each its own organisation number in the CRM.": (
        "To: gi hver sitt eget organisasjonsnummer i CRM-systemet."
    ),
    "Credentials refused": "Pålogging avvist",
    "{connection} does not accept erpcore's credentials.": "{connection} godtar ikke påloggingen til erpcore.",
    "erpcore connect {connection}": "erpcore connect {connection}",
    "Setting wrong": "Feil i en innstilling",
    "A setting does not fit.": "En innstilling stemmer ikke.",
    "Correct it, and restart erpcore.": "Rett den, og start erpcore på nytt.",
    "Not possible there": "Ikke mulig der",
    "The ERP cannot do what the sync's rules ask for.": "Økonomisystemet kan ikke gjøre det synkens regler ber om.",
    "Change the sync's rules.": "Endre synkens regler.",
    "Value wrong": "Feil verdi",
    "A value of the record cannot be sent as it is.": "En verdi kan ikke sendes som den er.",
    "Correct it in the CRM.": "Rett den i CRM-systemet.",
    "Several fit": "Flere passer",
    "More than one record in the ERP fits.": "Mer enn én post i økonomisystemet passer.",
    "Merge them in the ERP, or make all but one inactive.": (
        "Slå dem sammen i økonomisystemet, eller gjør alle unntatt én inaktive."
    ),
    "Something is missing": "Noe mangler",
    "The record names something that is not there.": "Posten oppgir noe som ikke finnes.",
    "Make it, or correct the record.": "Opprett det, eller rett posten.",
    "Would be lost": "Ville gått tapt",
    "A value would not arrive as it is, and the sync's rule says stop.": (
        "En verdi ville ikke kommet fram som den er, og synkens regel sier stopp."
    ),
    "Change it in the CRM, or change the rule on_loss.": "Endre den i CRM-systemet, eller endre regelen on_loss.",
    "Consent needed": "Samtykke trengs",
    "The consent to use {connection} is gone.": "Samtykket til å bruke {connection} gjelder ikke lenger.",
    "erpcore connect {connection}, or erpcore connect {connection} --link for somebody elsewhere": (
        "erpcore connect {connection}, eller erpcore connect {connection} --link hvis en annen skal gi det"
    ),
    "Right missing": "Rettighet mangler",
    "The account lacks a right, a scope or a licence.": "Kontoen mangler en rettighet, et scope eller en lisens.",
    "Give it in the ERP; erpcore check {connection} names what is missing.": (
        "Gi den i økonomisystemet; erpcore check {connection} sier hva som mangler."
    ),
    "Not there": "Finnes ikke",
    "The system does not have the record that is named.": "Systemet har ikke posten som oppgis.",
    "Make it, or correct the number.": "Opprett den, eller rett nummeret.",
    "Changed meanwhile": "Endret i mellomtiden",
    "It exists already, or has changed meanwhile.": "Den finnes allerede, eller er endret i mellomtiden.",
    "Look at both sides.": "Se i begge systemene.",
    "Values refused": "Verdier avvist",
    "The system refuses the values.": "Systemet godtar ikke verdiene.",
    "Correct what its words name.": "Rett det som systemet oppgir.",
    "Too fast": "For raskt",
    "{connection} asked for a pause.": "{connection} ba om en pause.",
    "Out of reach": "Utilgjengelig",
    "{connection} does not answer.": "{connection} svarer ikke.",
    "Held back": "Holdt tilbake",
    "A write was held back before it left.": "En endring ble holdt tilbake før den ble sendt.",
    "Answer unreadable": "Svaret kan ikke leses",
    "{connection} answered in a form that is not its own.": "{connection} svarte i en form som ikke er dens egen.",
    "Check its address.": "Kontroller adressen.",
    "Stopped": "Stoppet",
    "Something went wrong that erpcore has no word for.": "Noe gikk galt som erpcore ikke har ord for.",
    "Read its story: erpcore status RUN": "Les historien: erpcore status RUN",
    "See erpcore's log.": "Se loggen til erpcore.",
    # What else the CRM shows.
    "The order is {number} in the ERP already, which is its master now, and was sent without “create invoice from "
    "order”. Nothing was sent now: turn it into an invoice in the ERP.": (
        "Ordren finnes allerede i økonomisystemet som {number}, og det er økonomisystemet som gjelder nå. Den ble "
        "sendt uten «opprett faktura fra ordre». Ingenting ble sendt nå: gjør den om til faktura i økonomisystemet."
    ),
    # Mails.
    "Well again": "Virker igjen",
    "Nothing waits for this any more.": "Ingenting venter på dette lenger.",
    "{count} things need somebody": "{count} ting trenger noen",
    "{count} things are well again": "{count} ting virker igjen",
    "1 record": "1 post",
    "{count} records": "{count} poster",
    "What failed": "Hva som ikke gikk",
    "What waits": "Hva som venter",
    "What became of it": "Hvordan det gikk",
    "Why": "Hvorfor",
    "What to do": "Hva som skal gjøres",
    "Who can": "Hvem som kan",
    "Since": "Siden",
    "new since the last mail": "nye siden forrige e-post",
    "and {count} more": "og {count} til",
    "{connection} says: {words}": "{connection} sier: {words}",
    "in English": "på engelsk",
    "set aside": "lagt til side",
    "nothing to do": "ingenting å gjøre",
    "sent": "sendt",
    "It is tried again by itself.": "Det prøves på nytt av seg selv.",
    "erpcore sends this mail for the sync {sync}. “erpcore status” shows everything.": (
        "erpcore sender denne e-posten for synken {sync}. «erpcore status» viser alt."
    ),
    "A mail to try it": "En e-post for å prøve",
    "This mail was sent to try the settings. Mails about the sync {sync} will come to this address.": (
        "Denne e-posten ble sendt for å prøve innstillingene. E-post om synken {sync} kommer til denne adressen."
    ),
    # What became of an invoice.
    (
        "{number} is not in the ERP any more: it was deleted there. To have a new one made, clear the number here and "
        "send the record again."
    ): (
        "{number} finnes ikke lenger i økonomisystemet: den er slettet der. Tøm nummeret her og send posten på nytt "
        "hvis en ny skal lages."
    ),
}
