### What the driver reads, in English. Menu entries are called as in firmware_profiles/data/labels.toml.
###
###   $function    name of a function
###   $reasons     list of what stands in the way, of the "blocked" messages below
###   $minutes     whole minutes
###   $tries       tries that are left
###   $ssid        name of a WiFi network
###   $porsche_id  e-mail address that names the account
###   $code        code of an error, for the dealer
###   $reason      why the network gave no data: apn-unknown, or its own word

## Functions on demand

package-consent = { $function } is available. Would you like to download and install it?
package-downloading = { $function } is being downloaded.
package-paused = { $function } is not being downloaded: { $reasons }.
package-ready = { $function } has been downloaded. To install it, move the selector lever to P, apply the parking brake and switch the car off with the power button. Then leave the car, lock it and unplug the charging cable.
package-waiting = { $function } waits: { $reasons }.
package-settling =
    { $function }: everything is prepared. Please leave the car locked for about { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }. The rest happens automatically.
package-active = { $function } is now active.
package-failed = { $function } could not be set up ({ $code }). Make sure that the car is not charging. Switch it off with the power button, leave it and lock it. Wait about 10 minutes, then restart the car. If the problem remains, please contact your Porsche dealer.
package-expired = { $function } was not downloaded within 28 days. The order has been cancelled automatically.
package-cancelled = { $function } has been cancelled.
package-removing = { $function } will be removed. Please switch the car off, unplug the charging cable, then leave the car and lock it.
package-removed = { $function } has been removed.

## Data connection

connection-rejected =
    { $reason ->
        [apn-unknown] No data connection: the provider does not know this APN. Please check the APN in the data connection settings.
       *[other] No data connection: the network has refused it ({ $reason }).
    }
hotspot-refused = No connection to { $ssid }. Please check the password.
roaming-costs = Roaming is on. Depending on your tariff and the country you visit, extra costs may arise.
roaming-off-abroad = You are abroad and roaming is off. Please enable roaming to use Porsche Connect services.
private-mode-on = Private mode is on for all services.
private-mode-off = Private mode is off.

## In-car hotspot and map updates

data-package-expired = The data package has expired. Devices in the car's WiFi hotspot receive no data.
data-package-valid = The data package is valid. Devices in the car's WiFi hotspot can use the internet.
map-update-loaded = The map update has been loaded.
map-update-loading = The map update is being loaded.
map-update-waiting = The map update waits: { $reasons }.
sharing-off = The data connection is no longer shared.
sharing-on = The data connection is shared with WiFi devices.
sharing-without-package = The data connection is shared, but there is no valid data package. Phones use their own mobile data; an Android phone that stays in the car's WiFi hotspot receives none.

## SIM card

sim-pin-needed = Please enter the PIN of the SIM card.
sim-pin-wrong =
    { $tries ->
        [0] Wrong PIN. No tries left.
        [one] Wrong PIN. { $tries } try left.
       *[other] Wrong PIN. { $tries } tries left.
    }
sim-puk-needed = The PIN is blocked. Please enter the PUK and a new PIN.
sim-puk-wrong =
    { $tries ->
        [0] Wrong PUK. No tries left.
        [one] Wrong PUK. { $tries } try left.
       *[other] Wrong PUK. { $tries } tries left.
    }
sim-blocked = The SIM card is blocked for good. Please contact your provider.

## Account

account-linked = The car is now linked to the Porsche ID { $porsche_id }.
account-no-answer = No answer from Porsche Connect. Please try again later.
account-pairing-code-unknown = This pairing code is not valid. You find the pairing code in My Porsche, in the detail view of your car.
account-login-rejected = Login failed. Please check your Porsche ID and password.

## What was asked for is not possible

refused-already-active = This function is already active and can no longer be cancelled.
refused-already-linked = This car is already linked to a Porsche ID.
refused-data-not-shared = Passengers receive no data: it is not shared, or there is no valid data package.
refused-data-package-over = This data package has already expired.
refused-installation-in-progress = The installation is in progress and cannot be cancelled now.
refused-link-in-progress = The car is being linked. Please wait a moment.
refused-link-not-requested = The car was not linked: nobody in the car has asked for it.
refused-linked-by-pairing-code = This car is linked with a pairing code. Please enter the pairing code from My Porsche.
refused-linked-by-porsche-id = This car needs no pairing code. Please log in with your Porsche ID.
refused-no-data-connection = No data connection. Please connect the car to the internet and try again.
refused-no-sim = There is no SIM card in the slot. Please insert one.
refused-no-sim-slot = This car has no slot for a SIM card.
refused-no-such-setting = This car does not have this setting.
refused-no-such-way = This car cannot use the WiFi hotspot of a phone for its data connection.
refused-not-active = This function is not active, so it cannot be removed.
refused-offer-unknown = This function is no longer available for your car.
refused-pairing-code-malformed = The pairing code has 8 digits. Please check what you entered.
refused-password-too-short = The password has at least 8 characters. Please check what you entered.
refused-sim-blocked = The SIM card is blocked for good. Please contact your provider.
refused-sim-pin-not-needed = The SIM card is already unlocked. No PIN is needed.
refused-sim-puk-not-needed = No PUK is needed.
refused-sim-puk-required = The PIN is blocked. Please enter the PUK and a new PIN.

## What stands in the way; parts of a sentence, listed in $reasons

blocked-apn-missing = no APN is set
blocked-battery-low = the battery is not charged enough
blocked-car-occupied = somebody is still in the car
blocked-car-off = the car is switched off
blocked-car-on = the car is still switched on
blocked-car-unlocked = the car is not locked
blocked-charging-cable = the charging cable is connected
blocked-mobile-data-off = mobile data is off
blocked-network-rejected = the network has refused the connection
blocked-no-coverage = there is no network coverage
blocked-no-data = there is no data connection
blocked-no-embedded-sim = the car has no embedded SIM card
blocked-no-hotspot = no WiFi hotspot is connected
blocked-no-wifi = there is no WiFi connection
blocked-parking-brake = the parking brake is not applied
blocked-private-mode = private mode is on
blocked-roaming-off = roaming is off
blocked-selector-lever = the selector lever is not in P
blocked-sim-not-ready = the SIM card is not ready
blocked-transfer-interrupted = the transfer was interrupted

## Names of functions; one without a name is shown by its id

function-active-lane-keeping = Active Lane Keeping
function-intelligent-range-manager = Intelligent Range Manager
function-power-steering-plus = Power Steering Plus
