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
package-failed = { $function } konnte nicht eingerichtet werden: { $cause } ({ $code }). Stellen Sie sicher, dass das Fahrzeug nicht geladen wird. Schalten Sie es mit der Power-Taste aus, verlassen Sie es und verriegeln Sie es. Warten Sie etwa 10 Minuten und starten Sie das Fahrzeug neu. Besteht das Problem weiter, wenden Sie sich bitte an Ihren Porsche Partner.
package-faulty = { $function } ist nicht verfügbar: { $cause } ({ $code }). Bitte folgen Sie den Anweisungen im PCM oder im Kombiinstrument. Besteht das Problem weiter, wenden Sie sich bitte an Ihren Porsche Partner.
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
hotspots-found = Gefundene WLAN-Netze: { $networks }.
hotspots-none = Es wurde kein WLAN-Netz gefunden. Bitte schalten Sie den Hotspot Ihres Telefons ein.
hotspot-refused = Keine Verbindung mit { $ssid }. Bitte prüfen Sie das Passwort.
roaming-costs = Roaming ist eingeschaltet. Je nach Tarif und Reiseland können zusätzliche Kosten entstehen.
roaming-free = Roaming ist eingeschaltet. Für Daten über die eingebaute SIM-Karte fallen keine Roaminggebühren an.
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
account-pairing-code-expired = Dieser Pairing Code ist abgelaufen. My Porsche zeigt in der Detailansicht Ihres Fahrzeugs einen neuen.
account-pairing-code-used = Dieser Pairing Code wurde bereits verwendet. Jeder Code verknüpft ein Fahrzeug nur einmal.
account-no-data-connection = Keine Datenverbindung.
account-security-code-required = Dieses Fahrzeug ist nicht in Ihrem Profil. Bitte geben Sie auch Ihren Sicherheitscode ein.
account-security-code-wrong = Die Anmeldung ist fehlgeschlagen. Der Sicherheitscode ist falsch.
account-unlinked = Dieses Fahrzeug gehört nicht mehr zum Profil der Porsche ID { $porsche_id }.
account-logged-out = Sie sind abgemeldet.
account-guest = Ein Gast nutzt das Fahrzeug. Persönliche Einstellungen bleiben nicht erhalten.
account-recalled = Willkommen zurück. Die Einstellungen von { $porsche_id } sind aktiv.
account-login-needed = Diesen Schlüssel hat zuletzt { $porsche_id } verwendet. Bitte melden Sie sich erneut an.
factory-reset-done = Das PCM wurde auf die Werkseinstellungen zurückgesetzt.
remote-access-on = Der Fernzugriff ist erlaubt.
remote-access-off = Der Fernzugriff ist ausgeschaltet.

## Updates

updates-state =
    { $state ->
        [offered] { $function } ist verfügbar. Sie können die Installation hier starten.
        [consented] { $function } wird heruntergeladen.
        [downloading] { $function } wird gerade heruntergeladen.
        [paused] { $function } wird im Moment nicht heruntergeladen.
        [staged] { $function } wurde heruntergeladen.
        [waiting] { $function } wird installiert, sobald das Fahrzeug verlassen und verriegelt ist.
        [activating] { $function } wird installiert.
        [verifying] { $function } wird geprüft.
        [active] { $function } ist aktiv.
        [cancelling] { $function } wird storniert.
        [rolled-back] { $function } konnte nicht installiert werden. Der nächste Versuch folgt, wenn das Fahrzeug verlassen und verriegelt ist.
        [removing] { $function } wird entfernt.
       *[failed] { $function } konnte nicht installiert werden.
    }
updates-progress = { $function }: { $percent } % geladen.
updates-waiting = { $function } wartet: { $reasons }.
updates-last = { $function }: Der letzte Versuch ist fehlgeschlagen: { $cause } ({ $code }).
updates-check = Bitte prüfen Sie: { $reasons }. Starten Sie danach das Fahrzeug mit der Power-Taste neu.
updates-none = Kein Update verfügbar. Wenn Sie eines erwarten, starten Sie bitte das Fahrzeug mit der Power-Taste neu.

## Services

service-new = { $service } ist jetzt in Ihrem Fahrzeug.
service-available = { $service } ist verfügbar.
service-unavailable = { $service } ist nicht verfügbar: { $reasons }.
service-expired = Die Laufzeit von { $service } ist abgelaufen.
service-cancelled = { $service } wurde gekündigt.
app-connected = Die Porsche Connect App ist mit dem Fahrzeug verbunden.
app-disconnected = Die Porsche Connect App ist nicht mit dem Fahrzeug verbunden.
service-mode-on = Der Servicemodus ist eingeschaltet. Teile des Alarms sind vorübergehend ausgesetzt.
service-mode-off = Der Servicemodus ist ausgeschaltet. Der Alarm ist wieder vollständig aktiv.

