### What the driver reads, in German. Menu entries are called as in firmware_profiles/data/labels.toml.
### The arguments are explained in en.ftl.

## Functions on demand

package-consent = { $function } ist verfügbar. Möchten Sie die Funktion herunterladen und installieren?
package-downloading = { $function } wird heruntergeladen.
package-paused = { $function } wird nicht heruntergeladen: { $reasons }.
package-ready = { $function } wurde heruntergeladen. Stellen Sie zum Installieren den Wählhebel auf P, aktivieren Sie die Parkbremse und schalten Sie das Fahrzeug mit der Power-Taste aus. Verlassen Sie dann das Fahrzeug, verriegeln Sie es und stecken Sie das Ladekabel ab.
package-waiting = { $function } wartet: { $reasons }.
package-settling =
    { $function }: Alles ist vorbereitet. Bitte lassen Sie das Fahrzeug etwa { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    } verriegelt stehen. Der Rest geschieht automatisch.
package-active = { $function } ist jetzt aktiv.
package-failed = { $function } konnte nicht eingerichtet werden ({ $code }). Stellen Sie sicher, dass das Fahrzeug nicht geladen wird. Schalten Sie es mit der Power-Taste aus, verlassen Sie es und verriegeln Sie es. Warten Sie etwa 10 Minuten und starten Sie das Fahrzeug neu. Besteht das Problem weiter, wenden Sie sich bitte an Ihren Porsche Partner.
package-expired = { $function } wurde nicht innerhalb von 28 Tagen heruntergeladen. Die Bestellung wurde automatisch storniert.
package-cancelled = { $function } wurde storniert.
package-removing = { $function } wird entfernt. Bitte schalten Sie das Fahrzeug aus, stecken Sie das Ladekabel ab, verlassen Sie das Fahrzeug und verriegeln Sie es.
package-removed = { $function } wurde entfernt.

## Data connection

connection-rejected =
    { $reason ->
        [apn-unknown] Keine Datenverbindung: Der Anbieter kennt diesen APN nicht. Bitte prüfen Sie den APN in den Einstellungen der Datenverbindung.
       *[other] Keine Datenverbindung: Das Netz hat sie abgelehnt ({ $reason }).
    }
hotspot-refused = Keine Verbindung mit { $ssid }. Bitte prüfen Sie das Passwort.
roaming-costs = Roaming ist eingeschaltet. Je nach Tarif und Reiseland können zusätzliche Kosten entstehen.
roaming-off-abroad = Sie sind im Ausland und Roaming ist ausgeschaltet. Bitte aktivieren Sie Roaming, um Porsche Connect-Dienste zu nutzen.
private-mode-on = Der Privatmodus ist für alle Dienste eingeschaltet.
private-mode-off = Der Privatmodus ist ausgeschaltet.

## In-car hotspot and map updates

data-package-expired = Das Datenpaket ist abgelaufen. Geräte im WLAN-Hotspot des Fahrzeugs erhalten keine Daten.
data-package-valid = Das Datenpaket ist gültig. Geräte im WLAN-Hotspot des Fahrzeugs können das Internet nutzen.
map-update-loaded = Das Karten-Update wurde geladen.
map-update-loading = Das Karten-Update wird geladen.
map-update-waiting = Das Karten-Update wartet: { $reasons }.
sharing-off = Die Datenverbindung wird nicht mehr geteilt.
sharing-on = Die Datenverbindung wird mit WLAN-Geräten geteilt.
sharing-without-package = Die Datenverbindung wird geteilt, aber es gibt kein gültiges Datenpaket. Telefone nutzen ihre eigenen mobilen Daten; ein Android-Telefon, das im WLAN-Hotspot des Fahrzeugs bleibt, erhält keine.

## SIM card

sim-pin-needed = Bitte geben Sie die PIN der SIM-Karte ein.
sim-pin-wrong =
    { $tries ->
        [0] Falsche PIN. Kein Versuch mehr übrig.
        [one] Falsche PIN. Noch { $tries } Versuch.
       *[other] Falsche PIN. Noch { $tries } Versuche.
    }
sim-puk-needed = Die PIN ist gesperrt. Bitte geben Sie die PUK und eine neue PIN ein.
sim-puk-wrong =
    { $tries ->
        [0] Falsche PUK. Kein Versuch mehr übrig.
        [one] Falsche PUK. Noch { $tries } Versuch.
       *[other] Falsche PUK. Noch { $tries } Versuche.
    }
sim-blocked = Die SIM-Karte ist endgültig gesperrt. Bitte wenden Sie sich an Ihren Anbieter.

## Account

