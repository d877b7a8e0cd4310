### What the driver reads, in Japanese, in the words of the seeds. Menu entries are called as in
### firmware_profiles/data/labels.toml. The arguments are explained in en.ftl.

## Functions on demand

package-consent = { $function } を利用できます。ダウンロードしてインストールしますか?
package-downloading = { $function } をダウンロードしています。
package-paused = { $function } をダウンロードできません: { $reasons }。
package-ready = { $function } のダウンロードが完了しました。インストールするには、セレクター レバーを「P」に動かし、パーキング ブレーキをかけ、電源ボタンで車両を OFF にします。その後、車両を離れてロックし、充電ケーブルを切り離してください。
package-waiting = { $function } は待機中です: { $reasons }。
package-settling = { $function } の準備が整いました。車両をロックしたまま、約 { $minutes } 分間お待ちください。その間に自動的に処理されます。
package-active = { $function } が有効になりました。
package-failed = { $function } を有効にできませんでした。{ $cause } ({ $code })。作動中の充電接続がないことを確認してください。電源ボタンで車両を OFF にし、車両を離れてロックします。約 10 分間待ち、その後、車両を再始動してください。問題が解決しない場合は、ポルシェ正規販売店にお問い合わせください。
package-faulty = { $function } を利用できません。{ $cause } ({ $code })。PCM またはインストルメント クラスターの指示に従ってください。問題が解決しない場合は、ポルシェ正規販売店にお問い合わせください。
package-expired = { $function } を 28 日以内にダウンロードできませんでした。登録は自動的にキャンセルされました。
package-cancelled = { $function } はキャンセルされました。
package-removing = { $function } を削除します。車両を OFF にして充電ケーブルを切り離し、車両を離れてロックしてください。
package-removed = { $function } は削除されました。

## Data connection

connection-rejected =
    { $reason ->
        [apn-unknown] データ接続を確立できません。プロバイダーの APN が正しくありません。データ接続の設定で APN を確認してください。
       *[other] データ接続を確立できません。ネットワークに拒否されました ({ $reason })。
    }
hotspots-found = 見つかった WiFi ネットワーク: { $networks }
hotspots-none = WiFi ネットワークが見つかりません。携帯電話のホットスポットを ON にしてください。
hotspot-refused = { $ssid } に接続できません。パスワードを確認してください。
roaming-costs = ローミングを有効にしました。ご契約の料金や訪問国によっては、追加の費用がかかる可能性があります。
roaming-free = ローミングを有効にしました。内蔵 SIM カードによるデータ通信にローミング料金は発生しません。
roaming-off-abroad = 国外にいますが、ローミングが無効です。ポルシェ コネクト サービスを使用するには、ローミングを有効にしてください。
private-mode-on = すべてのサービスのプライベート モードを有効にしました。
private-mode-off = プライベート モードを無効にしました。

## In-car hotspot and map updates

data-package-expired = データ パッケージの有効期限が切れました。車両の WiFi ホットスポットに接続されたデバイスはデータを受信しません。
data-package-valid = データ パッケージは有効です。車両の WiFi ホットスポットからインターネットを使用できます。
map-update-loaded = マップ アップデートをダウンロードしました。
map-update-loading = マップ アップデートをダウンロードしています。
map-update-waiting = マップ アップデートは待機中です: { $reasons }。
sharing-off = データ接続の共有を終了しました。
sharing-on = データ接続を WiFi デバイスと共有しています。
sharing-without-package = データ接続を共有していますが、有効なデータ パッケージがありません。携帯電話は自身のモバイル データを使用します。車両の WiFi ホットスポットに接続したままの Android 携帯電話はデータを受信しません。

## SIM card

sim-pin-needed = SIM カードの PIN を入力してください。
sim-pin-wrong =
    { $tries ->
        [0] PIN が正しくありません。これ以上入力できません。
       *[other] PIN が正しくありません。あと { $tries } 回入力できます。
    }
sim-puk-needed = PIN がロックされました。PUK と新しい PIN を入力してください。
sim-puk-wrong =
    { $tries ->
        [0] PUK が正しくありません。これ以上入力できません。
       *[other] PUK が正しくありません。あと { $tries } 回入力できます。
    }
sim-blocked = SIM カードは使用できなくなりました。プロバイダーにお問い合わせください。

## Account