## Menus

menu-top = Menü: { $entries }
menu-open = { $menu }: { $entries }
menu-end = { $menu }: Hier lässt sich nichts weiter öffnen.
apn-needed = Bitte geben Sie den Zugangspunktnamen (APN) Ihres Anbieters ein.
pairing-code-needed = Bitte geben Sie den 8-stelligen Pairing Code ein. Sie finden ihn in My Porsche.
porsche-id-needed = Bitte geben Sie Ihre Porsche ID und Ihr Passwort ein.
way-order-needed = Bitte bringen Sie die Datenverbindungen in die gewünschte Reihenfolge.

## What was asked for is not possible

refused-already-active = Diese Funktion ist bereits aktiv und kann nicht mehr storniert werden.
refused-already-linked = Dieses Fahrzeug ist bereits mit einer Porsche ID verknüpft.
refused-apn-empty = Der APN fehlt. Bitte geben Sie ihn ein.
refused-carplay-runs = Während CarPlay genutzt wird, ist keine Bluetooth-Verbindung möglich.
refused-no-charging-cable = Es ist kein Ladekabel angesteckt.
refused-no-carplay = Dieses Fahrzeug hat kein CarPlay.
refused-no-wireless-carplay = CarPlay ist in diesem Fahrzeug nicht ohne Kabel möglich.
refused-call-not-possible = Ein Anruf über die SIM-Karte ist jetzt nicht möglich.
refused-line-busy = Es läuft bereits ein Gespräch.
refused-no-phone = Es ist kein Telefon verbunden. Bitte verbinden Sie eines über Bluetooth.
refused-hotspot-not-found = Dieses WLAN-Netz wurde nicht gefunden. Bitte suchen Sie erneut.
refused-data-not-shared = Mitfahrer erhalten keine Daten: Sie werden nicht geteilt, oder es gibt kein gültiges Datenpaket.
refused-data-package-over = Dieses Datenpaket ist bereits abgelaufen.
refused-installation-in-progress = Die Installation läuft und kann jetzt nicht abgebrochen werden.
refused-link-in-progress = Das Fahrzeug wird gerade verknüpft. Bitte warten Sie einen Moment.
refused-link-not-requested = Das Fahrzeug wurde nicht verknüpft: Niemand im Fahrzeug hat dies angefordert.
refused-linked-by-pairing-code = Dieses Fahrzeug wird mit einem Pairing Code verknüpft. Bitte geben Sie den Pairing Code aus My Porsche ein.
refused-linked-by-porsche-id = Dieses Fahrzeug benötigt keinen Pairing Code. Bitte melden Sie sich mit Ihrer Porsche ID an.
refused-menu-entry-wrong = Diese Eingabe passt hier nicht.
refused-menu-path-unknown = Diesen Eintrag gibt es in diesem Menü nicht.
refused-no-data-connection = Keine Datenverbindung. Bitte verbinden Sie das Fahrzeug mit dem Internet und versuchen Sie es erneut.
refused-no-driver-card = Dieses Fahrzeug hat keine Driver Card.
refused-no-security-package = Dieses Fahrzeug hat kein Car-Security-Paket.
refused-no-guest-mode = Dieses Fahrzeug hat keinen Gastmodus.
refused-no-key-memory = Die Schlüssel dieses Fahrzeugs merken sich nicht, wer sie verwendet hat.
refused-no-sim = Es ist keine SIM-Karte eingelegt. Bitte legen Sie eine ein.
refused-no-sim-slot = Dieses Fahrzeug hat keinen Einschub für eine SIM-Karte.
refused-no-such-setting = Diese Einstellung gibt es in diesem Fahrzeug nicht.
refused-no-such-way = Dieses Fahrzeug kann den WLAN-Hotspot eines Telefons nicht als Datenverbindung nutzen.
refused-not-logged-in = Niemand ist angemeldet.
refused-not-main-user = Nur der Hauptnutzer kann dies ändern. Bitte melden Sie sich als Hauptnutzer an.
refused-offer-unknown = Diese Funktion ist für Ihr Fahrzeug nicht mehr verfügbar.
refused-pairing-code-malformed = Der Pairing Code hat 8 Ziffern. Bitte prüfen Sie Ihre Eingabe.
refused-password-too-short = Das Passwort hat mindestens 8 Zeichen. Bitte prüfen Sie Ihre Eingabe.
refused-security-always-on = Das Car-Security-Paket kann nicht ausgeschaltet werden. Der Servicemodus setzt Teile des Alarms vorübergehend aus.
refused-service-unknown = Dieser Dienst wurde für Ihr Fahrzeug nicht bestellt.
refused-private-mode-on = Der Privatmodus ist eingeschaltet. Bitte schalten Sie ihn zuerst aus.
refused-security-code-not-entered = In Ihrem Land benötigt der Fernzugriff einen Sicherheitscode. Bitte melden Sie sich erneut mit Ihrem Sicherheitscode an.
refused-sim-blocked = Die SIM-Karte ist endgültig gesperrt. Bitte wenden Sie sich an Ihren Anbieter.
refused-sim-pin-not-needed = Die SIM-Karte ist bereits entsperrt. Es wird keine PIN benötigt.
refused-sim-puk-not-needed = Es wird keine PUK benötigt.
refused-sim-puk-required = Die PIN ist gesperrt. Bitte geben Sie die PUK und eine neue PIN ein.
refused-term-over = Die Laufzeit dieses Dienstes ist bereits abgelaufen.
refused-too-many-devices = Mit dem WLAN des Fahrzeugs kann sich kein weiteres Gerät verbinden.
refused-user-unknown = Diese Porsche ID ist in diesem Fahrzeug nicht angemeldet.

