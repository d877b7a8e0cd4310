### What the driver reads, in English. Menu entries are called as in firmware_profiles/data/labels.toml.
###
###   $function    name of a function
###   $reasons     list of what stands in the way, of the "blocked" messages below
###   $minutes     whole minutes
###   $tries       tries that are left
###   $networks    names of WiFi networks
###   $ssid        name of a WiFi network
###   $porsche_id  e-mail address that names the account
###   $cause       what the code means, of the "cause" messages below
###   $code        code of an error, for the dealer
###   $reason      why the network gave no data: apn-unknown, or its own word
###   $service     name of a service
###   $state       where an installation stands
###   $menu        entry of the menus
###   $entries     list of entries of the menus

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
package-failed = { $function } could not be set up: { $cause } ({ $code }). Make sure that the car is not charging. Switch it off with the power button, leave it and lock it. Wait about 10 minutes, then restart the car. If the problem remains, please contact your Porsche dealer.
package-faulty = { $function } is not available: { $cause } ({ $code }). Please follow the instructions in the PCM or in the instrument cluster. If the problem remains, please contact your Porsche dealer.
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
hotspots-found = WiFi networks found: { $networks }.
hotspots-none = No WiFi network was found. Please switch on the hotspot of your phone.
hotspot-refused = No connection to { $ssid }. Please check the password.
roaming-costs = Roaming is on. Depending on your tariff and the country you visit, extra costs may arise.
roaming-free = Roaming is on. Data over the embedded SIM card carries no roaming charge.
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
account-pairing-code-expired = This pairing code has expired. My Porsche shows a new one, in the detail view of your car.
account-pairing-code-used = This pairing code has already been used. Every code links a car once.
account-no-data-connection = No data connection.
account-security-code-required = This car is not in your profile. Please enter your security code as well.
account-security-code-wrong = Login failed. The security code is wrong.
account-unlinked = This car is no longer in the profile of the Porsche ID { $porsche_id }.
account-logged-out = You are logged out.
account-guest = The car is used by a guest. Personal settings are not kept.
account-recalled = Welcome back. The settings of { $porsche_id } are active.
account-login-needed = This key was used last by { $porsche_id }. Please log in again.
factory-reset-done = The PCM was reset to its factory settings.
remote-access-on = Remote access is allowed.
remote-access-off = Remote access is off.

## Updates

updates-state =
    { $state ->
        [offered] { $function } is available. You can install it here.
        [consented] { $function } will be downloaded.
        [downloading] { $function } is being downloaded.
        [paused] { $function } is not being downloaded at the moment.
        [staged] { $function } has been downloaded.
        [waiting] { $function } will be installed once the car has been left and locked.
        [activating] { $function } is being installed.
        [verifying] { $function } is being checked.
        [active] { $function } is active.
        [cancelling] { $function } is being cancelled.
        [rolled-back] { $function } could not be installed. It will be tried again when the car has been left and locked.
        [removing] { $function } will be removed.
       *[failed] { $function } could not be installed.
    }
updates-progress = { $function }: { $percent } % has been downloaded.
updates-waiting = { $function } waits: { $reasons }.
updates-last = { $function }: the last try failed: { $cause } ({ $code }).
updates-check = Please check: { $reasons }. Then restart the car with the power button.
updates-none = No update is available. If you are expecting one, please restart the car with the power button.

## Services

service-new = { $service } has been added to your car.
service-available = { $service } is available.
service-unavailable = { $service } is not available: { $reasons }.
service-expired = The term of { $service } is over.
service-cancelled = { $service } has been cancelled.
app-connected = The Porsche Connect app is connected to the car.
app-disconnected = The Porsche Connect app is not connected to the car.
service-mode-on = Service mode is on. Parts of the alarm are suspended for a time.
service-mode-off = Service mode is off. The whole alarm is active again.

## Menus

menu-top = Menu: { $entries }
menu-open = { $menu }: { $entries }
menu-end = { $menu }: nothing further can be opened here.
apn-needed = Please enter the access point name (APN) of your provider.
pairing-code-needed = Please enter the 8-digit pairing code. You find it in My Porsche.
porsche-id-needed = Please enter your Porsche ID and your password.
way-order-needed = Please put the ways to data in the order in which they are to be tried.

## What was asked for is not possible