account-linked = Das Fahrzeug ist jetzt mit der Porsche ID { $porsche_id } verknüpft.
account-no-answer = Porsche Connect antwortet nicht. Bitte versuchen Sie es später erneut.
account-pairing-code-unknown = Dieser Pairing Code ist ungültig. Sie finden den Pairing Code in My Porsche in der Detailansicht Ihres Fahrzeugs.
account-login-rejected = Die Anmeldung ist fehlgeschlagen. Bitte prüfen Sie Porsche ID und Passwort.

## What was asked for is not possible

refused-already-active = Diese Funktion ist bereits aktiv und kann nicht mehr storniert werden.
refused-already-linked = Dieses Fahrzeug ist bereits mit einer Porsche ID verknüpft.
refused-data-not-shared = Mitfahrer erhalten keine Daten: Sie werden nicht geteilt, oder es gibt kein gültiges Datenpaket.
refused-data-package-over = Dieses Datenpaket ist bereits abgelaufen.
refused-installation-in-progress = Die Installation läuft und kann jetzt nicht abgebrochen werden.
refused-link-in-progress = Das Fahrzeug wird gerade verknüpft. Bitte warten Sie einen Moment.
refused-link-not-requested = Das Fahrzeug wurde nicht verknüpft: Niemand im Fahrzeug hat dies angefordert.
refused-linked-by-pairing-code = Dieses Fahrzeug wird mit einem Pairing Code verknüpft. Bitte geben Sie den Pairing Code aus My Porsche ein.
refused-linked-by-porsche-id = Dieses Fahrzeug benötigt keinen Pairing Code. Bitte melden Sie sich mit Ihrer Porsche ID an.
refused-no-data-connection = Keine Datenverbindung. Bitte verbinden Sie das Fahrzeug mit dem Internet und versuchen Sie es erneut.
refused-no-sim = Es ist keine SIM-Karte eingelegt. Bitte legen Sie eine ein.
refused-no-sim-slot = Dieses Fahrzeug hat keinen Einschub für eine SIM-Karte.
refused-no-such-setting = Diese Einstellung gibt es in diesem Fahrzeug nicht.
refused-no-such-way = Dieses Fahrzeug kann den WLAN-Hotspot eines Telefons nicht als Datenverbindung nutzen.
refused-not-active = Diese Funktion ist nicht aktiv und kann daher nicht entfernt werden.
refused-offer-unknown = Diese Funktion ist für Ihr Fahrzeug nicht mehr verfügbar.
refused-pairing-code-malformed = Der Pairing Code hat 8 Ziffern. Bitte prüfen Sie Ihre Eingabe.
refused-password-too-short = Das Passwort hat mindestens 8 Zeichen. Bitte prüfen Sie Ihre Eingabe.
refused-sim-blocked = Die SIM-Karte ist endgültig gesperrt. Bitte wenden Sie sich an Ihren Anbieter.
refused-sim-pin-not-needed = Die SIM-Karte ist bereits entsperrt. Es wird keine PIN benötigt.
refused-sim-puk-not-needed = Es wird keine PUK benötigt.
refused-sim-puk-required = Die PIN ist gesperrt. Bitte geben Sie die PUK und eine neue PIN ein.

## What stands in the way; short notes, listed in $reasons

blocked-apn-missing = kein APN eingestellt
blocked-battery-low = Batterie nicht ausreichend geladen
blocked-car-occupied = noch jemand im Fahrzeug
blocked-car-off = Fahrzeug ausgeschaltet
blocked-car-on = Fahrzeug noch eingeschaltet
blocked-car-unlocked = Fahrzeug nicht verriegelt
blocked-charging-cable = Ladekabel angesteckt
blocked-mobile-data-off = mobile Daten ausgeschaltet
blocked-network-rejected = Verbindung vom Netz abgelehnt
blocked-no-coverage = kein Netzempfang
blocked-no-data = keine Datenverbindung
blocked-no-embedded-sim = keine integrierte SIM-Karte
blocked-no-hotspot = kein WLAN-Hotspot verbunden
blocked-no-wifi = keine WLAN-Verbindung
blocked-parking-brake = Parkbremse nicht aktiviert
blocked-private-mode = Privatmodus eingeschaltet
blocked-roaming-off = Roaming ausgeschaltet
blocked-selector-lever = Wählhebel nicht in P
blocked-sim-not-ready = SIM-Karte nicht bereit
blocked-transfer-interrupted = Übertragung unterbrochen

## Names of functions; one without a name is shown by its id

function-active-lane-keeping = Aktive Spurführung
function-intelligent-range-manager = Intelligent Range Manager
function-power-steering-plus = Servolenkung Plus