## What the car refuses of packages and their repositories, and what ends a download

refused-metadata-missing = Die Update-Daten sind zurzeit unvollständig. Das Fahrzeug versucht es später erneut.
refused-metadata-oversized = Die Update-Daten sind größer als zulässig und wurden abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-metadata-malformed = Die Update-Daten sind nicht lesbar und wurden abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-metadata-signature = Die Herkunft der Update-Daten konnte nicht bestätigt werden. Sie wurden zu Ihrer Sicherheit abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-metadata-rollback = Die Update-Daten sind älter als die bereits empfangenen und wurden abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-metadata-expired = Die Update-Daten sind nicht mehr aktuell. Das Fahrzeug versucht es später erneut.
refused-metadata-mismatch = Die Update-Daten passen zurzeit nicht zusammen. Das Fahrzeug versucht es später erneut.
refused-root-expired = Die Schlüssel, mit denen dieses Fahrzeug Updates prüft, sind nicht mehr gültig. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-metadata-foreign-vin = Dieses Update ist für ein anderes Fahrzeug bestimmt und wurde abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-metadata-foreign-ecu = Dieses Update ist für ein anderes Steuergerät bestimmt und wurde abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-image-unknown = Die Software für diese Funktion ist nicht freigegeben und wurde abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-image-mismatch = Die Angaben zur Software für diese Funktion widersprechen sich. Sie wurde abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-hardware-mismatch = Die Software für diese Funktion passt nicht zur Hardware dieses Fahrzeugs. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-release-rollback = Die Software für diese Funktion ist älter als die zuvor installierte und wurde abgelehnt. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-offer-changed = Die Bestellung von { $function } wurde nachträglich geändert und abgelehnt. Bitte bestellen Sie die Funktion erneut.
refused-offer-expired = Die Frist zum Herunterladen von { $function } ist abgelaufen. Bitte bestellen Sie die Funktion erneut.
refused-transfer-interrupted = Der Download wurde unterbrochen. Er wird automatisch fortgesetzt.
refused-transfer-slow = Die Datenverbindung ist zu langsam für den Download. Er wird automatisch fortgesetzt.
refused-package-changed = Die Datei wurde während des Downloads ersetzt. Der Download beginnt automatisch von vorn.
refused-package-gone = Die Datei für diese Funktion ist nicht mehr verfügbar. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-package-length = Die Datei für diese Funktion hat nicht die richtige Größe und wurde verworfen. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-package-hash = Die Datei für diese Funktion ist beschädigt und kann nicht verwendet werden. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-package-missing = Die Datei für diese Funktion fehlt im PCM. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-url-unusable = Die Download-Adresse dieser Funktion kann nicht verwendet werden. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-disk-full = Der Speicherplatz im PCM reicht nicht aus. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-disk-unwritable = Das PCM kann die Daten nicht speichern. Bitte wenden Sie sich an Ihren Porsche Partner.
refused-delta-unusable = Das Update konnte nicht zusammengesetzt werden. Das ganze Paket wird automatisch geladen.
refused-delta-base-missing = Die vorherige Version ist nicht lesbar. Das ganze Paket wird automatisch geladen.
refused-function-unhealthy = Die Funktion ist nach der Installation nicht gestartet. Der vorherige Stand ist wiederhergestellt. Verlassen und verriegeln Sie das Fahrzeug für etwa 10 Minuten und starten Sie es dann neu.