refused-already-active = This function is already active and can no longer be cancelled.
refused-already-linked = This car is already linked to a Porsche ID.
refused-apn-empty = The APN is missing. Please enter it.
refused-carplay-runs = While CarPlay is in use, no Bluetooth connection is possible.
refused-no-charging-cable = No charging cable is connected.
refused-no-carplay = This car has no CarPlay.
refused-no-wireless-carplay = CarPlay is not possible without a cable in this car.
refused-call-not-possible = A call over the SIM card is not possible now.
refused-line-busy = There is a call already.
refused-no-phone = No phone is connected. Please connect one over Bluetooth.
refused-hotspot-not-found = This WiFi network was not found. Please scan again.
refused-data-not-shared = Passengers receive no data: it is not shared, or there is no valid data package.
refused-data-package-over = This data package has already expired.
refused-installation-in-progress = The installation is in progress and cannot be cancelled now.
refused-link-in-progress = The car is being linked. Please wait a moment.
refused-link-not-requested = The car was not linked: nobody in the car has asked for it.
refused-linked-by-pairing-code = This car is linked with a pairing code. Please enter the pairing code from My Porsche.
refused-linked-by-porsche-id = This car needs no pairing code. Please log in with your Porsche ID.
refused-menu-entry-wrong = What you entered does not fit here.
refused-menu-path-unknown = There is no such entry in this menu.
refused-no-data-connection = No data connection. Please connect the car to the internet and try again.
refused-no-driver-card = This car has no driver card.
refused-no-security-package = This car has no security package.
refused-no-guest-mode = This car has no guest mode.
refused-no-key-memory = The keys of this car do not remember who used them.
refused-no-sim = There is no SIM card in the slot. Please insert one.
refused-no-sim-slot = This car has no slot for a SIM card.
refused-no-such-setting = This car does not have this setting.
refused-no-such-way = This car cannot use the WiFi hotspot of a phone for its data connection.
refused-not-logged-in = Nobody is logged in.
refused-not-main-user = Only the main user can change this. Please log in as the main user.
refused-offer-unknown = This function is no longer available for your car.
refused-pairing-code-malformed = The pairing code has 8 digits. Please check what you entered.
refused-password-too-short = The password has at least 8 characters. Please check what you entered.
refused-security-always-on = The security package cannot be switched off. Service mode suspends parts of the alarm for a time.
refused-service-unknown = This service was not ordered for your car.
refused-private-mode-on = Private mode is on. Please switch it off first.
refused-security-code-not-entered = Remote access needs a security code in your country. Please log in again with your security code.
refused-sim-blocked = The SIM card is blocked for good. Please contact your provider.
refused-sim-pin-not-needed = The SIM card is already unlocked. No PIN is needed.
refused-sim-puk-not-needed = No PUK is needed.
refused-sim-puk-required = The PIN is blocked. Please enter the PUK and a new PIN.
refused-term-over = The term of this service is already over.
refused-too-many-devices = No further device can join the WiFi of the car.
refused-user-unknown = This Porsche ID is not logged in to the car.

## What the car refuses of packages and their repositories, and what ends a download

refused-metadata-missing = The update data is incomplete at the moment. The car will try again later.
refused-metadata-oversized = The update data is larger than allowed and was rejected. Please contact your Porsche dealer.
refused-metadata-malformed = The update data cannot be read and was rejected. Please contact your Porsche dealer.
refused-metadata-signature = The origin of the update data could not be verified. It was rejected for your safety. Please contact your Porsche dealer.
refused-metadata-rollback = The update data is older than what this car has already received, and was rejected. Please contact your Porsche dealer.
refused-metadata-expired = The update data is out of date. The car will try again later.
refused-metadata-mismatch = The update data does not fit together at the moment. The car will try again later.
refused-root-expired = The keys with which this car checks updates are no longer valid. Please contact your Porsche dealer.
refused-metadata-foreign-vin = This update is for another car and was rejected. Please contact your Porsche dealer.
refused-metadata-foreign-ecu = This update is for another control unit and was rejected. Please contact your Porsche dealer.
refused-image-unknown = The software for this function has not been released and was rejected. Please contact your Porsche dealer.
refused-image-mismatch = The information about the software for this function is contradictory. It was rejected. Please contact your Porsche dealer.
refused-hardware-mismatch = The software for this function does not fit the hardware of this car. Please contact your Porsche dealer.
refused-release-rollback = The software for this function is older than what was installed before, and was rejected. Please contact your Porsche dealer.
refused-offer-changed = The order for { $function } was changed later and was rejected. Please order it again.
refused-offer-expired = The time for downloading { $function } is over. Please order it again.
refused-transfer-interrupted = The download was interrupted. It will continue automatically.
refused-transfer-slow = The data connection is too slow for the download. It will continue automatically.
refused-package-changed = The file was replaced during the download. The download will start again automatically.
refused-package-gone = The file for this function is no longer available. Please contact your Porsche dealer.
refused-package-length = The file for this function does not have the right size and was discarded. Please contact your Porsche dealer.
refused-package-hash = The file for this function is damaged and cannot be used. Please contact your Porsche dealer.
refused-package-missing = The file for this function is missing in the PCM. Please contact your Porsche dealer.
refused-url-unusable = The download address of this function cannot be used. Please contact your Porsche dealer.
refused-disk-full = There is not enough storage space in the PCM. Please contact your Porsche dealer.
refused-disk-unwritable = The PCM cannot save the data. Please contact your Porsche dealer.
refused-delta-unusable = The update could not be put together. The whole package is downloaded automatically.
refused-delta-base-missing = The previous version cannot be read. The whole package is downloaded automatically.
refused-function-unhealthy = The function did not start after its installation. The state before has been restored. Leave and lock the car for about 10 minutes, then restart it.