account-linked = 車両が Porsche ID { $porsche_id } にリンクされました。
account-no-answer = ポルシェ コネクトから応答がありません。後でもう一度お試しください。
account-pairing-code-unknown = このペアリング コードは無効です。ペアリング コードは、My Porsche の車両の詳細ビューで確認できます。
account-login-rejected = ログインできませんでした。Porsche ID とパスワードを確認してください。
account-pairing-code-expired = このペアリング コードは有効期限が切れています。My Porsche の車両の詳細ビューに新しいコードが表示されます。
account-pairing-code-used = このペアリング コードはすでに使用されています。1 つのコードで車両をリンクできるのは 1 回だけです。
account-no-data-connection = データ接続なし。
account-security-code-required = この車両はお客様のプロフィールに登録されていません。セキュリティ コードも入力してください。
account-security-code-wrong = ログインできませんでした。セキュリティ コードが正しくありません。
account-unlinked = この車両は Porsche ID { $porsche_id } のプロフィールから削除されました。
account-logged-out = ログアウトしました。
account-guest = ゲストが車両を使用しています。個人設定は保存されません。
account-recalled = おかえりなさい。{ $porsche_id } の設定を呼び出しました。
account-login-needed = このキーを最後に使用したのは { $porsche_id } です。もう一度ログインしてください。
factory-reset-done = PCM を工場設定にリセットしました。
remote-access-on = リモート アクセスが許可されました。
remote-access-off = リモート アクセスは無効です。

## Updates

updates-state =
    { $state ->
        [offered] { $function } が利用可能です。ここからインストールできます。
        [consented] { $function } をこれからダウンロードします。
        [downloading] { $function } をダウンロードしています。
        [paused] { $function } のダウンロードは現在停止しています。
        [staged] { $function } のダウンロードが完了しました。
        [waiting] { $function } は、車両を離れてロックした後にインストールされます。
        [activating] { $function } をインストールしています。
        [verifying] { $function } を確認しています。
        [active] { $function } は有効です。
        [cancelling] { $function } をキャンセルしています。
        [rolled-back] { $function } をインストールできませんでした。次に車両を離れてロックした後に再試行します。
        [removing] { $function } は削除されます。
       *[failed] { $function } をインストールできませんでした。
    }
updates-progress = { $function }: { $percent } % ダウンロード済みです。
updates-waiting = { $function } は待機中です: { $reasons }。
updates-last = { $function }: 前回は失敗しました: { $cause } ({ $code })。
updates-check = ご確認ください: { $reasons }。その後、電源ボタンで車両を再始動してください。
updates-none = 利用可能なアップデートはありません。アップデートが表示されるはずの場合は、電源ボタンで車両を再始動してください。

## Services

service-new = { $service } が車両に追加されました。
service-available = { $service } を利用できます。
service-unavailable = { $service } を利用できません: { $reasons }。
service-expired = { $service } の契約期間が終了しました。
service-cancelled = { $service } はキャンセルされました。
app-connected = ポルシェ コネクト アプリは車両に接続されています。
app-disconnected = ポルシェ コネクト アプリは車両に接続されていません。
service-mode-on = サービス モードが有効です。アラームの一部が一時的に停止されています。
service-mode-off = サービス モードが無効になりました。アラームは再びすべて作動します。

## Menus

menu-top = メニュー: { $entries }
menu-open = { $menu }: { $entries }
menu-end = { $menu }: この先に項目はありません。
apn-needed = ご契約のプロバイダーのアクセス ポイント名 (APN) を入力してください。
pairing-code-needed = 8 桁のペアリング コードを入力してください。コードは My Porsche で確認できます。
porsche-id-needed = Porsche ID とパスワードを入力してください。
way-order-needed = データ接続を優先する順に並べてください。

## What was asked for is not possible

