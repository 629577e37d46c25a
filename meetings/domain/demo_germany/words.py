"""What is said in the meetings of the whole country: a few hundred phrases, put together anew each time."""

from __future__ import annotations

from random import Random

_WHAT = """E-Akte Terminvergabe Online-Formulare Chatbot Ratsinformation Breitband Homeoffice Geodaten Parkraum
Zeiterfassung Rechnungsworkflow Bürger-App Wissensdatenbank Ausweiskontrolle Archivierung Sensorik Videoberatung
Bauleitplanung Beteiligung Schulung Serverraum Passwortverwaltung Druckdienste Statistik E-Payment Mängelmelder
Gästemeldung Kita-Anmeldung Vergabeplattform Haushaltsplan Dokumentenscan Notfallplan Lagekarte Telefonie
Intranet Veranstaltungskalender Bewerbungsportal Fundbüro Hundesteuer Gewerbeanmeldung"""
_WHERE = """Bauamt Standesamt Ordnungsamt Kämmerei Bürgerbüro Stadtbücherei Musikschule Bauhof Stadtwerke Jugendamt
Feuerwehr Gewerbeamt Friedhofsamt Personalamt Stadtarchiv Tourismusbüro Liegenschaftsamt Hauptamt Rechnungsprüfung
Sozialamt Umweltamt Vergabestelle Wahlamt Forstamt Kindergarten"""
WHAT, WHERE = _WHAT.split(), _WHERE.split()
DECIDED = (
    "Die Mitglieder führen {what} im {where} nach dem gemeinsamen Steckbrief ein.",
    "Das Netzwerk beschafft {what} für das {where} in einer gemeinsamen Ausschreibung; jede Kommune ruft selbst ab.",
    "Für {what} im {where} gilt das Muster der Dienstvereinbarung als Empfehlung an alle Kommunen.",
    "Die Kommunen melden der Geschäftsstelle bis zum Quartalsende, ob sie {what} im {where} nachnutzen.",
    "Die Geschäftsstelle stellt für {what} im {where} einen Förderantrag im Namen der beteiligten Kommunen.",
    "Schulungen zu {what} stehen den Beschäftigten aller Kommunen offen; das {where} der Gastgeberin lädt ein.",
    "Das Pilotprojekt {what} im {where} wird um ein Jahr verlängert und danach ausgewertet.",
    "Bei {what} im {where} hat die Lösung mit offenem Quelltext Vorrang, sofern sie die Anforderungen erfüllt.",
)
REASONS = (
    "Die Kosten sind im laufenden Haushalt der beteiligten Kommunen gedeckt.",
    "Der Datenschutz ist mit den behördlichen Beauftragten abgestimmt.",
    "Ein Bericht folgt in der Sitzung nach der Sommerpause.",
    "Die Federführung hält die Unterlagen in der gemeinsamen Ablage bereit.",
    "Kommunen, die bereits eine eigene Lösung betreiben, sind nicht betroffen.",
    "",
)
NOTED = (
    "Aussprache über Aufwand, Schnittstellen und den Zeitplan der Einführung.",
    "Mehrere Kommunen berichten von guten Erfahrungen, vor allem beim Einstieg der Beschäftigten.",
    "Offen bleibt, wer die Pflege der Stammdaten übernimmt.",
    "Die Vertretung des Landratsamts weist auf die neue Förderrichtlinie hin.",
    "Es gibt Rückfragen zur Barrierefreiheit; die Prüfung wird nachgereicht.",
    "Der Hersteller hat eine Frist bis zum Monatsende erhalten.",
)
TO_DO = (
    "Leitfaden zu {what} im {where} bereitstellen",
    "Bedarf an {what} im {where} bei allen Kommunen abfragen",
    "Angebote für {what} im {where} einholen",
    "Erfahrungsbericht zu {what} im {where} schreiben",
    "Muster der Dienstvereinbarung für {what} im {where} anpassen",
    "Termin zur Vorführung von {what} im {where} abstimmen",
    "Datenschutzprüfung von {what} im {where} abschließen",
)
DONE = (
    "Liegt in der gemeinsamen Ablage.",
    "Erledigt und in der Sitzung vorgestellt.",
    "Abgeschlossen; die Rückmeldungen sind eingearbeitet.",
    "",
)
WHY_DECLINED = ("Eigene Lösung im Einsatz.", "Im Haushalt nicht vorgesehen.", "Der Gemeinderat hat vertagt.")
ASKED = (
    "Wer hat Erfahrungen mit {what} im {where}?",
    "Welche Kosten entstehen bei {what} im {where}?",
    "Wie haben Sie den Personalrat bei {what} im {where} beteiligt?",
)


def topic(lots: Random) -> tuple[str, str]:
    """Return what something is about, and in which office."""
    return lots.choice(WHAT), lots.choice(WHERE)


def said(phrases: tuple[str, ...], lots: Random, about: tuple[str, str]) -> str:
    """Return one of the phrases about that."""
    return lots.choice(phrases).format(what=about[0], where=about[1])