## What stands in the way; parts of a sentence, listed in $reasons

blocked-apn-missing = no APN is set
blocked-battery-low = the battery is not charged enough
blocked-car-driving = the car is being driven
blocked-car-occupied = somebody is still in the car
blocked-car-off = the car is switched off
blocked-car-on = the car is still switched on
blocked-car-unlocked = the car is not locked
blocked-charging-cable = the charging cable is connected
blocked-inserted-sim-call = a call over the SIM card is in progress
blocked-call-on-the-same-line = a call on the same line is in progress
blocked-embedded-sim-data = the embedded SIM card carries data
blocked-no-calls-in-this-country = calls over the SIM card are not available in this country
blocked-mobile-data-off = mobile data is off
blocked-network-rejected = the network has refused the connection
blocked-no-contract = there is no valid contract
blocked-guest-mode = a guest uses the car
blocked-main-user-only = only the main user may do this
blocked-no-charging-cable = no charging cable is connected
blocked-no-coverage = there is no network coverage
blocked-no-data = there is no data connection
blocked-no-embedded-sim = the car has no embedded SIM card
blocked-no-hotspot-in-this-country = phone hotspots are not available in this country
blocked-no-hotspot = no WiFi hotspot is connected
blocked-not-in-country = the service does not exist in this country
blocked-not-linked = the car is not linked to a Porsche ID
blocked-no-wifi = there is no WiFi connection
blocked-parking-brake = the parking brake is not applied
blocked-private-mode = private mode is on
blocked-restart-needed = the car has to be restarted first
blocked-not-a-user = this Porsche ID is no user of the car
blocked-remote-access-off = remote access is off
blocked-right-missing = the main user has not given the right
blocked-roaming-off = roaming is off
blocked-security-code-missing = no security code was given
blocked-security-code-wrong = the security code is wrong
blocked-selector-lever = the selector lever is not in P
blocked-sim-not-ready = the SIM card is not ready
blocked-switched-off = the service is switched off in the PCM
blocked-confirmation-due = it has to be confirmed first that this is still up to date
blocked-another-download = another package is being downloaded
blocked-another-installation = another version of this function is being installed
blocked-transfer-interrupted = the transfer was interrupted
blocked-call-in-progress = a call is in progress
blocked-alarm-raised = the alarm has been raised
blocked-service-mode-on = service mode is on
blocked-climate-on = the air conditioning is on
blocked-battery-below-80 = the battery is charged to less than 80 %
blocked-precondition-unknown = this car cannot check everything that the function needs

## Why a function fails; part of a sentence

cause-disk-full = there is not enough storage space in the PCM
cause-disk-unwritable = the PCM cannot save the data
cause-function-unhealthy = the function did not start, so the PCM went back to the state before
cause-package-changed = the file was replaced during the download
cause-package-gone = the file is no longer available
cause-package-hash = the file is damaged
cause-package-length = the file does not have the right size
cause-package-missing = the file is missing in the PCM
cause-release-rollback = the software is older than what was installed before
cause-transfer-interrupted = the download was interrupted too often
cause-transfer-slow = the data connection was too slow for too long
cause-url-unusable = the download address cannot be used
cause-unknown = the reason is unknown

## Names of functions; one without a name is shown by its id

function-active-lane-keeping = Active Lane Keeping
function-charging-planner = Charging Planner
function-intelligent-range-manager = Intelligent Range Manager
function-power-steering-plus = Power Steering Plus
function-theft-tracking-plus = Theft Tracking Plus
function-tracking-sensors = Tracking Sensors
function-voice-control = Voice Control