refused-already-active = この機能はすでに有効になっているため、キャンセルできません。
refused-already-linked = この車両はすでに Porsche ID にリンクされています。
refused-apn-empty = APN が入力されていません。APN を入力してください。
refused-carplay-runs = CarPlay の使用中は Bluetooth 接続を利用できません。
refused-no-charging-cable = 充電ケーブルが接続されていません。
refused-no-carplay = この車両には CarPlay がありません。
refused-no-wireless-carplay = この車両ではワイヤレスの CarPlay を使用できません。
refused-call-not-possible = SIM カードによる通話は現在できません。
refused-line-busy = すでに通話中です。
refused-no-phone = 携帯電話が接続されていません。Bluetooth で接続してください。
refused-hotspot-not-found = この WiFi ネットワークは見つかりませんでした。もう一度検索してください。
refused-data-not-shared = データ接続が共有されていないか、有効なデータ パッケージがないため、同乗者はデータを使用できません。
refused-data-package-over = このデータ パッケージの有効期限はすでに切れています。
refused-installation-in-progress = インストール中のため、今はキャンセルできません。
refused-link-in-progress = 車両をリンクしています。しばらくお待ちください。
refused-link-not-requested = 車両からの要求がないため、リンクされませんでした。
refused-linked-by-pairing-code = この車両はペアリング コードでリンクします。My Porsche に表示されるペアリング コードを入力してください。
refused-linked-by-porsche-id = この車両ではペアリング コードは必要ありません。Porsche ID でログインしてください。
refused-menu-entry-wrong = ここではその入力は使用できません。
refused-menu-path-unknown = このメニューにその項目はありません。
refused-no-data-connection = データ接続なし。車両をインターネットに接続してから、もう一度お試しください。
refused-no-driver-card = この車両にはドライバー カードがありません。
refused-no-security-package = この車両にはカー セキュリティ パッケージがありません。
refused-no-guest-mode = この車両にはゲスト モードがありません。
refused-no-key-memory = この車両のキーには使用者の情報が保存されません。
refused-no-sim = SIM カードが挿入されていません。SIM カードを挿入してください。
refused-no-sim-slot = この車両には SIM カード スロットがありません。
refused-no-such-setting = この車両では、この設定を利用できません。
refused-no-such-way = この車両では、携帯電話の WiFi ホットスポット経由のデータ接続を利用できません。
refused-not-logged-in = 誰もログインしていません。
refused-not-main-user = この設定を変更できるのはメイン ユーザーのみです。メイン ユーザーとしてログインしてください。
refused-offer-unknown = この機能は、お客様の車両では利用できなくなりました。
refused-pairing-code-malformed = ペアリング コードは 8 桁の数字です。入力内容を確認してください。
refused-password-too-short = パスワードは 8 文字以上です。入力内容を確認してください。
refused-security-always-on = カー セキュリティ パッケージを無効にすることはできません。サービス モードでアラームの一部を一時的に停止できます。
refused-service-unknown = このサービスはお客様の車両で注文されていません。
refused-private-mode-on = プライベート モードが ON です。先に OFF にしてください。
refused-security-code-not-entered = お客様の国では、リモート アクセスにセキュリティ コードが必要です。セキュリティ コードを使用してもう一度ログインしてください。
refused-sim-blocked = SIM カードは使用できません。プロバイダーにお問い合わせください。
refused-sim-pin-not-needed = SIM カードはすでに使用できます。PIN を入力する必要はありません。
refused-sim-puk-not-needed = PUK を入力する必要はありません。
refused-sim-puk-required = PIN がロックされています。PUK と新しい PIN を入力してください。
refused-term-over = このサービスの契約期間はすでに終了しています。
refused-too-many-devices = これ以上のデバイスを車両の WiFi に接続できません。
refused-user-unknown = この Porsche ID は車両にログインしていません。

## What the car refuses of packages and their repositories, and what ends a download

refused-metadata-missing = 現在、アップデート データが揃っていません。後で自動的に再試行します。
refused-metadata-oversized = アップデート データのサイズが上限を超えているため、受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-metadata-malformed = アップデート データを読み取れないため、受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-metadata-signature = アップデート データの提供元を確認できないため、安全上の理由により受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-metadata-rollback = アップデート データが受信済みのものより古いため、受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-metadata-expired = アップデート データの有効期限が切れています。後で自動的に再試行します。
refused-metadata-mismatch = 現在、アップデート データの内容が一致していません。後で自動的に再試行します。
refused-root-expired = アップデートの確認に使用する鍵の有効期限が切れています。ポルシェ正規販売店にお問い合わせください。
refused-metadata-foreign-vin = このアップデートは別の車両用のため、受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-metadata-foreign-ecu = このアップデートは別のコントロール ユニット用のため、受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-image-unknown = この機能のソフトウェアは正式にリリースされていないため、受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-image-mismatch = この機能のソフトウェアに関する情報が一致しないため、受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-hardware-mismatch = この機能のソフトウェアは、この車両のハードウェアに対応していません。ポルシェ正規販売店にお問い合わせください。
refused-release-rollback = この機能のソフトウェアは、以前にインストールされたものより古いため、受け付けませんでした。ポルシェ正規販売店にお問い合わせください。
refused-offer-changed = { $function } の注文内容が後から変更されたため、受け付けませんでした。もう一度ご注文ください。
refused-offer-expired = { $function } のダウンロード期限が過ぎています。もう一度ご注文ください。
refused-transfer-interrupted = ダウンロードが中断されました。自動的に再開します。
refused-transfer-slow = データ接続の速度が遅いため、ダウンロードを中断しました。自動的に再開します。
refused-package-changed = ダウンロード中にファイルが差し替えられました。自動的に最初からやり直します。
refused-package-gone = この機能のファイルは提供されていません。ポルシェ正規販売店にお問い合わせください。
refused-package-length = この機能のファイルのサイズが正しくないため、破棄しました。ポルシェ正規販売店にお問い合わせください。
refused-package-hash = この機能のファイルが破損しているため、使用できません。ポルシェ正規販売店にお問い合わせください。
refused-package-missing = この機能のファイルが PCM に見つかりません。ポルシェ正規販売店にお問い合わせください。
refused-url-unusable = この機能のダウンロード先アドレスを使用できません。ポルシェ正規販売店にお問い合わせください。
refused-disk-full = PCM の空き容量が不足しています。ポルシェ正規販売店にお問い合わせください。
refused-disk-unwritable = PCM にデータを保存できません。ポルシェ正規販売店にお問い合わせください。
refused-delta-unusable = 差分アップデートを適用できませんでした。パッケージ全体を自動的にダウンロードします。
refused-delta-base-missing = 以前のバージョンを読み取れません。パッケージ全体を自動的にダウンロードします。
refused-function-unhealthy = インストール後に機能が起動しなかったため、以前の状態に戻しました。車両を離れてロックし、約 10 分後に再始動してください。