## What stands in the way; short notes, listed in $reasons

blocked-apn-missing = kein APN eingestellt
blocked-battery-low = Batterie nicht ausreichend geladen
blocked-car-driving = Fahrzeug fährt
blocked-car-occupied = noch jemand im Fahrzeug
blocked-car-off = Fahrzeug ausgeschaltet
blocked-car-on = Fahrzeug noch eingeschaltet
blocked-car-unlocked = Fahrzeug nicht verriegelt
blocked-charging-cable = Ladekabel angesteckt
blocked-inserted-sim-call = es läuft ein Anruf über die SIM-Karte
blocked-call-on-the-same-line = auf derselben Leitung läuft ein Anruf
blocked-embedded-sim-data = die eingebaute SIM-Karte überträgt Daten
blocked-no-calls-in-this-country = Anrufe über die SIM-Karte gibt es in diesem Land nicht
blocked-mobile-data-off = mobile Daten ausgeschaltet
blocked-network-rejected = Verbindung vom Netz abgelehnt
blocked-no-contract = kein gültiger Vertrag
blocked-guest-mode = ein Gast nutzt das Fahrzeug
blocked-main-user-only = nur für den Hauptnutzer
blocked-no-charging-cable = kein Ladekabel angesteckt
blocked-no-coverage = kein Netzempfang
blocked-no-data = keine Datenverbindung
blocked-no-embedded-sim = keine integrierte SIM-Karte
blocked-no-hotspot-in-this-country = Telefon-Hotspots gibt es in diesem Land nicht
blocked-no-hotspot = kein WLAN-Hotspot verbunden
blocked-not-in-country = Dienst in diesem Land nicht verfügbar
blocked-not-linked = Fahrzeug nicht mit einer Porsche ID verknüpft
blocked-no-wifi = keine WLAN-Verbindung
blocked-parking-brake = Parkbremse nicht aktiviert
blocked-private-mode = Privatmodus eingeschaltet
blocked-restart-needed = Neustart des Fahrzeugs erforderlich
blocked-not-a-user = Porsche ID ist kein Nutzer des Fahrzeugs
blocked-remote-access-off = Fernzugriff ausgeschaltet
blocked-right-missing = Berechtigung des Hauptnutzers fehlt
blocked-roaming-off = Roaming ausgeschaltet
blocked-security-code-missing = Sicherheitscode fehlt
blocked-security-code-wrong = Sicherheitscode falsch
blocked-selector-lever = Wählhebel nicht in P
blocked-sim-not-ready = SIM-Karte nicht bereit
blocked-switched-off = Dienst im PCM ausgeschaltet
blocked-confirmation-due = Aktualität noch nicht bestätigt
blocked-another-download = ein anderes Paket wird geladen
blocked-another-installation = eine andere Version dieser Funktion wird installiert
blocked-transfer-interrupted = Übertragung unterbrochen
blocked-call-in-progress = es läuft ein Anruf
blocked-alarm-raised = Alarm ausgelöst
blocked-service-mode-on = Servicemodus eingeschaltet
blocked-climate-on = Klimaanlage eingeschaltet
blocked-battery-below-80 = Batterie unter 80 % geladen
blocked-precondition-unknown = eine Voraussetzung der Funktion kann dieses Fahrzeug nicht prüfen

## Why a function fails; part of a sentence

cause-disk-full = der Speicherplatz im PCM reicht nicht aus
cause-disk-unwritable = das PCM kann die Daten nicht speichern
cause-function-unhealthy = die Funktion ist nicht gestartet, der vorherige Stand ist wiederhergestellt
cause-package-changed = die Datei wurde während des Downloads ersetzt
cause-package-gone = die Datei ist nicht mehr verfügbar
cause-package-hash = die Datei ist beschädigt
cause-package-length = die Datei hat nicht die richtige Größe
cause-package-missing = die Datei fehlt im PCM
cause-release-rollback = die Software ist älter als die zuvor installierte
cause-transfer-interrupted = der Download wurde zu oft unterbrochen
cause-transfer-slow = die Datenverbindung war zu lange zu langsam
cause-url-unusable = die Download-Adresse kann nicht verwendet werden
cause-unknown = der Grund ist unbekannt

## Names of functions; one without a name is shown by its id

function-active-lane-keeping = Aktive Spurführung
function-charging-planner = Ladeplaner
function-intelligent-range-manager = Intelligent Range Manager
function-power-steering-plus = Servolenkung Plus
function-theft-tracking-plus = Diebstahlortung Plus
function-tracking-sensors = Ortungssensoren
function-voice-control = Sprachbedienung