## What stands in the way; short notes, listed in $reasons

blocked-apn-missing = APN が未設定
blocked-battery-low = バッテリーの充電が不足
blocked-car-driving = 車両が走行中
blocked-car-occupied = 車内に人がいる状態
blocked-car-off = 車両が OFF
blocked-car-on = 車両が ON
blocked-car-unlocked = 車両が未ロック
blocked-charging-cable = 充電ケーブルが接続中
blocked-inserted-sim-call = SIM カードで通話中です
blocked-call-on-the-same-line = 同じ回線で通話中です
blocked-embedded-sim-data = 内蔵 SIM カードがデータ通信中です
blocked-no-calls-in-this-country = この国では SIM カードによる通話を利用できません
blocked-mobile-data-off = モバイル データが OFF
blocked-network-rejected = ネットワークが接続を拒否
blocked-no-contract = 有効な契約なし
blocked-guest-mode = ゲストが使用中
blocked-main-user-only = メイン ユーザーのみ可能
blocked-no-charging-cable = 充電ケーブルが未接続
blocked-no-coverage = ネットワークの圏外
blocked-no-data = データ接続なし
blocked-no-embedded-sim = 内蔵 SIM カードなし
blocked-no-hotspot-in-this-country = この国では携帯電話のホットスポットを利用できません
blocked-no-hotspot = WiFi ホットスポットが未接続
blocked-not-in-country = この国では利用不可
blocked-not-linked = ポルシェ ID が未リンク
blocked-no-wifi = WiFi に未接続
blocked-parking-brake = パーキング ブレーキが未作動
blocked-private-mode = プライベート モードが有効
blocked-restart-needed = 車両の再始動が必要
blocked-not-a-user = この Porsche ID は車両のユーザーではありません
blocked-remote-access-off = リモート アクセスが無効
blocked-right-missing = メイン ユーザーによる許可なし
blocked-roaming-off = ローミングが無効
blocked-security-code-missing = セキュリティ コードが未入力
blocked-security-code-wrong = セキュリティ コードが不正
blocked-selector-lever = セレクター レバーが「P」以外の位置
blocked-sim-not-ready = SIM カードが使用不可
blocked-switched-off = PCM でサービスが OFF
blocked-confirmation-due = 最新であることを確認中
blocked-another-download = 別のデータパックをダウンロード中
blocked-another-installation = この機能の別のバージョンをインストール中
blocked-transfer-interrupted = データ転送が中断
blocked-call-in-progress = 通話中
blocked-alarm-raised = アラームが作動
blocked-service-mode-on = サービス モードが ON
blocked-climate-on = エアコンが ON
blocked-battery-below-80 = バッテリーの充電が 80 % 未満
blocked-precondition-unknown = この機能に必要な条件をこの車両では確認できません

## Why a function fails; a sentence without its end

cause-disk-full = PCM の空き容量が不足しています
cause-disk-unwritable = PCM にデータを保存できません
cause-function-unhealthy = 機能が起動しなかったため、以前の状態に戻しました
cause-package-changed = ダウンロード中にファイルが差し替えられました
cause-package-gone = ファイルは提供されていません
cause-package-hash = ファイルが破損しています
cause-package-length = ファイルのサイズが正しくありません
cause-package-missing = ファイルが PCM に見つかりません
cause-release-rollback = ソフトウェアが、以前にインストールされたものより古くなっています
cause-transfer-interrupted = ダウンロードの中断が繰り返されました
cause-transfer-slow = データ接続の速度が遅い状態が続きました
cause-url-unusable = ダウンロード先アドレスを使用できません
cause-unknown = 原因は不明です

## Names of functions; one without a name is shown by its id

function-active-lane-keeping = アクティブ レーン キーピング
function-charging-planner = 充電プランナー
function-intelligent-range-manager = インテリジェント レンジ マネージャー
function-power-steering-plus = パワー ステアリング プラス
function-theft-tracking-plus = 盗難トラッキング プラス
function-tracking-sensors = トラッキング センサー
function-voice-control = ボイス コントロール
